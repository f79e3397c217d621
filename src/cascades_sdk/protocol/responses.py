"""Responses to outcomes.

Decided here: what each status, media type and body means, for any operation; total over all of them.
Never here: whether something is tried again.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final, TypeVar, cast
from urllib.parse import unquote

import attrs
from returns.result import Failure, Success

from cascades_sdk.contract import Operation
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    ClientError,
    EngineUnavailableError,
    IntegrationSaveCode,
    IntegrationTestCode,
    LimitExceededError,
    NetworkError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitError,
    RedirectedError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
    WorkflowCode,
)
from cascades_sdk.protocol.address import without_secrets
from cascades_sdk.protocol.bodies import Crossed, read_body, read_json
from cascades_sdk.protocol.effects import Head, Response
from cascades_sdk.protocol.hiding import hidden, hidden_pointer, hidden_value, shows
from cascades_sdk.protocol.limits import LIMITS, Limits
from cascades_sdk.protocol.run_ids import run_id_in
from cascades_sdk.types import (
    IntegrationSaveError,
    IntegrationTestError,
    WorkflowEngineUnavailable,
    WorkflowNotFound,
    WorkflowRunAccepted,
    WorkflowValidationError,
)
from cascades_sdk.values import FrozenDict, Refusal

__all__ = ["media_type", "outcome_of", "request_id_of", "retry_after_of", "starts_a_run"]

_T = TypeVar("_T")
_OK: Final = 200


def outcome_of(
    operation: Operation[_T],
    response: Response,
    *,
    wall: float,
    secrets: tuple[str, ...] = (),
    limits: Limits = LIMITS,
) -> Outcome[_T, ClientError]:
    """What a whole answer means.

    ``wall`` is the time now in seconds of the epoch, for a ``Retry-After`` with a date. What a server echoes of
    the ``secrets`` is hidden in every error.
    """
    head = response.head
    if head.status == _OK:
        return _accepted(operation, response, secrets, limits)
    return Failure(_error_of(operation, response, wall, secrets, limits))


def starts_a_run(operation: Operation[Any], status: int | None) -> bool:
    """Whether an answer says that a run was accepted, whatever became of its body (RFC 9110 §15.3: 2xx is success)."""
    return status is not None and status // 100 == 2 and operation.answer is WorkflowRunAccepted


def _accepted(
    operation: Operation[_T], response: Response, secrets: tuple[str, ...], limits: Limits
) -> Outcome[_T, ClientError]:
    request_id = request_id_of(response.head, secrets)

    def run_id() -> str | None:
        return run_id_in(response.body, secrets) if starts_a_run(operation, _OK) else None

    def unexpected(problem: str, pointer: str | None = None) -> Outcome[_T, ClientError]:
        return Failure(
            UnexpectedResponseError(operation.id, problem, _OK, pointer, request_id=request_id, run_id=run_id())
        )

    if media_type(response.head) != operation.media:
        # Hidden first: the name of a media type is in lower case, which a secret need not be.
        found = _media_type(hidden(response.head.header("content-type") or "", secrets))
        return unexpected(f"expected {operation.media}, found {found or 'no media type'}")
    value = read_json(response.body, limits)
    if isinstance(value, Crossed):
        crossed = LimitExceededError(operation.id, value.limit, value.maximum, _OK, request_id=request_id)
        if operation.method == "GET":
            return Failure(crossed)
        # What answers 200 was carried out, as where the body is too long.
        return Failure(AmbiguousSubmitError(operation.id, crossed, _OK, request_id=request_id, run_id=run_id()))
    body = value if isinstance(value, Refusal) else read_body(operation.answer, value, secrets=secrets)
    if isinstance(body, Refusal):
        return unexpected(body.problem, hidden_pointer(body.pointer, secrets))
    return Success(body)


def media_type(head: Head) -> str:
    """The media type in lower case, without parameters (RFC 9110 §8.3.1); empty if it is none."""
    return _media_type(head.header("content-type") or "")


def _media_type(text: str) -> str:
    name = text.partition(";")[0].strip().lower()
    return name if re.fullmatch(r"[!-~]{1,100}", name) else ""


@attrs.frozen
class _Refusing:
    """An answer of another status than 200, as far as an error needs it: its body read as the documented class.

    ``body`` is None where the contract has no body for this status, or where what came is something else.
    """

    operation: str
    status: int
    body: object
    retry_after: float | None
    request_id: str | None
    target: str | None
    run_id: str | None
    secrets: tuple[str, ...]

    def line(self, text: str) -> str:
        """A text of the server's as one printable line of bearable length, without secrets."""
        return _line(hidden(text, self.secrets))


