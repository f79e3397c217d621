"""The nodes, the groups and the bindings of a document.

Decided here: the keys of what speaks of nodes, and which node an id names. Never here: the rules that the constructor
of a ``Dag`` keeps.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cascades_sdk.encoding._fields import (
    Fault,
    each_of,
    fields_of,
    frozen_of,
    list_of,
    present_list,
    read_at,
    shape,
    shown_part,
    text_of,
)
from cascades_sdk.encoding._read_definitions import read_literal, read_options
from cascades_sdk.graph import (
    NO_OPTIONS,
    Binding,
    Branch,
    Call,
    Choice,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    Map,
    Node,
    NodeReference,
    ObjectBinding,
    TaskDefinition,
    node_id,
    ordinal_of,
)
from cascades_sdk.graph._literal import sound_literal
from cascades_sdk.values import shown, sorted_names

__all__ = ["NodeReader"]

_CALL: Final = shape(("id", "kind", "task"), "after", "arguments", "options")
_CHOICE: Final = shape(("id", "kind", "then"), "otherwise")
_BRANCH: Final = shape(("group", "returns"))
_GROUP: Final = shape(("name", "nodes"), "guard", "parent")
_GUARD: Final = shape(("branch", "condition"))


class NodeReader:
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
        except Fault as fault:
            fault.stands_under("nodes", len(made))
            raise
        return tuple(made)

    def call(self, value: Any, ordinal: int, orders: Mapping[str, Mapping[str, int]]) -> Call | Map:
        fields = fields_of(value, _CALL)
        kind = fields["kind"]
        if kind != "call" and kind != "map":
            raise Fault(f"expected 'call', 'map' or 'choice', found {shown_part(kind)}", "kind")
        identity = fields["id"]
        if type(identity) is not str or self.positions.get(identity) != ordinal:
            raise _other_id(ordinal, identity)
        task = text_of(fields["task"], "task")
        order = orders.get(task)
        if order is None:
            raise Fault(f"there is no definition of the task {shown(task)}", "task")
        return (Call if kind == "call" else Map)(
            task,
            self.arguments(fields["arguments"], order) if "arguments" in fields else (),
            each_of(self.node, present_list(fields, "after"), "after") if "after" in fields else (),
            read_options(fields) if "options" in fields else NO_OPTIONS,
        )

    def choice(self, value: Any, ordinal: int) -> Choice:
        fields = fields_of(value, _CHOICE)
        identity = fields["id"]
        if type(identity) is not str or self.positions.get(identity) != ordinal:
            raise _other_id(ordinal, identity)
        then = read_at("then", self.branch, fields["then"])
        return Choice(then, read_at("otherwise", self.branch, fields["otherwise"]) if "otherwise" in fields else None)

    def branch(self, value: Any) -> Branch:
        fields = fields_of(value, _BRANCH)
        return Branch(fields["group"], read_at("returns", self.binding, fields["returns"]))

    def arguments(self, given: Any, order: Mapping[str, int]) -> tuple[tuple[str, Binding], ...]:
        if type(given) is not dict:
            raise Fault(f"expected an object, found {shown_part(given)}", "arguments")
        if not given:
            raise Fault("what is empty is left out", "arguments")
        unknown = next((name for name in given if name not in order), None)
        if unknown is not None:
            raise Fault("the task has no such parameter", "arguments", unknown)
        bound: list[tuple[str, Binding]] = []
        # By what is given, and not by what there is: a task may have many parameters of which each call binds few.
        for name in sorted(given, key=order.__getitem__):
            try:
                bound.append((name, self.binding(given[name])))
            except Fault as fault:
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
            raise Fault(f"expected the id of a node, found {shown_part(value)}")
        return ordinal

    def group(self, value: Any) -> Group:
        fields = fields_of(value, _GROUP)
        if fields.get("parent", 0) is None:
            raise Fault("a parent that is none is left out", "parent")
        return Group(
            text_of(fields["name"], "name"),
            frozen_of(fields["parent"], "parent") if "parent" in fields else None,  # type: ignore[arg-type]
            each_of(self.node, fields["nodes"], "nodes"),
            read_at("guard", self.guard, fields["guard"]) if "guard" in fields else None,
        )

    def guard(self, value: Any) -> Guard:
        fields = fields_of(value, _GUARD)
        condition: Any = read_at(
            "condition", self.binding, fields["condition"]
        )  # the constructor of a Dag checks the kind
        return Guard(condition, fields["branch"])

    def binding(self, value: Any) -> Binding:
        if type(value) is not dict:
            raise Fault(f"expected an object, found {shown_part(value)}")
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
        return read_literal(value, "literal")

    def node_reference(self, value: Any) -> NodeReference:
        return NodeReference(read_at("node", self.node, value))

    def part_of_node(self, value: Mapping[str, Any]) -> NodeReference:
        return NodeReference(read_at("node", self.node, value["node"]), _selection(value["path"]))

    def input_reference(self, value: Any) -> InputReference:
        return InputReference(text_of(value, "input"))

    def part_of_input(self, value: Mapping[str, Any]) -> InputReference:
        return InputReference(text_of(value["input"], "input"), _selection(value["path"]))

    def list_binding(self, value: Any) -> ListBinding:
        return ListBinding(each_of(self.binding, value, "list"))

    def object_binding(self, value: Any) -> ObjectBinding:
        if type(value) is not dict:
            raise Fault(f"expected an object, found {shown_part(value)}", "object")
        made: list[tuple[str, Binding]] = []
        for name in sorted_names(value):
            try:
                made.append((name, self.binding(value[name])))
            except Fault as fault:
                fault.stands_under("object", name)
                raise
        return ObjectBinding(tuple(made))


#: At six bytes a character, far below the limit of a literal.
_SURELY_SMALL: Final = 1000


def _other_id(ordinal: int, found: Any) -> Fault:
    return Fault(f"expected {node_id(ordinal)!r}, found {shown_part(found)}", "id")


def _selection(value: Any) -> tuple[Any, ...]:
    if value == []:
        raise Fault("what is empty is left out", "path")
    tokens = frozen_of(list_of(value, "path"), "path")
    assert type(tokens) is tuple  # what a list becomes
    return tokens


#: The forms of a binding that have one key, and how its value is read.
_WHOLE: Final[Mapping[str, Callable[[NodeReader, Any], Binding]]] = {
    "literal": NodeReader.literal,
    "node": NodeReader.node_reference,
    "input": NodeReader.input_reference,
    "list": NodeReader.list_binding,
    "object": NodeReader.object_binding,
}

#: Those that lead to a part by a path, and how they are read.
_PARTS: Final[Mapping[str, Callable[[NodeReader, Mapping[str, Any]], Binding]]] = {
    "node": NodeReader.part_of_node,
    "input": NodeReader.part_of_input,
}


def _misfit(value: Mapping[str, Any]) -> Fault:
    """What is wrong with the keys of a binding."""
    word = next((word for word in _WHOLE if word in value), None)
    if word is None:
        return Fault(f"expected one of the keys {', '.join(map(repr, _WHOLE))}")
    unknown = next(name for name in value if name != word and not (name == "path" and word in _PARTS))
    return Fault("this key is unknown", unknown)
