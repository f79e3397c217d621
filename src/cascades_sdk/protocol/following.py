"""Following a run: what is known of it, and what to do next.

Everything that decides how a wait goes on is here; nothing here knows who runs it, or over which transport.
A wait is one of four frozen states, and each state says what is to be done in it:

==================  ==========================================================
:class:`Connecting` open the stream with the cursors of what is known
:class:`Listening`  read on, at most until ``until``
:class:`Pausing`    let time pass until ``until``, then connect
:class:`Finished`   nothing: here is the outcome
==================  ==========================================================

:func:`transition` is total: any state takes any input, and :class:`Finished` absorbs all. All times are
seconds of the monotonic clock.
"""

from typing import Final, TypeAlias, assert_never

import attrs
from returns.result import Failure, Success

from cascades_sdk.errors import (
    ClientError,
    DeadlineExceededError,
    LimitExceededError,
    Outcome,
    StreamLostError,
    UnexpectedResponseError,
    WaitCancelledError,
    WaitPosition,
    placed,
)
from cascades_sdk.protocol.effects import Reading
from cascades_sdk.protocol.event_stream import Frame
from cascades_sdk.protocol.knowledge import (
    Known,
    RunOutcome,
    RunProgress,
    TaskProgress,
    fold,
    known_from,
    position_of,
    progress_of,
)
from cascades_sdk.protocol.limits import LIMITS, FollowPolicy, Limits
from cascades_sdk.protocol.sendable import is_event_id
from cascades_sdk.protocol.telemetry import RunStreamEvent, event_of, terminal_status

__all__ = [
    "Connected",
    "Connecting",
    "Finished",
    "FollowState",
    "Happening",
    "Heard",
    "Hung",
    "Listening",
    "Pausing",
    "Refused",
    "RunOutcome",
    "RunProgress",
    "Silent",
    "Stopped",
    "TaskProgress",
    "Wait",
    "Woke",
    "start",
    "transition",
]

_OPERATION: Final = "streamRunTelemetry"

#: How much of a pause may be taken off by chance, so that many waits do not come back together.
_JITTER: Final = 0.25

#: By how much a wake-up may come too early and still be the deadline's.
_WAKING: Final = 0.05


@attrs.frozen
class Wait:
    """What all states carry: the terms of the wait, what is known, and how the last connections went.

    ``barren`` counts the connections that ended since the last news. ``secrets`` are in no problem of a frame.
    """

    seconds: float
    deadline: float
    connect_seconds: float
    policy: FollowPolicy
    known: Known
    barren: int = 0
    retry: float = 0.0
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)
    limits: Limits = LIMITS


@attrs.frozen
class Connecting:
    """Open the stream; its head is due at ``until``."""

    wait: Wait
    until: float


@attrs.frozen
class Listening:
    """Read on. ``opened``, ``byte`` and ``event`` are when the stream was opened and when one came last."""

    wait: Wait
    opened: float
    byte: float
    event: float

    @property
    def until(self) -> float:
        """When silence, or the deadline, ends the listening."""
        policy = self.wait.policy
        return min(self.wait.deadline, self.byte + policy.byte_silence, self.event + policy.event_silence)


@attrs.frozen
class Pausing:
    """Hang up, and connect again at ``until``."""

    wait: Wait
    until: float


@attrs.frozen
class Finished:
    """The wait is over."""

    wait: Wait
    outcome: Outcome[RunOutcome, ClientError]


FollowState: TypeAlias = Connecting | Listening | Pausing | Finished


@attrs.frozen
class Connected:
    """The stream is open."""


@attrs.frozen
class Heard:
    """Bytes came, with these complete frames; what the stream said of its last id and of its pause (seconds)."""

    frames: tuple[Frame, ...] = ()
    last_event_id: str = ""
    retry: float | None = None


@attrs.frozen
class Hung:
    """The connection was not made, or ended, or broke: something that another try may cure."""

    reason: str
    retry_after: float | None = None


@attrs.frozen
class Silent:
    """Nothing came until the moment that the state named."""


@attrs.frozen
class Refused:
    """An answer that another try will not change."""

    error: ClientError


@attrs.frozen
class Woke:
    """The pause is over."""


@attrs.frozen
class Stopped:
    """Whoever waits does not want to any more."""


Happening: TypeAlias = Connected | Heard | Hung | Silent | Refused | Woke | Stopped


def start(
    origin: WaitPosition,
    seconds: float,
    connect_seconds: float,
    policy: FollowPolicy,
    now: float,
    secrets: tuple[str, ...] = (),
    limits: Limits = LIMITS,
) -> Connecting:
    """The first state of a wait of at most ``seconds``, from a position of the run on."""
    known = known_from(origin)
    wait = Wait(seconds, now + seconds, connect_seconds, policy, known, secrets=secrets, limits=limits)
    return _connecting(wait, now)


def transition(
    state: FollowState, happening: Happening, now: Reading
) -> tuple[FollowState, tuple[RunStreamEvent, ...]]:
    """The next state, and the events that are new, in order.

    A verdict that was heard counts even when the deadline has passed meanwhile.
    """
    if isinstance(state, Finished):
        return state, ()
    after, told = _next(state, happening, now)
    if not isinstance(after, Finished) and now.monotonic >= after.wait.deadline:
        after = _too_late(after.wait)
    return after, told


