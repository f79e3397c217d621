"""One call, from its request to its outcome, as a program of effects.

Decided here: how a body is read and bounded, what is tried again and after which pause, and what is known of
a POST without an answer. Never here: who carries the effects out, and which clock they obey.
"""

import zlib
from typing import Any, Final, Never, TypeVar

import attrs
from returns.result import Failure

from cascades_sdk.contract import Operation
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    ClientError,
    DeadlineExceededError,
    EngineUnavailableError,
    LimitExceededError,
    NetworkError,
    Outcome,
    RateLimitError,
    UnexpectedResponseError,
)
from cascades_sdk.protocol.effects import (
    Chunk,
    Close,
    Ended,
    Head,
    Look,
    Lost,
    Open,
    Program,
    Read,
    Reading,
    Request,
    Response,
    Sleep,
    lost_of,
)
from cascades_sdk.protocol.hiding import hidden_quoted
from cascades_sdk.protocol.limits import Limits, RetryPolicy
from cascades_sdk.protocol.pieces import NOTHING
from cascades_sdk.protocol.responses import outcome_of

__all__ = ["Terms", "body_of", "call", "error_of"]

_T = TypeVar("_T")
_V = TypeVar("_V")

_JITTER: Final = 0.25
#: zlib's flag for "a gzip header and trailer", added to the largest window.
_GZIP: Final = 16 + zlib.MAX_WBITS


@attrs.frozen
class Terms:
    """What holds for every exchange of a call. ``seconds`` is the time for all of it, retries and pauses included."""

    seconds: float
    limits: Limits
    retry: RetryPolicy
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)


def call(operation: Operation[_T], request: Request, terms: Terms) -> Program[Never, Outcome[_T, ClientError]]:
    """The program of one call.

    A GET is tried again where the network failed; a POST only when it provably never left, or when the server
    said to come back. No pause leads past the deadline: then the last outcome is the answer.
    """
    now = (yield Look()).now
    until, tries = now.monotonic + terms.seconds, 0
    while True:
        answer, now = yield from _exchange(operation, request, until, terms.limits)
        if isinstance(answer, Response):
            outcome = outcome_of(operation, answer, wall=now.wall, secrets=terms.secrets)
        else:
            outcome = Failure(_failure(request, answer, terms))
        pause = _pause_before_retry(request, answer, outcome, tries, terms.retry, now)
        if pause is None or now.monotonic + pause >= until:
            return outcome
        yield Sleep(pause)
        tries += 1


_Failed = Lost | LimitExceededError | UnexpectedResponseError


def _exchange(
    operation: Operation[Any], request: Request, until: float, limits: Limits
) -> Program[_V, tuple[Response | _Failed, Reading]]:
    opened = yield Open(request, until)
    if not isinstance(opened.answer, Head):
        return lost_of(opened.answer), opened.now
    return (yield from body_of(operation, opened.answer, until, limits, opened.now))


def body_of(
    operation: Operation[Any], head: Head, until: float, limits: Limits, now: Reading
) -> Program[_V, tuple[Response | _Failed, Reading]]:
    """The whole body of an open answer, decompressed and bounded; the answer is closed at the end."""
    coding = (head.header("content-encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        yield Close()
        problem = "a Content-Encoding that was not asked for"
        return UnexpectedResponseError(operation.id, problem, head.status), now
    inflate = None if coding == "identity" else zlib.decompressobj(_GZIP)
    body, fed = NOTHING, False
    while True:
        reply = yield Read(until)
        answer, now = reply.answer, reply.now
        if isinstance(answer, Ended):
            break
        if not isinstance(answer, Chunk):
            yield Close()
            return lost_of(answer), now
        data = answer.data
        if inflate is not None and data:
            fed = True
            try:
                # At most one byte more than allowed is ever decompressed.
                data = inflate.decompress(data, limits.body - body.size + 1)
            except zlib.error:
                yield Close()
                return UnexpectedResponseError(operation.id, "a malformed gzip body", head.status), now
            if inflate.unused_data:
                yield Close()
                return UnexpectedResponseError(operation.id, "data after the gzip body", head.status), now
        body = body.plus(data)
        if body.size > limits.body:
            yield Close()
            return LimitExceededError(operation.id, "body", limits.body), now
        if now.monotonic >= until:
            # A transport that is not ours may not know the deadline: it is looked at between chunks.
            yield Close()
            return Lost("time", sent=True), now
    yield Close()
    if inflate is not None and fed and not inflate.eof:
        return Lost("broken", sent=True, detail="the gzip body is cut short"), now
    return Response(head, body.joined()), now


def error_of(
    operation: str, lost: Lost, seconds: float, secrets: tuple[str, ...] = ()
) -> NetworkError | DeadlineExceededError:
    """What a failure below HTTP is called. Its detail may quote what was sent back, so secrets are hidden in it."""
    if lost.kind == "time":
        return DeadlineExceededError(operation, seconds)
    return NetworkError(operation, lost.kind, hidden_quoted(lost.detail, secrets))


def _failure(request: Request, failed: _Failed, terms: Terms) -> ClientError:
    if isinstance(failed, UnexpectedResponseError):
        return failed
    if isinstance(failed, Lost):
        cause, left = error_of(request.operation, failed, terms.seconds, terms.secrets), failed.sent
        return AmbiguousSubmitError(request.operation, cause) if left and request.method == "POST" else cause
    return AmbiguousSubmitError(request.operation, failed) if request.method == "POST" else failed


def _pause_before_retry(
    request: Request,
    answer: Response | _Failed,
    outcome: Outcome[Any, ClientError],
    tries: int,
    policy: RetryPolicy,
    now: Reading,
) -> float | None:
    """How long to wait before trying again, or None: the outcome stands."""
    if tries >= policy.retries or not isinstance(outcome, Failure):
        return None
    if isinstance(answer, Lost):
        unsent = request.method == "GET" or not answer.sent
        # What has no trust or no name now will have none in a second, and nor will there be more time.
        if answer.kind in ("connect", "broken") and unsent:
            return min(policy.longest_pause, policy.first_pause * 2.0**tries) * (1.0 - _JITTER * now.jitter)
        return None
    match outcome.failure():
        case RateLimitError(retry_after=seconds) | EngineUnavailableError(retry_after=seconds):
            return seconds
        case _:
            return None
