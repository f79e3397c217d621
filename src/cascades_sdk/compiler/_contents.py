"""Looking into foreign values for references, before and after they are frozen.

Decided here: what counts as inside of a value, and how far down is looked. Never here: what a reference that was
found means.
"""

from collections.abc import Collection
from typing import Any, Final

from cascades_sdk.compiler._reference import REFERENCE_TOKEN, Reference
from cascades_sdk.values import MAX_DEPTH, FrozenDict, FrozenValue, is_named_tuple

__all__ = ["TooDeepError", "holds_reference", "holds_token", "reference_in"]


class TooDeepError(Exception):
    """Ends a walk at once: going on beside a cycle would take for ever."""


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def reference_in(value: Any) -> Reference | None:
    """The first reference that stands in a value; ``None`` where there is none as deep as values may be."""
    try:
        return _first_reference(value, 0)
    except TooDeepError:
        return None


def _first_reference(value: Any, depth: int) -> Reference | None:
    kind = type(value)
    if kind is Reference:
        return value  # type: ignore[no-any-return]
    inside = _inside(value, kind)
    if inside and depth > MAX_DEPTH:
        raise TooDeepError
    for inner in inside:
        found = _first_reference(inner, depth + 1)
        if found is not None:
            return found
    return None


def _inside(value: Any, kind: type) -> Collection[Any]:
    """What stands directly inside a container; nothing for anything else."""
    if kind in _PLAIN:
        return ()
    if kind is dict:
        return value.values()  # type: ignore[no-any-return]
    return value if kind is list or kind is tuple or is_named_tuple(kind) else ()


def holds_reference(value: Any, depth: int) -> bool:
    """Whether a reference stands somewhere in a value; the whole of it is walked, for its depth.

    Raises:
        TooDeepError: more than ``MAX_DEPTH`` containers enclose each other.
    """
    kind = type(value)
    if kind in _PLAIN:
        return False
    if kind is Reference:
        return True
    if kind is not dict and kind is not list and kind is not tuple and not is_named_tuple(kind):
        return False
    if depth == MAX_DEPTH:
        raise TooDeepError
    found = False
    for inner in _inside(value, kind):
        found = holds_reference(inner, depth + 1) or found
    return found


def holds_token(value: FrozenValue) -> bool:
    if type(value) is str:
        return REFERENCE_TOKEN in value
    if type(value) is tuple:
        return any(map(holds_token, value))
    return type(value) is FrozenDict and any(map(holds_token, (*value, *value.values())))
