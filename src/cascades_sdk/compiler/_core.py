"""What all variants of one task share: its function, and what is worked out of that once.

Decided here: the definition of a task, and what its parameters are declared to take. Never here: what a call does.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import attrs

from cascades_sdk.compiler._binder import Binder
from cascades_sdk.compiler._edges import AnyOf
from cascades_sdk.compiler._naming import described_function
from cascades_sdk.compiler._shapes import UNKNOWN, hints_of, is_open_part
from cascades_sdk.graph import Literal, Parameter, ParameterKind, TaskDefinition, TaskOptions, oversized
from cascades_sdk.values import Refusal, freeze

__all__ = ["Core"]


@attrs.frozen(eq=False, slots=False, repr=False)
class Core:
    """What all variants of one task share."""

    function: Callable[..., Any]
    name: str
    options: TaskOptions
    binder: Binder

    @cached_property
    def defaults(self) -> Mapping[str, Literal | Refusal]:
        """The defaults in frozen form, or why one has none."""
        found: dict[str, Literal | Refusal] = {}
        for name, value in self.binder.defaults.items():
            frozen = freeze(value)
            refusal = frozen if isinstance(frozen, Refusal) else oversized(frozen)
            found[name] = Literal(frozen) if refusal is None else refusal  # type: ignore[arg-type]
        return found

    @cached_property
    def definition(self) -> TaskDefinition:
        reference, importable = described_function(self.function)
        return TaskDefinition(
            self.name,
            reference,
            importable,
            tuple(
                Parameter(name, kind, default if type(default := self.defaults.get(name)) is Literal else None)
                for name, kind in self.binder.kinds.items()
            ),
            self.options,
            inspect.getdoc(self.function),
        )

    @property
    def takes_items(self) -> bool:
        """Whether the first parameter is given by position."""
        return bool(self.binder.positional)

    @cached_property
    def result(self) -> Any:
        return self.hints.get("return", UNKNOWN)

    @cached_property
    def hints(self) -> Mapping[str, Any]:
        return hints_of(self.function)

    @cached_property
    def taken(self) -> Mapping[str, Any]:
        """What each annotated parameter takes: a variadic one a tuple or a dict; with the default None also None."""
        kinds, defaults = self.binder.kinds, self.binder.defaults
        return {
            name: _taken(annotation, kinds[name], name in defaults and defaults[name] is None)
            for name, annotation in self.hints.items()
            if name in kinds
        }


def _taken(annotation: Any, kind: ParameterKind, or_none: bool) -> Any:
    if is_open_part(annotation):
        # Of ``**more: Unpack[Record]`` the record is known; of ``*rest: *Parts`` nothing is.
        return typing.get_args(annotation)[0] if kind == "var_keyword" else UNKNOWN
    if kind == "var_positional":
        return tuple[annotation, ...]
    if kind == "var_keyword":
        return dict[str, annotation]
    return AnyOf((annotation, None)) if or_none else annotation
