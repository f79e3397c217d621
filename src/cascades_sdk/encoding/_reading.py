"""The canonical document back to a ``Dag``.

Decided here: which structure a document has; each fault is told with the JSON Pointer to it. Rules about
graphs are the constructor's. Never here: how bytes are parsed.

A reader of a part takes the part alone. Where it refuses something it raises a fault that knows the way from that part;
whoever reads the whole puts its own token before it while the fault passes. So a document without faults costs nothing
for pointers.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import attrs
from returns.result import Failure, Success

from cascades_sdk.encoding._cbor_parsing import parsed_cbor
from cascades_sdk.encoding._forms import DOCUMENT_KIND
from cascades_sdk.encoding._parsing import (
    MAX_DOCUMENT_BYTES,
    UNPROVEN,
    canonically_parsed,
    parsed_json,
    unreadable,
    unreadable_json,
)
from cascades_sdk.encoding._writing import dag_to_json
from cascades_sdk.errors import (
    STACK_ADVICE,
    STACK_PROBLEM,
    InvalidDagError,
    InvalidDocumentError,
    Outcome,
    stack_safe,
)
from cascades_sdk.graph import (
    NO_OPTIONS,
    OPTION_NAMES,
    Binding,
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    Map,
    Node,
    NodeReference,
    ObjectBinding,
    Parameter,
    TaskDefinition,
    TaskOptions,
    dag,
    node_id,
    ordinal_of,
    oversized,
    sound_literal,
    surely_fits,
)
from cascades_sdk.values import FrozenValue, Refusal, freeze, json_pointer, shown, sorted_names

__all__ = ["dag_from_cbor", "dag_from_json"]

_T = TypeVar("_T")


_STACK_ENDS: Final = InvalidDocumentError(STACK_PROBLEM, STACK_ADVICE)


@stack_safe(_STACK_ENDS)
def dag_from_json(
    data: bytes, *, strict: bool = True, max_bytes: int = MAX_DOCUMENT_BYTES
) -> Outcome[Dag, InvalidDocumentError]:
    """The graph of a JSON document.

    Args:
        data: UTF-8 JSON.
        strict: accept only the canonical bytes, those that :func:`dag_to_json` writes. Otherwise any
            order of names, any white space and any way to write a number or a character pass; the checks of the
            content are the same.
        max_bytes: larger input is refused unread. There is no such setting for the depth: what nests deeper than
            :data:`~cascades_sdk.encoding.MAX_DOCUMENT_DEPTH` is no document of any graph.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDocumentError)`` with the JSON Pointer to the fault, or with a
        byte offset where there is no document yet. Never raises; linear in the size of the input.
    """
    refused = unreadable(data, max_bytes)
    return _from_json(data, strict) if refused is None else Failure(refused)


def _from_json(data: bytes, strict: bool) -> Outcome[Dag, InvalidDocumentError]:
    refused = unreadable_json(data)
    if refused is not None:
        return Failure(refused)
    if strict:
        proven = canonically_parsed(data)
        if proven is not UNPROVEN:
            read = _read(proven)
            if isinstance(read, Success):
                return read
    # What is no canonical document, and what only this way of reading takes for one, like numbers from 2**53 on.
    parsed = parsed_json(data)
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


@stack_safe(_STACK_ENDS)
def dag_from_cbor(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Outcome[Dag, InvalidDocumentError]:
    """The graph of a CBOR document: of the canonical bytes, those that :func:`dag_to_cbor` writes.

    Args:
        data: canonical CBOR (RFC 8949 §4.2.1).
        max_bytes: larger input is refused unread. The depth is no setting, as for :func:`dag_from_json`.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDocumentError)`` with the byte offset of what is no canonical CBOR of a
        value, or with the JSON Pointer to what is no document. Never raises; linear in the size of the input.
    """
    refused = unreadable(data, max_bytes)
    if refused is not None:
        return Failure(refused)
    parsed = parsed_cbor(data)
    return parsed if isinstance(parsed, Failure) else _read(parsed.unwrap())


class _Fault(Exception):
    """Unwinds from a fault to the reader; made into a value there. Tokens are collected from the inside out."""

    def __init__(self, problem: str, *path: str | int, advice: str = "", inner: str = "") -> None:
        super().__init__(problem)
        self.problem, self.advice = problem, advice
        self.tokens: list[str | int] = [*reversed(path)]
        #: The rest of the pointer, where a value was refused for a part of it.
        self.inner = inner

    def stands_under(self, *tokens: str | int) -> None:
        """Put tokens before the way that is known."""
        self.tokens.extend(reversed(tokens))

    @property
    def pointer(self) -> str:
        return json_pointer(reversed(self.tokens)) + self.inner


def _read(document: Any) -> Outcome[Dag, InvalidDocumentError]:
    try:
        made = _document(document)
    except _Fault as fault:
        return Failure(InvalidDocumentError(fault.problem, fault.advice, fault.pointer))
    if isinstance(made, Failure):
        refused: InvalidDagError = made.failure()
        return Failure(InvalidDocumentError(refused.problem, refused.advice, refused.pointer))
    return Success(made.unwrap())


def _document(value: Any) -> Outcome[Dag, InvalidDagError]:
    if type(value) is dict and value.get("kind", DOCUMENT_KIND) != DOCUMENT_KIND:
        # Before anything else: a document of another kind has other keys.
        raise _Fault(f"expected {DOCUMENT_KIND!r}, found {_shown(value['kind'])}", "kind")
    fields = _fields(value, _DOCUMENT)
    nodes = _list(fields["nodes"], "nodes")
    reader = _Reader({node_id(ordinal): ordinal for ordinal in range(len(nodes))})
    tasks = _tasks(fields["tasks"])
    return dag(
        _text(fields["name"], "name"),
        _each(_input, fields["inputs"], "inputs"),
        tasks,
        reader.nodes(nodes, tasks),
        _each(reader.group, _present(fields, "groups"), "groups"),
        _at("returns", reader.binding, fields["returns"]),
    )


@attrs.frozen
class _Shape:
    """The keys of one kind of object. ``usual`` are those of canonical objects, in order: one look-up tells them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    usual: frozenset[tuple[str, ...]]


