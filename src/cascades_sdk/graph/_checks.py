"""What makes the parts of a ``Dag`` fit together.

Decided here: every rule about graphs that the types do not already keep. Because the constructor of a
``Dag`` asks here, whatever holds a ``Dag`` may rely on all of it: encoders are total, references point
backwards, names are text. Never here: bytes. The cost is linear in the size of the graph.
"""

from collections.abc import Mapping
from typing import Any, Final

from cascades_sdk.graph._binding_checks import binding_fault, is_plainly_sound
from cascades_sdk.graph._bindings import InputReference, ListBinding, Literal, NodeReference, ObjectBinding
from cascades_sdk.graph._branch_checks import branches_fault, choice_fault
from cascades_sdk.graph._definition_checks import (
    inputs_fault,
    is_name,
    is_tuple,
    options_fault,
    tasks_fault,
    under,
)
from cascades_sdk.graph._model import Call, Choice, Group, Guard, Map, TaskDefinition
from cascades_sdk.graph._options import NO_OPTIONS
from cascades_sdk.values import FrozenDict, Refusal, json_pointer, same_value, shown

__all__ = ["first_fault"]


def first_fault(
    name: object, inputs: object, tasks: object, nodes: object, groups: object, returns: object
) -> Refusal | None:
    """The first fault of the parts of a ``Dag``, with the pointer to it in the document, or ``None``.

    The parts are looked at in an order in which each check may rely on those before it.
    """
    if not is_name(name):
        return Refusal("/name", "a flow's name is text that is not empty")
    if not is_tuple(inputs):
        return Refusal("/inputs", "must be a tuple")
    if not is_tuple(tasks):
        return Refusal("/tasks", "must be a tuple")
    if not is_tuple(nodes):
        return Refusal("/nodes", "must be a tuple")
    if not is_tuple(groups):
        return Refusal("/groups", "must be a tuple")
    fault = under(inputs_fault(inputs), "inputs") or under(tasks_fault(tasks), "tasks")
    if fault is not None:
        return fault
    names = frozenset(entry.name for entry in inputs)
    return (
        _graph_fault(names, tasks, nodes, len(groups))
        or under(_groups_fault(groups, len(nodes), names), "groups")
        or under(binding_fault(returns, len(nodes), names), "returns")
        or branches_fault(nodes, groups, returns)  # type: ignore[arg-type]  # a binding by now
    )


class _Signature:
    """What a call must bind and may override: looked up once per definition, not once per call."""

    __slots__ = ("kinds", "mapped", "options", "order", "required", "variadic")

    def __init__(self, task: TaskDefinition) -> None:
        self.order = {parameter.name: position for position, parameter in enumerate(task.parameters)}
        self.kinds = {parameter.name: parameter.kind for parameter in task.parameters}
        self.variadic = frozenset(
            name for name, kind in self.kinds.items() if kind in ("var_positional", "var_keyword")
        )
        #: The parameter that a map goes over, where there is one that takes an item by its position.
        self.mapped = next((name for name, kind in self.kinds.items() if kind in _BY_POSITION), None)
        self.options = task.options.declared()
        self.required = frozenset(
            parameter.name
            for parameter in task.parameters
            if parameter.default is None and parameter.name not in self.variadic
        )


def _graph_fault(
    inputs: frozenset[str], tasks: tuple[TaskDefinition, ...], nodes: tuple[Any, ...], groups: int
) -> Refusal | None:
    definitions = {task.name: _Signature(task) for task in tasks}
    used: set[str] = set()
    for ordinal, node in enumerate(nodes):
        kind = type(node)
        if kind is Call or kind is Map:
            fault = _call_fault(node, ordinal, definitions, inputs)
        elif kind is Choice:
            fault = choice_fault(node, ordinal, groups, inputs)
        else:
            fault = Refusal("", "must be a Call, a Map or a Choice")
        if fault is not None:
            return fault.under("nodes", ordinal)
        if kind is not Choice:
            used.add(node.task)
    unused = next((name for name in definitions if name not in used), None)
    return None if unused is None else Refusal(json_pointer(["tasks", unused]), "no node calls this task")


def _call_fault(
    call: Call | Map, ordinal: int, definitions: Mapping[str, _Signature], inputs: frozenset[str]
) -> Refusal | None:
    task: object = call.task
    signature = definitions.get(task) if type(task) is str else None
    if signature is None:
        return Refusal("/task", f"there is no definition of the task {shown(task)}")
    fault = _arguments_fault(call.arguments, signature, ordinal, inputs)
    if fault is not None:
        return fault.under("arguments")
    after: object = call.after
    if type(after) is tuple and not after and call.options is NO_OPTIONS and type(call) is Call:
        return None  # nearly every call
    return (
        under(_after_fault(after, ordinal), "after")
        or under(_overrides_fault(call.options, signature), "options")
        or (_mapping_fault(call, signature) if type(call) is Map else None)
    )


def _mapping_fault(node: Map, signature: _Signature) -> Refusal | None:
    """A map goes over the argument of the first parameter, one item of it at a time."""
    if signature.mapped is None:
        return Refusal("/task", "a map needs a task whose first parameter takes an argument by its position")
    items = dict(node.arguments).get(signature.mapped)
    if items is None:
        return Refusal("/arguments", f"the parameter {signature.mapped!r}, which is mapped over, is not bound")
    kind = type(items.value) if type(items) is Literal else type(items)
    if kind in _MAPPABLE:
        return None
    return Refusal(json_pointer(["arguments", signature.mapped]), "what is mapped over is a reference or a list")


