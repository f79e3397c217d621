"""Event streams, read incrementally: bytes in, frames out (HTML Standard §9.2, "Server-sent events").

Decided here: lines, fields and dispatch, by the standard; and how long a line or an event may be.
Never here: connections, media types, what a frame's data means.

Three rules shape the code. A line ends as soon as its end is known: a CR ends it at once, and a LF that
comes next, in the same chunk or the next, is then swallowed. Work is linear in the bytes: an unfinished
line is never scanned twice. The state is frozen: what is unfinished is kept in :class:`Pieces`.
"""

from typing import Final

import attrs

from cascades_sdk.protocol.pieces import NOTHING, Pieces

__all__ = ["START", "Frame", "Overflowed", "Reading", "StreamState", "feed", "is_unfinished"]

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_RETRY_DIGITS: Final = 12


@attrs.frozen(slots=False)  # made sooner than one with slots, and a stream makes many
class Frame:
    """A dispatched event: its type, its data, and the last event id of the stream at that point."""

    event: str
    data: str
    id: str = ""


@attrs.frozen
class Reading:
    """A stream that is being read.

    ``line`` is the unfinished line; ``data`` holds the lines of data so far, each with its LF;
    ``last_event_id`` is the id that a reconnect sends, ``retry`` the pause in milliseconds that the server asked for.
    """

    max_line: int
    max_event: int
    line: Pieces = NOTHING
    after_cr: bool = False
    first_line: bool = True
    data: Pieces = NOTHING
    event: str = ""
    id_buffer: str = ""
    last_event_id: str = ""
    retry: int | None = None


@attrs.frozen
class Overflowed:
    """A line or an event was longer than allowed (``limit`` names which). Nothing is read any more."""

    limit: str
    maximum: int


StreamState = Reading | Overflowed

START: Final = Reading(max_line=10 * 2**20, max_event=10 * 2**20)


def feed(state: StreamState, chunk: bytes) -> tuple[StreamState, tuple[Frame, ...]]:
    """The state after ``chunk``, and the frames that it completed, in order.

    How the bytes are cut into chunks changes nothing. What is unfinished when the body ends is dropped by
    not feeding any more.
    """
    if isinstance(state, Overflowed) or not chunk:
        return state, ()
    if state.after_cr and chunk[:1] == b"\n":
        chunk = chunk[1:]
        if not chunk:
            return attrs.evolve(state, after_cr=False), ()
    # bytes.splitlines knows CR, LF and CRLF and nothing else, as the standard does (str.splitlines knows more).
    lines = chunk.splitlines()
    tail = b"" if chunk[-1] in b"\r\n" else lines.pop()
    after_cr = chunk[-1] == 0x0D
    if not lines:
        return _within(attrs.evolve(state, line=state.line.plus(tail), after_cr=after_cr)), ()
    lines[0] = state.line.plus(lines[0]).joined()
    if state.first_line:
        lines[0] = lines[0].removeprefix(_BOM)
    # No line is longer than the first, which began before, or than the chunk.
    after, frames = _interpret(state, lines, max(len(lines[0]), len(chunk)), NOTHING.plus(tail), after_cr)
    return (_within(after) if isinstance(after, Reading) else after), frames


def is_unfinished(state: StreamState) -> bool:
    """Whether a body that ends now ends inside a line or an event, which is then dropped."""
    return isinstance(state, Reading) and state.line.size + state.data.size > 0


def _within(state: Reading) -> StreamState:
    excess = state.line.size - state.max_line
    # A byte order mark before an unfinished first line does not count.
    marked = state.first_line and 0 < excess <= len(_BOM) and state.line.joined().startswith(_BOM)
    if excess > 0 and not marked:
        return Overflowed("stream_line", state.max_line)
    return state


def _interpret(
    state: Reading, lines: list[bytes], longest: int, tail: Pieces, after_cr: bool
) -> tuple[StreamState, tuple[Frame, ...]]:
    """Complete lines, one after the other, before the ``tail``. What changes lives in locals, and dies here."""
    frames: list[Frame] = []
    # What came before is joined when the event is whole: not in each chunk that brings another of its lines.
    before, data, size = state.data, list[bytes](), state.data.size
    event, id_buffer, last_id, retry = state.event, state.id_buffer, state.last_event_id, state.retry
    # A stream says the same name again and again: such a line is read when it changes.
    named, name_of = b"event", ""
    most = state.max_event + 1
    too_long = longest > state.max_line and max(map(len, lines)) > state.max_line
    if too_long:
        lines = lines[: next(at for at, line in enumerate(lines) if len(line) > state.max_line)]
    for line in lines:
        if line[:6] == b"data: ":
            value = line[6:]
        elif not line:
            last_id = id_buffer
            if size:
                if before.size:
                    whole = before.joined() + b"\n".join(data) if data else before.joined()[:-1]
                else:
                    whole = data[0] if len(data) == 1 else b"\n".join(data)
                frames.append(Frame(event or "message", whole.decode("utf-8", "replace"), last_id))
                before, data, size = NOTHING, [], 0
            event = ""
            continue
        elif line == named:
            event = name_of
            continue
        else:
            name, _, value = line.partition(b":")
            if value[:1] == b" ":
                value = value[1:]
            if name == b"event":
                named = line
                event = name_of = value.decode("utf-8", "replace")
            elif name == b"id":
                if b"\0" not in value:
                    id_buffer = value.decode("utf-8", "replace")
            elif name == b"retry" and value.isdigit():
                retry = _milliseconds(value)
            if name != b"data":
                continue
        size += len(value) + 1
        if size > most:
            return Overflowed("stream_event", state.max_event), tuple(frames)
        data.append(value)
    if too_long:
        return Overflowed("stream_line", state.max_line), tuple(frames)
    data.append(b"")  # what is unfinished ends with a line feed
    kept = before.plus(b"\n".join(data))
    # Not by attrs.evolve, which takes longer than to read a short chunk.
    after = Reading(state.max_line, state.max_event, tail, after_cr, False, kept, event, id_buffer, last_id, retry)
    return after, tuple(frames)


def _milliseconds(digits: bytes) -> int:
    # int() refuses thousands of digits; a pause of thirty years is as good as any longer one.
    digits = digits.lstrip(b"0")
    return int(digits or b"0") if len(digits) <= _LONGEST_RETRY_DIGITS else 10**_LONGEST_RETRY_DIGITS
