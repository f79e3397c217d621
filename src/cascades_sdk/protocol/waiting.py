"""The run's stream, once or until the run's end, as programs of effects.

Decided here: which answer opens a stream, and how bytes become happenings of the state machine in
:mod:`~cascades_sdk.protocol.following`, which decides all the rest.
Never here: sockets, clocks, callbacks.
"""

from collections.abc import Callable
from math import inf
from typing import Final, TypeAlias, TypeVar, assert_never

import attrs
from returns.result import Failure, Success

from cascades_sdk.contract import STREAM_RUN_TELEMETRY
from cascades_sdk.errors import (
    ClientError,
    LimitExceededError,
    NetworkError,
    Outcome,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
    WaitPosition,
)
from cascades_sdk.protocol import event_stream
from cascades_sdk.protocol.calls import Terms, Unread, body_of, error_of, oversized_head, received
from cascades_sdk.protocol.effects import (
    Chunk,
    Close,
    Ended,
    Head,
    Look,
    Lost,
    Note,
    Open,
    Program,
    Read,
    Reading,
    Request,
    Response,
    Sleep,
    Tell,
    lost_of,
)
from cascades_sdk.protocol.following import (
    Connected,
    Connecting,
    Finished,
    FollowState,
    Happening,
    Heard,
    Hung,
    Listening,
    Refused,
    Silent,
    Stopped,
    Woke,
    start,
    transition,
)
from cascades_sdk.protocol.knowledge import Known, RunOutcome, position_of
from cascades_sdk.protocol.limits import FollowPolicy, Limits
from cascades_sdk.protocol.observation import SentRequest
from cascades_sdk.protocol.responses import media_type, outcome_of, request_id_of
from cascades_sdk.protocol.telemetry import RunStreamEvent, event_of

__all__ = ["News", "follow", "listen_once"]

_V = TypeVar("_V")
_OPERATION: Final = STREAM_RUN_TELEMETRY
_MILLISECONDS: Final = 1000.0

RequestFor: TypeAlias = Callable[[WaitPosition], Outcome[Request, ValidationError]]


@attrs.frozen
class News:
    """What a wait tells on its way: the new events, and what is known after them."""

    events: tuple[RunStreamEvent, ...]
    known: Known


def listen_once(request: Request, terms: Terms) -> Program[Outcome[RunStreamEvent, ClientError], None]:
    """One connection: every event as it comes, a bad frame as a Failure among them, and at last a Failure if
    the stream was refused or broke. ``terms.seconds`` run until the head of the answer.
    """
    now = (yield Look()).now
    opened, head, _ = yield from _opened(request, now, now.monotonic + terms.seconds, terms, 1)
    if not isinstance(opened, Connected):
        yield Tell(Failure(_error_in(opened, terms)))
        return
    state = _fresh(terms.limits)
    while True:
        answer = (yield Read(inf)).answer
        if isinstance(answer, Ended):
            if event_stream.is_unfinished(state):
                problem = "the stream ended in the middle of an event"
                request_id = None if head is None else request_id_of(head, terms.secrets)
                yield Tell(Failure(NetworkError(_OPERATION.id, "broken", problem, 200, request_id=request_id)))
            break
        if not isinstance(answer, Chunk):
            yield Tell(Failure(error_of(_OPERATION.id, lost_of(answer), terms.seconds, terms.secrets, head)))
            break
        state, frames = event_stream.feed(state, answer.data)
        for frame in frames:
            yield Tell(event_of(frame, _OPERATION.id, terms.secrets, terms.limits))
        if isinstance(state, event_stream.Overflowed):
            yield Tell(Failure(_overflow(state)))
            break
    yield Close()


def follow(
    origin: WaitPosition, seconds: float, request_for: RequestFor, policy: FollowPolicy, terms: Terms
) -> Program[News, Outcome[RunOutcome, ClientError]]:
    """A run, followed from a position to its end or to the deadline. ``terms.seconds`` bound each connect."""
    now = (yield Look()).now
    state: FollowState = start(origin, seconds, terms.seconds, policy, now.monotonic, terms.secrets, terms.limits)
    yield Tell(News((), state.wait.known))
    stream, attempt = _fresh(terms.limits), 0
    while not isinstance(state, Finished):
        happening: Happening
        if isinstance(state, Connecting):
            stream, attempt = _fresh(terms.limits), attempt + 1
            request = request_for(position_of(state.wait.known))
            if isinstance(request, Failure):
                happening = Refused(request.failure())
            else:
                opened, _, now = yield from _opened(request.unwrap(), now, state.until, terms, attempt)
                happening = _happened(opened, terms.secrets)
        elif isinstance(state, Listening):
            reply = yield Read(state.until)
            now = reply.now
            stream, happening = _listened(stream, reply.answer, terms.secrets)
        else:
            yield Close()
            now = (yield Sleep(max(0.0, state.until - now.monotonic))).now
            happening = Woke()
        before = state.wait.known
        state, events = transition(state, happening, now)
        if isinstance(stream, event_stream.Overflowed):
            # The frames before it were heard; if they held no verdict, a reconnect would only meet it again.
            state, _ = transition(state, Refused(_overflow(stream)), now)
        if events or state.wait.known is not before:
            yield Tell(News(events, state.wait.known))
    yield Close()
    return state.outcome


