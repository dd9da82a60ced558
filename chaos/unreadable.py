"""What no worker may ever leave behind."""


class UnreadableError(Exception):
    """A committed record that is not of its topic's form, or of which a part is missing."""
