"""A NamedTuple that is generic is one: its fields, its parts, its values, and what its arguments make of them."""

from typing import Annotated, Any, Generic, NamedTuple, Optional, TypeVar, TypeVarTuple

import pytest

from captures import compiled, refused, round_trip
from cascades_sdk.compiler import flow, named_tuple_fields, task
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import NodeReference
from cascades_sdk.values import freeze

T = TypeVar("T")
U = TypeVar("U")
Ts = TypeVarTuple("Ts")


class Pair(NamedTuple, Generic[T]):
    x: T
    y: T


class Node(NamedTuple, Generic[T, U]):
    value: list[T]
    by_name: dict[str, tuple[T, U]]
    next: Optional["Node[T, U]"] = None


class Nest(NamedTuple, Generic[T]):
    value: T
    deeper: Optional["Nest[list[T]]"]
    beside: list[Optional["Nest[T]"]]


class Row(NamedTuple, Generic[*Ts]):
    cells: tuple[*Ts]


@task
def pair(x: float) -> Pair[float]:
    return Pair(x, x + 1)


@task
def bare(x: float) -> Pair:  # type: ignore[type-arg]
    return Pair(x, [x])  # type: ignore[arg-type]


@task
def told(given: Pair[float]) -> str:
    return repr(given)


@task
def keep(value: Any) -> Any:
    return value


@task
def text(value: str) -> str:
    return value


@task
def pair_of_texts() -> Pair[str]:
    return Pair("a", "b")


@task
def shown(node: Node[float, int]) -> str:
    return repr(node)


@task
def of_ints() -> Node[int, str]:
    return Node([], {})


@task
def of_floats(node: Node[float, str]) -> int:
    return 1


@task
def nested() -> Nest[int]:
    return Nest(1, None, [])


@task
def nests(nest: Nest[float]) -> int:
    return 1


def test_its_fields_are_parts() -> None:
    @flow
    def by_field(x: float) -> Any:
        whole = pair(x)
        first, second = whole
        return keep([whole.x, whole.y, first, second, bare(x).y])

    dag = compiled(by_field)
    (argument,) = [value for _, value in dag.nodes[2].arguments]
    assert [item for item in argument.items] == [  # type: ignore[union-attr]  # noqa: C416
        *(NodeReference(0, (0,)), NodeReference(0, (1,)), NodeReference(0, (0,)), NodeReference(0, (1,))),
        NodeReference(1, (1,)),
    ]
    assert len({*round_trip(by_field, rest={"x": 2.0})}) == 1


def test_one_is_a_value_and_may_hold_references() -> None:
    assert freeze(Pair(1.0, [2])) == (1, (2,))  # type: ignore[arg-type]

    @flow
    def returned(x: float) -> Any:
        return Pair(keep(Pair(1, x)), Pair(1, 2))

    assert evaluate(compiled(returned), {"x": 3}).unwrap() == [[1, 3], [1, 2]]


def test_one_comes_back_with_its_floats_where_the_parameter_is_annotated_so() -> None:
    @flow
    def passed(x: float) -> Any:
        return [told(pair(x)), told(Pair(1.0, x)), told(Pair(1.0, 2.0))]

    assert len({*round_trip(passed, rest={"x": 1.0})}) == 1
    assert evaluate(compiled(passed), {"x": 1.0}).unwrap() == [
        *("Pair(x=1.0, y=2.0)", "Pair(x=1.0, y=1.0)", "Pair(x=1.0, y=2.0)")
    ]


def test_one_that_contains_itself_comes_back() -> None:
    @flow
    def linked() -> Any:
        return shown(Node([1.0], {"k": (1.0, 2)}, Node([2.0], {})))

    assert len({*round_trip(linked)}) == 1


def test_what_its_arguments_say_is_checked() -> None:
    @flow
    def wrong(x: float) -> Any:
        return text(pair(x).x)

    @flow
    def wrong_as_a_whole() -> Any:
        return told(pair_of_texts())

    @flow
    def unknown(x: float) -> Any:
        return text(bare(x).x)

    error = refused(wrong)
    assert (error.code, "float is never str" in error.problem) == ("type_mismatch", True)
    assert refused(wrong_as_a_whole).code == "type_mismatch"
    assert len(compiled(unknown).nodes) == 2


def test_two_that_contain_themselves_are_compared_to_an_end() -> None:
    @flow
    def passed() -> Any:
        return [of_floats(of_ints()), nests(nested())]

    assert evaluate(compiled(passed)).unwrap() == [1, 1]


@pytest.mark.parametrize(
    ("annotation", "fields"),
    [
        (Pair, {"x": T, "y": T}),
        (Pair[T], {"x": T, "y": T}),
        (Pair[int], {"x": int, "y": int}),
        (Pair[int | None], {"x": int | None, "y": int | None}),
        (
            Node[int, str],
            {"value": list[int], "by_name": dict[str, tuple[int, str]], "next": Node[int, str] | None},
        ),
        (Nest[int], {"value": int, "deeper": Any, "beside": list[Nest[int] | None]}),
        (Row[int, str], {"cells": tuple[*Ts]}),
        (Pair[Annotated[int, []]], {"x": T, "y": T}),
        (list[int], None),
    ],
    ids=str,
)
def test_the_types_of_its_fields_are_what_the_arguments_make_of_them(annotation: Any, fields: Any) -> None:
    assert named_tuple_fields(annotation) == fields
