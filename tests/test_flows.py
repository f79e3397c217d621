"""Flows: what their parameters become, how a capture begins and ends, flows inside flows."""

import asyncio
import contextvars
import copy
import functools
import inspect
import threading
from typing import Any

import pytest
from returns.result import Failure

from captures import compiled, line_of, refused, refused_value
from cascades_sdk.compiler import MAX_NESTING, Flow, build_dag_from_flow, build_dag_from_flow_json, flow, task
from cascades_sdk.encoding import dag_to_json
from cascades_sdk.errors import CaptureError, FlowRaisedError, SourceLine
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import FlowInput, Group, InputReference, Literal, NodeReference


@task
def add(a: int, b: int = 0) -> int:
    return a + b


@flow
def total(n: int, step: int = 2) -> int:
    """Adds up."""
    return add(add(n, step), 3)


def test_outside_a_capture_a_flow_is_its_function() -> None:
    assert total(1) == 6
    assert total(n=1, step=0) == 4
    assert (total.__name__, total.__doc__, total.__module__) == ("total", "Adds up.", __name__)
    assert inspect.signature(total) == inspect.signature(total.function)
    assert total.reference == f"{__name__}:total"
    assert repr(total) == f"<flow 'total', {__name__}:total>"
    assert copy.copy(total) is total


def test_parameters_that_are_not_bound_become_inputs_with_their_defaults() -> None:
    dag = compiled(total)
    assert dag.name == "total"
    assert dag.doc == "Adds up."
    assert dag.inputs == (FlowInput("n"), FlowInput("step", Literal(2)))
    assert dag.nodes[0].arguments == (("a", InputReference("n")), ("b", InputReference("step")))


def test_a_bound_parameter_is_concrete_so_the_flow_may_branch_and_loop_on_it() -> None:
    @flow
    def repeated(n: int, times: int) -> int:
        for _ in range(times):
            n = add(n, 1)
        return n if times > 2 else add(n, 0)

    dag = compiled(repeated, {"times": 3})
    assert dag.inputs == (FlowInput("n"),)
    assert len(dag.nodes) == 3
    assert len(compiled(repeated, {"times": 1}).nodes) == 2


def test_parameters_of_every_kind_are_bound_or_symbolic() -> None:
    @flow
    def everything(a: int, /, b: int, *rest: int, c: int, d: int = 4, **more: int) -> Any:
        return [a, b, add(rest[0], more["x"]), c, d]

    dag = compiled(everything, {"rest": [1, 2], "more": {"x": 3}, "b": 5})
    assert dag.inputs == (FlowInput("a"), FlowInput("c"), FlowInput("d", Literal(4)))
    assert dag.nodes[0].arguments == (("a", Literal(1)), ("b", Literal(3)))
    assert evaluate(dag, {"a": 0, "c": 1}, {"add": add}).unwrap() == [0, 5, 4, 1, 4]


@pytest.mark.parametrize(
    ("bound", "problem"),
    [
        (None, "*rest is not bound"),
        ({"rest": 3}, "*rest is not bound"),
        ({"rest": ()}, "**more is not bound"),
        ({"rest": (), "more": {1: 2}}, "**more is not bound"),
    ],
    ids=str,
)
def test_variadic_parameters_of_a_flow_must_be_bound(bound: Any, problem: str) -> None:
    @flow
    def variadic(*rest: int, **more: int) -> int:
        return 0

    error = refused(variadic, bound)
    assert (error.code, error.problem, error.flow) == ("unbound_parameters", problem, "variadic")


def test_bound_keywords_that_repeat_a_parameter_are_refused() -> None:
    @flow
    def variadic(n: int, **more: int) -> int:
        return 0

    error = refused(variadic, {"n": 1, "more": {"n": 2}})
    assert error.code == "repeated_argument"
    assert error.problem == "**more holds 'n', a parameter"
    # Also where the parameter is left open: the document would have an input that nothing reads.
    assert refused(variadic, {"more": {"n": 2}}) == error


