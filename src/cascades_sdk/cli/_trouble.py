"""What stops a command: one line for people.

Decided here: that an error is one printable line. Never here: exit codes.
"""

from typing import TypeVar

from returns.result import Failure

from cascades_sdk.errors import AuthenticationError, CascadesSDKError, Outcome
from cascades_sdk.views import printable

__all__ = ["Trouble", "one_line", "settled"]

_T = TypeVar("_T")


class Trouble(Exception):
    """A command cannot go on; the text says why, on one line."""


def one_line(problem: BaseException | str) -> str:
    """The text of a problem on one printable line; the name of its type where it has no text."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    return printable(text)


def settled(outcome: Outcome[_T, CascadesSDKError], before: str = "") -> _T:
    """The value of an outcome.

    Raises:
        Trouble: it is a failure; its text stands behind ``before``.
    """
    if isinstance(outcome, Failure):
        problem = outcome.failure()
        if isinstance(problem, AuthenticationError):
            # The library's advice is for those who write Python.
            raise Trouble(f"{problem.operation}: the session cookie was refused (status {problem.status})")
        raise Trouble(before + one_line(problem))
    return outcome.unwrap()
