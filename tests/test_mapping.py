"""Mapping by example: what may be mapped over, what is recorded, and every misuse."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import pytest

from captures import compiled, line_of, refused
from cascades_sdk.compiler import flow, task
from cascades_sdk.errors import CaptureError
from cascades_sdk.graph import Call, InputReference, ListBinding, Literal, Map, NodeReference, TaskOptions


@task
def double(n: int, k: int = 2) -> int:
    return n * k


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def total(items: list[int]) -> int:
    return sum(items)


@task
def halves(n: int) -> tuple[int, int]:
    return n // 2, n - n // 2


@task
async def fetch(n: int, by: int = 1) -> int:
    return n + by


class Pair(NamedTuple):
    a: int
    b: int


class TestOutsideACapture:
    def test_it_is_the_list_comprehension(self) -> None:
        assert double.map([1, 2, 3]) == [2, 4, 6]
        assert double.map((1, 2), 5) == [5, 10]
        assert double.map(Pair(1, 2), k=3) == [3, 6]
        assert double.map([]) == []

    def test_variants_map_alike(self) -> None:
        assert double.with_options(retries=1).after(1).map([4]) == [8]

    def test_an_async_task_maps_to_what_is_awaited(self) -> None:
        assert asyncio.run(fetch.map([1, 2], by=10)) == [11, 12]

    @pytest.mark.parametrize("items", ["abc", {"a": 1}, {1, 2}, range(3), iter([1]), 5, None])
    def test_only_lists_and_tuples_are_mapped_over(self, items: Any) -> None:
        for mapping in (double.map, fetch.map):
            with pytest.raises(CaptureError) as raised:
                mapping(items)
            assert raised.value.code == "mapping"
            assert "is no list to map over" in raised.value.problem


class TestInACapture:
    def test_it_is_one_node_whose_first_argument_is_the_list(self) -> None:
        @flow
        def mapping(n: int) -> int:
            return total(double.map(numbers(n), 3))

        dag = compiled(mapping)
        assert dag.nodes[1] == Map("double", (("n", NodeReference(0)), ("k", Literal(3))))
        assert dag.nodes[2] == Call("total", (("items", NodeReference(1)),))

    def test_a_literal_list_and_a_list_of_references_are_mapped_over(self) -> None:
        @flow
        def mapping(n: int, items: list[int]) -> list[Any]:
            return [double.map([1, 2]), double.map((n, 1)), double.map(Pair(1, 2)), double.map(items), double.map([])]

        assert [node.arguments[0][1] for node in compiled(mapping).nodes] == [  # type: ignore[union-attr]
            Literal((1, 2)),
            ListBinding((InputReference("n"), Literal(1))),
            Literal((1, 2)),
            InputReference("items"),
            Literal(()),
        ]

    def test_the_others_are_constants_or_references_and_parts_are_selected(self) -> None:
        @flow
        def mapping(n: int) -> Any:
            mapped = double.map(numbers(n), k=double(n))
            first, second = halves.map([n, 4])[1]
            return [mapped[0], first, second]

        dag = compiled(mapping)
        assert dag.nodes[2] == Map("double", (("n", NodeReference(0)), ("k", NodeReference(1))))
        assert dag.returns == ListBinding((NodeReference(2, (0,)), NodeReference(3, (1, 0)), NodeReference(3, (1, 1))))

    def test_variants_keep_their_order_and_options(self) -> None:
        @flow
        def mapping(n: int) -> Any:
            before = double(n)
            return double.after(before).with_options(retries=3).map([1])

        assert compiled(mapping).nodes[1] == Map("double", (("n", Literal((1,))),), (0,), TaskOptions(retries=3))

    def test_an_async_task_is_mapped_by_awaiting(self) -> None:
        @flow
        async def mapping(items: list[int]) -> list[int]:
            return await fetch.map(await fetch.map(items), by=2)

        assert [type(node) for node in compiled(mapping).nodes] == [Map, Map]

    def test_an_async_map_that_is_not_awaited_is_an_error(self) -> None:
        @flow
        async def forgetful(items: list[int]) -> list[int]:
            fetch.map(items)  # here
            return items

        error = refused(forgetful)
        assert (error.code, error.source and error.source.line) == ("awaiting", line_of(forgetful, "here"))

    def test_the_line_is_that_of_the_map(self) -> None:
        @flow
        def mapping(items: list[int]) -> list[int]:
            return double.map(items)  # here

        source = compiled(mapping).nodes[0].source
        assert source is not None
        assert source.line == line_of(mapping, "here")


class TestMisuse:
    @pytest.mark.parametrize("items", ["abc", {"a": 1}, {1}, range(2), 5, None])
    def test_what_is_no_list_is_not_mapped_over(self, items: Any) -> None:
        @flow
        def odd(n: int) -> Any:
            return double.map(items)  # here

        error = refused(odd)
        assert (error.code, error.task, error.source and error.source.line) == (
            "mapping",
            "double",
            line_of(odd, "here"),
        )
        assert error.advice == "map over a list, or over the output of a task that returns one"

    class Row(TypedDict):
        a: int

    @pytest.mark.parametrize("annotation", [str, int, bool, None, dict[str, int], Mapping[str, int], Row, str | int])
    def test_a_reference_that_can_be_no_list_is_refused(self, annotation: Any) -> None:
        @flow
        def odd(items: annotation) -> Any:
            return double.map(items)

        odd.function.__annotations__["items"] = annotation
        error = refused(odd)
        assert (error.code, error.problem) == ("mapping", "input 'items' is no list to map over")

    @pytest.mark.parametrize(
        "annotation", [list[int], tuple[int, ...], Sequence[int], Any, object, list[int] | None, Pair]
    )
    def test_one_that_may_be_a_list_is_taken(self, annotation: Any) -> None:
        @flow
        def fine(items: annotation) -> Any:
            return double.map(items)

        fine.function.__annotations__["items"] = annotation
        assert [type(node) for node in compiled(fine).nodes] == [Map]

    def test_a_task_without_a_first_parameter_by_position_maps_nothing(self) -> None:
        @task
        def nothing() -> int:
            return 1

        @task
        def rest(*items: int) -> int:
            return 1

        @task
        def named(*, item: int) -> int:
            return item

        for odd in (nothing, rest, named):

            @flow
            def mapping(odd: Any) -> Any:
                return odd.map([1])

            with pytest.raises(CaptureError) as raised:
                odd.map([1])  # type: ignore[misc]
            for error in (refused(mapping, {"odd": odd}), raised.value):
                assert (error.code, error.task) == ("mapping", odd.function.__name__)
                assert "no first parameter by position" in error.problem

    @pytest.mark.parametrize("subject", [double, double.after(), fetch], ids=["a task", "a variant", "an async task"])
    @pytest.mark.parametrize("given", [{}, {"items": [1]}, {"n": [1]}], ids=["nothing", "items", "by name"])
    def test_the_items_are_given_by_position(self, subject: Any, given: dict[str, Any]) -> None:
        @flow
        async def odd() -> Any:
            return await subject.map(**given)  # here

        error = refused(odd)
        assert (error.code, error.task) == ("mapping", subject.function.__name__)
        assert error.problem == "map() is not given the items by position"
        assert error.source is not None
        assert error.source.line == line_of(odd, "# here")
        with pytest.raises(CaptureError, match="by position"):
            subject.map(**given)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({"k": 1, "m": 2}, "unknown_argument"),
            ({"n": 1}, "repeated_argument"),
        ],
    )
    def test_the_rest_binds_as_a_call_does(self, arguments: dict[str, int], code: str) -> None:
        @flow
        def odd() -> Any:
            return double.map([1], **arguments)

        assert refused(odd).code == code

    def test_a_flow_is_not_mapped(self) -> None:
        @flow
        def inner(n: int) -> int:
            return double(n)

        @flow
        def odd(items: list[int]) -> Any:
            return inner.map(items)  # type: ignore[attr-defined]

        error = refused(odd)
        assert (error.code, error.flow, error.problem) == ("mapping", "inner", "a flow is not mapped")
        assert error.advice == "map a task, or call the flow for each item of a list that is bound"
        with pytest.raises(AttributeError, match="a flow is not mapped: map a task, or call the flow"):
            inner.map([1])  # type: ignore[attr-defined]
        assert not hasattr(inner, "anything")
