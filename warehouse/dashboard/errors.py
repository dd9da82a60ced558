"""What a reader of the dashboard may meet instead of figures; every message is for them."""

from warehouse.errors import WarehouseError


class NothingPublishedError(WarehouseError):
    """There is no publication yet."""


class DamagedError(WarehouseError):
    """The manifest or a published file is not what was published."""


class UnknownError(Exception):
    """No such page for this account: there is none, or it is not theirs, and the two look alike.

    `advice`: what the reader can do, in Chinese.
    """

    def __init__(self, advice: str = "请核对网址，或从首页重新进入。") -> None:
        super().__init__(advice)
        self.advice = advice


class BusyError(Exception):
    """As many large downloads as the server makes at once are being made already."""
