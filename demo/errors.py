"""What stands in the way of the demo."""


class DemoError(Exception):
    """Something is missing or broken; one line that says what to do."""
