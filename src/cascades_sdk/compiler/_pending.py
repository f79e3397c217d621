"""The call of an async task or an async flow, in a capture, before it is awaited.

Decided here: what may be done with such a call: what may be done with a coroutine. Never here: what is recorded.

A call is recorded when it is made, not when it is awaited: in ``asyncio.gather(a(), b())`` and in a task group the
order is that of the text, whatever a loop does later, and an error names the line of the call. So a call that is made
and never awaited stands in the record although Python would never have run it; the recorder refuses that when the flow
is over.
"""

from collections.abc import Callable, Coroutine, Generator
from types import CodeType
from typing import Any, Final, NoReturn, Protocol

import attrs

from cascades_sdk.compiler._reference import NEEDS_A_VALUE, REFERENCE_TOKEN
from cascades_sdk.values import shown

__all__ = ["Keeper", "Pending", "Said"]


@attrs.frozen
class Said:
    """What an error says of a call: what was called, where, and in which flow."""

    subject: str
    site: tuple[CodeType, int]
    flow: str
    task: str | None = None


class Keeper(Protocol):
    """What a pending call needs of the recorder that made it."""

    def awaited(self, pending: "Pending") -> None:
        """A call is awaited, for the first time."""
        ...

    def unawaited_use(self, pending: "Pending", attempt: str) -> Exception:
        """Remember that a call was used in the place of its output, and answer the error to raise."""
        ...

    def within(self, scope: Any, step: Callable[[Any], Any], sent: Any) -> Any:
        """One step of a coroutine, taken in its scope."""
        ...


class Pending(Coroutine[Any, Any, Any]):
    """A coroutine in all that asyncio asks of one. Its code runs in the scope of the call, whoever takes the steps."""

    def __init__(
        self, keeper: Keeper, scope: Any, start: Callable[[], Coroutine[Any, Any, Any]], said: Said, ordinal: int
    ) -> None:
        self.said = said
        self._ordinal = ordinal
        self._keeper = keeper
        self._scope = scope
        self._start = start
        # Made when it is needed: Python warns of a coroutine that was never awaited, where the recorder tells an error.
        self._steps: Coroutine[Any, Any, Any] | None = None

    def send(self, value: Any, /) -> Any:
        """The next step of the call."""
        if self._steps is None:
            self._keeper.awaited(self)
        return self._keeper.within(self._scope, self._started().send, value)

    def throw(self, *raised: Any) -> Any:
        """The next step of the call, with an exception: by itself, or after its class, in the older manner."""
        return self._keeper.within(self._scope, self._started().throw, raised[min(1, len(raised) - 1)])

    def close(self) -> None:
        """End the call."""
        self._keeper.within(self._scope, lambda _: self._started().close(), None)

    def __await__(self) -> Generator[Any, Any, Any]:
        return _Steps(self)

    @property
    def cr_await(self) -> object:
        """What the call waits for, as with a coroutine."""
        return self._steps

    def _started(self) -> Coroutine[Any, Any, Any]:
        if self._steps is None:
            self._steps = self._start()
        return self._steps

    def __getattr__(self, name: str) -> Any:
        # asyncio and inspect ask coroutines for what they may not have; an author asks for a field.
        if name.startswith(("_", "cr_", "gi_", "ag_")):
            raise AttributeError(name)
        raise self._keeper.unawaited_use(self, f"reading its attribute {shown(name)}")

    def __eq__(self, other: object) -> bool:
        # What awaits many things keeps them in dicts, and those compare what has the same hash.
        if hasattr(type(other), "__await__"):
            return NotImplemented
        raise self._keeper.unawaited_use(self, "comparing it")

    def __hash__(self) -> int:
        # Not by address: so a set of calls has one order.
        return self._ordinal

    def __repr__(self) -> str:
        return f"{REFERENCE_TOKEN}{self.said.subject}: its call is not awaited>"


def _refusing(attempt: str) -> Callable[..., NoReturn]:
    def method(self: Pending, *_: object, **__: object) -> NoReturn:
        raise self._keeper.unawaited_use(self, attempt)

    return method


#: What a coroutine has of its own, or what a call needs itself; and asyncio takes whatever has a ``__next__`` by that.
_KEPT: Final = frozenset({"eq", "ne", "hash", "await", "dir", "sizeof", "setattr", "delattr", "next"})

for _attempt, _names in (
    *[(attempt, names) for _, attempt, _, names in NEEDS_A_VALUE],
    ("selecting a part of it", ("getitem",)),
    ("iterating over it", ("iter",)),
    ("asking for its length", ("len",)),
):
    for _name in _names:
        if _name not in _KEPT:
            setattr(Pending, f"__{_name}__", _refusing(_attempt))


class _Steps(Generator[Any, Any, Any]):
    """What ``await`` iterates over."""

    def __init__(self, pending: Pending) -> None:
        self.cr_await = pending

    def send(self, value: Any, /) -> Any:
        return self.cr_await.send(value)

    def throw(self, *raised: Any) -> Any:
        return self.cr_await.throw(*raised)