def _next(
    state: Connecting | Listening | Pausing, happening: Happening, now: Reading
) -> tuple[FollowState, tuple[RunStreamEvent, ...]]:
    match happening:
        case Heard():
            return _heard(state, happening, now)
        case Connected():
            return Listening(state.wait, *[now.monotonic] * 3), ()
        case Hung():
            return _again(state, happening, now), ()
        case Silent():
            return _silent(state, now), ()
        case Refused():
            return Finished(state.wait, Failure(placed(happening.error, position_of(state.wait.known)))), ()
        case Stopped():
            return Finished(state.wait, Failure(WaitCancelledError(_OPERATION, position_of(state.wait.known)))), ()
        case Woke():
            # A wake-up that comes late finds a wait that goes on already.
            return (_connecting(state.wait, now.monotonic) if isinstance(state, Pausing) else state), ()
        case _:
            assert_never(happening)


def _connecting(wait: Wait, now: float) -> Connecting:
    return Connecting(wait, min(wait.deadline, now + wait.connect_seconds))


def _too_late(wait: Wait) -> Finished:
    error = DeadlineExceededError(_OPERATION, wait.seconds, position_of(wait.known))
    return Finished(wait, Failure(error))


def _silent(state: Connecting | Listening | Pausing, now: Reading) -> FollowState:
    # A socket's clock may wake a little before ours does.
    if now.monotonic >= state.wait.deadline - _WAKING:
        return _too_late(state.wait)
    return _again(state, Hung("nothing was heard for too long"), now)


def _heard(
    state: Connecting | Listening | Pausing, heard: Heard, now: Reading
) -> tuple[FollowState, tuple[RunStreamEvent, ...]]:
    wait, told, failed = state.wait, list[RunStreamEvent](), False
    # What stays as it is makes no new value: most of what a quiet stream says is a sign of life.
    if heard.retry not in (None, wait.retry):
        wait = attrs.evolve(wait, retry=heard.retry)
    for frame in heard.frames:
        event = event_of(frame, _OPERATION, wait.secrets, wait.limits)
        known, new = fold(wait.known, event, wait.policy.log_tail)
        # The cursor is never ahead of what was folded: a reconnect would not be sent the rest again.
        known = _at(known, frame.id)
        # Only news refills the budget: a server that accepts and hangs up must not be asked for ever.
        wait = attrs.evolve(wait, known=known, barren=0 if new.news else wait.barren)
        told += new.events
        if isinstance(event, Failure):
            continue
        read = event.unwrap()
        status = terminal_status(read)
        if status is not None:
            outcome = RunOutcome(known.run_id, status, read, progress_of(known))
            return Finished(wait, Success(outcome)), tuple(told)
        # What came along with it is folded before hanging up: it may hold the verdict.
        failed = failed or read.type == "stream.error"
    # A block without data dispatches no frame, and sets the id all the same (HTML Standard §9.2.6).
    known = _at(wait.known, heard.last_event_id)
    if known is not wait.known:
        wait = attrs.evolve(wait, known=known)
    if failed:
        return _again(attrs.evolve(state, wait=wait), Hung("the server reported stream.error"), now), tuple(told)
    if isinstance(state, Listening):
        event_at = now.monotonic if heard.frames else state.event
        return Listening(wait, state.opened, now.monotonic, event_at), tuple(told)
    return attrs.evolve(state, wait=wait), tuple(told)


def _at(known: Known, last_event_id: str) -> Known:
    # An id that no header can hold is passed over: an older one only brings back what is known already.
    if last_event_id in ("", known.last_event_id) or not is_event_id(last_event_id):
        return known
    return attrs.evolve(known, last_event_id=last_event_id)


def _again(state: Connecting | Listening | Pausing, hung: Hung, now: Reading) -> FollowState:
    """Pause and connect again, or give up."""
    wait = state.wait
    lasted = now.monotonic - state.opened if isinstance(state, Listening) else 0.0
    # A stream that stayed open for a while is no fault of the server, even if the run had no news to tell.
    if lasted < wait.policy.settled:
        wait = attrs.evolve(wait, barren=wait.barren + 1)
    if wait.barren > wait.policy.attempts:
        return _lost(wait, hung.reason)
    if hung.retry_after is not None and now.monotonic + hung.retry_after >= wait.deadline:
        return _lost(wait, f"{hung.reason}, which is after the deadline")
    # What a stream's ``retry`` asks for is a wish: one that leads past the deadline would end the wait unheard.
    wished = wait.retry if now.monotonic + wait.retry < wait.deadline else 0.0
    pause = max(_pause(wait, now.jitter), wished, hung.retry_after or 0.0)
    return Pausing(wait, min(wait.deadline, now.monotonic + pause))


def _lost(wait: Wait, reason: str) -> Finished:
    unread = wait.known.problems[-1:]
    told = "".join(f"{reason}; the last frame that could not be read: {_fault_in(problem)}" for problem in unread)
    error = StreamLostError(_OPERATION, told or reason, wait.barren, position_of(wait.known))
    return Finished(wait, Failure(error))


def _fault_in(problem: UnexpectedResponseError | LimitExceededError) -> str:
    if isinstance(problem, LimitExceededError):
        return f"it exceeds the limit {problem.limit}={problem.maximum}"
    return f"{problem.problem} at {problem.pointer}" if problem.pointer else problem.problem


def _pause(wait: Wait, jitter: float) -> float:
    policy = wait.policy
    # The exponent is bounded, so that a policy of very many attempts does not overflow a float.
    longest = min(policy.longest_pause, policy.first_pause * 2.0 ** min(max(wait.barren - 1, 0), 60))
    return longest * (1.0 - _JITTER * jitter)
