"""What a function that answers outcomes answers where the stack of its caller ends.

Decided here: that it is a ``Failure`` like any other. Python counts the frames of the whole program, so a function that
walks 64 containers may find no room for that, wherever it is called. Never here: how many frames a function needs.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from returns.result import Failure

from cascades_sdk.errors._base import CascadesSDKError

__all__ = ["STACK_ADVICE", "STACK_PROBLEM", "stack_safe"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

STACK_PROBLEM: Final = "the interpreter's recursion limit leaves too little room here"
STACK_ADVICE: Final = "call this nearer to the start of the program, or in a thread of its own"


def stack_safe(refused: CascadesSDKError) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """A decorator: the function answers ``Failure(refused)`` where it would raise ``RecursionError``."""
    # Made beforehand: where the stack ends there may be no frame left to make it.
    answer: Any = Failure(refused)

    def decorated(function: Callable[_P, _T]) -> Callable[_P, _T]:
        @wraps(function)
        def answering(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return function(*args, **kwargs)
            except RecursionError:
                return answer  # type: ignore[no-any-return]  # one of the errors that the function declares

        return answering

    return decorated
