"""Steps that are made to be chained, and the two ends of a chain.

Decided here: the types that stay exact along ``.bind``, ``.map``, ``.alt`` and ``.lash``. A chain of ``Outcome``s loses
them, because a union has no ``bind`` of its own; so a step answers ``Result``, which at run time is the same thing.
Never here: what a step does.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from returns.result import Failure, Result, Success

from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.errors import ClientError, Outcome, WaitPosition
from cascades_sdk.pipelines._waiting import OnEvent, OnProgress, wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.protocol.limits import FOLLOWING
from cascades_sdk.types import WorkflowRunAccepted, WorkflowRunRequestBody

if TYPE_CHECKING:
    from returns.future import FutureResult
    from returns.io import IOResult

    from cascades_sdk.client import AsyncCascadesClient

__all__ = ["as_future", "as_outcome", "submit", "wait", "wait_async"]

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


Awaited: TypeAlias = WorkflowRunAccepted | str


@overload
def wait(
    client: CascadesClient,
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    cancel_token: CancelToken | None = None,
    resume_from: WaitPosition | str | None = None,
) -> Callable[[Awaited], Result[RunOutcome, ClientError]]: ...


@overload
def wait(
    client: "AsyncCascadesClient",
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    resume_from: WaitPosition | str | None = None,
) -> "Callable[[Awaited], FutureResult[RunOutcome, ClientError]]": ...


def wait(
    client: "CascadesClient | AsyncCascadesClient", timeout: float = 3600.0, **options: Any
) -> Callable[[Awaited], Any]:
    """The step that waits for a run: from the accepted run, or a run's id, to how it ended.

    ``submit(client)(body).bind(wait(client, timeout=600))`` is ``submit_and_wait`` as a chain. ``timeout`` and the
    options are those of :func:`~cascades_sdk.pipelines.wait_for_completion`, and so is what comes of it; a position to
    resume from is one of the run that the step is given. With a sync
    client it answers a ``Result``, with an async one a ``FutureResult``.
    """
    if isinstance(client, CascadesClient):
        now = client
        return lambda run: wait_for_completion(now, _id_of(run), timeout, **options)
    return wait_async(client, timeout, **options)


def wait_async(
    client: "AsyncCascadesClient",
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    resume_from: WaitPosition | str | None = None,
) -> "Callable[[Awaited], FutureResult[RunOutcome, ClientError]]":
    """What :func:`wait` is for an async client, by a name that says so.

    Returns:
        A function for ``.bind`` of a ``FutureResult``. Awaited, what it answers is an ``IOSuccess`` of the run's
        outcome, or an ``IOFailure`` with what :func:`wait_for_completion_async` fails with.
    """

    def later(run: Awaited) -> "FutureResult[RunOutcome, ClientError]":
        return as_future(
            wait_for_completion_async(
                client,
                _id_of(run),
                timeout,
                on_event=on_event,
                on_progress=on_progress,
                event_silence=event_silence,
                byte_silence=byte_silence,
                resume_from=resume_from,
            )
        )

    return later


def _id_of(run: Awaited) -> str:
    return run.run_id if isinstance(run, WorkflowRunAccepted) else run


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
    """An async method's answer as the beginning of a chain: ``as_future(client.submit_workflow_run(body)).bind(…)``.

    Returns:
        A ``FutureResult``. Awaited, it is an ``IOSuccess`` of what the method's ``Success`` has, or an ``IOFailure`` of
        what its ``Failure`` has; :func:`as_outcome` opens either.
    """
    from returns.future import FutureResult  # async chains only

    awaitable: Awaitable[Result[_T, _E]] = coroutine
    return FutureResult(awaitable)
