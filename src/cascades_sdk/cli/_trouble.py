"""What stops a command: one line for people, and what a program is told of it.

Decided here: that an error is one printable line, and what else is known of it. Never here: exit codes.
"""

import shlex
from typing import Any, Final, TypeVar

from returns.result import Failure

from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    CascadesSDKError,
    ClientError,
    DeadlineExceededError,
    LimitExceededError,
    Outcome,
    StreamLostError,
    UnexpectedResponseError,
    WaitPosition,
)
from cascades_sdk.views import printable

__all__ = ["ANSWER", "MAYBE_DONE", "Trouble", "as_error", "in_words", "one_line", "settled"]

#: Seconds that the answer to a call may take, at most, however long a run may.
ANSWER: Final = 30.0

#: What is known of a submission that has no answer.
MAYBE_DONE: Final = (
    "it may have been carried out, and was not repeated; look what became of it before you send it again"
)

#: The same where the answer began so that it was.
_WAS_DONE: Final = "it was carried out; look what became of it before you send it again"

_OK: Final = 200

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


def in_words(problem: CascadesSDKError) -> str:
    """An error on one line, from what it holds. The library's own advice is for those who write Python."""
    match problem:
        case AuthenticationError():
            return f"{problem.operation}: the session cookie was refused{_told(problem)}"
        case DeadlineExceededError():
            more = "; give it more with --timeout" if problem.position is None and problem.seconds < ANSWER else ""
            return f"{problem.operation}: not done within {problem.seconds:g} s{_told(problem)}{more}"
        case StreamLostError():
            since = f"{problem.attempts} connections since the last news"
            return f"{problem.operation}: given up after {since}; last: {one_line(problem.reason)}"
        case LimitExceededError():
            what = f"{problem.limit}={problem.maximum}{_told(problem)}"
            return f"{problem.operation}: the answer exceeds the limit {what}"
        case AmbiguousSubmitError():
            cause = in_words(problem.cause)
            if problem.run_id is not None:
                return f"{problem.operation}: no whole answer ({cause}); {_accepted(problem.run_id)}"
            done = _WAS_DONE if problem.status == _OK else MAYBE_DONE
            return f"{problem.operation}: no whole answer ({cause}); {done}"
        case UnexpectedResponseError(run_id=str(run_id)):
            what = f"{problem.pointer}: {problem.problem}" if problem.pointer else problem.problem
            return f"{problem.operation}: unexpected answer: {one_line(what)}{_told(problem)}; {_accepted(run_id)}"
        case _:
            return one_line(problem)


def _accepted(run_id: str) -> str:
    return f"the run was accepted: go on with --resume {shlex.quote(WaitPosition(run_id).text())}"


def _told(problem: ClientError) -> str:
    status, request = problem.status, problem.request_id
    known = [*([] if status is None else [f"status {status}"]), *([] if request is None else [f"request {request}"])]
    return f" ({', '.join(known)})" if known else ""


def settled(outcome: Outcome[_T, CascadesSDKError], path: str | None = None) -> _T:
    """The value of an outcome.

    Raises:
        Trouble: it is a failure; its text stands behind the ``path`` of the file that it is about, if there is one.
    """
    if isinstance(outcome, Failure):
        problem = outcome.failure()
        kind = type(problem).__name__
        text = in_words(problem) if path is None else f"{path}: {in_words(problem)}"
        run_id = getattr(problem, "run_id", None)
        position = None if run_id is None else WaitPosition(run_id).text()
        raise Trouble(text, kind, pointer=getattr(problem, "pointer", None), path=path, position=position)
    return outcome.unwrap()
