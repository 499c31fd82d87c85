"""What keeps the stack from starting; the message is one line that says what to do."""


class CannotStart(Exception):
    """A part cannot be started."""
