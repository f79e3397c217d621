"""Valid graphs, and the logs that fold to them, as Hypothesis draws them."""

from collections.abc import Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from cascades_sdk.graph import (
    Binding,
    Branch,
    Call,
    CallRecorded,
    Choice,
    ChoiceRecorded,
    Dag,
    Event,
    FlowEntered,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Literal,
    Log,
    Map,
    Node,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
    options_from,
)
from cascades_sdk.values import FrozenValue, same_value, utf16_order
from strategies_of_values import alike_values, frozen_values, plain_ascii_values, texts

Draw = st.DrawFn
Values = st.SearchStrategy[FrozenValue]
Names = st.SearchStrategy[str]

names: Names = texts.filter(bool)
alike_names: Names = st.sampled_from(["a", "b", "ab"])

_PLAIN_KINDS = ("positional_only", "positional_or_keyword", "keyword_only")
_KINDS = ("positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword")


def _checked(declared: dict[str, Any]) -> TaskOptions:
    options = options_from(declared)
    assert isinstance(options, TaskOptions)
    return options


def options(names: Names) -> st.SearchStrategy[TaskOptions]:
    """Options, declared or not, each for itself."""
    return st.fixed_dictionaries(
        {},
        optional={
            "version": names,
            "retries": st.integers(0, 3),
            "timeout": st.sampled_from([1, 1.0, 0.5, 30]),
            "cache": st.booleans() | st.just("key"),
            "labels": st.dictionaries(names, names, max_size=2),
        },
    ).map(_checked)


@st.composite
def definitions(draw: Draw, name: str, names: Names, values: Values) -> TaskDefinition:
    """The definition of a task: parameters of all kinds, in an order that Python accepts."""
    spelled = draw(st.lists(names, max_size=4, unique=True))
    kinds = sorted((draw(st.sampled_from(_KINDS)) for _ in spelled), key=_KINDS.index)
    parameters: list[Parameter] = []
    for parameter, kind in zip(spelled, kinds, strict=True):
        if kind in _PLAIN_KINDS:
            default = draw(st.none() | values.map(Literal))
            parameters.append(Parameter(parameter, kind, default))  # type: ignore[arg-type]
        elif kind not in {made.kind for made in parameters}:
            parameters.append(Parameter(parameter, kind))  # type: ignore[arg-type]
    return TaskDefinition(name, f"module:{name}", draw(st.booleans()), tuple(parameters), draw(options(names)))


def references(nodes: Sequence[int], inputs: tuple[FlowInput, ...], names: Names) -> st.SearchStrategy[Any]:
    """References to some of these nodes and inputs, to the whole or to a part."""
    paths = st.lists(st.integers(0, 3) | names, max_size=2).map(tuple)
    found: st.SearchStrategy[Any] = st.nothing()
    if nodes:
        found |= st.builds(NodeReference, st.sampled_from(nodes), paths)
    if inputs:
        found |= st.builds(InputReference, st.sampled_from([entry.name for entry in inputs]), paths)
    return found


def bindings(
    nodes: Sequence[int], inputs: tuple[FlowInput, ...], names: Names, values: Values
) -> st.SearchStrategy[Binding]:
    """What may be bound where these nodes are seen: references to them, nested or not, and literals."""
    leaves: st.SearchStrategy[Binding] = values.map(Literal) | references(nodes, inputs, names)
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple).map(list_binding)
            | st.dictionaries(names | st.just(""), inner, max_size=3).map(object_binding)
        ),
        max_leaves=5,
    )


