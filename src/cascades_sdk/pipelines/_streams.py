"""A run's events across reconnects, for whoever wants to read them in a loop; and as httpx-sse has them.

Decided here: that each row comes once, and what ends the loop. Never here: how a run is followed.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from typing import TYPE_CHECKING

from returns.result import Failure, Success

from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.errors import ClientError, Outcome, ValidationError, WaitPosition
from cascades_sdk.pipelines._waiting import async_fault, sync_fault, terms_of
from cascades_sdk.protocol.effects import Tell
from cascades_sdk.protocol.event_stream import Frame
from cascades_sdk.protocol.limits import FOLLOWING
from cascades_sdk.types import RunStreamEvent

if TYPE_CHECKING:
    from httpx_sse import ServerSentEvent

    from cascades_sdk.client import AsyncCascadesClient

__all__ = ["as_server_sent_event", "follow_run", "follow_run_async"]


def follow_run(
    client: CascadesClient,
    run_id: str,
    timeout: float = 3600.0,
    *,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    cancel_token: CancelToken | None = None,
    resume_from: WaitPosition | str | None = None,
) -> Generator[Outcome[RunStreamEvent, ClientError], None, None]:
    """The events of a run to its end, each once, over as many connections as it takes. Closing it hangs up.

    The last one is the terminal event; or a ``Failure`` of what :func:`wait_for_completion` fails with, after which
    nothing comes.
    """
    terms = sync_fault(client) or terms_of(run_id, timeout, event_silence, byte_silence, resume_from)
    if isinstance(terms, ValidationError):
        yield Failure(terms)
        return
    news = client.follow_run(*terms, cancel_token)
    try:
        while True:
            yield from map(Success, next(news).events)
    except StopIteration as end:
        if isinstance(end.value, Failure):
            yield Failure(end.value.failure())
    finally:
        news.close()


async def follow_run_async(
    client: "AsyncCascadesClient",
    run_id: str,
    timeout: float = 3600.0,
    *,
    event_silence: float = FOLLOWING.event_silence,
    byte_silence: float = FOLLOWING.byte_silence,
    resume_from: WaitPosition | str | None = None,
) -> AsyncGenerator[Outcome[RunStreamEvent, ClientError], None]:
    """What :func:`follow_run` is, for an async client. Whoever may leave the loop early closes it (``aclosing``)."""
    terms = async_fault(client) or terms_of(run_id, timeout, event_silence, byte_silence, resume_from)
    if isinstance(terms, ValidationError):
        yield Failure(terms)
        return
    async with aclosing(client.follow_run(*terms)) as news:
        while isinstance(latest := await anext(news), Tell):
            for event in latest.value.events:
                yield Success(event)
        if isinstance(latest.value, Failure):
            yield Failure(latest.value.failure())


def as_server_sent_event(frame: Frame) -> "ServerSentEvent":
    """A frame of :func:`cascades_sdk.protocol.event_stream.feed` as httpx-sse's type, for code that speaks it."""
    from httpx_sse import ServerSentEvent  # only for those who ask for it

    return ServerSentEvent(event=frame.event, data=frame.data, id=frame.id)
