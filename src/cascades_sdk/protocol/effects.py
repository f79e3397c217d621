"""What a program asks the world to do, and what it is told in answer: all of it frozen.

Decided here: the words between the pure programs and the drivers. A program is a plain generator that
yields effects and is sent a :class:`Reply` for each. Never here: who carries an effect out, and how.

All moments are seconds of the monotonic clock; ``inf`` as a moment means never.
"""

from collections.abc import Generator
from typing import Generic, Literal, TypeAlias, TypeVar

import attrs

from cascades_sdk.errors import NetworkErrorKind
from cascades_sdk.protocol.observation import Observation

__all__ = [
    "Chunk",
    "Close",
    "Effect",
    "Ended",
    "Head",
    "Look",
    "Lost",
    "Note",
    "Open",
    "Program",
    "Read",
    "Reading",
    "Reply",
    "Request",
    "Response",
    "Sleep",
    "Tell",
    "lost_of",
]

_V = TypeVar("_V")
_T = TypeVar("_T")

Headers: TypeAlias = tuple[tuple[str, str], ...]


@attrs.frozen
class Request:
    """A request without its origin. ``target`` is path and query, quoted. The headers may hold credentials.

    ``credentials`` and ``body_secrets`` are the texts in headers and body that no error may show, the longest first.
    """

    operation: str
    method: Literal["GET", "POST"]
    target: str
    headers: Headers = attrs.field(default=(), repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)
    credentials: tuple[str, ...] = attrs.field(default=(), repr=False)
    body_secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All of them, the longest first: a short one may be a part of a long one."""
        return tuple(sorted({*self.credentials, *self.body_secrets}, key=lambda secret: (-len(secret), secret)))


@attrs.frozen
class Head:
    """The head of an answer. Header names are in lower case."""

    status: int
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


@attrs.frozen
class Response:
    """A whole answer, its body decompressed."""

    head: Head
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Chunk:
    """Some bytes of a body, as they were sent."""

    data: bytes


@attrs.frozen
class Ended:
    """The body is complete."""


@attrs.frozen
class Lost:
    """The exchange failed below HTTP. ``sent``: whether some of the request may have left.

    ``time`` is the moment given with the effect, passed; ``cancelled``: whoever waits does not want to any more;
    ``closed``: whoever made the client has closed it. ``limit``: which limit the transport found crossed.
    """

    kind: NetworkErrorKind | Literal["time", "cancelled", "closed"]
    sent: bool
    detail: str = ""
    limit: Literal["headers"] | None = None


@attrs.frozen
class Look:
    """Look at the clock: the answer is None, the reading comes with the reply."""


@attrs.frozen
class Open:
    """Send a request and wait for the head of its answer: :class:`Head` or :class:`Lost`.

    What was open before is closed first. ``stream``: the body is read for as long as it lasts, so that the
    connection counts against no limit and is not kept.
    """

    request: Request
    until: float
    stream: bool = False


@attrs.frozen
class Read:
    """Read on in the open answer: :class:`Chunk`, :class:`Ended` or :class:`Lost`."""

    until: float


@attrs.frozen
class Note:
    """Let the log and the hooks know: the answer is None."""

    observation: Observation


@attrs.frozen
class Close:
    """Give up the open answer, if there is one: the answer is None."""


@attrs.frozen
class Sleep:
    """Let time pass: the answer is None."""

    seconds: float


@attrs.frozen
class Tell(Generic[_V]):
    """Hand something to whoever called: the answer is None."""

    value: _V


Effect: TypeAlias = Look | Open | Read | Close | Note | Sleep | Tell[_V]


@attrs.frozen
class Reading:
    """The clock, read once: monotonic and wall seconds, and a fresh random number in [0, 1) for jitter."""

    monotonic: float
    wall: float
    jitter: float


@attrs.frozen
class Reply:
    """What an effect brought, and when."""

    answer: Head | Chunk | Ended | Lost | None
    now: Reading


def lost_of(answer: object) -> Lost:
    """The failure that an answer is. A driver that answers with anything else has lost the exchange, too."""
    return answer if isinstance(answer, Lost) else Lost("broken", sent=True, detail="no answer")


Program: TypeAlias = Generator[Effect[_V], Reply, _T]
