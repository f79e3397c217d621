"""A strict little reader of HTTP/1.1 requests (RFC 9112): what is in doubt is refused.

Decided here: what is a request, and where it ends. Never here: what it asks for, and sockets: bytes come
from an ``asyncio.StreamReader``, whose ``limit`` bounds the head.
"""

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import attrs

__all__ = ["Head", "Incoming", "Refused", "head_from", "read_request", "response_head"]

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE: Final = re.compile(rb"(%b) ([!-~]+) HTTP/1\.([01])" % _TOKEN)
# RFC 9112 §5.1: no space before the colon. RFC 9110 §5.5: no control characters in a value but the tab.
_FIELD: Final = re.compile(rb"(%b):([\t -~\x80-\xff]*)" % _TOKEN)
_LENGTH: Final = re.compile(r"[0-9]{1,15}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t -~\x80-\xff]*)?\r\n")

_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


@attrs.frozen
class Refused:
    """Bytes that are no acceptable request: the status to answer, and why."""

    status: int
    problem: str


@attrs.frozen
class Head:
    """A request without its body. Header names are in lower case, values without the space around them."""

    method: str
    target: str
    minor_version: int
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, with lists taken apart (RFC 9110 §5.6.1)."""
        return tuple(
            item.strip() for key, value in self.headers if key == name for item in value.split(",") if item.strip()
        )

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow on the connection (RFC 9112 §9.3)."""
        options = {option.lower() for option in self.all("connection")}
        return "close" not in options and (self.minor_version == 1 or "keep-alive" in options)


@attrs.frozen
class Incoming:
    """A whole request."""

    head: Head
    body: bytes


def head_from(data: bytes) -> Head | Refused:
    """The head that these bytes are, up to and with the empty line, or why they are none."""
    line, *fields = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(line)
    if request is None:
        return Refused(400, "no HTTP/1.1 request line")
    found = [field for field in map(_FIELD.fullmatch, fields) if field is not None]
    headers = tuple((field[1].decode().lower(), field[2].decode("latin-1").strip(" \t")) for field in found)
    if len(headers) != len(fields):
        return Refused(400, "a malformed header line")
    head = Head(request[1].decode(), request[2].decode(), int(request[3]), headers)
    hosts = len([name for name, _ in headers if name == "host"])
    if hosts > 1 or (hosts == 0 and head.minor_version == 1):
        return Refused(400, "expected one Host header")
    if not head.target.startswith("/"):
        return Refused(400, "expected a path as the request target")
    return head


def body_length(head: Head) -> int | Refused | None:
    """The length of the body in bytes, ``None`` where it is chunked, or why that is in doubt."""
    lengths = head.all("content-length")
    codings = head.all("transfer-encoding")
    if codings:
        # RFC 9112 §6.1: both at once is how requests are smuggled.
        if lengths or head.minor_version == 0:
            return Refused(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0")
        if [coding.lower() for coding in codings] != ["chunked"]:
            return Refused(400, "the only transfer coding is chunked")
        return None
    if not lengths:
        return 0
    if len(set(lengths)) != 1 or _LENGTH.fullmatch(lengths[0]) is None:
        return Refused(400, "expected one decimal Content-Length")
    return int(lengths[0])


async def read_request(
    reader: asyncio.StreamReader, max_body: int, on_continue: Callable[[], None]
) -> Incoming | Refused | None:
    """The next request of a connection, ``None`` where it ended before one began, or why there is none.

    ``on_continue`` is called where the client waits to be asked for the body (RFC 9110 §10.1.1).
    """
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return Refused(431, "the head of the request is too large")
    except asyncio.IncompleteReadError as ended:
        return Refused(400, "the connection ended inside a request") if ended.partial else None
    head = head_from(data)
    if isinstance(head, Refused):
        return head
    length = body_length(head)
    if isinstance(length, Refused):
        return length
    if length is not None and length > max_body:
        return Refused(413, f"the body is larger than {max_body} bytes")
    if length != 0 and "100-continue" in {value.lower() for value in head.all("expect")}:
        on_continue()
    try:
        body = await (_chunked(reader, max_body) if length is None else reader.readexactly(length))
    except asyncio.IncompleteReadError:
        return Refused(400, "the connection ended inside a body")
    except asyncio.LimitOverrunError:
        return Refused(400, "a line of a chunked body is too long")
    return body if isinstance(body, Refused) else Incoming(head, body)


async def _chunked(reader: asyncio.StreamReader, max_body: int) -> bytes | Refused:
    # RFC 9112 §7.1. The pieces are joined once: `+` on bytes in a loop is quadratic.
    pieces: list[bytes] = []
    left = max_body
    while True:
        line = await reader.readuntil(b"\r\n")
        size = _CHUNK.fullmatch(line)
        if size is None:
            return Refused(400, "a malformed chunk")
        length = int(size[1], 16)
        if length == 0:
            break
        left -= length
        if left < 0:
            return Refused(413, f"the body is larger than {max_body} bytes")
        chunk = await reader.readexactly(length + 2)
        if not chunk.endswith(b"\r\n"):
            return Refused(400, "a chunk is longer than it says")
        pieces.append(chunk[:-2])
    # Trailers are read and forgotten (§7.1.2); the bound of the body holds for them too.
    while (trailer := await reader.readuntil(b"\r\n")) != b"\r\n":
        left -= len(trailer)
        if left < 0:
            return Refused(413, "the trailers are too large")
    return b"".join(pieces)


def response_head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The head of an answer, up to and with the empty line."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    reason = _REASONS.get(status, "")
    return f"HTTP/1.1 {status} {reason}\r\n{fields}\r\n".encode("latin-1")
