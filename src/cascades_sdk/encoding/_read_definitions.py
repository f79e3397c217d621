"""The inputs and the task definitions of a document.

Decided here: the keys of what stands once in a document, whatever the number of calls. Never here: nodes, and the rules
that the constructor of a ``Dag`` keeps.
"""

from collections.abc import Mapping
from typing import Any, Final

from cascades_sdk.encoding._fields import (
    Fault,
    each_of,
    fields_of,
    frozen_of,
    shape,
    shown_part,
    text_of,
)
from cascades_sdk.graph import (
    NO_OPTIONS,
    OPTION_NAMES,
    FlowInput,
    Literal,
    Parameter,
    TaskDefinition,
    TaskOptions,
    oversized,
    surely_fits,
)
from cascades_sdk.graph._literal import sound_literal
from cascades_sdk.values import sorted_names

__all__ = ["read_input", "read_literal", "read_options", "read_tasks"]

_INPUT: Final = shape(("name",), "default")
_DEFINITION: Final = shape(("importable", "parameters", "reference"), "options")
_PARAMETER: Final = shape(("kind", "name"), "default")
_OPTIONS: Final = shape((), *OPTION_NAMES)


def read_literal(value: Any, *path: str) -> Literal:
    frozen = frozen_of(value, *path)
    too_large = None if surely_fits(value) else oversized(frozen)
    if too_large is not None:
        raise Fault(too_large.problem, *path, advice=too_large.advice)
    return sound_literal(frozen)


def read_input(value: Any) -> FlowInput:
    fields = fields_of(value, _INPUT)
    return FlowInput(text_of(fields["name"], "name"), _default(fields))


def _default(fields: Mapping[str, Any]) -> Literal | None:
    return read_literal(fields["default"], "default") if "default" in fields else None


def read_tasks(value: Any) -> tuple[TaskDefinition, ...]:
    if type(value) is not dict:
        raise Fault(f"expected an object, found {shown_part(value)}", "tasks")
    made: list[TaskDefinition] = []
    for name in sorted_names(value):
        try:
            made.append(_definition(name, value[name]))
        except Fault as fault:
            fault.stands_under("tasks", name)
            raise
    return tuple(made)


def _definition(name: str, value: Any) -> TaskDefinition:
    fields = fields_of(value, _DEFINITION)
    return TaskDefinition(
        name,
        text_of(fields["reference"], "reference"),
        fields["importable"],
        each_of(_parameter, fields["parameters"], "parameters"),
        read_options(fields),
    )


def _parameter(value: Any) -> Parameter:
    fields = fields_of(value, _PARAMETER)
    kind: Any = text_of(fields["kind"], "kind")  # the constructor of a Dag knows the words
    return Parameter(text_of(fields["name"], "name"), kind, _default(fields))


def read_options(fields: Mapping[str, Any]) -> TaskOptions:
    if "options" not in fields:
        return NO_OPTIONS
    try:
        declared = fields_of(fields["options"], _OPTIONS)
        frozen = {name: frozen_of(value, name) for name, value in declared.items()}
        if not frozen or None in frozen.values():
            raise Fault("an option that is not declared is left out")
    except Fault as fault:
        fault.stands_under("options")
        raise
    return TaskOptions(**frozen)  # type: ignore[arg-type]  # the constructor of a Dag checks the types