def _shape(required: tuple[str, ...], *optional: str) -> _Shape:
    chosen: list[tuple[str, ...]] = [()]
    for name in optional:
        chosen += [(*names, name) for names in chosen]
    return _Shape(required, optional, frozenset(tuple(sorted((*required, *names))) for names in chosen))


_DOCUMENT: Final = _shape(("inputs", "kind", "name", "nodes", "returns", "tasks"), "groups")
_INPUT: Final = _shape(("name",), "default")
_DEFINITION: Final = _shape(("importable", "parameters", "reference"), "options")
_PARAMETER: Final = _shape(("kind", "name"), "default")
_OPTIONS: Final = _shape((), *OPTION_NAMES)
_CALL: Final = _shape(("id", "kind", "task"), "after", "arguments", "options")
_CHOICE: Final = _shape(("id", "kind", "then"), "otherwise")
_BRANCH: Final = _shape(("group", "returns"))
_GROUP: Final = _shape(("name", "nodes"), "guard", "parent")
_GUARD: Final = _shape(("branch", "condition"))


def _fields(value: Any, shape: _Shape) -> Mapping[str, Any]:
    if type(value) is dict:
        if tuple(value) in shape.usual:
            return value
        for name in shape.required:
            if name not in value:
                raise _Fault(f"the key {name!r} is missing")
        for name in value:
            if name not in shape.required and name not in shape.optional:
                raise _Fault("this key is unknown", name)
        return value
    raise _Fault(f"expected an object, found {_shown(value)}")


def _shown(value: Any) -> str:
    return "an object" if type(value) is dict else "a list" if type(value) is list else shown(value)


def _list(value: Any, *path: str) -> list[Any]:
    if type(value) is not list:
        raise _Fault(f"expected a list, found {_shown(value)}", *path)
    return value


def _at(token: str, read: Callable[[Any], _T], value: Any) -> _T:
    """What stands at a key, read."""
    try:
        return read(value)
    except _Fault as fault:
        fault.stands_under(token)
        raise


def _each(read: Callable[[Any], _T], value: Any, *path: str) -> tuple[_T, ...]:
    made: list[_T] = []
    try:
        for item in _list(value):
            made.append(read(item))  # noqa: PERF401 - how far it came is the token of a fault
    except _Fault as fault:
        # A list that is none has no place of its own to tell.
        fault.stands_under(*path, *([len(made)] if type(value) is list else []))
        raise
    return tuple(made)


def _present(fields: Mapping[str, Any], name: str) -> Any:
    """A list that is left out where it is empty, and so is never empty where it is written."""
    value = fields.get(name, _ABSENT)
    if value == []:
        raise _Fault("what is empty is left out", name)
    return [] if value is _ABSENT else value


_ABSENT: Final = object()


def _text(value: Any, *path: str) -> str:
    if type(value) is not str:
        raise _Fault(f"expected text, found {_shown(value)}", *path)
    return value


def _frozen(value: Any, *path: str) -> FrozenValue:
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        raise _Fault(frozen.problem, *path, advice=frozen.advice, inner=frozen.pointer)
    return frozen


