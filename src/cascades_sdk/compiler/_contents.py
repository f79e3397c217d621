"""Looking into foreign values for references, before and after they are frozen.

Decided here: what counts as inside of a value, and how far and how much is looked at. Never here: what a reference
that was found means.
"""

from collections.abc import Callable, Collection
from typing import Any, Final

from cascades_sdk.compiler._reference import REFERENCE_TOKEN, Reference
from cascades_sdk.graph import overfull
from cascades_sdk.graph._limits import surely_small
from cascades_sdk.values import MAX_DEPTH, FrozenDict, FrozenValue, Refusal, is_named_tuple, items_of

__all__ = [
    "Contents",
    "Decorated",
    "TooMuchError",
    "awaitable_in",
    "contents_of",
    "decorated_in",
    "holds_token",
    "reference_in",
]


class TooMuchError(Exception):
    """Ends a walk at once: going on beside a cycle, or in what stands in very many places, takes for ever."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_WITHOUT_PARTS: Final = _PLAIN | {Reference}


def reference_in(value: Any) -> Reference | None:
    """A reference that stands in a value, however deep; ``None`` where there is none."""
    return _first_in(value, lambda kind: kind is Reference)  # type: ignore[no-any-return]


def awaitable_in(value: Any) -> Any:
    """What is to be awaited and stands in a value, however deep: a call, a coroutine, a future; else ``None``."""
    return _first_in(value, lambda kind: kind is not Reference and hasattr(kind, "__await__"))


class Decorated:
    """What a decorator of this package makes of a function."""

    __slots__ = ()


def decorated_in(value: Any) -> Any:
    """A task or a flow, not called, that stands in a value, however deep; else ``None``."""
    return _first_in(value, lambda kind: issubclass(kind, Decorated))


def _first_in(value: Any, is_wanted: Callable[[type], bool]) -> Any:
    """Something of such a class that stands in a value.

    Each container is looked into once, so cycles end; and nothing recurses, because a plain call takes any depth.
    """
    pending = [value]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        kind = type(current)
        if kind not in _PLAIN and is_wanted(kind):
            return current
        inside = _inside(current, kind)
        if inside is not None and id(current) not in seen:
            seen.add(id(current))
            pending.extend(inside)
    return None


def _inside(value: Any, kind: type) -> Collection[Any] | None:
    """What stands directly inside a container; ``None`` for anything else."""
    if kind in _PLAIN:
        return None
    if kind is dict or kind is FrozenDict:
        return value.values()  # type: ignore[no-any-return]
    return items_of(value) if kind is list or kind is tuple or is_named_tuple(kind) else None


def contents_of(value: Any) -> "Contents":
    """What stands somewhere inside a value; the whole of it is walked, as it would be written out.

    Raises:
        TooMuchError: more than ``MAX_DEPTH`` containers enclose each other, or it holds more than one argument may.
    """
    contents = Contents()
    contents.into(value, type(value), 0)
    contents.check()
    return contents


class Contents:
    """What a walk has met so far. A ``Dag`` counts the same way, so that what is captured fits into one."""

    __slots__ = ("characters", "holds_reference", "parts")

    def __init__(self) -> None:
        self.holds_reference = False
        self.parts = 1
        self.characters = 0

    @property
    def surely_fit(self) -> bool:
        """Whether what stands inside is small enough to be a literal, however it is written."""
        return surely_small(self.parts, self.characters)

    def into(self, value: Any, kind: type, depth: int) -> None:
        inside = _inside(value, kind)
        if inside is None:
            return
        if depth == MAX_DEPTH:
            raise TooMuchError(Refusal("", f"nested deeper than {MAX_DEPTH} (or a cycle)", "flatten the value"))
        self.parts += len(inside)
        if kind is dict or kind is FrozenDict:
            self.characters += sum([len(key) for key in value if type(key) is str])
        self.check()
        kinds = set(map(type, inside))
        if str in kinds:
            self.characters += sum([len(inner) for inner in inside if type(inner) is str])
        if Reference in kinds:
            self.holds_reference = True
        if not kinds <= _WITHOUT_PARTS:
            for inner in inside:
                kind = type(inner)
                if kind not in _WITHOUT_PARTS:
                    self.into(inner, kind, depth + 1)

    def check(self) -> None:
        too_much = overfull(self.parts, self.characters)
        if too_much is not None:
            raise TooMuchError(too_much)


def holds_token(value: FrozenValue) -> bool:
    if type(value) is str:
        return REFERENCE_TOKEN in value
    if type(value) is tuple:
        return any(REFERENCE_TOKEN in item if type(item) is str else holds_token(item) for item in value)
    return type(value) is FrozenDict and any(map(holds_token, (*value, *value.values())))
