"""Choices by example: what a branch may do, what it answers, and every misuse with its code and its way out."""

import asyncio
import typing
from typing import Any

import pytest
from returns.result import Success

from captures import compiled, line_of, refused
from cascades_sdk.compiler import build_dag_from_flow, flow, task, when
from cascades_sdk.errors import CaptureError
from cascades_sdk.graph import (
    Branch,
    Call,
    Choice,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    object_binding,
)


@task
def is_big(n: int) -> bool:
    return n > 3


@task
def double(n: int) -> int:
    return n * 2


@task
def pair(n: int) -> tuple[int, bool]:
    return n, n > 3


@task
async def fetch(n: int) -> int:
    return n + 1


def chosen(dag: Any) -> list[Choice]:
    return [node for node in dag.nodes if type(node) is Choice]


class TestOutsideACapture:
    def test_it_is_pythons_if(self) -> None:
        assert when(True, then=lambda: 1, otherwise=lambda: 2) == 1
        assert when(False, lambda: 1, lambda: 2) == 2
        assert when(False, then=lambda: 1) is None

    def test_the_other_branch_is_not_called(self) -> None:
        assert when(True, then=lambda: "x", otherwise=lambda: pytest.fail("called")) == "x"

    @pytest.mark.parametrize("condition", [1, 0, "yes", None, [], 1.0])
    def test_a_condition_is_exactly_a_bool(self, condition: Any) -> None:
        with pytest.raises(CaptureError) as raised:
            when(condition, then=lambda: 1)
        assert (raised.value.code, raised.value.flow) == ("condition", None)
        assert "is no bool" in raised.value.problem

    def test_async_branches_are_awaited(self) -> None:
        async def then() -> int:
            return await fetch(1)

        async def both() -> list[Any]:
            return [
                await when(True, then=then, otherwise=lambda: fetch(5)),
                await when(False, then=then, otherwise=lambda: fetch(5)),
                await when(False, then=then),
                await when(False, then=fetch.with_options(retries=1), otherwise=lambda: fetch(7)),
            ]

        assert asyncio.run(both()) == [2, 6, None, 8]


class TestBranches:
    def test_each_is_a_guarded_group_and_the_choice_merges_them(self) -> None:
        @flow
        def choosing(n: int) -> int:
            return when(is_big(n), then=lambda: double(n), otherwise=lambda: n)

        dag = compiled(choosing)
        assert dag.groups == (
            Group("then", None, (1,), Guard(NodeReference(0), True)),
            Group("otherwise", None, (), Guard(NodeReference(0), False)),
        )
        assert dag.nodes[2] == Choice(Branch(0, NodeReference(1)), Branch(1, InputReference("n")))
        assert dag.returns == NodeReference(2)

    def test_an_otherwise_that_is_left_out_is_left_out(self) -> None:
        @flow
        def maybe(n: int, ready: bool) -> object:
            return when(ready, then=lambda: double(n))

        assert compiled(maybe).nodes[1] == Choice(Branch(0, NodeReference(0)))

    def test_a_part_may_decide_and_parts_may_be_answered(self) -> None:
        @flow
        def parts(n: int) -> object:
            first, big = pair(n)
            return when(big, then=lambda: {"a": [double(first), 1]}, otherwise=lambda: {"a": []})

        dag = compiled(parts)
        assert dag.groups[0].guard == Guard(NodeReference(0, (1,)), True)
        (choice,) = chosen(dag)
        assert choice.then.returns == object_binding({"a": ListBinding((NodeReference(1), Literal(1)))})
        assert choice.otherwise == Branch(1, Literal(compiled_value({"a": []})))

    def test_branches_and_flows_stand_inside_each_other(self) -> None:
        @flow
        def inner(n: int) -> int:
            return when(is_big(n), then=lambda: double(n), otherwise=lambda: n)

        @flow
        def outer(n: int, ready: bool) -> object:
            return when(ready, then=lambda: inner(double(n)), otherwise=lambda: when(ready, then=lambda: double(1)))

        dag = compiled(outer)
        told = [(group.name, group.parent, group.guard is not None) for group in dag.groups]
        assert told == [
            ("then", None, True),
            ("inner", 0, False),
            ("then", 1, True),
            ("otherwise", 1, True),
            ("otherwise", None, True),
            ("then", 4, True),
        ]

    def test_a_known_condition_takes_its_branch_in_place(self) -> None:
        @flow
        def bound(n: int, fast: bool) -> int:
            return when(fast, then=lambda: double(n), otherwise=lambda: double(double(n)))

        assert [type(node) for node in compiled(bound, {"fast": True}).nodes] == [Call]
        assert [type(node) for node in compiled(bound, {"fast": False}).nodes] == [Call, Call]
        assert compiled(bound, {"fast": False}).groups == ()

    def test_a_nested_compile_in_a_branch_is_its_own(self) -> None:
        @flow
        def small(n: int) -> int:
            return double(n)

        @flow
        def outer(ready: bool) -> object:
            def then() -> int:
                assert len(build_dag_from_flow(small).unwrap().nodes) == 1
                return double(3)

            return when(ready, then=then)

        dag = compiled(outer)
        assert [type(node) for node in dag.nodes] == [Call, Choice]
        assert len(dag.groups) == 1

    def test_what_is_made_before_is_used_in_both_branches_and_after(self) -> None:
        @flow
        def around(n: int) -> list[int]:
            before = double(n)
            answer = when(is_big(before), then=lambda: double(before), otherwise=lambda: before)
            return [before, double(answer)]

        dag = compiled(around)
        assert dag.nodes[-1] == Call("double", (("n", NodeReference(3)),))

    def test_the_answer_has_the_type_of_its_branches(self) -> None:
        @flow
        def unpacking(n: int, ready: bool) -> list[object]:
            first, second = when(ready, then=lambda: pair(n), otherwise=lambda: pair(0))
            return [first, second]

        dag = compiled(unpacking)
        assert dag.returns == ListBinding((NodeReference(2, (0,)), NodeReference(2, (1,))))

    @pytest.mark.parametrize("declared", [Any, 5, [int]])
    def test_where_a_branch_says_nothing_of_its_type_the_answer_has_none(self, declared: Any) -> None:
        def tell() -> Any:
            return 1, 2

        tell.__annotations__["return"] = declared
        told = task(tell)

        @flow
        def unpacking(n: int, ready: bool) -> Any:
            first, second = when(ready, then=lambda: pair(n), otherwise=lambda: told())
            return [first, second]

        assert refused(unpacking).code == "iteration"


