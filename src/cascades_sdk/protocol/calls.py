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
    ServerError,
    UnexpectedResponseError,
)
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
    lost_of,
)
from cascades_sdk.protocol.hiding import hidden_quoted
from cascades_sdk.protocol.limits import Limits, RetryPolicy
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest
from cascades_sdk.protocol.pieces import NOTHING
from cascades_sdk.protocol.responses import outcome_of, request_id_of, starts_a_run
from cascades_sdk.protocol.run_ids import run_id_in

__all__ = ["Terms", "Unread", "body_of", "call", "error_of", "oversized_head", "received"]

_T = TypeVar("_T")
_V = TypeVar("_V")

_JITTER: Final = 0.25
_MALFORMED: Final = "a malformed gzip body"
_TRAILED: Final = "data after the gzip body"
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
    until, attempt = now.monotonic + terms.seconds, 1
    while True:
        yield Note(SentRequest(operation.id, operation.method, operation.path, attempt))
        began = now.monotonic
        head, answer, now = yield from _exchange(operation, request, until, terms)
        if isinstance(answer, Response):
            outcome = outcome_of(operation, answer, wall=now.wall, secrets=terms.secrets, limits=terms.limits)
        else:
            outcome = Failure(_failure(operation, head, answer, terms))
        yield Note(received(operation, attempt, head, now.monotonic - began, outcome, terms.secrets))
        pause = _pause_before_retry(request, answer, outcome, attempt, terms.retry, now)
        if pause is None or now.monotonic + pause >= until:
            return outcome
        now = (yield Sleep(pause)).now
        attempt += 1


def received(
    operation: Operation[Any],
    attempt: int,
    head: Head | None,
    seconds: float,
    outcome: Outcome[Any, ClientError],
    secrets: tuple[str, ...],
) -> ReceivedResponse:
    """What is told of the end of an attempt."""
    return ReceivedResponse(
        operation.id,
        operation.method,
        operation.path,
        attempt,
        None if head is None else head.status,
        seconds,
        None if head is None else request_id_of(head, secrets),
        outcome.failure() if isinstance(outcome, Failure) else None,
    )


_Failed = Lost | LimitExceededError | UnexpectedResponseError


@attrs.frozen
class Unread:
    """Why there is no whole answer, and what of its body came."""

    failed: _Failed
    came: bytes = attrs.field(default=b"", repr=False)


def _exchange(
    operation: Operation[Any], request: Request, until: float, terms: Terms
) -> Program[_V, tuple[Head | None, Response | Unread, Reading]]:
    opened = yield Open(request, until)
    head = opened.answer
    if not isinstance(head, Head):
        lost = lost_of(head)
        return None, Unread(oversized_head(operation.id, lost, terms) or lost), opened.now
    answer, now = yield from body_of(operation, head, until, terms, opened.now)
    return head, answer, now


def oversized_head(operation: str, head: Head | Lost, terms: Terms) -> LimitExceededError | None:
    """Why a head is too long to be looked at; a transport may have given one up, and then it is lost."""
    if isinstance(head, Lost):
        return LimitExceededError(operation, head.limit, terms.limits.headers) if head.limit else None
    if sum(len(name) + len(value) for name, value in head.headers) <= terms.limits.headers:
        return None
    return LimitExceededError(
        operation, "headers", terms.limits.headers, head.status, request_id=request_id_of(head, terms.secrets)
    )


