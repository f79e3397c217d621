"""Steps that are made to be chained, and the two ends of a chain.

Decided here: the types that stay exact along ``.bind``, ``.map``, ``.alt`` and ``.lash``. A chain of ``Outcome``s loses
them, because a union has no ``bind`` of its own; so a step answers ``Result``, which at run time is the same thing.
Never here: what a step does.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from returns.result import Failure, Result, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import ClientError, Outcome
from cascades_sdk.types import WorkflowRunAccepted, WorkflowRunRequestBody

if TYPE_CHECKING:
    from returns.future import FutureResult
    from returns.io import IOResult

    from cascades_sdk.client import AsyncCascadesClient

__all__ = ["as_future", "as_outcome", "submit"]

_T = TypeVar("_T")
_E = TypeVar("_E")

RunBody: TypeAlias = WorkflowRunRequestBody | Mapping[str, Any] | None


@overload
def submit(client: CascadesClient) -> Callable[[RunBody], Result[WorkflowRunAccepted, ClientError]]: ...


@overload
def submit(
    client: "AsyncCascadesClient",
) -> "Callable[[RunBody], FutureResult[WorkflowRunAccepted, ClientError]]": ...


def submit(client: "CascadesClient | AsyncCascadesClient") -> Callable[[RunBody], Any]:
    """The step that submits a run: from a body to the accepted run, as ``client.submit_workflow_run`` has it.

    With a sync client it answers a ``Result``, with an async one a ``FutureResult``, which is awaited at the end of the
    chain. Open a chain by calling it: ``submit(client)(body).bind(…)``.
    """
    if isinstance(client, CascadesClient):
        return client.submit_workflow_run
    later = client
    return lambda body: as_future(later.submit_workflow_run(body))


@overload
def as_outcome(result: Result[_T, _E]) -> Outcome[_T, _E]: ...


@overload
def as_outcome(result: "IOResult[_T, _E]") -> Outcome[_T, _E]: ...


def as_outcome(result: Any) -> Any:
    """The end of a chain, for an exhaustive ``match``; of a ``FutureResult`` give what awaiting it answers."""
    if isinstance(result, Success | Failure):
        return result
    from returns.unsafe import unsafe_perform_io  # async chains only

    return unsafe_perform_io(result)


def as_future(coroutine: "Coroutine[Any, Any, Outcome[_T, _E]]") -> "FutureResult[_T, _E]":
    """An async method's answer as the beginning of a chain: ``as_future(client.submit_workflow_run(body)).bind(…)``."""
    from returns.future import FutureResult  # async chains only

    awaitable: Awaitable[Result[_T, _E]] = coroutine
    return FutureResult(awaitable)
