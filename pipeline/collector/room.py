"""Room for bodies that are being read: most are small; the large ones share what there is.

A sender of a large body who does not send the rest of it would hold its memory for as long as a
body may take. Small bodies need no room, so whoever fills it up keeps no heartbeat out.
"""

from dataclasses import dataclass, field

from pipeline.collector.faults import Fault, RefusedError, refused

SMALL = 8 * 1024
ALL_BYTES = 64 * 1024 * 1024
OWN_BYTES = 4 * 1024 * 1024
NOBODY = ""
NOBODYS_BYTES = 16 * 1024 * 1024
RETRY_AFTER_S = 5


@dataclass(slots=True)
class Room:
    """How many bytes of large bodies are held, by teacher; NOBODY has those of bodies that are
    read before it is known whose they are.
    """

    held: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def share(self, owner: str) -> "Share":
        return Share(self, owner)

    def take(self, owner: str, size: int) -> None:
        """Raises RefusedError: 503, there is no room for so much now."""
        own = self.held.get(owner, 0) + size
        most = NOBODYS_BYTES if owner == NOBODY else OWN_BYTES
        if own > most or self.total + size > ALL_BYTES:
            raise _no_room()
        self.held[owner] = own
        self.total += size

    def give_back(self, owner: str, size: int) -> None:
        self.total -= size
        self.held[owner] -= size
        if not self.held[owner]:
            del self.held[owner]


@dataclass(slots=True)
class Share:
    """What one body holds."""

    room: Room
    owner: str
    held: int = 0

    def hold(self, size: int) -> None:
        """The body is `size` bytes long by now. Raises RefusedError: 503."""
        if size > SMALL:
            self.room.take(self.owner, size - self.held)
            self.held = size

    def let_go(self) -> None:
        """The body is read, or given up."""
        if self.held:
            self.room.give_back(self.owner, self.held)
            self.held = 0


def _no_room() -> RefusedError:
    return refused(Fault.NO_ROOM, ("body",), "too much is being sent: send the whole post again",
                   {"Connection": "close", "Retry-After": str(RETRY_AFTER_S)})
