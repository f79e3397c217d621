"""Submit, wait, and both: with a sync client, and with an async one.

Decided here: how the steps are put together. Never here: how a run is followed, or what a status means.
"""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import attrs
from returns.result import Failure

from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.client._observing import PLAIN_FUNCTION, is_async
from cascades_sdk.errors import ClientError, Outcome, ValidationError, WaitPosition, position_from_text
from cascades_sdk.pipelines._threads import in_a_thread
from cascades_sdk.protocol.effects import Tell
from cascades_sdk.protocol.following import RunOutcome, RunProgress
from cascades_sdk.protocol.knowledge import progress_of
from cascades_sdk.protocol.limits import FOLLOWING, FollowPolicy, is_seconds
from cascades_sdk.protocol.telemetry import RunStreamEvent
from cascades_sdk.protocol.waiting import News
from cascades_sdk.types import WorkflowRunRequestBody

if TYPE_CHECKING:
    from cascades_sdk.client import AsyncCascadesClient

__all__ = [
    "async_fault",
    "submit_and_wait",
    "submit_and_wait_async",
    "sync_fault",
    "terms_of",
    "wait_for_completion",
    "wait_for_completion_async",
]

_WHERE: Final = "wait_for_completion"

OnEvent = Callable[[RunStreamEvent], object]
OnProgress = Callable[[RunProgress], object]


def wait_for_completion(
    client: CascadesClient,
    run_id: str,
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    cancel_token: CancelToken | None = None,
    resume_from: WaitPosition | str | None = None,
) -> Outcome[RunOutcome, ClientError]:
    """How a run ended, after following it to its end. All times are seconds.

    A stream that breaks, ends early or falls silent is resumed where it broke. ``on_event`` is called with each
    new event, once; ``on_progress`` with what is known, first of all before anything was heard. Frames that
    cannot be read are told in ``progress.problems``. ``event_silence`` and ``byte_silence`` are how long a
    connection without events, or without any bytes, is kept. ``cancel_token`` ends the wait from another thread.
    ``resume_from`` is the position that an earlier wait had reached, or its ``text()``: rows before it are not told.

    Returns:
        ``Success(RunOutcome)`` for SUCCESS, FAILED and CANCELLED alike, or ``Failure`` of
        :class:`DeadlineExceededError` (``timeout`` has passed), :class:`StreamLostError` (given up: twenty-five
        connections in a row brought nothing new, which takes some ten minutes) or
        :class:`WaitCancelledError` (by the token), all with the position that was reached; :class:`NotFoundError` (no
        such run), :class:`AuthenticationError`, :class:`UnexpectedResponseError`, :class:`LimitExceededError`, …
    """
    terms = sync_fault(client) or terms_of(
        run_id, timeout, event_silence, byte_silence, resume_from, on_event, on_progress
    )
    if isinstance(terms, ValidationError):
        return Failure(terms)
    news = client.follow_run(*terms, cancel_token)
    try:
        while True:
            _tell(next(news), on_event, on_progress)
    except StopIteration as end:
        outcome: Outcome[RunOutcome, ClientError] = end.value
        return outcome
    finally:
        news.close()


async def wait_for_completion_async(
    client: "AsyncCascadesClient | CascadesClient",
    run_id: str,
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    resume_from: WaitPosition | str | None = None,
) -> Outcome[RunOutcome, ClientError]:
    """What :func:`wait_for_completion` is, in an event loop. Cancelling it hangs up, and leaves nothing behind.

    A sync client is taken, too: its configuration is used for async connections, which are closed at the end; one with
    a transport of the caller's own is waited with in a thread. ``on_event`` and ``on_progress`` are plain functions,
    called in the event loop.
    """
    if isinstance(client, CascadesClient):
        from cascades_sdk.client import AsyncCascadesClient

        natively = AsyncCascadesClient.like(client)
        if natively is None:
            sync = client
            return await in_a_thread(
                lambda token, event, progress: wait_for_completion(
                    sync,
                    run_id,
                    timeout,
                    on_event=event,
                    on_progress=progress,
                    event_silence=event_silence,
                    byte_silence=byte_silence,
                    cancel_token=token,
                    resume_from=resume_from,
                ),
                on_event,
                on_progress,
            )
        async with natively:
            return await wait_for_completion_async(
                natively,
                run_id,
                timeout,
                on_event=on_event,
                on_progress=on_progress,
                event_silence=event_silence,
                byte_silence=byte_silence,
                resume_from=resume_from,
            )
    terms = async_fault(client) or terms_of(
        run_id, timeout, event_silence, byte_silence, resume_from, on_event, on_progress
    )
    if isinstance(terms, ValidationError):
        return Failure(terms)
    async with aclosing(client.follow_run(*terms)) as news:
        while isinstance(latest := await anext(news), Tell):
            _tell(latest.value, on_event, on_progress)
    return latest.value


def _tell(news: News, on_event: OnEvent | None, on_progress: OnProgress | None) -> None:
    if on_event is not None:
        for event in news.events:
            on_event(event)
    if on_progress is not None:
        on_progress(progress_of(news.known))


