"""Looking at what a capture answered: shared by the tests of capture and evaluation."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from cascades_sdk.compiler import Flow, build_dag_from_flow, flow
from cascades_sdk.encoding import canonical_json, dag_from_json, dag_to_json
from cascades_sdk.errors import CaptureError, InvalidValueError
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Dag

__all__ = ["compiled", "line_of", "refused", "refused_value", "round_trip", "swallowing", "tasks_of"]


def compiled(subject: Flow[..., Any], bound: Mapping[str, Any] | None = None) -> Dag:
    """The graph of a flow that compiles."""
    return build_dag_from_flow(subject, bound).unwrap()


def refused(subject: Flow[..., Any], bound: Mapping[str, Any] | None = None) -> CaptureError:
    """Why a flow does not compile, where that is a CaptureError."""
    error = build_dag_from_flow(subject, bound).failure()
    assert isinstance(error, CaptureError), error
    return error


def refused_value(subject: Flow[..., Any], bound: Mapping[str, Any] | None = None) -> InvalidValueError:
    """Why a flow does not compile, where that is an InvalidValueError."""
    error = build_dag_from_flow(subject, bound).failure()
    assert isinstance(error, InvalidValueError), error
    return error


def line_of(subject: Flow[..., Any] | Callable[..., Any], marker: str) -> int:
    """The line of the first line of a function's source that holds a marker."""
    function = subject.function if isinstance(subject, Flow) else subject
    lines, first = inspect.getsourcelines(function)
    return next(first + at for at, line in enumerate(lines) if marker in line)


def tasks_of(dag: Dag, tasks: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Those task functions that a graph has a task for."""
    return {task.name: tasks[task.name] for task in dag.tasks if task.name in tasks}


def swallowing(attempt: Callable[[Any], object]) -> Flow[..., Any]:
    """A flow that does something with its input and swallows whatever that raises."""

    @flow
    def stubborn(n: int) -> Any:
        try:
            attempt(n)
        except Exception:
            return 0
        return 1

    return stubborn


def round_trip(
    subject: Flow[..., Any],
    bound: Mapping[str, Any] | None = None,
    rest: Mapping[str, Any] | None = None,
    tasks: Mapping[str, Callable[..., Any]] | None = None,
) -> tuple[str, str]:
    """Canonical JSON of what the compiled, written and read flow evaluates to, and of what calling the flow gives."""
    read = dag_from_json(dag_to_json(compiled(subject, bound))).unwrap()
    evaluated = evaluate(read, rest, tasks and tasks_of(read, tasks)).unwrap()
    called = subject(**dict(bound or {}), **dict(rest or {}))
    return canonical_json(evaluated).unwrap(), canonical_json(called).unwrap()
