"""Sets of whole numbers, written as the stretches they consist of."""

from dataclasses import dataclass

Piece = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Pieces [start, end): none is empty, they are sorted and do not touch, so that equal sets
    are equal values.
    """

    pieces: tuple[Piece, ...] = ()

    @property
    def length(self) -> int:
        """How many numbers there are."""
        return sum(end - start for start, end in self.pieces)

    def union(self, other: "Stretches") -> "Stretches":
        """What is in the one or in the other."""
        joined: list[Piece] = []
        for start, end in sorted(self.pieces + other.pieces):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        return Stretches(tuple(joined))

    def minus(self, other: "Stretches") -> "Stretches":
        """What is in this one and not in the other."""
        left = list(self.pieces)
        for start, end in other.pieces:
            left = [part for low, high in left
                    for part in ((low, min(high, start)), (max(low, end), high))
                    if part[0] < part[1]]
        return Stretches(tuple(left))

    def first(self, length: int) -> "Stretches":
        """The lowest so many numbers; all of them if there are fewer."""
        taken: list[Piece] = []
        for start, end in self.pieces:
            piece = (start, min(end, start + length))
            length -= piece[1] - piece[0]
            if piece[0] < piece[1]:
                taken.append(piece)
        return Stretches(tuple(taken))


NOTHING = Stretches()


def stretch(start: int, end: int) -> Stretches:
    """[start, end); nothing where that is empty or reversed."""
    return Stretches(((start, end),)) if start < end else NOTHING


def would_scatter(known: Stretches, one: Stretches, most: int) -> bool:
    """Whether `one` would be a piece by itself where there are `most` pieces already."""
    return len(known.pieces) >= most and len(known.union(one).pieces) > len(known.pieces)
