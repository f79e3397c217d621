"""Arguments to requests.

Decided here: the target, the headers and the bytes that an operation sends, and what is refused before
anything is sent. Never here: origins, sockets, what comes back.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from returns.result import Failure, Success

from cascades_sdk.contract import Operation
from cascades_sdk.errors import Outcome, ValidationError
from cascades_sdk.protocol.bodies import json_bytes, read_body
from cascades_sdk.protocol.effects import Request
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze

__all__ = ["request_for"]

_LAST_CONTROL: Final = 0x20
_DELETE: Final = 0x7F


def request_for(
    operation: Operation[Any],
    *,
    user_agent: str,
    credentials: Mapping[str, str],
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str | None] | None = None,
    body: object = None,
    last_event_id: str | None = None,
) -> Outcome[Request, ValidationError]:
    """The request of an operation with these arguments.

    ``credentials`` are sent only where the operation's row asks for them. ``body`` is a frozen request of
    :mod:`cascades_sdk.types`, a mapping in wire case, or None.

    Returns:
        ``Success(Request)``, or ``Failure(ValidationError)`` with the pointer; then nothing is to be sent.
    """
    target = _target(operation, path or {}, query or {})
    if isinstance(target, Refusal):
        return Failure(_refused(operation, target))
    content = _content(operation, body)
    if isinstance(content, Refusal):
        return Failure(_refused(operation, content))
    if not all(map(_is_header, credentials.items())):
        problem = "a header of the credentials (not shown) is no printable ASCII"
        return Failure(ValidationError(operation.id, problem, pointer="/auth"))
    headers = {"User-Agent": user_agent, "Accept": operation.media}
    if operation.media == "text/event-stream":
        # A compressed stream is a buffered stream.
        headers |= {"Cache-Control": "no-store", "Accept-Encoding": "identity"}
    else:
        headers |= {"Accept-Encoding": "gzip"}
    if content is not None:
        headers |= {"Content-Type": "application/json"}
    if last_event_id and _is_header_text(last_event_id):
        headers |= {"Last-Event-ID": last_event_id}
    if operation.auth == "cookie":
        headers |= credentials
    return Success(Request(operation.id, operation.method, target, tuple(headers.items()), content))


def _refused(operation: Operation[Any], refusal: Refusal) -> ValidationError:
    detail = f"{refusal.problem}; {refusal.advice}" if refusal.advice else refusal.problem
    return ValidationError(operation.id, detail, pointer=refusal.pointer)


def _target(operation: Operation[Any], path: Mapping[str, str], query: Mapping[str, str | None]) -> str | Refusal:
    target = operation.path
    for name, value in path.items():
        if not _is_segment(value):
            return Refusal("/" + name, f"{value!r:.60} cannot be one segment of a path", "pass the id as it was given")
        target = target.replace("{" + name + "}", quote(value, safe=""))
    given = {name: value for name, value in query.items() if value is not None}
    for name, value in given.items():
        if not _is_clean(value):
            return Refusal("/" + name, "a cursor is text without control characters", "pass it as it was given")
    return f"{target}?{urlencode(given, quote_via=quote)}" if given else target


def _is_segment(value: object) -> bool:
    # Quoting leaves dots alone, and ``.`` and ``..`` as segments are resolved by servers and proxies.
    return isinstance(value, str) and value not in ("", ".", "..") and _is_clean(value)


def _is_clean(value: object) -> bool:
    return (
        isinstance(value, str)
        and not isinstance(freeze(value), Refusal)
        and all(ord(character) >= _LAST_CONTROL and ord(character) != _DELETE for character in value)
    )


def _is_header_text(value: str) -> bool:
    # HTTP libraries disagree about other bytes in headers; an id that is not sent costs nothing but repeats.
    return value.isascii() and value.isprintable() and value == value.strip()


def _is_header(header: tuple[object, object]) -> bool:
    # Credentials may come from any object with ``request_headers()``.
    return all(isinstance(text, str) and text != "" and _is_header_text(text) for text in header)


def _content(operation: Operation[Any], body: object) -> bytes | None | Refusal:
    expected = operation.body
    if body is None:
        return Refusal("", "a body is required", "") if expected is not None and expected.required else None
    if expected is None:
        return Refusal("", "this operation takes no body", "")
    if isinstance(body, expected.schema):
        body = body.wire  # type: ignore[attr-defined]  # every request class has it
    wire = _frozen(body)
    if isinstance(wire, Refusal):
        return wire
    checked = read_body(expected.schema, wire, closed=expected.closed)
    return checked if isinstance(checked, Refusal) else json_bytes(wire)


def _frozen(body: object) -> FrozenValue | Refusal:
    if isinstance(body, FrozenDict):
        return body
    return freeze(dict(body) if isinstance(body, Mapping) else body)
