"""What may stand under ``@task`` and ``@flow``, and in their arguments.

Decided here: which functions and options are refused where they are declared. Never here: what is made of them.
"""

import inspect
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

from cascades_sdk.compiler._binder import Binder, binder_of
from cascades_sdk.compiler._contents import reference_in
from cascades_sdk.compiler._places import place_of_caller
from cascades_sdk.errors import CaptureError
from cascades_sdk.graph import TaskOptions, options_from
from cascades_sdk.values import Refusal, shown

__all__ = ["binder_of_task", "checked_options", "refuse_methods", "refuse_references"]

_FUNCTIONS: Final = (FunctionType, BuiltinFunctionType)


def refuse_methods(function: object) -> None:
    """Refuse what a class body makes of a function, as far as that is seen before the class is there.

    A function may name its first parameter ``self``; one whose name also says that it stands in a class is a method,
    and would be called without its instance.
    """

    def refused(problem: str, advice: str) -> CaptureError:
        return CaptureError("not_a_function", problem, advice, place_of_caller(None))

    if isinstance(function, staticmethod):
        raise refused(f"{function.__qualname__} is a static method already", "put @staticmethod above")
    if isinstance(function, classmethod):
        raise refused(f"{function.__qualname__} is a class method", "decorate a function; a method has no cls here")
    if not isinstance(function, FunctionType):
        return
    around = function.__qualname__.rpartition(".")[0]
    code = function.__code__
    first = code.co_varnames[0] if code.co_argcount else None
    if around and not around.endswith("<locals>") and first in ("self", "cls"):
        raise refused(f"{function.__qualname__} is a method", f"decorate a function; a method has no {first} here")


def binder_of_task(function: object) -> Binder:
    def refused(problem: str, advice: str) -> CaptureError:
        return CaptureError("not_a_function", problem, advice, place_of_caller(None))

    refuse_methods(function)
    if not isinstance(function, _FUNCTIONS):
        raise refused(f"{shown(function)} is not a function", "decorate a def, or wrap the call in one")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise refused(f"{function.__qualname__} is a generator", "return a list")
    try:
        return binder_of(function)
    except (ValueError, TypeError):
        raise refused(f"{function.__qualname__} has no signature", "wrap the call in a def") from None


def refuse_references(*declared: object) -> None:
    """Fail the capture in which a reference is declared as an option or a name: these stand before anything runs."""
    reference = reference_in(declared)
    if reference is not None:
        raise reference._cascades_recorder.misuse(
            "options", reference, "declaring an option or a name with it", "declare what is known before the flow runs"
        )


def checked_options(name: str, options: Mapping[str, Any]) -> TaskOptions:
    refuse_references(*options.values())
    checked = options_from(options)
    if isinstance(checked, Refusal):
        problem = f"option {checked.pointer[1:]!r}: {checked.problem}"
        raise CaptureError("options", problem, checked.advice, place_of_caller(None), None, name)
    return checked
