"""Parts of graphs: task definitions, options, references, bindings, calls.

Decided here: which forms are drawn. Never here: how they come together to a graph.

What is seen from a place differs from call to call, and hypothesis looks long at each strategy that it has not seen
before. So a form is drawn by strategies that stay the same, with aims in it, which are then taken at what is seen: in a
third of the time.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import attrs
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

__all__ = ["PLAIN_KINDS", "Names", "Values", "bindings", "calls", "defaults", "definitions", "names", "references"]

Values: TypeAlias = st.SearchStrategy[FrozenValue]
Names: TypeAlias = st.SearchStrategy[str]


def names() -> Names:
    """Names of flows, tasks, inputs, groups: any text of the model but the empty one."""
    return texts().filter(bool)


#: How many ways of naming things, and of making values, are kept at a time.
_KEPT: Final = 32

PLAIN_KINDS = ("positional_only", "positional_or_keyword", "keyword_only")
_KINDS = ("positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword")


def _checked(declared: dict[str, Any]) -> TaskOptions:
    options = options_from(declared)
    assert isinstance(options, TaskOptions)
    return options


@lru_cache(maxsize=_KEPT)
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


@lru_cache(maxsize=_KEPT)
def defaults(values: Values) -> st.SearchStrategy[Literal | None]:
    """The default of an input or a parameter: none, or a literal."""
    return st.none() | values.map(Literal)


@st.composite
def definitions(draw: st.DrawFn, name: str, names: Names, values: Values) -> TaskDefinition:
    """The definition of a task: parameters of all kinds, in an order that Python accepts."""
    spelled = draw(st.lists(names, max_size=4, unique=True))
    kinds = sorted((draw(st.sampled_from(_KINDS)) for _ in spelled), key=_KINDS.index)
    parameters: list[Parameter] = []
    for parameter, kind in zip(spelled, kinds, strict=True):
        if kind in PLAIN_KINDS:
            default = draw(defaults(values))
            parameters.append(Parameter(parameter, kind, default))  # type: ignore[arg-type]
        elif kind not in {made.kind for made in parameters}:
            parameters.append(Parameter(parameter, kind))  # type: ignore[arg-type]
    return TaskDefinition(name, f"module:{name}", draw(st.booleans()), tuple(parameters), draw(_options(names)))


@attrs.frozen
class _Aim:
    """A reference that is not taken yet: how far from the first of what is seen, nodes first, and to which part."""

    at: int
    path: tuple[int | str, ...]


#: A binding with aims in it: an aim, a literal, or several in a list or a dict.
_Form: TypeAlias = Any


@attrs.frozen
class _Forms:
    """What draws forms: a reference, any one, some items or entries of a parameter that takes more, a list to map."""

    aim: st.SearchStrategy[_Form]
    one: st.SearchStrategy[_Form]
    items: st.SearchStrategy[_Form]
    entries: st.SearchStrategy[_Form]
    mapped: st.SearchStrategy[_Form]


@lru_cache(maxsize=_KEPT)
def _forms(names: Names, values: Values, *, aiming: bool) -> _Forms:
    """Forms with aims, or with literals only, where nothing is seen."""
    paths = st.lists(st.integers(0, 3) | names, max_size=2).map(tuple)
    aim = st.builds(_Aim, st.integers(0, 2**16 - 1), paths) if aiming else st.nothing()
    one = st.recursive(
        values.map(Literal) | aim,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.just(""), inner, max_size=3),
        max_leaves=5,
    )
    literals = st.lists(values, max_size=2).map(tuple).map(Literal)
    return _Forms(
        aim,
        one,
        st.lists(one, min_size=1, max_size=2),
        st.dictionaries(names, one, min_size=1, max_size=2),
        literals | st.lists(one, max_size=3) | aim,
    )


def _taken(form: _Form, nodes: Sequence[int], inputs: Sequence[FlowInput]) -> Any:
    """The binding that a form is where these nodes and inputs are seen. A form is a few containers deep at most."""
    if isinstance(form, list):
        return list_binding(tuple(_taken(item, nodes, inputs) for item in form))
    if isinstance(form, dict):
        return object_binding({key: _taken(item, nodes, inputs) for key, item in form.items()})
    if isinstance(form, Literal):
        return form
    at = form.at % (len(nodes) + len(inputs))
    if at < len(nodes):
        return NodeReference(nodes[at], form.path)
    return InputReference(inputs[at - len(nodes)].name, form.path)


def references(nodes: Sequence[int], inputs: tuple[FlowInput, ...], names: Names) -> st.SearchStrategy[Any]:
    """References to some of these nodes and inputs, to the whole or to a part; none where nothing is seen."""
    forms = _forms(names, st.nothing(), aiming=bool(nodes or inputs))
    return forms.aim.map(lambda form: _taken(form, nodes, inputs))


def bindings(
    nodes: Sequence[int], inputs: tuple[FlowInput, ...], names: Names, values: Values
) -> st.SearchStrategy[Binding]:
    """What may be bound where these nodes are seen: references to them, nested or not, and literals."""
    forms = _forms(names, values, aiming=bool(nodes or inputs))
    return forms.one.map(lambda form: _taken(form, nodes, inputs))


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
    forms = _forms(names, values, aiming=bool(nodes or inputs))
    drawn: list[tuple[str, _Form]] = []
    for parameter in definition.parameters:
        given = draw(st.booleans())
        if mapped and not drawn:
            drawn.append((parameter.name, draw(forms.mapped)))
        elif parameter.kind == "var_positional":
            if given:
                drawn.append((parameter.name, draw(forms.items)))
        elif parameter.kind == "var_keyword":
            if given:
                entries: Mapping[str, _Form] = draw(forms.entries)
                taken = {p.name for p in definition.parameters if p.kind in ("positional_or_keyword", "keyword_only")}
                free = {name: entry for name, entry in entries.items() if name not in taken}
                drawn += [(parameter.name, free)][: len(free)]  # none where all are taken
        elif given or parameter.default is None:
            drawn.append((parameter.name, draw(forms.one)))
    arguments = tuple((name, _taken(form, nodes, inputs)) for name, form in drawn)
    after = draw(st.sets(st.sampled_from(tuple(nodes)), max_size=2)) if nodes else ()
    declared = definition.options.declared()
    overrides = {
        name: value
        for name, value in draw(_options(names)).declared().items()
        if name not in declared or not same_value(value, declared[name])
    }
    kind = Map if mapped else Call
    return kind(definition.name, arguments, tuple(sorted(after)), TaskOptions(**overrides))  # type: ignore[arg-type]
