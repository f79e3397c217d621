"""What stops a command: one line for people.

Decided here: that an error is one printable line. Never here: exit codes.
"""

from cascades_sdk.views import printable

__all__ = ["Trouble", "one_line"]


class Trouble(Exception):
    """A command cannot go on; the text says why, on one line."""


def one_line(problem: BaseException | str) -> str:
    """The text of a problem on one printable line; the name of its type where it has no text."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    return printable(text)
