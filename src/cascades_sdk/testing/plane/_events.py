"""What goes into the model and what comes out of it: two closed sums of frozen values.

Decided here: their fields. Never here: what follows from an event.

``at`` is the reading of the caller's clock, in seconds since 1970. ``connection`` is a number that the
caller gives to whatever answers go to; one connection carries at most one stream.
"""

from typing import TypeAlias, Union

import attrs

from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted
from cascades_sdk.testing.plane._beats import Beat
from cascades_sdk.testing.plane._faults import Failing, Fault, FaultPlan
from cascades_sdk.values import FrozenDict

__all__ = [
    "Answer",
    "Cancelled",
    "Crashed",
    "Disconnected",
    "Due",
    "EvaluationWanted",
    "Event",
    "Reply",
    "Request",
    "Restarted",
    "Scripted",
    "StreamEnded",
    "StreamOpened",
    "StreamSent",
    "Tick",
    "Told",
    "Troubled",
    "WakeWanted",
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


@attrs.frozen
class Due:
    """The moment has come that a :class:`WakeWanted` of this run named."""

    at: float
    run_id: str


@attrs.frozen
class Scripted:
    """From now on a run, or else each new run of a workflow, does what the beats say, and is not evaluated."""

    at: float
    key: str
    beats: tuple[Beat, ...]


@attrs.frozen
class Cancelled:
    """Somebody cancels a run: the contract has no request for it."""

    at: float
    run_id: str


@attrs.frozen
class Troubled:
    """What goes wrong from now on; None leaves it as it is. ``provider`` refuses, with a status, or no more (None)."""

    at: float
    failing: tuple[Failing, ...] | None = None
    faults: tuple[FaultPlan, ...] | None = None
    provider: tuple[str, int | None] | None = None
    forgotten_secret: str | None = attrs.field(default=None, repr=False)


Event: TypeAlias = Union[  # noqa: UP007
    Request, Tick, Told, Crashed, Disconnected, Restarted, Due, Scripted, Cancelled, Troubled
]


@attrs.frozen
class Reply:
    """A whole HTTP answer with a JSON body, or with bytes of another kind."""

    connection: int
    status: int
    body: FrozenDict | bytes
    headers: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None


@attrs.frozen
class StreamOpened:
    """The connection carries an event stream from now on."""

    connection: int
    fault: Fault | None = None


@attrs.frozen
class StreamSent:
    """Bytes of the event stream: whole frames, or a comment."""

    connection: int
    payload: bytes


@attrs.frozen
class StreamEnded:
    """The stream is complete; the connection is to be closed, or reset."""

    connection: int
    reset: bool = False


@attrs.frozen
class EvaluationWanted:
    """The run is to be evaluated; what happens comes back as :class:`Told`."""

    run_id: str
    workflow_id: str
    inputs: FrozenDict


@attrs.frozen
class WakeWanted:
    """The run goes on at this moment: :class:`Due` is to be told then."""

    run_id: str
    moment: float


Answer: TypeAlias = Union[  # noqa: UP007
    Reply, StreamOpened, StreamSent, StreamEnded, EvaluationWanted, WakeWanted
]