def body_of(
    operation: Operation[Any], head: Head, until: float, terms: Terms, now: Reading
) -> Program[_V, tuple[Response | Unread, Reading]]:
    """The whole body of an open answer, decompressed and bounded; the answer is closed at the end."""
    request_id, limits = request_id_of(head, terms.secrets), terms.limits
    oversized = oversized_head(operation.id, head, terms)
    if oversized is not None:
        yield Close()
        return Unread(oversized), now
    coding = (head.header("content-encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        yield Close()
        problem = "a Content-Encoding that was not asked for"
        return Unread(UnexpectedResponseError(operation.id, problem, head.status, request_id=request_id)), now
    inflate = None if coding == "identity" else zlib.decompressobj(_GZIP)
    body, fed = NOTHING, False
    while True:
        reply = yield Read(until)
        answer, now = reply.answer, reply.now
        if isinstance(answer, Ended):
            break
        if not isinstance(answer, Chunk):
            yield Close()
            return Unread(lost_of(answer), body.joined()), now
        data = answer.data
        if inflate is not None and data:
            fed = True
            try:
                # At most one byte more than allowed is ever decompressed.
                data = inflate.decompress(data, limits.body - body.size + 1)
            except zlib.error:
                yield Close()
                malformed = UnexpectedResponseError(operation.id, _MALFORMED, head.status, request_id=request_id)
                return Unread(malformed, body.joined()), now
            if inflate.unused_data:
                yield Close()
                trailed = UnexpectedResponseError(operation.id, _TRAILED, head.status, request_id=request_id)
                return Unread(trailed, body.plus(data).joined()), now
        body = body.plus(data)
        if body.size > limits.body:
            yield Close()
            crossed = LimitExceededError(operation.id, "body", limits.body, head.status, request_id=request_id)
            return Unread(crossed, body.joined()), now
        if now.monotonic >= until:
            # A transport that is not ours may not know the deadline: it is looked at between chunks.
            yield Close()
            return Unread(Lost("time", sent=True), body.joined()), now
    yield Close()
    if inflate is not None and fed and not inflate.eof:
        return Unread(Lost("broken", sent=True, detail="the gzip body is cut short"), body.joined()), now
    return Response(head, body.joined()), now


def error_of(
    operation: str, lost: Lost, seconds: float, secrets: tuple[str, ...] = (), head: Head | None = None
) -> NetworkError | DeadlineExceededError:
    """What a failure below HTTP is called. Its detail may quote what was sent back, so secrets are hidden in it."""
    status = None if head is None else head.status
    request_id = None if head is None else request_id_of(head, secrets)
    if lost.kind == "time":
        return DeadlineExceededError(operation, seconds, status=status, request_id=request_id)
    if lost.kind == "cancelled":
        return NetworkError(operation, "broken", "the caller gave it up", status, request_id=request_id)
    detail = hidden_quoted(lost.detail, secrets)
    kind = "broken" if lost.kind == "closed" else lost.kind
    return NetworkError(operation, kind, detail, status, request_id=request_id)


def _failure(operation: Operation[Any], head: Head | None, answer: Unread, terms: Terms) -> ClientError:
    failed, status = answer.failed, None if head is None else head.status
    run_id = run_id_in(answer.came, terms.secrets) if starts_a_run(operation, status) else None
    if isinstance(failed, UnexpectedResponseError):
        return UnexpectedResponseError(
            operation.id, failed.problem, status, request_id=failed.request_id, run_id=run_id
        )
    left = failed.sent if isinstance(failed, Lost) else True
    cause = error_of(operation.id, failed, terms.seconds, terms.secrets, head) if isinstance(failed, Lost) else failed
    # A status of 4xx says that nothing was carried out, whatever became of its body.
    if operation.method == "GET" or not left or (status is not None and 400 <= status < 500):
        return cause
    return AmbiguousSubmitError(operation.id, cause, cause.status, request_id=cause.request_id, run_id=run_id)


def _pause_before_retry(
    request: Request,
    answer: Response | Unread,
    outcome: Outcome[Any, ClientError],
    attempt: int,
    policy: RetryPolicy,
    now: Reading,
) -> float | None:
    """How long to wait before trying again, or None: the outcome stands."""
    if attempt > policy.retries or not isinstance(outcome, Failure):
        return None
    if isinstance(answer, Unread) and isinstance(answer.failed, Lost):
        lost = answer.failed
        unsent = request.method == "GET" or not lost.sent
        # What has no trust or no name now will have none in a second, and nor will there be more time.
        return _pause(policy, attempt, now) if lost.kind in ("connect", "proxy", "broken") and unsent else None
    match outcome.failure():
        case (
            RateLimitError(retry_after=seconds)
            | EngineUnavailableError(retry_after=seconds)
            | ServerError(status=503, retry_after=seconds)
        ):
            return seconds
        case _:
            return None


def _pause(policy: RetryPolicy, attempt: int, now: Reading) -> float:
    # The exponent is bounded, so that a policy of very many retries does not overflow a float.
    longest = min(policy.longest_pause, policy.first_pause * 2.0 ** min(attempt - 1, 60))
    return longest * (1.0 - _JITTER * now.jitter)
