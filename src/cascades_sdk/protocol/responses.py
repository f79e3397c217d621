"""Responses to outcomes.

Decided here: what each status, media type and body means, for any operation; total over all of them.
Never here: whether something is tried again.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final, TypeVar

from returns.result import Failure, Success

from cascades_sdk.contract import Operation
from cascades_sdk.errors import (
    AuthenticationError,
    ClientError,
    EngineUnavailableError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitError,
    RedirectedError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
)
from cascades_sdk.protocol.address import without_secrets
from cascades_sdk.protocol.bodies import read_body, read_json
from cascades_sdk.protocol.effects import Head, Response
from cascades_sdk.protocol.hiding import hidden, hidden_pointer, hidden_value
from cascades_sdk.types import WorkflowEngineUnavailable, WorkflowNotFound, WorkflowValidationError
from cascades_sdk.values import Refusal

__all__ = ["media_type", "outcome_of", "retry_after_of"]

_T = TypeVar("_T")
_OK: Final = 200


def outcome_of(
    operation: Operation[_T], response: Response, *, wall: float, secrets: tuple[str, ...] = ()
) -> Outcome[_T, ClientError]:
    """What a whole answer means.

    ``wall`` is the time now in seconds of the epoch, for a ``Retry-After`` with a date. What a server echoes of
    the ``secrets`` is hidden in every error.
    """
    head = response.head
    if head.status == _OK:
        return _accepted(operation, response, secrets)
    return Failure(_error_of(operation, response, wall, secrets))


def _accepted(operation: Operation[_T], response: Response, secrets: tuple[str, ...]) -> Outcome[_T, ClientError]:
    if media_type(response.head) != operation.media:
        # Hidden first: the name of a media type is in lower case, which a secret need not be.
        found = _media_type(hidden(response.head.header("content-type") or "", secrets))
        problem = f"expected {operation.media}, found {found or 'no media type'}"
        return Failure(UnexpectedResponseError(operation.id, problem, _OK))
    value = read_json(response.body)
    body = value if isinstance(value, Refusal) else read_body(operation.answer, value, secrets=secrets)
    if isinstance(body, Refusal):
        problem, pointer = hidden(body.problem, secrets), hidden_pointer(body.pointer, secrets)
        return Failure(UnexpectedResponseError(operation.id, problem, _OK, pointer))
    return Success(body)


def media_type(head: Head) -> str:
    """The media type in lower case, without parameters (RFC 9110 §8.3.1); empty if it is none."""
    return _media_type(head.header("content-type") or "")


def _media_type(text: str) -> str:
    name = text.partition(";")[0].strip().lower()
    return name if re.fullmatch(r"[!-~]{1,100}", name) else ""


def _error_body(operation: Operation[Any], response: Response, secrets: tuple[str, ...]) -> object:
    """The documented body of an error, read as its class; None where there is none or it is something else."""
    schema = dict(operation.errors).get(response.head.status)
    if schema is None:
        return None
    value = read_json(response.body)
    body = value if isinstance(value, Refusal) else read_body(schema, hidden_value(value, secrets))
    return None if isinstance(body, Refusal) else body


def _error_of(operation: Operation[Any], response: Response, wall: float, secrets: tuple[str, ...]) -> ClientError:
    head = response.head
    named = _BY_STATUS.get(head.status)
    if named is not None:
        return named(operation.id, _error_body(operation, response, secrets), retry_after_of(head, wall))
    if 300 <= head.status < 400:
        target = without_secrets(hidden(head.header("location") or "", secrets))
        return RedirectedError(operation.id, head.status, target)
    if 500 <= head.status < 600:
        return ServerError(operation.id, head.status, retry_after_of(head, wall))
    return UnexpectedResponseError(operation.id, "a status that the contract does not know", head.status)


def _bad_request(operation: str, body: object, _: float | None) -> ClientError:
    if not isinstance(body, WorkflowValidationError):
        return ValidationError(operation, "the server refused the request", 400)
    return ValidationError(operation, _line(body.message or body.error), 400, body.code, body.details)


def _not_found(operation: str, body: object, _: float | None) -> ClientError:
    if not isinstance(body, WorkflowNotFound):
        return NotFoundError(operation)
    return NotFoundError(operation, reason=body.reason, key=body.workflow_id)


def _unavailable(operation: str, body: object, retry_after: float | None) -> ClientError:
    if not isinstance(body, WorkflowEngineUnavailable):
        return EngineUnavailableError(operation, retry_after=retry_after)
    return EngineUnavailableError(operation, reason=body.reason, detail=_line(body.message), retry_after=retry_after)


_BY_STATUS: Final[Mapping[int, Callable[[str, object, float | None], ClientError]]] = {
    400: _bad_request,
    401: lambda operation, _, __: AuthenticationError(operation),
    403: lambda operation, _, __: PermissionDeniedError(operation),
    404: _not_found,
    429: lambda operation, _, retry_after: RateLimitError(operation, retry_after=retry_after),
    503: _unavailable,
}


def _line(text: str) -> str:
    """A server's text as one printable line of bearable length."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= 500 else line[:497] + "..."


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