@pytest.mark.parametrize(
    ("bound", "problem"),
    [
        ({"m": 1}, "there is no parameter 'm'"),
        ({3: 1}, "there is no parameter 3"),
        ([("n", 1)], "flow_inputs is no mapping"),
    ],
    ids=str,
)
def test_an_unknown_input_is_an_error_with_the_line_of_the_flow(bound: Any, problem: str) -> None:
    error = refused(total, bound)
    assert (error.code, error.problem, error.flow) == ("unknown_input", problem, "total")
    assert error.source == SourceLine(__file__, total.function.__code__.co_firstlineno)


def test_an_unknown_input_of_a_flow_without_parameters_says_so() -> None:
    @flow
    def bare() -> int:
        return 0

    assert "none" in refused(bare, {"n": 1}).advice


def test_a_default_of_a_symbolic_input_must_be_a_value() -> None:
    @flow
    def strange(n: Any = frozenset()) -> Any:
        return n

    @flow
    def large(n: str = "x" * 300_000) -> Any:
        return n

    error = refused_value(strange)
    assert (error.pointer, error.subject) == ("/n", "default of flow 'strange'")
    assert "or bind 'n' in flow_inputs" in error.advice
    assert error.source == SourceLine(__file__, strange.function.__code__.co_firstlineno)
    assert refused_value(large).pointer == "/n"
    assert compiled(strange, {"n": 1}).inputs == ()


def test_only_a_flow_compiles() -> None:
    for subject in (total.function, add, 3):
        error = build_dag_from_flow(subject).failure()  # type: ignore[arg-type]
        assert isinstance(error, CaptureError)
        assert error.code == "not_a_flow"
        assert error.source is not None
        assert error.source.file == __file__


def test_only_a_def_that_yields_nothing_becomes_a_flow() -> None:
    async def async_generator() -> Any:
        yield 1

    def generator() -> Any:
        yield 1

    for subject in (3, len, total, int, async_generator, generator):
        with pytest.raises(CaptureError) as raised:
            flow(subject)  # type: ignore[arg-type]
        assert raised.value.code == "not_a_function"


def test_a_flow_may_have_a_name_of_its_own() -> None:
    @flow(name="nightly report")
    def report() -> int:
        return add(1)

    assert isinstance(report, Flow)
    assert compiled(report).name == "nightly report"


@pytest.mark.parametrize("name", ["", 3, "\ud800", "a b\n", " a", "a\tb", "a\u2028b", "a\x85", "a\x7fb", "\n", " "])
def test_a_name_is_text(name: Any) -> None:
    with pytest.raises(CaptureError) as raised:
        flow(name=name)(lambda: 1)
    assert raised.value.code == "options"


# -- what the flow itself raises ----------------------------------------------------------------------


def test_what_the_flow_raises_is_one_error_with_the_cause_and_the_line() -> None:
    def deeper() -> None:
        raise KeyError("lost")  # here

    @flow
    def failing(n: int) -> int:
        add(n)
        deeper()
        return n

    error = build_dag_from_flow(failing).failure()
    assert error == FlowRaisedError("failing", "KeyError", "'lost'", SourceLine(__file__, line_of(deeper, "# here")))
    assert isinstance(error.__cause__, KeyError)


def test_a_line_in_other_files_is_told_as_the_line_of_the_flow_that_leads_there() -> None:
    @flow
    def failing() -> int:
        return inspect.getsourcelines(int)[1]  # here

    error = build_dag_from_flow(failing).failure()
    assert isinstance(error, FlowRaisedError)
    assert error.source == SourceLine(__file__, line_of(failing, "# here"))


def test_a_failure_that_is_unwrapped_is_told_with_what_it_holds() -> None:
    @flow
    def unwrapping(n: int) -> int:
        return Failure(ValueError("no such\nrow")).unwrap()

    @flow
    def of_text(n: int) -> int:
        return Failure("no such row").unwrap()

    error = build_dag_from_flow(unwrapping).failure()
    assert isinstance(error, FlowRaisedError)
    assert error.cause_type == "UnwrapFailedError"
    assert error.cause_text == "ValueError: no such row"
    assert str(error).endswith("raised UnwrapFailedError: ValueError: no such row")
    assert error.source == SourceLine(__file__, line_of(unwrapping, "unwrap()"))
    assert "raised UnwrapFailedError: <Failure: no such row>" in str(build_dag_from_flow(of_text).failure())