def compiled_value(value: Any) -> Any:
    @flow
    def giving() -> Any:
        return value

    returned: Any = compiled(giving).returns
    return returned.value


class TestAsyncBranches:
    def test_calls_of_coroutine_functions_are_recorded_in_their_branches(self) -> None:
        @flow
        async def choosing(n: int, ready: bool) -> list[int]:
            async def then() -> int:
                return await fetch(await fetch(n))

            answer = await when(ready, then=then, otherwise=lambda: fetch(double(n)))
            return [answer, await fetch(answer)]

        dag = compiled(choosing)
        by_group = {group.name: group.nodes for group in dag.groups}
        assert {name: len(nodes) for name, nodes in by_group.items()} == {"then": 2, "otherwise": 2}
        assert type(dag.nodes[4]) is Choice
        assert dag.nodes[5] == Call("fetch", (("n", NodeReference(4)),))

    def test_choices_side_by_side_do_not_mix(self) -> None:
        @flow
        async def together(n: int, ready: bool) -> list[object]:
            async def one() -> int:
                return await fetch(await fetch(n))

            return list(await asyncio.gather(when(ready, then=one), when(ready, then=one)))

        dag = compiled(together)
        assert sorted(len(group.nodes) for group in dag.groups) == [2, 2]
        assert len(chosen(dag)) == 2

    def test_a_coroutine_may_be_what_a_branch_answers(self) -> None:
        async def helped(n: Any) -> Any:
            return await fetch(n)

        @flow
        async def choosing(n: int, ready: bool) -> int:
            return await when(ready, then=lambda: helped(n), otherwise=lambda: helped(0))

        dag = compiled(choosing)
        assert [group.nodes for group in dag.groups] == [(0,), (1,)]

    def test_one_branch_may_be_there_at_once(self) -> None:
        @flow
        async def choosing(n: int, ready: bool) -> Any:
            async def then() -> int:
                return await fetch(n)

            return await when(ready, then=then, otherwise=lambda: n)  # type: ignore[arg-type]

        assert compiled(choosing).nodes[1] == Choice(Branch(0, NodeReference(0)), Branch(1, InputReference("n")))

    def test_nobody_knows_what_to_await_where_only_one_call_would_tell(self) -> None:
        @flow
        async def choosing(n: int, ready: bool) -> Any:
            return await when(ready, then=lambda: fetch(n))  # here

        error = refused(choosing)
        assert (error.code, error.source and error.source.line) == ("condition", line_of(choosing, "here"))
        assert error.advice == "make then an async def, or give otherwise"

    def test_a_choice_that_is_not_awaited_is_an_error(self) -> None:
        @flow
        async def forgetful(n: int, ready: bool) -> int:
            when(ready, then=lambda: fetch(n), otherwise=lambda: fetch(0))  # here
            return n

        error = refused(forgetful)
        assert error.code == "awaiting"

    def test_async_branches_need_an_async_flow(self) -> None:
        @flow
        def plain(n: int, ready: bool) -> Any:
            async def then() -> int:
                return await fetch(n)

            return when(ready, then=then)

        error = refused(plain)
        assert error.code == "awaiting"
        assert "is not: nothing can be awaited there" in error.problem


