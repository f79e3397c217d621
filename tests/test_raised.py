"""What the flow's own Python raised: which exception is told, and when it was a reference in the place of a value."""

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from captures import compiled, line_of, refused
from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.errors import CaptureError, FlowRaisedError
from cascades_sdk.graph import Literal


@task
async def fetch(n: int) -> int:
    return n


@task
def number(n: int) -> int:
    return n


def raised_by(subject: Any, bound: Any = None) -> FlowRaisedError:
    error = build_dag_from_flow(subject, bound).failure()
    assert isinstance(error, FlowRaisedError), error
    return error


class TestWherePythonAsksNobody:
    @pytest.mark.parametrize(
        "use",
        [
            lambda x: ",".join([x]),
            lambda x: x in "abc",
            lambda x: "abc".replace("a", x),
            lambda x: "abc".startswith(x),
            lambda x: getattr(1, x),
            ord,
        ],
        ids=["join", "in", "replace", "startswith", "getattr", "ord"],
    )
    def test_a_reference_in_the_place_of_a_text_is_told_as_one(self, use: Callable[[Any], Any]) -> None:
        @flow
        def textual(n: str) -> Any:
            return use(n)  # here

        error = refused(textual)
        assert (error.code, error.flow) == ("string_conversion", "textual")
        assert error.problem.startswith("a reference has no value yet, and Python needs one (")
        assert "Reference" in error.problem
        assert error.advice == "build the text inside a task that takes the reference as an argument"
        assert isinstance(error.__cause__, TypeError)

    def test_the_line_is_that_of_the_flow(self) -> None:
        @flow
        def joined(n: str) -> str:
            return ",".join([n])  # here

        assert refused(joined).source.line == line_of(joined, "# here")  # type: ignore[union-attr]

    def test_a_reference_in_the_place_of_another_value_is_told_as_one(self) -> None:
        @flow
        def lasting(n: int) -> Any:
            return datetime.timedelta(days=n)

        error = refused(lasting)
        assert (error.code, error.advice) == ("type_check", "compute it in a task, and use the task's output")

    @pytest.mark.parametrize(
        ("text", "use"),
        [
            ("exceptions must derive from BaseException", lambda x: [].append(x) or exec("raise x", {"x": x})),
            ("no such Reference", lambda x: exec("raise TypeError('no such Reference')")),
        ],
        ids=["without its name", "by the author"],
    )
    def test_any_other_type_error_is_what_the_flow_raised(self, text: str, use: Callable[[Any], Any]) -> None:
        @flow
        def failing(n: str) -> Any:
            return use(n)

        error = raised_by(failing)
        assert (error.cause_type, error.cause_text) == ("TypeError", text)

    def test_one_that_the_flow_swallows_passes_unseen(self) -> None:
        @flow
        def swallowing(n: str) -> Any:
            try:
                return ",".join([n])
            except TypeError:
                return "lost"

        assert compiled(swallowing).returns == Literal("lost")

    @pytest.mark.parametrize(
        "use", [lambda x: "abc" + x, lambda x: x + "abc", lambda x: x % "abc"], ids=["text + it", "it + text", "%"]
    )
    def test_arithmetic_with_a_text_is_done_in_a_task_that_builds_it(self, use: Callable[[Any], Any]) -> None:
        @flow
        def textual(n: str) -> Any:
            return use(n)

        error = refused(textual)
        assert (error.code, error.advice) == (
            "arithmetic",
            "build the text inside a task that takes the reference as an argument",
        )


class TestGroups:
    def test_the_first_exception_of_a_task_group_is_told_with_its_line(self) -> None:
        async def failing(n: int) -> None:
            await fetch(n)
            raise ValueError(f"bad {n if type(n) is int else '?'}")  # here

        @flow
        async def grouped(n: int) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(failing(1))
                group.create_task(failing(n))

        error = raised_by(grouped)
        assert error.cause_type == "ExceptionGroup"
        assert error.cause_text == "unhandled errors in a TaskGroup (2 sub-exceptions): ValueError: bad 1"
        assert error.source is not None
        assert (error.source.file, error.source.line) == (__file__, line_of(failing, "# here"))
        assert isinstance(error.__cause__, ExceptionGroup)

    def test_groups_in_groups_are_looked_into(self) -> None:
        @flow
        def nested() -> None:
            raise ExceptionGroup("outer", [ExceptionGroup("inner", [KeyError()]), ValueError()])  # here

        error = raised_by(nested)
        assert error.cause_text == "outer (2 sub-exceptions): KeyError"
        assert error.source.line == line_of(nested, "# here")  # type: ignore[union-attr]

    def test_a_reference_in_the_place_of_a_text_is_found_in_a_group(self) -> None:
        @flow
        async def grouped(n: str) -> None:
            async def joining() -> None:
                ",".join([n])  # here

            async with asyncio.TaskGroup() as group:
                group.create_task(joining())

        error = refused(grouped)
        assert error.code == "string_conversion"
        assert error.source.line == line_of(grouped, "# here")  # type: ignore[union-attr]

    def test_an_exception_that_nobody_raised_is_the_authors(self) -> None:
        @flow
        def made() -> None:
            raise ExceptionGroup("made", [TypeError("no such Reference")])

        assert raised_by(made).cause_text == "made (1 sub-exception): TypeError: no such Reference"

    def test_a_task_that_is_declared_wrongly_in_a_task_group_is_refused_as_anywhere(self) -> None:
        @flow
        async def grouped() -> None:
            async def declaring() -> None:
                task(retries=-1)(lambda n: n)

            async with asyncio.TaskGroup() as group:
                group.create_task(declaring())

        error = refused(grouped)
        assert isinstance(error, CaptureError)
        assert (error.code, error.flow) == ("options", "grouped")
