"""Valid graphs, and the logs that fold to them, as Hypothesis draws them."""

from typing import Any

from hypothesis import strategies as st

from cascades_sdk.graph import (
    Binding,
    Call,
    CallRecorded,
    Dag,
    Event,
    FlowEntered,
    FlowInput,
    Group,
    InputReference,
    Literal,
    Log,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
    options_from,
)
from cascades_sdk.values import FrozenValue, same_value, sorted_names
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


def bindings(ordinal: int, inputs: tuple[FlowInput, ...], names: Names, values: Values) -> st.SearchStrategy[Binding]:
    """What may be bound at the node of a position: references backwards, nested or not, and literals."""
    paths = st.lists(st.integers(0, 3) | names, max_size=2).map(tuple)
    leaves: st.SearchStrategy[Binding] = values.map(Literal)
    if ordinal:
        leaves |= st.builds(NodeReference, st.integers(0, ordinal - 1), paths)
    if inputs:
        leaves |= st.builds(InputReference, st.sampled_from([entry.name for entry in inputs]), paths)
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
    draw: Draw, ordinal: int, definition: TaskDefinition, inputs: tuple[FlowInput, ...], names: Names, values: Values
) -> Call:
    """A call of a task at a position."""
    inner = bindings(ordinal, inputs, names, values)
    arguments: list[tuple[str, Binding]] = []
    for parameter in definition.parameters:
        given = draw(st.booleans())
        if parameter.kind == "var_positional":
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
    after = draw(st.sets(st.integers(0, ordinal - 1), max_size=2)) if ordinal else ()
    declared = definition.options.declared()
    overrides = {
        name: value
        for name, value in draw(options(names)).declared().items()
        if name not in declared or not same_value(value, declared[name])
    }
    return Call(definition.name, tuple(arguments), tuple(sorted(after)), TaskOptions(**overrides))  # type: ignore[arg-type]


@st.composite
def dags(draw: Draw, names: Names = names, values: Values = frozen_values, max_nodes: int = 5) -> Dag:
    """A valid graph with everything that a graph can have."""
    inputs = tuple(
        FlowInput(name, draw(st.none() | values.map(Literal)))
        for name in draw(st.lists(names, max_size=3, unique=True))
    )
    known = [
        draw(definitions(name, names, values)) for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    ]
    nodes: list[Call] = []
    for ordinal in range(draw(st.integers(0, max_nodes))):
        nodes.append(draw(calls(ordinal, draw(st.sampled_from(known)), inputs, names, values)))
    used = {node.task: definition for node in nodes for definition in known if definition.name == node.task}
    return Dag(
        draw(names),
        inputs,
        tuple(used[name] for name in sorted_names(used)),
        tuple(nodes),
        draw(groups(len(nodes), names)),
        draw(bindings(len(nodes), inputs, names, values)),
    )


@st.composite
def groups(draw: Draw, nodes: int, names: Names) -> tuple[Group, ...]:
    """Groups of some of the nodes, some inside others."""
    count = draw(st.integers(0, 3))
    homes = [draw(st.none() | st.integers(0, count - 1)) if count else None for _ in range(nodes)]
    return tuple(
        Group(
            draw(names),
            draw(st.none() | st.integers(0, position - 1)) if position else None,
            tuple(node for node, home in enumerate(homes) if home == position),
        )
        for position in range(count)
    )


#: Small graphs over few names and values: two draws are often equal, and often nearly so.
alike_dags = dags(alike_names, alike_values, max_nodes=2)

#: Graphs of ASCII text and of numbers that Python writes as RFC 8785 does.
ascii_dags = dags(st.text(st.characters(codec="ascii"), min_size=1), plain_ascii_values)


@st.composite
def logs_and_dags(draw: Draw) -> tuple[Log, Dag]:
    """A log as a recorder writes it, and the graph that it tells of."""
    dag = draw(dags())
    homes = {node: position for position, group in enumerate(dag.groups) for node in group.nodes}
    waiting = [FlowEntered(group.name, group.parent) for group in dag.groups]
    entered = 0
    events: list[Event] = []
    for ordinal, node in enumerate(dag.nodes):
        # A flow is entered before its calls; it may be long before.
        until = max(entered, homes.get(ordinal, -1) + 1, draw(st.integers(0, len(waiting))))
        events.extend(waiting[entered:until])
        entered = until
        definition = dag.definitions[node.task]
        events.append(CallRecorded(definition, node.arguments, node.after, node.options, homes.get(ordinal)))
    events.extend(waiting[entered:])
    return Log(dag.name, dag.inputs, tuple(events), dag.returns), dag
