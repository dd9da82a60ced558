"""The one error that users of the warehouse can meet."""


class WarehouseError(Exception):
    """Something the user can set right; the message is one line that says what to do."""
