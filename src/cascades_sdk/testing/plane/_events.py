"""What goes into the model and what comes out of it: two closed sums of frozen values.

Decided here: their fields. Never here: what follows from an event.

``at`` is the reading of the caller's clock, in seconds since 1970. ``connection`` is a number that the
caller gives to whatever answers go to; one connection carries at most one stream.
"""

from typing import TypeAlias, Union

import attrs

from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted
from cascades_sdk.values import FrozenDict

__all__ = [
    "Answer",
    "Crashed",
    "Disconnected",
    "EvaluationWanted",
    "Event",
    "Reply",
    "Request",
    "Restarted",
    "StreamEnded",
    "StreamOpened",
    "StreamSent",
    "Tick",
    "Told",
]


@attrs.frozen
class Request:
    """An HTTP request. ``target`` is as it was sent; header names are in lower case."""

    at: float
    connection: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    body: bytes = b""


@attrs.frozen
class Tick:
    """Time has passed: open streams get a sign of life."""

    at: float


@attrs.frozen
class Told:
    """The evaluation of a run tells how far it is."""

    at: float
    run_id: str
    event: NodeStarted | NodeFinished | Evaluated


@attrs.frozen
class Crashed:
    """The evaluation of a run ended without a verdict: a bug, or a task that asked to exit."""

    at: float
    run_id: str
    problem: str


@attrs.frozen
class Disconnected:
    """A connection is gone, and a stream on it with it."""

    at: float
    connection: int


@attrs.frozen
class Restarted:
    """The state is put to use again: no stream is open, and no evaluation is under way."""

    at: float


Event: TypeAlias = Union[Request, Tick, Told, Crashed, Disconnected, Restarted]  # noqa: UP007


@attrs.frozen
class Reply:
    """A whole HTTP answer with a JSON body."""

    connection: int
    status: int
    body: FrozenDict
    headers: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class StreamOpened:
    """The connection carries an event stream from now on."""

    connection: int


@attrs.frozen
class StreamSent:
    """Bytes of the event stream: whole frames, or a comment."""

    connection: int
    payload: bytes


@attrs.frozen
class StreamEnded:
    """The stream is complete; the connection is to be closed."""

    connection: int


@attrs.frozen
class EvaluationWanted:
    """The run is to be evaluated; what happens comes back as :class:`Told`."""

    run_id: str
    workflow_id: str
    inputs: FrozenDict


Answer: TypeAlias = Union[Reply, StreamOpened, StreamSent, StreamEnded, EvaluationWanted]  # noqa: UP007
