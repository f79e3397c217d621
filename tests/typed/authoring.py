"""What users' checkers infer for authored flows. Checked by mypy and pyright, never executed."""

from typing import NamedTuple, assert_never, assert_type

from returns.result import Failure, Success

from cascades_sdk import build_dag_from_flow, flow, task
from cascades_sdk.compiler import Flow, Task
from cascades_sdk.encoding import dag_digest, dag_from_json, dag_to_json
from cascades_sdk.errors import (
    CaptureError,
    CompileError,
    EvaluationError,
    FlowRaisedError,
    InvalidDagError,
    InvalidDocumentError,
    InvalidValueError,
    TaskRaisedError,
)
from cascades_sdk.graph import Dag


class Span(NamedTuple):
    low: int
    high: int


@task
def span(items: list[int], *, wide: bool = False) -> Span:
    return Span(min(items), max(items) + wide)


@task(name="add", retries=2, labels={"team": "a"})
def add(a: int, b: int = 1) -> int:
    return a + b


@flow
def bounds(n: int, extra: float = 0.5) -> dict[str, int]:
    low, high = span([n, 2, 3], wide=True)
    assert_type(low, int)
    assert_type(add(low, high), int)
    assert_type(add.after(low)(1, b=2), int)
    assert_type(add.with_options(retries=3, timeout=2.5)(1), int)
    return {"low": low, "sum": add(low, span([n]).high)}


@flow(name="outer")
def outer(n: int) -> dict[str, int]:
    return bounds(n)


assert_type(bounds(1, extra=2.0), dict[str, int])
assert_type(outer(1), dict[str, int])

_typed_task: Task[..., int] = add
_typed_flow: Flow[..., dict[str, int]] = bounds

add("1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
add()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
add.with_options(retry=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
add.with_options(retries="1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
bounds("n")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def said(error: CompileError) -> str:
    match error:
        case InvalidValueError() | CaptureError() | FlowRaisedError() | InvalidDagError():
            return error.message()
        case InvalidDocumentError() | EvaluationError() | TaskRaisedError():
            return str(error)
        case _:
            assert_never(error)


def compiled() -> str:
    outcome = build_dag_from_flow(bounds, {"n": 1})
    match outcome:
        case Success(dag):
            assert_type(dag, Dag)
            return dag_digest(dag)
        case Failure(error):
            return said(error)
        case _:
            assert_never(outcome)


def read(data: bytes) -> bytes:
    match dag_from_json(data):
        case Success(dag):
            return dag_to_json(dag)
        case Failure(error):
            assert_type(error, InvalidDocumentError)
            return error.message().encode()
