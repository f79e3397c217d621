"""What users' checkers infer for authored flows. Checked by mypy and pyright, never executed."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple, assert_never, assert_type

from returns.result import Failure, Success

from cascades_sdk import build_dag_from_flow, flow, task
from cascades_sdk.compiler import AsyncFlow, AsyncTask, Flow, Task
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


@task
async def fetch(n: int, *, twice: bool = False) -> Span:
    return Span(n, n + twice)


@task(name="store", retries=2)
async def store(value: int) -> str:
    return str(value)


@flow
async def gathered(n: int) -> list[str]:
    low, high = await fetch(n, twice=True)
    assert_type(low, int)
    pending = assert_type(fetch(n), Coroutine[object, None, Span])
    assert_type(await pending, Span)
    first, second = await asyncio.gather(store(low), fetch(high))
    assert_type(first, str)
    assert_type(second, Span)
    assert_type(await store.after(first).with_options(retries=3)(1), str)
    assert_type(add(second.low), int)
    async with asyncio.TaskGroup() as group:
        started = group.create_task(store(low))
    assert_type(started.result(), str)
    return [first, started.result()]


@flow(name="around")
async def around(n: int) -> list[str]:
    return await gathered(n)


_around = assert_type(around(1), Coroutine[object, None, list[str]])
_typed_async_task: AsyncTask[..., Span] = fetch
_typed_async_flow: AsyncFlow[..., list[str]] = around
_an_async_flow_is_a_flow: Flow[..., Coroutine[Any, Any, list[str]]] = gathered

_text = store("1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
fetch(1).low  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
_list = gathered("n")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

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
    build_dag_from_flow(gathered)
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
