"""Parts of graphs: task definitions, options, references, bindings, calls.

Decided here: which forms are drawn. Never here: how they come together to a graph.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

from cascades_sdk.graph import (
    Binding,
    Call,
    FlowInput,
    InputReference,
    Literal,
    Map,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
    options_from,
)
from cascades_sdk.testing.strategies._values import texts
from cascades_sdk.values import FrozenValue, same_value

__all__ = ["PLAIN_KINDS", "Names", "Values", "bindings", "calls", "definitions", "names", "references"]

Values: TypeAlias = st.SearchStrategy[FrozenValue]
Names: TypeAlias = st.SearchStrategy[str]


def names() -> Names:
    """Names of flows, tasks, inputs, groups: any text of the model but the empty one."""
    return texts().filter(bool)


PLAIN_KINDS = ("positional_only", "positional_or_keyword", "keyword_only")
_KINDS = ("positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword")


def _checked(declared: dict[str, Any]) -> TaskOptions:
    options = options_from(declared)
    assert isinstance(options, TaskOptions)
    return options


def _options(names: Names) -> st.SearchStrategy[TaskOptions]:
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
def definitions(draw: st.DrawFn, name: str, names: Names, values: Values) -> TaskDefinition:
    """The definition of a task: parameters of all kinds, in an order that Python accepts."""
    spelled = draw(st.lists(names, max_size=4, unique=True))
    kinds = sorted((draw(st.sampled_from(_KINDS)) for _ in spelled), key=_KINDS.index)
    parameters: list[Parameter] = []
    for parameter, kind in zip(spelled, kinds, strict=True):
        if kind in PLAIN_KINDS:
            default = draw(st.none() | values.map(Literal))
            parameters.append(Parameter(parameter, kind, default))  # type: ignore[arg-type]
        elif kind not in {made.kind for made in parameters}:
            parameters.append(Parameter(parameter, kind))  # type: ignore[arg-type]
    return TaskDefinition(name, f"module:{name}", draw(st.booleans()), tuple(parameters), draw(_options(names)))


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
    draw: st.DrawFn,
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
                free = {name: entry for name, entry in entries.items() if name not in taken}
                arguments += [(parameter.name, object_binding(free))][: len(free)]  # none where all are taken
        elif given or parameter.default is None:
            arguments.append((parameter.name, draw(inner)))
    after = draw(st.sets(st.sampled_from(nodes), max_size=2)) if nodes else ()
    declared = definition.options.declared()
    overrides = {
        name: value
        for name, value in draw(_options(names)).declared().items()
        if name not in declared or not same_value(value, declared[name])
    }
    kind = Map if mapped else Call
    return kind(definition.name, tuple(arguments), tuple(sorted(after)), TaskOptions(**overrides))  # type: ignore[arg-type]
