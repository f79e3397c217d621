"""What one connection still has to be told: answers as pieces of HTTP, damaged as their fault says.

Decided here: heads, and what each fault makes of an answer, for all doors. Never here: how a piece travels.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import Final, TypeAlias, Union

import attrs

from cascades_sdk.testing.plane._events import Reply, StreamEnded, StreamOpened, StreamSent
from cascades_sdk.testing.plane._faults import BODILESS, Cut, Drip, Fault, MediaType, Reset, Silence, WrongLength
from cascades_sdk.testing.plane._telemetry import json_body

__all__ = ["Broken", "Data", "Head", "Later", "Mailbox", "Over", "Piece"]

_FRESH: Final = ("Cache-Control", "no-store")


@attrs.frozen
class Head:
    """The head of an answer; of a stream without a length, the door decides about its framing."""

    status: int
    headers: tuple[tuple[str, str], ...]
    stream: bool = False


@attrs.frozen
class Data:
    """Bytes of the body."""

    payload: bytes


@attrs.frozen
class Over:
    """The body is complete."""


@attrs.frozen
class Broken:
    """The connection ends before the body does: by a reset, or closed."""

    reset: bool


@attrs.frozen
class Later:
    """No piece yet: the next one comes at this moment of monotonic time."""

    moment: float


Piece: TypeAlias = Union[Head, Data, Over, Broken]  # noqa: UP007

_OVER: Final = Over()


class Mailbox:
    """The pieces of a connection, in order. ``take`` is one side, ``next`` the other; they may be two threads."""

    def __init__(self, notify: Callable[[], object] = lambda: None) -> None:
        self.notify = notify
        self._pieces: deque[Piece] = deque()
        self._fault: Fault | None = None
        self._room = inf
        self._muted = False
        self._next = -inf

    def take(self, answer: Reply | StreamOpened | StreamSent | StreamEnded) -> None:
        """Let the connection know."""
        match answer:
            case Reply(status=status) if status in BODILESS:
                self._begin(answer.fault)
                self._put(Head(status, _over((_FRESH,), answer.headers)))
                self._put(_OVER)
            case Reply():
                told = answer.body
                body, media = (told, "text/html") if isinstance(told, bytes) else (json_body(told), "application/json")
                self._begin(answer.fault)
                self._head(answer.status, answer.headers, media, len(body), stream=False)
                self._data(body)
                self._end(reset=False)
            case StreamOpened():
                self._begin(answer.fault)
                self._head(200, (), "text/event-stream", None, stream=True)
            case StreamSent():
                self._data(answer.payload)
            case _:
                self._end(reset=answer.reset)
        self.notify()

    @property
    def due(self) -> float:
        """The moment from which on there is a next piece, ``-inf`` if there always was; ``inf``: there is none yet."""
        if not self._pieces:
            return inf
        return self._next if isinstance(self._fault, Drip) and isinstance(self._pieces[0], Data) else -inf

    def next(self, now: float) -> Piece | Later | None:
        """The next piece, or when there will be one; None: not before more is taken."""
        if not self._pieces:
            return None
        piece = self._pieces[0]
        if isinstance(self._fault, Drip) and isinstance(piece, Data):
            if now < self._next:
                return Later(self._next)
            return self._dripped(piece, now, self._fault)
        self._pieces.popleft()
        return piece

    def _dripped(self, piece: Data, now: float, fault: Drip) -> Data:
        self._next = now + fault.every
        drop, rest = piece.payload[: fault.size], piece.payload[fault.size :]
        if rest:
            self._pieces[0] = Data(rest)
        else:
            self._pieces.popleft()
        return Data(drop)

    def _begin(self, fault: Fault | None) -> None:
        self._fault, self._muted, self._room = fault, False, inf
        match fault:
            case Reset(None):
                self._put(Broken(True))
                self._muted = True
            case Silence(None):
                self._muted = True
            case Reset(int(room)) | Cut(room) | Silence(int(room)):
                self._room = room
            case _:
                pass

    def _head(
        self, status: int, more: tuple[tuple[str, str], ...], media: str, length: int | None, *, stream: bool
    ) -> None:
        if isinstance(self._fault, MediaType):
            media = self._fault.says
            more = tuple((name, value) for name, value in more if name.lower() != "content-type")
        if isinstance(self._fault, WrongLength):
            length = max(0, (length or 0) + self._fault.by)
        counted = () if length is None else (("Content-Length", str(length)),)
        own = (("Content-Type", media), _FRESH)
        self._put(Head(status, (*_over(own, more), *counted), stream))

    def _data(self, payload: bytes) -> None:
        if len(payload) <= self._room:
            self._room -= len(payload)
            self._put(Data(payload))
            return
        self._put(Data(payload[: int(self._room)]))
        if not isinstance(self._fault, Silence):
            self._put(Broken(isinstance(self._fault, Reset)))
        self._muted = True

    def _end(self, *, reset: bool) -> None:
        # Whoever was told a wrong length could wait for the rest for ever.
        broken = reset or isinstance(self._fault, WrongLength)
        self._put(Broken(reset) if broken else _OVER)

    def _put(self, piece: Piece) -> None:
        if not self._muted and piece != Data(b""):
            self._pieces.append(piece)


def _over(own: tuple[tuple[str, str], ...], given: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The headers that are given, and our own where none of theirs has the name."""
    names = {name.lower() for name, _ in given}
    return (*given, *((name, value) for name, value in own if name.lower() not in names))
