"""What stops a command: one line for people, and what a program is told of it.

Decided here: that an error is one printable line, and what else is known of it. Never here: exit codes.
"""

from typing import Any, TypeVar

from returns.result import Failure

from cascades_sdk.errors import AuthenticationError, CascadesSDKError, Outcome
from cascades_sdk.views import printable

__all__ = ["Trouble", "as_error", "one_line", "refused", "settled"]

_T = TypeVar("_T")


class Trouble(Exception):
    """A command cannot go on; the text says why, on one line. ``kind`` and ``known`` are for programs.

    ``kind`` is the class of the error that it was, ``known`` what has a place of its own: pointer, path, position.
    """

    def __init__(self, text: str, kind: str = "Trouble", **known: str | None) -> None:
        super().__init__(text)
        self.kind = kind
        self.known = known


def one_line(problem: BaseException | str) -> str:
    """The text of a problem on one printable line; the name of its type where it has no text."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    return printable(text)


def as_error(kind: str, message: str, **known: str | None) -> dict[str, Any]:
    """The object that tells a program of an error; what is not known has no member."""
    return {
        "error": {
            "kind": kind,
            "message": message,
            **{name: value for name, value in known.items() if value is not None},
        }
    }


def refused(problem: AuthenticationError) -> str:
    """What is said where nobody is signed in. The library's advice is for those who write Python."""
    return f"{problem.operation}: the session cookie was refused (status {problem.status})"


def settled(outcome: Outcome[_T, CascadesSDKError], path: str | None = None) -> _T:
    """The value of an outcome.

    Raises:
        Trouble: it is a failure; its text stands behind the ``path`` of the file that it is about, if there is one.
    """
    if isinstance(outcome, Failure):
        problem = outcome.failure()
        kind = type(problem).__name__
        if isinstance(problem, AuthenticationError):
            raise Trouble(refused(problem), kind)
        text = one_line(problem) if path is None else f"{path}: {one_line(problem)}"
        raise Trouble(text, kind, pointer=getattr(problem, "pointer", None), path=path)
    return outcome.unwrap()
