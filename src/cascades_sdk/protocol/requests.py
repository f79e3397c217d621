"""Arguments to requests.

Decided here: the target, the headers and the bytes that an operation sends, and what is refused before
anything is sent. Never here: origins, sockets, what comes back.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from returns.result import Failure, Success

from cascades_sdk.contract import Operation
from cascades_sdk.errors import Outcome, ValidationError
from cascades_sdk.protocol.auth import header_fault, merged, secrets_of
from cascades_sdk.protocol.bodies import json_bytes
from cascades_sdk.protocol.effects import Request
from cascades_sdk.protocol.sendable import LONGEST, is_cursor, is_event_id, is_segment
from cascades_sdk.types import WireKey, fault_of, frozen_body, refusal_text, wire_keys
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal

__all__ = ["request_for"]


def request_for(
    operation: Operation[Any],
    *,
    headers: Mapping[str, str],
    credentials: Mapping[str, str],
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str | None] | None = None,
    body: object = None,
    last_event_id: str | None = None,
) -> Outcome[Request, ValidationError]:
    """The request of an operation with these arguments.

    ``headers`` are what the client sends with every request. ``credentials`` are sent only where the operation's row
    asks for them. ``body`` is a frozen request of :mod:`cascades_sdk.types`, a mapping in wire case, or None.

    Returns:
        ``Success(Request)``, or ``Failure(ValidationError)`` with the pointer; then nothing is to be sent.
    """
    target = _target(operation, path or {}, query or {})
    if isinstance(target, Refusal):
        return Failure(_refused(operation, target))
    wire = _wire(operation, body)
    if isinstance(wire, Refusal):
        return Failure(_refused(operation, wire))
    fault = header_fault(credentials.items())
    if fault is not None:
        return Failure(ValidationError(operation.id, fault, pointer="/auth"))
    content = None if wire is None else json_bytes(wire)
    given = [headers, _own_headers(operation, content, last_event_id)]
    if operation.auth == "cookie":
        given.append(credentials)
    return Success(
        Request(
            operation.id,
            operation.method,
            target,
            tuple(merged(*given).items()),
            content,
            secrets_of(credentials),
            () if wire is None or operation.body is None else _secrets_in(wire_keys(operation.body.schema), wire),
        )
    )


def _own_headers(operation: Operation[Any], content: bytes | None, last_event_id: str | None) -> dict[str, str]:
    own: dict[str, str] = {"Accept": operation.media}
    if operation.media == "text/event-stream":
        # A compressed stream is a buffered stream.
        own |= {"Cache-Control": "no-store", "Accept-Encoding": "identity"}
    else:
        own |= {"Accept-Encoding": "gzip"}
    if content is not None:
        own |= {"Content-Type": "application/json"}
    if last_event_id and is_event_id(last_event_id):
        own |= {"Last-Event-ID": last_event_id}
    return own


def _secrets_in(fields: tuple[tuple[str, WireKey], ...], wire: FrozenDict) -> tuple[str, ...]:
    """The credentials in a body that was found right, and those in its URLs."""
    found = {str(wire[key.name]) for _, key in fields if key.secret and wire.get(key.name)}
    for _, key in fields:
        if key.form == "uri" and key.name in wire:
            found |= _userinfo(str(wire[key.name]))
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))


def _userinfo(url: str) -> set[str]:
    """The userinfo of a URL and the password in it, as they stand there and without percent signs."""
    # By the last "@" there is: a password may hold what ends an authority.
    userinfo = url.partition("://")[2].rpartition("@")[0]
    parts = (userinfo, userinfo.partition(":")[2])
    return {text for part in parts for text in (part, unquote(part)) if text}


def _refused(operation: Operation[Any], refusal: Refusal) -> ValidationError:
    return ValidationError(operation.id, refusal_text(refusal), pointer=refusal.pointer)


def _target(operation: Operation[Any], path: Mapping[str, str], query: Mapping[str, str | None]) -> str | Refusal:
    target = operation.path
    for name, value in path.items():
        if not is_segment(value):
            problem = f"{value!r:.60} cannot be one segment of a path of at most {LONGEST} bytes"
            return Refusal("/" + name, problem, "pass the id as it was given")
        target = target.replace("{" + name + "}", quote(value, safe=""))
    given = {name: value for name, value in query.items() if value is not None}
    for name, value in given.items():
        if not is_cursor(value):
            problem = f"a cursor is text of at most {LONGEST} bytes without control characters"
            return Refusal("/" + name, problem, "pass it as it was given")
    return f"{target}?{urlencode(given, quote_via=quote)}" if given else target


def _wire(operation: Operation[Any], body: object) -> FrozenDict | None | Refusal:
    expected = operation.body
    if body is None:
        return Refusal("", "a body is required") if expected is not None and expected.required else None
    if expected is None:
        return Refusal("", "this operation takes no body")
    if isinstance(body, expected.schema):
        return body.wire  # checked where it was made
    wire = frozen_body(body)
    return wire if isinstance(wire, Refusal) else fault_of(expected.schema, wire) or _object(wire)


def _object(wire: FrozenValue) -> FrozenDict:
    assert type(wire) is FrozenDict  # anything else has a fault
    return wire
