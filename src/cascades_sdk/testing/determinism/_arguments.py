"""What a check is asked with.

Decided here: which arguments can be meant. Never here: what is done with them.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from cascades_sdk.errors import InvalidValueError
from cascades_sdk.values import Refusal, freeze, thaw

__all__ = ["interpreters", "number_fault", "plain_inputs"]


def plain_inputs(inputs: Any, flow: str) -> dict[str, Any] | InvalidValueError:
    """The inputs as values of the model, plain, as any process reads them."""
    if not isinstance(inputs, Mapping | None):
        advice = "give a dict of parameter names to values"
        return InvalidValueError("", "is no mapping", advice, f"inputs of flow {flow!r}")
    frozen = freeze(dict(inputs or {}))
    if isinstance(frozen, Refusal):
        return InvalidValueError(frozen.pointer, frozen.problem, frozen.advice, f"inputs of flow {flow!r}")
    return thaw(frozen)  # type: ignore[return-value]  # a dict, thawed


def number_fault(hash_seeds: Any, repeats: Any, timeout: Any) -> InvalidValueError | None:
    """What is wrong with the numbers of a check."""
    for name, given, least in (("hash_seeds", hash_seeds, 1), ("repeats", repeats, 0)):
        if type(given) is not int or given < least:
            return _refused(f"/{name}", f"is no whole number of {least} or more", "give one")
    if type(timeout) not in (int, float) or not 0 < timeout <= sys.float_info.max:
        return _refused("/timeout", "is no number of seconds above 0", "give one")
    return None


def interpreters(pythons: Any) -> tuple[str, ...] | InvalidValueError:
    """The paths of interpreters. One text is no list of them, though it is a sequence."""
    if isinstance(pythons, str | bytes | os.PathLike) or not isinstance(pythons, Iterable):
        return _refused("/pythons", "is no list of paths", "give a list, of one path too")
    paths: list[str] = []
    for at, python in enumerate(pythons):
        path = os.fspath(python) if isinstance(python, str | os.PathLike) else None
        if not isinstance(path, str):
            return _refused(f"/pythons/{at}", "is no path", "give the path of an interpreter, as text or as a Path")
        paths.append(path)
    return tuple(paths)


def _refused(pointer: str, problem: str, advice: str) -> InvalidValueError:
    return InvalidValueError(pointer, problem, advice, "the arguments of check_determinism")