class TestMisuse:
    @pytest.mark.parametrize("way", ["argument", "container", "after", "return", "other branch", "condition", "part"])
    def test_what_is_made_in_a_branch_is_used_nowhere_else(self, way: str) -> None:
        @flow
        def leaking(n: int, ready: bool) -> Any:
            kept: list[Any] = []
            pairs: list[Any] = []

            def then() -> int:
                kept.append(double(n))
                pairs.append(pair(n))
                return double(n)

            when(ready, then=then)
            inner = kept[0]
            if way == "argument":
                return double(inner)
            if way == "container":
                return double.map([1, inner])
            if way == "after":
                return double.after(inner)(1)
            if way == "return":
                return {"a": [inner]}
            if way == "condition":
                return when(inner, then=lambda: 1)
            if way == "part":
                return double(pairs[0][0])
            return when(ready, then=lambda: double(inner))

        error = refused(leaking)
        assert (error.code, error.task) == ("branch_reference", "pair" if way == "part" else "double")
        assert error.problem.startswith("node-1[0]" if way == "part" else "node-0")
        assert error.advice == "return it from the branch, and use what when() answers"

    @pytest.mark.parametrize("name", ["then", "otherwise"])
    def test_a_branch_that_does_and_answers_nothing_is_empty(self, name: str) -> None:
        @flow
        def idle(n: int, ready: bool) -> Any:
            branches: Any = {"then": lambda: double(n), name: lambda: None}
            return when(ready, **branches)

        error = refused(idle)
        assert error.code == "empty_branch"
        assert f"the branch {name!r} calls no task and returns nothing" in error.problem

    def test_a_branch_that_calls_and_answers_nothing_is_none(self) -> None:
        @flow
        def working(n: int, ready: bool) -> Any:
            def then() -> None:
                double(n)

            return when(ready, then=then)

        assert compiled(working).nodes[1] == Choice(Branch(0, Literal(None)))

    @pytest.mark.parametrize("condition", [1, "yes", None])
    def test_a_value_that_is_no_bool_decides_nothing(self, condition: Any) -> None:
        @flow
        def odd(n: int) -> Any:
            return when(condition, then=lambda: double(n))  # here

        error = refused(odd)
        assert (error.code, error.source and error.source.line) == ("condition", line_of(odd, "here"))

    def test_so_for_a_reference_that_is_known_to_be_none(self) -> None:
        @task
        def name() -> str | None:
            return "x"

        @flow
        def odd(n: int) -> Any:
            return when(name(), then=lambda: double(n))  # type: ignore[arg-type]

        error = refused(odd)
        assert (error.code, error.problem) == ("condition", "node-0 is no bool, and a condition is exactly one")

    @pytest.mark.parametrize("annotation", [int, float, int | None, typing.Literal[1], list[bool]])
    def test_a_reference_that_is_declared_as_something_else_decides_nothing(self, annotation: Any) -> None:
        def decide() -> Any:
            return 1

        decide.__annotations__["return"] = annotation
        decided = task(decide)

        @flow
        def odd(n: int) -> Any:
            return when(decided(), then=lambda: double(n))  # here

        error = refused(odd)
        assert (error.code, error.source and error.source.line) == ("condition", line_of(odd, "here"))

    @pytest.mark.parametrize("annotation", [bool, bool | None, int | bool, typing.Literal[True], object, Any])
    def test_a_reference_that_may_be_a_bool_may_decide(self, annotation: Any) -> None:
        def decide() -> Any:
            return True

        decide.__annotations__["return"] = annotation
        decided = task(decide)

        @flow
        def fine(n: int) -> Any:
            return when(decided(), then=lambda: double(n))

        assert len(chosen(compiled(fine))) == 1

    @pytest.mark.parametrize("branch", [1, None, "then"])
    def test_what_cannot_be_called_is_no_branch(self, branch: Any) -> None:
        @flow
        def odd(ready: bool) -> Any:
            return when(ready, then=branch)

        error = refused(odd)
        assert error.code == "condition"
        assert error.problem.startswith("then is to be called, and ")

    def test_a_reference_is_no_branch(self) -> None:
        @flow
        def odd(n: int, ready: bool) -> Any:
            return when(ready, then=lambda: 1, otherwise=double(n))  # type: ignore[call-overload]

        assert refused(odd).problem == "otherwise is to be called, and a reference cannot be"

    @pytest.mark.parametrize("name", ["then", "otherwise"])
    def test_a_branch_needs_no_arguments(self, name: str) -> None:
        branches: Any = {"then": lambda: 1, "otherwise": lambda: 2, name: lambda x: x}

        @flow
        def odd(ready: bool) -> Any:
            return when(ready, **branches)  # here

        @flow
        def known(ready: bool) -> Any:
            return when(ready, **branches)

        error = refused(odd)
        assert (error.code, error.source and error.source.line) == ("condition", line_of(odd, "here"))
        assert error.problem == f"{name} is called without arguments, and needs 'x'"
        assert refused(known, {"ready": name == "then"}).problem == error.problem
        assert isinstance(build_dag_from_flow(known, {"ready": name != "then"}), Success)
        with pytest.raises(CaptureError, match="needs 'x'"):
            when(name == "then", **branches)

    def test_what_could_be_given_to_a_branch_is_not_needed(self) -> None:
        @flow
        def fine(ready: bool, n: int) -> Any:
            def then(*rest: Any, k: int = 1, **more: Any) -> Any:
                return double(n)

            return [when(ready, then=then), when(ready, then=dict, otherwise=then)]

        assert len(chosen(compiled(fine))) == 2

    def test_branches_do_not_nest_for_ever(self) -> None:
        @flow
        def deep(ready: bool) -> Any:
            def then() -> Any:
                return when(ready, then=then)

            return when(ready, then=then)

        error = refused(deep)
        assert error.code == "recursion"
        assert "inside 64 other flows and branches, and that is the limit" in error.problem

    def test_a_condition_of_another_capture_is_foreign(self) -> None:
        kept: list[Any] = []

        @flow
        def lending(n: int) -> int:
            kept.append(is_big(n))
            return n

        compiled(lending)

        @flow
        def borrowing(n: int) -> Any:
            return when(kept[0], then=lambda: double(n))

        assert refused(borrowing).code == "foreign_reference"
        with pytest.raises(CaptureError) as raised:
            when(kept[0], then=lambda: 1)
        assert raised.value.code == "finished_capture"

    def test_a_condition_is_awaited_before_it_decides(self) -> None:
        @task
        async def ask(n: int) -> bool:
            return n > 1

        @flow
        async def forgetful(n: int) -> Any:
            return when(ask(n), then=lambda: double(n))  # type: ignore[call-overload]  # here

        @flow
        async def started(n: int) -> Any:
            return when(asyncio.create_task(ask(n)), then=lambda: double(n))  # type: ignore[call-overload]

        for subject in (forgetful, started):
            error = refused(subject)
            assert (error.code, error.advice) == ("awaiting", "write when(await …)")
        assert refused(forgetful).source.line == line_of(forgetful, "# here")  # type: ignore[union-attr]
        called = ask(1)
        with pytest.raises(CaptureError) as raised:
            when(called, then=lambda: 1)  # type: ignore[call-overload]
        called.close()
        assert raised.value.code == "awaiting"

    def test_what_a_branch_raises_is_told_with_its_line(self) -> None:
        @flow
        def failing(ready: bool) -> Any:
            return when(ready, then=lambda: 1 // 0)  # here

        error: Any = build_dag_from_flow(failing).failure()
        assert (error.cause_type, error.source.line) == ("ZeroDivisionError", line_of(failing, "here"))