#: What a map goes over: bindings that may be a list, and the list of a literal.
_MAPPABLE: Final = (NodeReference, InputReference, ListBinding, tuple)


def _arguments_fault(arguments: object, signature: _Signature, ordinal: int, inputs: frozenset[str]) -> Refusal | None:
    if not is_tuple(arguments):
        return Refusal("", "must be a tuple of pairs of a name and a binding")
    latest = -1
    missing = len(signature.required)
    for pair in arguments:
        if type(pair) is not tuple or len(pair) != 2 or type(pair[0]) is not str:
            return Refusal("", "must be a tuple of pairs of a name and a binding")
        name, binding = pair
        position = signature.order.get(name)
        if position is None:
            return Refusal(json_pointer([name]), "the task has no such parameter")
        if position <= latest:
            return Refusal(json_pointer([name]), "arguments are in the order of the parameters, each once")
        latest = position
        missing -= name in signature.required
        fault = None if is_plainly_sound(binding, ordinal) else binding_fault(binding, ordinal, inputs)
        if fault is None and name in signature.variadic:
            fault = _variadic_fault(signature, name, binding)
        if fault is not None:
            return fault.under(name)
    if missing:
        given = {name for name, _ in arguments}
        absent = next(name for name in signature.order if name in signature.required and name not in given)
        return Refusal("", f"the parameter {absent!r} is not bound and has no default")
    return None


def _variadic_fault(signature: _Signature, name: str, binding: object) -> Refusal | None:
    """A ``*args`` is a list and a ``**kwargs`` an object, and neither is written when it is empty."""
    kind = signature.kinds[name]
    if kind == "var_positional":
        shaped = type(binding) is ListBinding or (type(binding) is Literal and type(binding.value) is tuple)
    else:
        shaped = type(binding) is ObjectBinding or (type(binding) is Literal and type(binding.value) is FrozenDict)
    if not shaped:
        return Refusal("", "a variadic parameter takes a list or an object, by its kind")
    if type(binding) is Literal and not binding.value:
        return Refusal("", "a variadic parameter that got nothing is left out")
    if kind == "var_keyword":
        keys: Any = binding.value if type(binding) is Literal else [key for key, _ in binding.entries]  # type: ignore[attr-defined]
        taken = next((key for key in keys if signature.kinds.get(key, "") in _BY_KEYWORD), None)
        if taken is not None:
            return Refusal("", f"the keyword {taken!r} belongs to a parameter of that name")
    return None


#: The kinds of parameters that take one argument by its position.
_BY_POSITION: Final = ("positional_only", "positional_or_keyword")

#: The kinds of parameters that take an argument by their name.
_BY_KEYWORD: Final = ("positional_or_keyword", "keyword_only")


def _after_fault(after: object, ordinal: int) -> Refusal | None:
    if not is_tuple(after):
        return Refusal("", "must be a tuple")
    latest = -1
    for position, node in enumerate(after):
        if type(node) is not int or not latest < node < ordinal:
            return Refusal(json_pointer([position]), "must list earlier nodes, ascending, each once")
        latest = node
    return None


def _overrides_fault(options: object, signature: _Signature) -> Refusal | None:
    if options is NO_OPTIONS:
        return None  # nearly every call
    fault = options_fault(options)
    if fault is not None:
        return fault
    for name in signature.options:
        override: Any = getattr(options, name)
        # One program has one form.
        if override is not None and same_value(override, signature.options[name]):
            return Refusal(json_pointer([name]), "the definition declares the same", "leave it out")
    return None


def _groups_fault(groups: tuple[Any, ...], nodes: int, inputs: frozenset[str]) -> Refusal | None:
    taken: set[int] = set()
    for position, group in enumerate(groups):
        if type(group) is not Group or not is_name(group.name):
            return Refusal(json_pointer([position]), "must be a Group whose name is text that is not empty")
        parent: object = group.parent
        if parent is not None and (type(parent) is not int or not 0 <= parent < position):
            return Refusal(json_pointer([position, "parent"]), "must be an earlier group")
        inside: object = group.nodes
        if not is_tuple(inside):
            return Refusal(json_pointer([position, "nodes"]), "must be a tuple")
        latest = -1
        for index, node in enumerate(inside):
            if type(node) is not int or not latest < node < nodes or node in taken:
                problem = "must list nodes of the DAG, ascending, each in one group"
                return Refusal(json_pointer([position, "nodes", index]), problem)
            latest = node
            taken.add(node)
        fault = None if group.guard is None else _guard_fault(group.guard, nodes, inputs)
        if fault is not None:
            return fault.under(position, "guard")
    return None


def _guard_fault(guard: object, nodes: int, inputs: frozenset[str]) -> Refusal | None:
    """Why this is no guard, wherever it stands; where it may stand is looked at with the choices."""
    if type(guard) is not Guard:
        return Refusal("", "must be a Guard")
    branch: object = guard.branch
    if type(branch) is not bool:
        return Refusal("/branch", "must be a bool")
    condition: object = guard.condition
    if type(condition) is not NodeReference and type(condition) is not InputReference:
        return Refusal("/condition", "must refer to a node or to an input")
    return under(binding_fault(condition, nodes, inputs), "condition")
