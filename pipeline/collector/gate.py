"""Who may post: whoever has a play's token, and has not posted too much (rule 18)."""

from dataclasses import dataclass

from pipeline.collector.limits import Limits
from pipeline.collector.tokens import Play, Tokens


@dataclass(frozen=True, slots=True)
class Gate:
    """What `/v1/events` and `/xapi` have in common: one count for both."""

    tokens: Tokens
    limits: Limits

    def let_in(self, token: str, now: int) -> Play:
        """The token's play, which has a turn at `now` (epoch ms).

        Raises:
            RefusedError: 401, no valid token; 429, too many posts.
        """
        play = self.tokens.read(token, now)
        self.limits.require_turn(play, now)
        return play