def test_recursion_of_plain_python_is_what_the_flow_raised() -> None:
    def endless() -> int:
        return endless()

    @flow
    def failing() -> int:
        return endless()

    error = build_dag_from_flow(failing).failure()
    assert isinstance(error, FlowRaisedError)
    assert error.cause_type == "RecursionError"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_failure_passes_and_ends_the_capture(kind: type[BaseException]) -> None:
    @flow
    def interrupted() -> int:
        raise kind

    with pytest.raises(kind):
        build_dag_from_flow(interrupted)
    assert add(1, 2) == 3  # runs, so nothing is captured any more


def test_a_failed_compile_ends_the_capture_too() -> None:
    @flow
    def failing() -> int:
        raise ValueError

    build_dag_from_flow(failing).failure()
    assert add(1, 2) == 3


# -- flows inside flows -----------------------------------------------------------------------------------


def test_a_flow_called_inside_a_flow_is_captured_in_place_as_a_group() -> None:
    @flow
    def inner(n: int) -> int:
        return add(n, 1)

    @flow
    def middle(n: int) -> int:
        return add(inner(add(n, 0)), inner(n))

    @flow
    def outer(n: int) -> list[int]:
        return [add(n, 9), middle(n), inner(n)]

    dag = compiled(outer)
    assert len(dag.nodes) == 6
    assert dag.groups == (
        Group("middle", None, (1, 4)),
        Group("inner", 0, (2,)),
        Group("inner", 0, (3,)),
        Group("inner", None, (5,)),
    )
    assert evaluate(dag, {"n": 5}, {"add": add}).unwrap() == outer(5) == [14, 12, 6]


def test_a_flow_inside_a_flow_binds_its_arguments_like_a_task() -> None:
    @flow
    def inner(n: int) -> int:
        return n

    @flow
    def too_many(n: int) -> int:
        return inner(n, 1)  # type: ignore[call-arg]

    error = refused(too_many)
    assert (error.code, error.flow) == ("unknown_argument", "inner")
    assert error.source is not None
    assert error.source.line == line_of(too_many, "inner(n, 1)")


def test_a_flow_inside_a_flow_may_branch_on_what_it_is_given() -> None:
    @flow
    def countdown(n: int, left: int) -> int:
        return countdown(add(n, left), left - 1) if left else n

    dag = compiled(countdown, {"left": 3})
    assert [group.parent for group in dag.groups] == [None, 0, 1]
    assert evaluate(dag, {"n": 1}, {"add": add}).unwrap() == countdown(1, 3) == 7


def test_a_recursion_that_does_not_end_names_the_flow() -> None:
    @flow
    def endless(n: int) -> int:
        return endless(add(n, 1))

    error = refused(endless)
    assert (error.code, error.flow) == ("recursion", "endless")
    assert str(MAX_NESTING) in error.problem
    assert error.source is not None
    assert error.source.line == line_of(endless, "endless(add")


def test_flows_may_nest_up_to_the_limit() -> None:
    @flow
    def nested(n: int, left: int) -> int:
        return nested(n, left - 1) if left else add(n)

    assert len(compiled(nested, {"left": MAX_NESTING}).groups) == MAX_NESTING
    error = refused(nested, {"left": MAX_NESTING + 1})
    assert error.code == "recursion"
    assert "inside 64 other flows and branches, and that is the limit" in error.problem
    assert "write a loop in its place, or recurse in a task" in error.advice


