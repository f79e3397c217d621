"""The canonical document back to a ``Dag``.

Decided here: which structure a document has; each fault is told with the JSON Pointer to it. Rules about
graphs are the constructor's. Never here: how JSON is parsed.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import attrs
from returns.result import Failure, Success

from cascades_sdk.encoding._parsing import MAX_DOCUMENT_BYTES, parsed_json
from cascades_sdk.encoding._writing import DOCUMENT_KIND, dag_to_json
from cascades_sdk.errors import InvalidDagError, InvalidDocumentError, Outcome
from cascades_sdk.graph import (
    NO_OPTIONS,
    OPTION_NAMES,
    Binding,
    Call,
    Dag,
    FlowInput,
    Group,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    ObjectBinding,
    Parameter,
    TaskDefinition,
    TaskOptions,
    dag,
    node_id,
    ordinal_of,
)
from cascades_sdk.values import FrozenValue, Refusal, freeze, json_pointer, shown, sorted_names

__all__ = ["dag_from_json"]

_T = TypeVar("_T")


@attrs.frozen
class _Fault(Exception):
    """Unwinds from a fault to the reader; made into a value there."""

    path: tuple[str | int, ...]
    problem: str
    advice: str = ""
    inner: str = ""
    """The rest of the pointer, where what stands at the path was refused for a part of it."""


def dag_from_json(
    data: bytes, *, strict: bool = True, max_bytes: int = MAX_DOCUMENT_BYTES
) -> Outcome[Dag, InvalidDocumentError]:
    """The graph of a document.

    Args:
        data: UTF-8 JSON.
        strict: accept only the canonical bytes, those that :func:`dag_to_json` writes. Otherwise any
            order of names and any white space pass; the checks of the content are the same.
        max_bytes: larger input is refused unread.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDocumentError)`` with the JSON Pointer to the fault, or with a
        byte offset where there is no document yet. Never raises; linear in the size of the input.
    """
    if type(data) is not bytes:
        return Failure(InvalidDocumentError(f"a {type(data).__name__} was given", "give bytes"))
    parsed = parsed_json(data, max_bytes)
    if isinstance(parsed, Failure):
        return parsed
    read = _read(parsed.unwrap())
    if isinstance(read, Failure) or not strict:
        return read
    canonical = dag_to_json(read.unwrap())
    if canonical == data:
        return read
    offset = next(
        (at for at, (ours, theirs) in enumerate(zip(canonical, data, strict=False)) if ours != theirs),
        min(len(canonical), len(data)),
    )
    problem = "not the canonical form of this document"
    return Failure(InvalidDocumentError(problem, "read it with strict=False", offset=offset))


def _read(document: Any) -> Outcome[Dag, InvalidDocumentError]:
    try:
        fields = _fields(document, (), ("inputs", "kind", "name", "nodes", "returns", "tasks"), ("groups",))
        if fields["kind"] != DOCUMENT_KIND:
            raise _Fault(("kind",), f"expected {DOCUMENT_KIND!r}, found {_shown(fields['kind'])}")
        tasks = _tasks(fields["tasks"])
        made = dag(
            _text(fields["name"], ("name",)),
            _each(_input, fields["inputs"], ("inputs",)),
            tasks,
            _calls(fields["nodes"], tasks),
            _each(_group, fields.get("groups", []), ("groups",)),
            _binding(fields["returns"], ("returns",)),
        )
    except _Fault as fault:
        return Failure(InvalidDocumentError(fault.problem, fault.advice, json_pointer(fault.path) + fault.inner))
    if isinstance(made, Failure):
        refused: InvalidDagError = made.failure()
        return Failure(InvalidDocumentError(refused.problem, refused.advice, refused.pointer))
    return Success(made.unwrap())


_Path = tuple[str | int, ...]


def _fields(value: Any, path: _Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    if type(value) is not dict:
        raise _Fault(path, f"expected an object, found {_shown(value)}")
    for name in required:
        if name not in value:
            raise _Fault(path, f"the key {name!r} is missing")
    for name in value:
        if name not in required and name not in optional:
            raise _Fault((*path, name), "this key is unknown")
    return value


def _shown(value: Any) -> str:
    return "an object" if type(value) is dict else "a list" if type(value) is list else shown(value)


def _list(value: Any, path: _Path) -> list[Any]:
    if type(value) is not list:
        raise _Fault(path, f"expected a list, found {_shown(value)}")
    return value


def _each(read: Callable[[Any, _Path], _T], value: Any, path: _Path) -> tuple[_T, ...]:
    return tuple([read(item, (*path, index)) for index, item in enumerate(_list(value, path))])


def _text(value: Any, path: _Path) -> str:
    if type(value) is not str:
        raise _Fault(path, f"expected text, found {_shown(value)}")
    return value


def _frozen(value: Any, path: _Path) -> FrozenValue:
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        raise _Fault(path, frozen.problem, frozen.advice, frozen.pointer)
    return frozen


def _input(value: Any, path: _Path) -> FlowInput:
    fields = _fields(value, path, ("name",), ("default",))
    return FlowInput(_text(fields["name"], (*path, "name")), _default(fields, path))


def _default(fields: Mapping[str, Any], path: _Path) -> Literal | None:
    return Literal(_frozen(fields["default"], (*path, "default"))) if "default" in fields else None


def _tasks(value: Any) -> tuple[TaskDefinition, ...]:
    if type(value) is not dict:
        raise _Fault(("tasks",), f"expected an object, found {_shown(value)}")
    return tuple([_definition(name, value[name], ("tasks", name)) for name in sorted_names(value)])


def _definition(name: str, value: Any, path: _Path) -> TaskDefinition:
    fields = _fields(value, path, ("importable", "parameters", "reference"), ("options",))
    return TaskDefinition(
        name,
        _text(fields["reference"], (*path, "reference")),
        fields["importable"],
        _each(_parameter, fields["parameters"], (*path, "parameters")),
        _options(fields, path),
    )


def _parameter(value: Any, path: _Path) -> Parameter:
    fields = _fields(value, path, ("kind", "name"), ("default",))
    kind: Any = _text(fields["kind"], (*path, "kind"))  # the constructor of a Dag knows the words
    return Parameter(_text(fields["name"], (*path, "name")), kind, _default(fields, path))


def _options(fields: Mapping[str, Any], path: _Path) -> TaskOptions:
    if "options" not in fields:
        return NO_OPTIONS
    path = (*path, "options")
    declared = _fields(fields["options"], path, (), OPTION_NAMES)
    frozen = {name: _frozen(value, (*path, name)) for name, value in declared.items()}
    if not frozen or None in frozen.values():
        raise _Fault(path, "an option that is not declared is left out")
    return TaskOptions(**frozen)  # type: ignore[arg-type]  # the constructor of a Dag checks the types


def _calls(value: Any, tasks: Iterable[TaskDefinition]) -> tuple[Call, ...]:
    orders = {task.name: {p.name: at for at, p in enumerate(task.parameters)} for task in tasks}
    return tuple(
        [_call(item, ordinal, orders, ("nodes", ordinal)) for ordinal, item in enumerate(_list(value, ("nodes",)))]
    )


def _call(value: Any, ordinal: int, orders: Mapping[str, Mapping[str, int]], path: _Path) -> Call:
    fields = _fields(value, path, ("id", "kind", "task"), ("after", "arguments", "options"))
    if fields["kind"] != "call":
        raise _Fault((*path, "kind"), f"expected 'call', found {_shown(fields['kind'])}")
    if fields["id"] != node_id(ordinal):
        raise _Fault((*path, "id"), f"expected {node_id(ordinal)!r}, found {_shown(fields['id'])}")
    task = _text(fields["task"], (*path, "task"))
    order = orders.get(task)
    if order is None:
        raise _Fault((*path, "task"), f"there is no definition of the task {shown(task)}")
    given = fields.get("arguments", {})
    if type(given) is not dict:
        raise _Fault((*path, "arguments"), f"expected an object, found {_shown(given)}")
    for name in given:
        if name not in order:
            raise _Fault((*path, "arguments", name), "the task has no such parameter")
    return Call(
        task,
        tuple(
            [(name, _binding(given[name], (*path, "arguments", name))) for name in sorted(given, key=order.__getitem__)]
        ),
        _each(_node, fields.get("after", []), (*path, "after")),
        _options(fields, path),
    )


def _node(value: Any, path: _Path) -> int:
    """The position that an id names."""
    ordinal = ordinal_of(value)
    if ordinal is None:
        raise _Fault(path, f"expected the id of a node, found {_shown(value)}")
    return ordinal


def _group(value: Any, path: _Path) -> Group:
    fields = _fields(value, path, ("name", "nodes"), ("parent",))
    if fields.get("parent", 0) is None:
        raise _Fault((*path, "parent"), "a parent that is none is left out")
    return Group(
        _text(fields["name"], (*path, "name")),
        fields.get("parent"),
        _each(_node, fields["nodes"], (*path, "nodes")),
    )


def _binding(value: Any, path: _Path) -> Binding:
    if type(value) is not dict:
        raise _Fault(path, f"expected an object, found {_shown(value)}")
    for word, read in _BINDINGS.items():
        if word in value:
            return read(value, path)
    raise _Fault(path, f"expected one of the keys {', '.join(map(repr, _BINDINGS))}")


def _literal(value: Any, path: _Path) -> Literal:
    return Literal(_frozen(_fields(value, path, ("literal",))["literal"], (*path, "literal")))


def _node_reference(value: Any, path: _Path) -> NodeReference:
    fields = _fields(value, path, ("node",), ("path",))
    return NodeReference(_node(fields["node"], (*path, "node")), _selection(fields, path))


def _input_reference(value: Any, path: _Path) -> InputReference:
    fields = _fields(value, path, ("input",), ("path",))
    return InputReference(_text(fields["input"], (*path, "input")), _selection(fields, path))


def _selection(fields: Mapping[str, Any], path: _Path) -> tuple[Any, ...]:
    tokens = _frozen(_list(fields.get("path", []), (*path, "path")), (*path, "path"))
    assert type(tokens) is tuple  # what a list becomes
    return tokens


def _list_binding(value: Any, path: _Path) -> ListBinding:
    return ListBinding(_each(_binding, _fields(value, path, ("list",))["list"], (*path, "list")))


def _object_binding(value: Any, path: _Path) -> ObjectBinding:
    entries = _fields(value, path, ("object",))["object"]
    path = (*path, "object")
    if type(entries) is not dict:
        raise _Fault(path, f"expected an object, found {_shown(entries)}")
    return ObjectBinding(tuple([(name, _binding(entries[name], (*path, name))) for name in sorted_names(entries)]))


_BINDINGS: Final[Mapping[str, Callable[[Any, _Path], Binding]]] = {
    "literal": _literal,
    "node": _node_reference,
    "input": _input_reference,
    "list": _list_binding,
    "object": _object_binding,
}
