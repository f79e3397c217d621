"""The door of a capture: from what a flow holds to what the log holds.

Decided here: which values and references may enter the log, and in which form. Never here: which parameter they are
for.
"""

from types import CodeType
from typing import Any, Final

import attrs

from cascades_sdk.compiler._contents import TooMuchError, awaitable_in, contents_of, decorated_in, holds_token
from cascades_sdk.compiler._pending import Pending
from cascades_sdk.compiler._reference import REFERENCE_TOKEN, Reference, described
from cascades_sdk.compiler._refusals import Refusals
from cascades_sdk.compiler._scope import SCOPE
from cascades_sdk.graph import (
    Binding,
    InputReference,
    Literal,
    NodeReference,
    list_binding,
    object_binding,
    oversized,
)
from cascades_sdk.graph._literal import sound_literal
from cascades_sdk.values import MAX_SAFE_INTEGER, FrozenValue, Refusal, freeze, is_named_tuple, items_of, shown

__all__ = ["AWAIT_IT", "Door"]

#: What to do with a call that is not awaited.
AWAIT_IT: Final = "await the call, by itself, through asyncio.gather or in a task group"


class Door(Refusals):
    """What turns values and references into bindings."""

    __slots__ = ("_births",)

    def __init__(self, flow: str, code: CodeType) -> None:
        super().__init__(flow, code)
        # By node: the branches in which it was born.
        self._births: list[tuple[int, ...]] = []

    def binding(self, value: Any, subject: str, name: str | None = None) -> Binding:
        """The binding of an argument or a return value.

        Raises:
            InvalidValueError, CaptureError: after remembering it.
        """
        kind = type(value)
        if kind is Reference:
            return self._own(value)
        if _is_literal_as_it_is(value, kind):
            return sound_literal(value)
        path = () if name is None else (name,)
        try:
            contents = contents_of(value)
        except TooMuchError as stopped:
            raise self._poisoned(self._value_error(stopped.refusal.under(*path), subject)) from None
        if contents.holds_reference:
            return self._container(value, subject, path)
        frozen = self._frozen(value, subject, path)
        if kind is str or not contents.surely_fit:
            self._check_size(frozen, subject, path)
        return sound_literal(frozen)

    def _frozen(self, value: Any, subject: str, path: tuple[str | int, ...]) -> FrozenValue:
        frozen = freeze(value)
        if isinstance(frozen, Refusal):
            self._check_awaited(value, subject)
            frozen = _about_calls(frozen, value)
            raise self._poisoned(self._value_error(frozen.under(*path), subject))
        if holds_token(frozen):
            raise self._text_of_reference(subject)
        return frozen

    def _check_size(self, value: FrozenValue, subject: str, path: tuple[str | int, ...]) -> None:
        refusal = oversized(value)
        if refusal is not None:
            raise self._poisoned(self._value_error(refusal.under(*path), subject))

    def _container(self, value: Any, subject: str, path: tuple[str | int, ...]) -> Binding:
        """A container that holds a reference somewhere: walked once, in which literals collapse."""
        kind = type(value)
        if kind is Reference:
            return self._own(value)
        if kind is dict:
            if not all(type(key) is str and _is_literal_as_it_is(key, str) for key in value):
                # The keys by themselves, so that what is wrong with them is told the usual way.
                self._frozen(dict.fromkeys(value), subject, path)
            entries = {key: self._container(value[key], subject, (*path, key)) for key in value}
            whole = object_binding(entries)
            if type(whole) is not Literal:
                for key, entry in entries.items():
                    if type(entry) is Literal:
                        self._check_size(entry.value, subject, (*path, key))
            return whole
        if kind is list or kind is tuple or is_named_tuple(kind):
            items = tuple([self._container(inner, subject, (*path, i)) for i, inner in enumerate(items_of(value))])
            # Only a literal that ends here, inside something symbolic, is measured: so each is measured once.
            joined = list_binding(items)
            if type(joined) is not Literal:
                for i, item in enumerate(items):
                    if type(item) is Literal:
                        self._check_size(item.value, subject, (*path, i))
            return joined
        if _is_literal_as_it_is(value, kind):
            return sound_literal(value)
        return Literal(self._frozen(value, subject, path))

    def _own(self, reference: Reference) -> NodeReference | InputReference:
        if reference._cascades_recorder is not self:
            raise self.refused(
                "foreign_reference",
                f"{described(reference)} belongs to another capture",
                "pass values between flows by calling one inside the other",
            )
        binding = reference._cascades_binding
        if type(binding) is NodeReference:
            birth = self._births[binding.node]
            if birth and not self._is_inside(birth):
                raise self.refused(
                    "branch_reference",
                    f"{described(reference)} was made in a branch, and has a value only where that is taken",
                    "return it from the branch, and use what when() answers",
                    task=self._called[binding.node],
                )
        return binding

    def _is_inside(self, birth: tuple[int, ...]) -> bool:
        """Whether the code that is running stands in a branch, and so in all those around it."""
        scope = SCOPE.get()
        return scope is not None and scope.branches[len(birth) - 1 : len(birth)] == birth[-1:]

    def _ordered(self, after: tuple[Any, ...], task: str) -> tuple[int, ...]:
        nodes: set[int] = set()
        for upstream in after:
            self._check_awaited(upstream, f"after() of task {task!r}")
            own = self._own(upstream) if type(upstream) is Reference else None
            if type(own) is not NodeReference:
                found = described(upstream) if type(upstream) is Reference else shown(upstream)
                raise self.refused(
                    "ordering",
                    f"after() takes outputs of tasks, not {found}",
                    "pass what a task call returned",
                    task=task,
                )
            nodes.add(own.node)
        return tuple(sorted(nodes))

    def _check_awaited(self, value: Any, subject: str) -> None:
        """A call that is not awaited is no value, and what is meant is its output."""
        pending = awaitable_in(value)
        if pending is not None:
            what = f"call of {pending.said.subject}" if type(pending) is Pending else type(pending).__name__
            raise self.refused("awaiting", f"{subject} got a {what} that is not awaited", AWAIT_IT)


def _is_literal_as_it_is(value: Any, kind: type) -> bool:
    """Whether one look tells that a value is a literal as it is, as it does of nearly all that hold nothing."""
    if kind is int:
        return -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER  # type: ignore[no-any-return]
    if kind is str:
        return len(value) <= _SHORT and value.isascii() and REFERENCE_TOKEN not in value
    return kind is bool or value is None


#: What is no longer is small enough to be a literal, whatever has to be escaped in it, and by far.
_SHORT: Final = 1024


def _about_calls(refusal: Refusal, value: Any) -> Refusal:
    """The refusal with the way out of it where a task or a flow is refused: what is meant is what a call answers."""
    found = decorated_in(value)
    if found is None or f" {type(found).__name__} is not a value" not in refusal.problem:
        return refusal
    return attrs.evolve(refusal, advice="call it, and pass on what the call answers")