@st.composite
def calls(
    draw: Draw,
    nodes: Sequence[int],
    definition: TaskDefinition,
    inputs: tuple[FlowInput, ...],
    names: Names,
    values: Values,
    mapped: bool = False,
) -> Call | Map:
    """A call of a task, or a map of it, where these nodes are seen."""
    inner = bindings(nodes, inputs, names, values)
    arguments: list[tuple[str, Binding]] = []
    for parameter in definition.parameters:
        given = draw(st.booleans())
        if mapped and not arguments:
            lists = st.lists(values, max_size=2).map(tuple).map(Literal)
            several = st.lists(inner, max_size=3).map(tuple).map(list_binding)
            arguments.append((parameter.name, draw(lists | several | references(nodes, inputs, names))))
        elif parameter.kind == "var_positional":
            if given:
                items = draw(st.lists(inner, min_size=1, max_size=2))
                arguments.append((parameter.name, list_binding(tuple(items))))
        elif parameter.kind == "var_keyword":
            if given:
                entries = draw(st.dictionaries(names, inner, min_size=1, max_size=2))
                taken = {p.name for p in definition.parameters if p.kind in ("positional_or_keyword", "keyword_only")}
                if taken.isdisjoint(entries):
                    arguments.append((parameter.name, object_binding(entries)))
        elif given or parameter.default is None:
            arguments.append((parameter.name, draw(inner)))
    after = draw(st.sets(st.sampled_from(nodes), max_size=2)) if nodes else ()
    declared = definition.options.declared()
    overrides = {
        name: value
        for name, value in draw(options(names)).declared().items()
        if name not in declared or not same_value(value, declared[name])
    }
    kind = Map if mapped else Call
    return kind(definition.name, tuple(arguments), tuple(sorted(after)), TaskOptions(**overrides))  # type: ignore[arg-type]


#: What may happen next in a graph, as often as it stands here.
STEPS = "call call call call map map group branch branch close"

#: The same without what the document knows since it has maps and choices.
PLAIN_STEPS = "call call call group"


@attrs.frozen
class Place:
    """Where a node may be put: a group or none, inside of these branches, by the positions of their groups."""

    group: int | None = None
    branches: tuple[int, ...] = ()


@attrs.define
class Growing:
    """A graph while it is drawn, as a capture makes it: places open, nodes come, choices close."""

    nodes: list[Node] = attrs.Factory(list)
    births: list[tuple[int, ...]] = attrs.Factory(list)
    groups: list[Group] = attrs.Factory(list)
    places: list[Place] = attrs.Factory(lambda: [Place()])
    #: The choices that are open: where they stand, and the places of their branches.
    choices: list[tuple[Place, tuple[Place, ...]]] = attrs.Factory(list)

    def seen(self, place: Place) -> list[int]:
        """The nodes to which something in a place may refer."""
        return [node for node, birth in enumerate(self.births) if place.branches[: len(birth)] == birth]

    def put(self, node: Node, place: Place) -> None:
        """One more node."""
        if place.group is not None:
            group = self.groups[place.group]
            self.groups[place.group] = attrs.evolve(group, nodes=(*group.nodes, len(self.nodes)))
        self.nodes.append(node)
        self.births.append(place.branches)

    def open(self, name: str, around: Place, guard: Guard | None = None) -> Place:
        """One more group."""
        position = len(self.groups)
        self.groups.append(Group(name, around.group, (), guard))
        self.places.append(Place(position, around.branches if guard is None else (*around.branches, position)))
        return self.places[-1]

    def close(self, choice: tuple[Place, tuple[Place, ...]], answers: Sequence[Binding]) -> None:
        """The choice of an open one, which answers this; nothing is put into its branches any more."""
        place, branches = choice
        self.choices.remove(choice)
        closed = {branch.group for branch in branches}
        self.places = [each for each in self.places if closed.isdisjoint(each.branches)]
        then, *rest = [
            Branch(branch.group, answer)
            for branch, answer in zip(branches, answers, strict=True)
            if branch.group is not None
        ]
        self.put(Choice(then, rest[0] if rest else None), place)

    def closable(self) -> list[tuple[Place, tuple[Place, ...]]]:
        """The open choices inside of which none is open."""
        return [
            (place, branches)
            for place, branches in self.choices
            if not any(
                other.branches[: len(each.branches)] == each.branches for other, _ in self.choices for each in branches
            )
        ]