def _literal(value: Any, *path: str) -> Literal:
    frozen = _frozen(value, *path)
    too_large = None if surely_fits(value) else oversized(frozen)
    if too_large is not None:
        raise _Fault(too_large.problem, *path, advice=too_large.advice)
    return sound_literal(frozen)


def _input(value: Any) -> FlowInput:
    fields = _fields(value, _INPUT)
    return FlowInput(_text(fields["name"], "name"), _default(fields))


def _default(fields: Mapping[str, Any]) -> Literal | None:
    return _literal(fields["default"], "default") if "default" in fields else None


def _tasks(value: Any) -> tuple[TaskDefinition, ...]:
    if type(value) is not dict:
        raise _Fault(f"expected an object, found {_shown(value)}", "tasks")
    made: list[TaskDefinition] = []
    for name in sorted_names(value):
        try:
            made.append(_definition(name, value[name]))
        except _Fault as fault:
            fault.stands_under("tasks", name)
            raise
    return tuple(made)


def _definition(name: str, value: Any) -> TaskDefinition:
    fields = _fields(value, _DEFINITION)
    return TaskDefinition(
        name,
        _text(fields["reference"], "reference"),
        fields["importable"],
        _each(_parameter, fields["parameters"], "parameters"),
        _options(fields),
    )


def _parameter(value: Any) -> Parameter:
    fields = _fields(value, _PARAMETER)
    kind: Any = _text(fields["kind"], "kind")  # the constructor of a Dag knows the words
    return Parameter(_text(fields["name"], "name"), kind, _default(fields))


def _options(fields: Mapping[str, Any]) -> TaskOptions:
    if "options" not in fields:
        return NO_OPTIONS
    try:
        declared = _fields(fields["options"], _OPTIONS)
        frozen = {name: _frozen(value, name) for name, value in declared.items()}
        if not frozen or None in frozen.values():
            raise _Fault("an option that is not declared is left out")
    except _Fault as fault:
        fault.stands_under("options")
        raise
    return TaskOptions(**frozen)  # type: ignore[arg-type]  # the constructor of a Dag checks the types