def terms_of(
    run_id: str,
    timeout: float,
    event_silence: float,
    byte_silence: float,
    resume_from: WaitPosition | str | None,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[WaitPosition, float, FollowPolicy] | ValidationError:
    """From where, for how long, and how patiently; or what of it cannot be."""
    seconds = {"timeout": timeout, "event_silence": event_silence, "byte_silence": byte_silence}
    wrong = _seconds_fault(seconds) or _listeners_fault(on_event, on_progress)
    if wrong is not None:
        return wrong
    origin = _origin(run_id, resume_from)
    if isinstance(origin, ValidationError):
        return origin
    policy = attrs.evolve(FOLLOWING, event_silence=event_silence, byte_silence=byte_silence)
    return origin, float(timeout), policy


def _origin(run_id: str, resume_from: WaitPosition | str | None) -> WaitPosition | ValidationError:
    given: object = run_id
    if not isinstance(given, str):
        detail = (
            f"expected the id of a run as text, found a value of {type(given).__name__}; an acceptance has it as run_id"
        )
        return ValidationError(_WHERE, detail, pointer="/run_id")
    if resume_from is None:
        return WaitPosition(run_id)
    if isinstance(resume_from, str):
        read = position_from_text(resume_from)
        if isinstance(read, Failure):
            return read.failure()
        resume_from = read.unwrap()
    position: object = resume_from
    if not isinstance(position, WaitPosition):
        return ValidationError(_WHERE, "expected a WaitPosition, or its text()", pointer="/resume_from")
    if resume_from.run_id != run_id:
        return ValidationError(_WHERE, "the position is that of another run", pointer="/resume_from")
    return resume_from


def sync_fault(client: object) -> ValidationError | None:
    """What is wrong with a client that is to be a sync one; told before anything is sent."""
    if isinstance(client, CascadesClient):
        return None
    return ValidationError(
        _WHERE, "expected a CascadesClient; an async one has functions that end in _async", pointer="/client"
    )


def async_fault(client: object) -> ValidationError | None:
    """What is wrong with a client that is to be an async one; told before anything is sent."""
    from cascades_sdk.client import AsyncCascadesClient

    if isinstance(client, AsyncCascadesClient):
        return None
    return ValidationError(_WHERE, "expected an AsyncCascadesClient", pointer="/client")


def _seconds_fault(given: Mapping[str, object]) -> ValidationError | None:
    """The first of the durations that is none."""
    wrong = next((name for name, seconds in given.items() if not is_seconds(seconds)), None)
    if wrong is None:
        return None
    return ValidationError(_WHERE, "expected a number of seconds above 0", pointer="/" + wrong)


def _listeners_fault(on_event: object, on_progress: object) -> ValidationError | None:
    """The first of the listeners that would not be called."""
    given = (("on_event", on_event), ("on_progress", on_progress))
    wrong = next((name for name, listener in given if is_async(listener)), None)
    return None if wrong is None else ValidationError(_WHERE, PLAIN_FUNCTION, pointer="/" + wrong)


def submit_and_wait(
    client: CascadesClient,
    body: WorkflowRunRequestBody | Mapping[str, Any] | None = None,
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    cancel_token: CancelToken | None = None,
) -> Outcome[RunOutcome, ClientError]:
    """How a run that is submitted now ended. ``timeout`` counts from its acceptance.

    Returns:
        What :func:`wait_for_completion` and ``client.submit_workflow_run`` return.
    """
    seconds = {"timeout": timeout, "event_silence": event_silence, "byte_silence": byte_silence}
    wrong = sync_fault(client) or _seconds_fault(seconds) or _listeners_fault(on_event, on_progress)
    if wrong is not None:
        # Before anything is sent: a run that nobody waits for would be left behind.
        return Failure(wrong)
    accepted = client.submit_workflow_run(body)
    if isinstance(accepted, Failure):
        return Failure(accepted.failure())
    run_id = accepted.unwrap().run_id
    return wait_for_completion(
        client,
        run_id,
        timeout,
        on_event=on_event,
        on_progress=on_progress,
        event_silence=event_silence,
        byte_silence=byte_silence,
        cancel_token=cancel_token,
    )


async def submit_and_wait_async(
    client: "AsyncCascadesClient",
    body: WorkflowRunRequestBody | Mapping[str, Any] | None = None,
    timeout: float = 3600.0,
    *,
    on_event: OnEvent | None = None,
    on_progress: OnProgress | None = None,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
) -> Outcome[RunOutcome, ClientError]:
    """What :func:`submit_and_wait` is, for an async client."""
    seconds = {"timeout": timeout, "event_silence": event_silence, "byte_silence": byte_silence}
    wrong = async_fault(client) or _seconds_fault(seconds) or _listeners_fault(on_event, on_progress)
    if wrong is not None:
        return Failure(wrong)
    accepted = await client.submit_workflow_run(body)
    if isinstance(accepted, Failure):
        return Failure(accepted.failure())
    run_id = accepted.unwrap().run_id
    return await wait_for_completion_async(
        client,
        run_id,
        timeout,
        on_event=on_event,
        on_progress=on_progress,
        event_silence=event_silence,
        byte_silence=byte_silence,
    )