def _fresh(limits: Limits) -> event_stream.StreamState:
    return event_stream.Reading(max_line=limits.stream_line, max_event=limits.stream_event)


def _overflow(state: event_stream.Overflowed) -> LimitExceededError:
    return LimitExceededError(_OPERATION.id, state.limit, state.maximum)


def _opened(
    request: Request, now: Reading, until: float, terms: Terms, attempt: int
) -> Program[_V, tuple[Connected | Lost | Refused, Head | None, Reading]]:
    """Open the stream, or read what was answered instead; the log and the hooks are told."""
    yield Note(SentRequest(_OPERATION.id, _OPERATION.method, _OPERATION.path, attempt))
    reply = yield Open(request, until, stream=True)
    head = reply.answer if isinstance(reply.answer, Head) else None
    opened, after = (
        (_unopened(lost_of(reply.answer), terms), reply.now)
        if head is None
        else (yield from _entered(head, reply.now, until, terms))
    )
    outcome = Success(None) if isinstance(opened, Connected) else Failure(_error_in(opened, terms))
    yield Note(received(_OPERATION, attempt, head, after.monotonic - now.monotonic, outcome, terms.secrets))
    return opened, head, after


def _unopened(lost: Lost, terms: Terms) -> Lost | Refused:
    oversized = oversized_head(_OPERATION.id, lost, terms)
    return lost if oversized is None else Refused(oversized)


def _entered(head: Head, now: Reading, until: float, terms: Terms) -> Program[_V, tuple[Connected | Refused, Reading]]:
    """Whether this is the head of a stream; if it is not, what the answer says."""
    oversized = oversized_head(_OPERATION.id, head, terms)
    if oversized is not None:
        yield Close()
        return Refused(oversized), now
    if head.status == 200 and media_type(head) == _OPERATION.media:
        if (head.header("content-encoding") or "identity").lower() == "identity":
            return Connected(), now
        yield Close()
        problem, request_id = "a Content-Encoding that was not asked for", request_id_of(head, terms.secrets)
        return Refused(UnexpectedResponseError(_OPERATION.id, problem, head.status, request_id=request_id)), now
    answer, now = yield from body_of(_OPERATION, head, until, terms, now)
    if isinstance(answer, Unread):
        if not isinstance(answer.failed, Lost):
            return Refused(answer.failed), now
        # The status says enough; its body would only have told more.
        answer = Response(head, b"")
    outcome = outcome_of(_OPERATION, answer, wall=now.wall, secrets=terms.secrets, limits=terms.limits)
    return Refused(outcome.failure()), now


def _happened(opened: Connected | Lost | Refused, secrets: tuple[str, ...]) -> Happening:
    """What became of an attempt to connect, as the state machine sees it."""
    match opened:
        case Connected():
            return opened
        case Lost():
            return _hung(opened, secrets)
        case Refused(RateLimitError(retry_after=seconds) as error):
            return Hung(str(error), seconds)
        case Refused(ServerError(retry_after=seconds) as error):
            return Hung(str(error), seconds)
        case Refused(UnexpectedResponseError(status=408 | 425) as error):
            # RFC 9110 §15.5.9, RFC 8470 §5.2: both mean that it may be asked again.
            return Hung(str(error))
        case Refused():
            return opened
        case _:
            assert_never(opened)


def _error_in(opened: Lost | Refused, terms: Terms) -> ClientError:
    if isinstance(opened, Refused):
        return opened.error
    return error_of(_OPERATION.id, opened, terms.seconds, terms.secrets)


def _hung(lost: Lost, secrets: tuple[str, ...]) -> Happening:
    """A failure of the network, as the state machine sees it."""
    if lost.kind == "time":
        return Silent()
    if lost.kind == "cancelled":
        return Stopped()
    error = error_of(_OPERATION.id, lost, 0.0, secrets)
    # No trust is no accident, nor is closing a client; a name may come back with the network.
    return Refused(error) if lost.kind in ("tls", "closed") else Hung(str(error))


def _listened(
    stream: event_stream.StreamState, answer: object, secrets: tuple[str, ...]
) -> tuple[event_stream.StreamState, Happening]:
    if isinstance(answer, Chunk):
        after, frames = event_stream.feed(stream, answer.data)
        if isinstance(after, event_stream.Overflowed):
            return after, Heard(frames)
        retry = None if after.retry is None else after.retry / _MILLISECONDS
        return after, Heard(frames, after.last_event_id, retry)
    if isinstance(answer, Ended):
        return stream, Hung("the stream ended before the run did")
    return stream, _hung(lost_of(answer), secrets)
