"""What makes the inputs and the definitions of a ``Dag`` well formed, each for itself.

Decided here: the rules that need no look at the nodes. Never here: bytes, and whether anything is used.
Every check answers ``None`` or a :class:`~cascades_sdk.values.Refusal` whose pointer leads from what was given.
"""

from typing import Any, Final, TypeGuard

from cascades_sdk.graph._limits import oversized
from cascades_sdk.graph._literal import Literal, is_sound, mark_sound
from cascades_sdk.graph._model import FlowInput, Parameter, TaskDefinition
from cascades_sdk.graph._options import TaskOptions, options_from
from cascades_sdk.values import Refusal, freeze, json_pointer, same_value, shown, utf16_order

__all__ = [
    "inputs_fault",
    "is_name",
    "is_text",
    "is_tuple",
    "literal_fault",
    "options_fault",
    "tasks_fault",
    "under",
]

#: The order in which a signature lists its kinds of parameters.
_KIND_ORDER: Final = {
    "positional_only": 0,
    "positional_or_keyword": 1,
    "var_positional": 2,
    "keyword_only": 3,
    "var_keyword": 4,
}
_VARIADIC: Final = frozenset({2, 4})


def under(fault: Refusal | None, *tokens: str | int) -> Refusal | None:
    """The same fault, or none, seen from further out."""
    return None if fault is None else fault.under(*tokens)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a tuple and no subclass of it: those could answer otherwise the next time."""
    return type(value) is tuple


def is_text(value: object) -> TypeGuard[str]:
    """Whether a value is text of the value model."""
    return type(value) is str and (value.isascii() or not isinstance(freeze(value), Refusal))


def is_name(value: object) -> TypeGuard[str]:
    """Whether a value is text that is not empty."""
    return is_text(value) and value != ""


def literal_fault(literal: object) -> Refusal | None:
    """Why this is no literal that a document may hold."""
    if type(literal) is not Literal:
        return Refusal("", "must be a Literal")
    if is_sound(literal):
        return None
    frozen = freeze(literal.value)
    if isinstance(frozen, Refusal):
        return frozen
    too_large = oversized(frozen)  # first: what is written out larger than that is not compared
    if too_large is None and frozen is not literal.value and not same_value(frozen, literal.value):
        return Refusal("", "must hold a value in its frozen form", "give what freeze() answers")
    if too_large is None:
        mark_sound(literal)
    return too_large


def inputs_fault(inputs: tuple[Any, ...]) -> Refusal | None:
    """The first fault of the inputs of a flow."""
    seen: set[str] = set()
    for position, entry in enumerate(inputs):
        if type(entry) is not FlowInput:
            return Refusal(json_pointer([position]), "must be a FlowInput")
        if not is_name(entry.name):
            return Refusal(json_pointer([position, "name"]), "an input's name is text that is not empty")
        if entry.name in seen:
            return Refusal(json_pointer([position, "name"]), f"the input {shown(entry.name)} is repeated")
        seen.add(entry.name)
        fault = _default_fault(entry.default)
        if fault is not None:
            return fault.under(position)
    return None


def _default_fault(default: Literal | None) -> Refusal | None:
    return None if default is None else under(literal_fault(default), "default")


def tasks_fault(tasks: tuple[Any, ...]) -> Refusal | None:
    """The first fault of the definitions of a graph."""
    previous = b""
    for position, task in enumerate(tasks):
        if type(task) is not TaskDefinition or not is_name(task.name):
            return Refusal(json_pointer([position]), "must be a TaskDefinition whose name is text that is not empty")
        order = utf16_order(task.name)
        if order <= previous:
            return Refusal(json_pointer([task.name]), "definitions are in RFC 8785 order of their names, each once")
        previous = order
        fault = _definition_fault(task)
        if fault is not None:
            return fault.under(task.name)
    return None


def _definition_fault(task: TaskDefinition) -> Refusal | None:
    importable: Any = task.importable
    if not is_text(task.reference) or ":" not in task.reference:
        return Refusal("/reference", f"{shown(task.reference)} does not name a function", "write module:qualname")
    if type(importable) is not bool:
        return Refusal("/importable", "must be a bool")
    return under(options_fault(task.options), "options") or under(_parameters_fault(task.parameters), "parameters")


def _parameters_fault(parameters: object) -> Refusal | None:
    if not is_tuple(parameters):
        return Refusal("", "must be a tuple")
    seen: set[str] = set()
    latest = 0
    for position, parameter in enumerate(parameters):
        if type(parameter) is not Parameter or not is_name(parameter.name):
            return Refusal(json_pointer([position]), "must be a Parameter whose name is text that is not empty")
        if parameter.name in seen:
            return Refusal(json_pointer([position]), f"the parameter {shown(parameter.name)} is repeated")
        seen.add(parameter.name)
        rank = _rank(parameter.kind)
        # Positional and keyword parameters may be many; of each variadic kind there is one.
        if rank < latest or (rank == latest and rank in _VARIADIC):
            problem = f"a parameter of kind {shown(parameter.kind)} cannot stand here"
            return Refusal(
                json_pointer([position, "kind"]), problem, f"the kinds are, in order, {', '.join(_KIND_ORDER)}"
            )
        latest = rank
        if rank in _VARIADIC and parameter.default is not None:
            return Refusal(json_pointer([position, "default"]), "a variadic parameter has no default")
        fault = _default_fault(parameter.default)
        if fault is not None:
            return fault.under(position)
    return None


def _rank(kind: object) -> int:
    """Where a kind stands in a signature; before everything where there is no such kind."""
    return _KIND_ORDER.get(kind, -1) if type(kind) is str else -1


def options_fault(options: object) -> Refusal | None:
    """Why these are no options in their frozen form."""
    if type(options) is not TaskOptions:
        return Refusal("", "must be a TaskOptions")
    checked = options_from(options.declared())
    if isinstance(checked, Refusal):
        return checked
    for name, value in checked.declared().items():
        if not same_value(value, getattr(options, name)):
            return Refusal(
                json_pointer([name]), "must hold a value in its frozen form", "give what options_from() answers"
            )
    return None