@st.composite
def dags(
    draw: Draw, names: Names = names, values: Values = frozen_values, max_nodes: int = 5, steps: str = STEPS
) -> Dag:
    """A valid graph with everything that a graph can have, or only with what the ``steps`` make."""
    inputs = tuple(
        FlowInput(name, draw(st.none() | values.map(Literal)))
        for name in draw(st.lists(names, max_size=3, unique=True))
    )
    known = [
        draw(definitions(name, names, values)) for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    ]
    mappable = [task for task in known if task.parameters and task.parameters[0].kind in _PLAIN_KINDS[:2]]
    growing = Growing()

    def close() -> None:
        choice = draw(st.sampled_from(growing.closable()))
        growing.close(choice, [draw(bindings(growing.seen(branch), inputs, names, values)) for branch in choice[1]])

    for _ in range(draw(st.integers(0, max_nodes))):
        place = draw(st.sampled_from(growing.places))
        seen = growing.seen(place)
        step = draw(st.sampled_from(steps.split()))
        if step == "map" and mappable:
            growing.put(draw(calls(seen, draw(st.sampled_from(mappable)), inputs, names, values, mapped=True)), place)
        elif step == "group":
            growing.open(draw(names), place)
        elif step == "close" and growing.choices:
            close()
        elif step == "branch" and (seen or inputs):
            condition = draw(references(seen, inputs, names))
            sides = draw(st.sampled_from([(True,), (True, False), (False, True)]))
            opened = {side: growing.open(draw(names), place, Guard(condition, side)) for side in sides}
            growing.choices.append((place, tuple(opened[side] for side in sorted(opened, reverse=True))))
        else:
            growing.put(draw(calls(seen, draw(st.sampled_from(known)), inputs, names, values)), place)
    while growing.choices:
        close()
    used = {node.task for node in growing.nodes if not isinstance(node, Choice)}
    return Dag(
        draw(names),
        inputs,
        tuple(task for task in sorted(known, key=lambda task: utf16_order(task.name)) if task.name in used),
        tuple(growing.nodes),
        tuple(growing.groups),
        draw(bindings(growing.seen(Place()), inputs, names, values)),
    )


#: Small graphs over few names and values: two draws are often equal, and often nearly so.
alike_dags = dags(alike_names, alike_values, max_nodes=2)

#: Graphs of calls and flows alone, such as deployments know.
plain_dags = dags(steps=PLAIN_STEPS)

#: Graphs of ASCII text and of numbers that Python writes as RFC 8785 does.
ascii_dags = dags(st.text(st.characters(codec="ascii"), min_size=1), plain_ascii_values)


def branches_of(node: Node) -> tuple[Branch, ...]:
    """The branches of a choice; no other node has any."""
    return node.branches if isinstance(node, Choice) else ()


@st.composite
def logs_and_dags(draw: Draw) -> tuple[Log, Dag]:
    """A log as a recorder writes it, and the graph that it tells of."""
    dag = draw(dags())
    homes = {node: position for position, group in enumerate(dag.groups) for node in group.nodes}
    waiting = [FlowEntered(group.name, group.parent, group.guard) for group in dag.groups]
    entered = 0
    events: list[Event] = []
    for ordinal, node in enumerate(dag.nodes):
        # A flow is entered before its calls, and a branch before its choice; it may be long before.
        needed = [homes.get(ordinal, -1), *(branch.group for branch in branches_of(node))]
        until = max(entered, 1 + max(needed), draw(st.integers(0, len(waiting))))
        events.extend(waiting[entered:until])
        entered = until
        events.append(_recorded(node, dag, homes.get(ordinal)))
    events.extend(waiting[entered:])
    return Log(dag.name, dag.inputs, tuple(events), dag.returns), dag


def _recorded(node: Node, dag: Dag, home: int | None) -> Event:
    if isinstance(node, Choice):
        return ChoiceRecorded(node.then, node.otherwise, home)
    definition = dag.definitions[node.task]
    return CallRecorded(definition, node.arguments, node.after, node.options, home, mapped=isinstance(node, Map))