def test_a_compile_inside_a_flow_leaves_the_outer_capture_intact() -> None:
    inside: list[Any] = []

    @flow
    def other(n: int) -> int:
        return add(n, add(n))

    @flow
    def outer(n: int) -> int:
        first = add(n, 1)
        inside.append(compiled(other))
        build_dag_from_flow(other, {"nothing": 1}).failure()
        return add(first, 2)

    dag = compiled(outer)
    assert dag.name == "outer"
    assert [node.dependencies for node in dag.nodes] == [(), (0,)]
    assert dag.returns == NodeReference(1)
    assert inside == [compiled(other)]


def test_an_evaluation_inside_a_flow_runs_its_tasks_and_records_none() -> None:
    dag = compiled(total)
    values: list[Any] = []

    @flow
    def outer(n: int) -> int:
        values.append(evaluate(dag, {"n": 1}, {"add": add}).unwrap())
        return add(n)

    assert len(compiled(outer).nodes) == 1
    assert values == [6]


def test_two_compiles_at_once_in_threads_do_not_see_each_other() -> None:
    # Each waits inside its flow until the other is inside its own; a wait that never ends breaks the barrier.
    barrier = threading.Barrier(2, timeout=10)
    dags: dict[int, Any] = {}

    @flow
    def meeting(n: int, mark: int) -> int:
        for _ in range(20):
            barrier.wait()
            n = add(n, mark)
        return n

    def compiling(mark: int) -> None:
        dags[mark] = compiled(meeting, {"mark": mark})

    threads = [threading.Thread(target=compiling, args=(mark,)) for mark in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mark in (1, 2):
        nodes = dags[mark].nodes
        assert len(nodes) == 20
        assert all(node.arguments[1] == ("b", Literal(mark)) for node in nodes)
        assert [node.dependencies for node in nodes] == [(), *((at,) for at in range(19))]


def test_compiles_in_tasks_of_one_loop_do_not_see_each_other() -> None:
    @flow
    def marked(n: int, mark: int) -> int:
        return add(add(n, mark), mark)

    async def compiling(mark: int) -> Any:
        await asyncio.sleep(0)
        dag = compiled(marked, {"mark": mark})
        await asyncio.sleep(0)
        assert add(1, 2) == 3  # outside of any capture
        return dag

    async def together() -> list[Any]:
        return await asyncio.gather(*(compiling(mark) for mark in range(3)))

    for mark, dag in enumerate(asyncio.run(together())):
        assert [node.arguments[1] for node in dag.nodes] == [("b", Literal(mark))] * 2


def test_calls_in_coroutines_generators_and_copied_contexts_of_the_flow_are_recorded() -> None:
    @flow
    def roundabout(n: int) -> Any:
        async def later(step: int) -> int:
            return add(n, step)

        async def together() -> list[int]:
            return await asyncio.gather(*(later(step) for step in range(3)))

        return [
            *asyncio.run(together()),
            *(add(n, step) for step in range(2)),
            *map(functools.partial(add, b=n), [1]),
            contextvars.copy_context().run(add, n, 9),
        ]

    dag = compiled(roundabout)
    assert len(dag.nodes) == 7
    assert evaluate(dag, {"n": 5}, {"add": add}).unwrap() == roundabout(5) == [5, 6, 7, 5, 6, 6, 14]


def test_a_container_that_the_flow_changes_later_was_what_it_was_at_the_call() -> None:
    # In a plain call the task may have kept the very list; a graph holds values. A flow leaves alone what it passed on.
    @task
    def keep(values: list[int]) -> list[int]:
        return values

    @flow
    def changing() -> list[int]:
        values = [1]
        kept = keep(values)
        values.append(2)
        return kept

    assert changing() == [1, 2]
    assert evaluate(compiled(changing), None, {"keep": keep}).unwrap() == [1]


def test_compiling_again_gives_an_equal_graph() -> None:
    assert compiled(total) == compiled(total)


def test_the_full_document_of_a_flow_is_had_as_text() -> None:
    text = build_dag_from_flow_json(total, {"n": 2}).unwrap()
    assert text.encode() == dag_to_json(build_dag_from_flow(total, {"n": 2}).unwrap())
    assert build_dag_from_flow_json(total, {"m": 2}) == build_dag_from_flow(total, {"m": 2})