def _error_of(
    operation: Operation[Any], response: Response, wall: float, secrets: tuple[str, ...], limits: Limits
) -> ClientError:
    head = response.head
    answer = _Refusing(
        operation.id,
        head.status,
        _error_body(operation, response, limits),
        retry_after_of(head, wall),
        request_id_of(head, secrets),
        _target_of(head, secrets),
        run_id_in(response.body, secrets) if starts_a_run(operation, head.status) else None,
        secrets,
    )
    return _BY_STATUS.get(head.status, _BY_CLASS.get(head.status // 100, _unknown))(answer)


def _target_of(head: Head, secrets: tuple[str, ...]) -> str | None:
    """Where a redirect leads, as it may be shown; nothing of it where a secret stands in it, percent-encoded."""
    location = hidden(head.header("location") or "", secrets)
    return None if shows(unquote(location), secrets) else without_secrets(location)


def _error_body(operation: Operation[Any], response: Response, limits: Limits) -> object:
    schema = dict(operation.errors).get(response.head.status)
    if schema is None:
        return None
    value = read_json(response.body, limits)
    body = value if isinstance(value, Refusal) else read_body(schema, value)
    return None if isinstance(body, Refusal) else body


def _bad_request(answer: _Refusing) -> ClientError:
    detail, code, details = _refusal_told(answer)
    return ValidationError(answer.operation, detail, 400, code, details, request_id=answer.request_id)


def _refusal_told(
    answer: _Refusing,
) -> tuple[str, IntegrationSaveCode | IntegrationTestCode | WorkflowCode | None, FrozenDict | None]:
    body = answer.body
    if isinstance(body, WorkflowValidationError):
        code = None if body.code is None else WorkflowCode(answer.line(body.code))
        return answer.line(body.message or body.error), code, _hidden_object(body.details, answer.secrets)
    if isinstance(body, IntegrationTestError):
        return "the test of the integration failed", body.error, _provider_details(body, answer.secrets)
    if isinstance(body, IntegrationSaveError):
        return "the credential was not stored", body.error, None
    return "the server refused the request", None, None


def _provider_details(body: IntegrationTestError, secrets: tuple[str, ...]) -> FrozenDict | None:
    """What a provider said in the test of an integration."""
    # In the order of the value model, and frozen already: a status may be any integer.
    told = {name: body.wire[name] for name in ("detail", "status") if name in body.wire}
    return _hidden_object(FrozenDict.of_frozen(told), secrets) if told else None


def _hidden_object(value: FrozenDict | None, secrets: tuple[str, ...]) -> FrozenDict | None:
    return cast("FrozenDict | None", hidden_value(value, secrets))


#: What other statuses say of what was sent (RFC 9110 §15.5, RFC 6585 §5): nothing was carried out.
_REFUSALS: Final[Mapping[int, str]] = {
    409: "it conflicts with what the server has; look at that, and try again",
    413: "the body is larger than the server takes",
    414: "the path and the query are longer than the server takes",
    422: "the server cannot carry out what the body says",
    431: "the headers are longer than the server takes; perhaps the cookies are",
}


def _refused(answer: _Refusing) -> ClientError:
    return ValidationError(answer.operation, _REFUSALS[answer.status], answer.status, request_id=answer.request_id)


def _not_found(answer: _Refusing) -> ClientError:
    body = answer.body
    if not isinstance(body, WorkflowNotFound):
        return NotFoundError(answer.operation, request_id=answer.request_id)
    return NotFoundError(
        answer.operation, reason=body.reason, key=answer.line(body.workflow_id), request_id=answer.request_id
    )


def _unavailable(answer: _Refusing) -> ClientError:
    body = answer.body
    if not isinstance(body, WorkflowEngineUnavailable):
        # Not the engine's words: a gateway before it, most likely.
        return _failed(answer)
    return EngineUnavailableError(
        answer.operation,
        reason=body.reason,
        detail=answer.line(body.message),
        retry_after=answer.retry_after,
        request_id=answer.request_id,
    )


def _failed(answer: _Refusing) -> ClientError:
    body = answer.body if isinstance(answer.body, IntegrationTestError) else None
    return ServerError(
        answer.operation,
        answer.status,
        answer.retry_after,
        None if body is None else body.error,
        None if body is None else _provider_details(body, answer.secrets),
        request_id=answer.request_id,
    )


def _proxy_wants(answer: _Refusing) -> ClientError:
    # RFC 9110 §15.5.8: only a proxy answers so.
    detail = "it asks for credentials; give them as in proxy='http://user:password@host'"
    return NetworkError(answer.operation, "proxy", detail, answer.status, request_id=answer.request_id)


def _redirected(answer: _Refusing) -> ClientError:
    return RedirectedError(answer.operation, answer.status, answer.target, request_id=answer.request_id)


def _unknown(answer: _Refusing) -> ClientError:
    problem = "a status that the contract does not know"
    return UnexpectedResponseError(
        answer.operation, problem, answer.status, request_id=answer.request_id, run_id=answer.run_id
    )


_BY_STATUS: Final[Mapping[int, Callable[[_Refusing], ClientError]]] = {
    304: _unknown,  # no redirect, and nothing that was asked for
    400: _bad_request,
    401: lambda answer: AuthenticationError(answer.operation, request_id=answer.request_id),
    403: lambda answer: PermissionDeniedError(answer.operation, request_id=answer.request_id),
    404: _not_found,
    407: _proxy_wants,
    429: lambda answer: RateLimitError(answer.operation, retry_after=answer.retry_after, request_id=answer.request_id),
    503: _unavailable,
    **dict.fromkeys(_REFUSALS, _refused),
}

_BY_CLASS: Final[Mapping[int, Callable[[_Refusing], ClientError]]] = {3: _redirected, 5: _failed}


def _line(text: str) -> str:
    """A server's text as one printable line of bearable length."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= 500 else line[:497] + "..."


#: Where servers and the proxies before them say how they call a request; the first one that can be shown is taken.
_REQUEST_IDS: Final = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")


def request_id_of(head: Head, secrets: tuple[str, ...] = ()) -> str | None:
    """The server's own name for the request: at most 128 characters of a few safe kinds, and no secret in it."""
    found = {name: text for name, text in reversed(head.headers) if name in _REQUEST_IDS}
    # Nearly no answer has any, and each is asked more than once.
    named = [found[name] for name in _REQUEST_IDS if name in found] if found else ()
    return next((text for text in named if text and _is_request_id(text, secrets)), None)


def _is_request_id(text: str, secrets: tuple[str, ...]) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._:/+=@-]{1,128}", text) is not None and not shows(text, secrets)


def retry_after_of(head: Head, wall: float) -> float | None:
    """The seconds that ``Retry-After`` asks to wait (RFC 9110 §10.2.3: a number, or a date); None if it does not."""
    text = head.header("retry-after")
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        # HTTP dates are GMT, also in the obsolete form that does not say so (RFC 9110 §5.6.7).
        at = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return max(0.0, at - wall) if isfinite(wall) else None