class _Reader:
    """Reads what speaks of nodes. ``positions`` are those of all ids of the document."""

    __slots__ = ("positions",)

    def __init__(self, positions: Mapping[str, int]) -> None:
        self.positions = positions

    def nodes(self, value: list[Any], tasks: tuple[TaskDefinition, ...]) -> tuple[Node, ...]:
        orders = {task.name: {each.name: at for at, each in enumerate(task.parameters)} for task in tasks}
        made: list[Node] = []
        try:
            for item in value:
                if type(item) is dict and item.get("kind") == "choice":
                    made.append(self.choice(item, len(made)))
                else:
                    made.append(self.call(item, len(made), orders))
        except _Fault as fault:
            fault.stands_under("nodes", len(made))
            raise
        return tuple(made)

    def call(self, value: Any, ordinal: int, orders: Mapping[str, Mapping[str, int]]) -> Call | Map:
        fields = _fields(value, _CALL)
        kind = fields["kind"]
        if kind != "call" and kind != "map":
            raise _Fault(f"expected 'call', 'map' or 'choice', found {_shown(kind)}", "kind")
        identity = fields["id"]
        if type(identity) is not str or self.positions.get(identity) != ordinal:
            raise _other_id(ordinal, identity)
        task = _text(fields["task"], "task")
        order = orders.get(task)
        if order is None:
            raise _Fault(f"there is no definition of the task {shown(task)}", "task")
        return (Call if kind == "call" else Map)(
            task,
            self.arguments(fields["arguments"], order) if "arguments" in fields else (),
            _each(self.node, _present(fields, "after"), "after") if "after" in fields else (),
            _options(fields) if "options" in fields else NO_OPTIONS,
        )

    def choice(self, value: Any, ordinal: int) -> Choice:
        fields = _fields(value, _CHOICE)
        identity = fields["id"]
        if type(identity) is not str or self.positions.get(identity) != ordinal:
            raise _other_id(ordinal, identity)
        then = _at("then", self.branch, fields["then"])
        return Choice(then, _at("otherwise", self.branch, fields["otherwise"]) if "otherwise" in fields else None)

    def branch(self, value: Any) -> Branch:
        fields = _fields(value, _BRANCH)
        return Branch(fields["group"], _at("returns", self.binding, fields["returns"]))

    def arguments(self, given: Any, order: Mapping[str, int]) -> tuple[tuple[str, Binding], ...]:
        if type(given) is not dict:
            raise _Fault(f"expected an object, found {_shown(given)}", "arguments")
        if not given:
            raise _Fault("what is empty is left out", "arguments")
        unknown = next((name for name in given if name not in order), None)
        if unknown is not None:
            raise _Fault("the task has no such parameter", "arguments", unknown)
        bound: list[tuple[str, Binding]] = []
        # By what is given, and not by what there is: a task may have many parameters of which each call binds few.
        for name in sorted(given, key=order.__getitem__):
            try:
                bound.append((name, self.binding(given[name])))
            except _Fault as fault:
                fault.stands_under("arguments", name)
                raise
        return tuple(bound)

    def node(self, value: Any) -> int:
        """The position that an id names."""
        ordinal = self.positions.get(value) if type(value) is str else None
        if ordinal is None:
            # The id of a node that is not there: what stands where is the constructor's business.
            ordinal = ordinal_of(value)
        if ordinal is None:
            raise _Fault(f"expected the id of a node, found {_shown(value)}")
        return ordinal

    def group(self, value: Any) -> Group:
        fields = _fields(value, _GROUP)
        if fields.get("parent", 0) is None:
            raise _Fault("a parent that is none is left out", "parent")
        return Group(
            _text(fields["name"], "name"),
            _frozen(fields["parent"], "parent") if "parent" in fields else None,  # type: ignore[arg-type]
            _each(self.node, fields["nodes"], "nodes"),
            _at("guard", self.guard, fields["guard"]) if "guard" in fields else None,
        )

    def guard(self, value: Any) -> Guard:
        fields = _fields(value, _GUARD)
        condition: Any = _at("condition", self.binding, fields["condition"])  # the constructor of a Dag checks the kind
        return Guard(condition, fields["branch"])

    def binding(self, value: Any) -> Binding:
        if type(value) is not dict:
            raise _Fault(f"expected an object, found {_shown(value)}")
        if len(value) == 1:
            [(word, inner)] = value.items()
            read = _WHOLE.get(word)
            if read is not None:
                return read(self, inner)
        elif len(value) == 2 and "path" in value:
            for word, read in _PARTS.items():
                if word in value:
                    return read(self, value)
        raise _misfit(value)

    def literal(self, value: Any) -> Literal:
        if type(value) is str and value.isascii() and len(value) < _SURELY_SMALL:
            return sound_literal(value)  # most of them: nothing about it can be wrong
        return _literal(value, "literal")

    def node_reference(self, value: Any) -> NodeReference:
        return NodeReference(_at("node", self.node, value))

    def part_of_node(self, value: Mapping[str, Any]) -> NodeReference:
        return NodeReference(_at("node", self.node, value["node"]), _selection(value["path"]))

    def input_reference(self, value: Any) -> InputReference:
        return InputReference(_text(value, "input"))

    def part_of_input(self, value: Mapping[str, Any]) -> InputReference:
        return InputReference(_text(value["input"], "input"), _selection(value["path"]))

    def list_binding(self, value: Any) -> ListBinding:
        return ListBinding(_each(self.binding, value, "list"))

    def object_binding(self, value: Any) -> ObjectBinding:
        if type(value) is not dict:
            raise _Fault(f"expected an object, found {_shown(value)}", "object")
        made: list[tuple[str, Binding]] = []
        for name in sorted_names(value):
            try:
                made.append((name, self.binding(value[name])))
            except _Fault as fault:
                fault.stands_under("object", name)
                raise
        return ObjectBinding(tuple(made))


#: At six bytes a character, far below the limit of a literal.
_SURELY_SMALL: Final = 1000


def _other_id(ordinal: int, found: Any) -> _Fault:
    return _Fault(f"expected {node_id(ordinal)!r}, found {_shown(found)}", "id")


def _selection(value: Any) -> tuple[Any, ...]:
    if value == []:
        raise _Fault("what is empty is left out", "path")
    tokens = _frozen(_list(value, "path"), "path")
    assert type(tokens) is tuple  # what a list becomes
    return tokens


#: The forms of a binding that have one key, and how its value is read.
_WHOLE: Final[Mapping[str, Callable[[_Reader, Any], Binding]]] = {
    "literal": _Reader.literal,
    "node": _Reader.node_reference,
    "input": _Reader.input_reference,
    "list": _Reader.list_binding,
    "object": _Reader.object_binding,
}

#: Those that lead to a part by a path, and how they are read.
_PARTS: Final[Mapping[str, Callable[[_Reader, Mapping[str, Any]], Binding]]] = {
    "node": _Reader.part_of_node,
    "input": _Reader.part_of_input,
}


def _misfit(value: Mapping[str, Any]) -> _Fault:
    """What is wrong with the keys of a binding."""
    word = next((word for word in _WHOLE if word in value), None)
    if word is None:
        return _Fault(f"expected one of the keys {', '.join(map(repr, _WHOLE))}")
    unknown = next(name for name in value if name != word and not (name == "path" and word in _PARTS))
    return _Fault("this key is unknown", unknown)
