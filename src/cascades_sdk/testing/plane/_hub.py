"""The one place that changes: a plane's state, its time, and who is to be told what.

Decided here: the order in which things happen. All doors share one hub, and one lock. Never here: what follows from an
event, and how an answer travels.

Two kinds of time. In *virtual* time nothing happens by itself: whoever waits moves time on to the next moment at which
something is due, and runs it, evaluations included; so a day passes in no time, and always in the same way. In *real*
time somebody calls :meth:`Hub.run_due` when a moment has come, and each evaluation has a thread of its own.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any, Final
from weakref import WeakKeyDictionary

import attrs

from cascades_sdk.errors import cause_text
from cascades_sdk.evaluation import NodeStarted, Step, steps
from cascades_sdk.graph import Dag
from cascades_sdk.testing.plane._catalog import dag_of
from cascades_sdk.testing.plane._checks import PAUSE, check, is_pause
from cascades_sdk.testing.plane._crew import LOOK, Crew, Waiter
from cascades_sdk.testing.plane._delivery import Later, Mailbox, Piece
from cascades_sdk.testing.plane._events import (
    Answer,
    Crashed,
    Disconnected,
    Due,
    EvaluationWanted,
    Event,
    Request,
    Restarted,
    Tick,
    Told,
    WakeWanted,
)
from cascades_sdk.testing.plane._history import Recorded, Redactor
from cascades_sdk.testing.plane._model import step
from cascades_sdk.testing.plane._state import PlaneState

__all__ = ["EPOCH", "Hub", "NothingDueError", "Pace"]

#: Where virtual time begins: 2026-01-01, in seconds since 1970.
EPOCH: Final = 1_767_225_600.0

#: How many records of the history are kept.
_RECORDS: Final = 10_000

#: The least pause between signs of life, in seconds.
_LEAST: Final = 0.001


class NothingDueError(RuntimeError):
    """Somebody waits without a deadline in virtual time, and nothing will ever happen."""


@attrs.frozen
class Pace:
    """How fast things go, in seconds: what each task takes longer, and the pause between signs of life of a stream."""

    task_delay: float = 0.0
    heartbeat: float | None = 15.0

    def __attrs_post_init__(self) -> None:
        check(is_pause(self.task_delay), "ControlPlane", "task_delay", PAUSE)
        # Each beat is an event, in virtual time as well: of a millionth of a second, a minute would take an hour.
        beats = self.heartbeat is None or (is_pause(self.heartbeat) and self.heartbeat >= _LEAST)
        check(beats, "ControlPlane", "heartbeat", "a number of seconds from 0.001 to 1e10, or None")


class Hub:
    """A plane that runs. ``clock`` is wall time in seconds since 1970, with ``monotonic``; None: time is virtual."""

    def __init__(
        self,
        state: PlaneState,
        pace: Pace,
        tasks: Mapping[str, Callable[..., Any]] | None = None,
        clock: Callable[[], float] | None = None,
        monotonic: Callable[[], float] | None = None,
        *,
        skips: bool = True,
    ) -> None:
        self.state = state
        self.history: deque[Recorded] = deque(maxlen=_RECORDS)
        self._redactor = Redactor()
        self.virtual = clock is None
        self.skips = skips and clock is None
        self.lock = threading.RLock()
        self.halted = threading.Event()
        self.changes = 0
        self.agenda_changed: Callable[[], object] = lambda: None
        self.wall = clock or self._virtual_wall
        self.monotonic = monotonic or self._virtual_monotonic
        self._elapsed = 0.0
        self._pace = pace
        self._tasks = tasks or {}
        self._dags: dict[str, Dag] = {}
        self._numbers = count(1)
        self._serials = count()
        self._mailboxes: dict[int, Mailbox] = {}
        self._agenda: list[tuple[float, int, Callable[[], object], bool]] = []
        self._foreground = 0
        self._waiters: set[Waiter] = set()
        self._crew = Crew()
        self.watches: WeakKeyDictionary[threading.Thread, Any] = WeakKeyDictionary()
        self._ticking = False

    def _virtual_wall(self) -> float:
        return EPOCH + self._elapsed

    def _virtual_monotonic(self) -> float:
        return self._elapsed

    # -- what happens --

    def start(self) -> None:
        """Put the state to use."""
        self.feed(Restarted)

    def halt(self) -> None:
        """Nothing happens any more; evaluations end with the task that is under way."""
        with self.lock:
            self.halted.set()
            for waiter in self._waiters:
                waiter.turn.notify()

    def connect(self, mailbox: Mailbox, *, threaded: bool = False) -> int:
        """The number of a new connection, whose answers go to this mailbox; ``threaded``: this thread reads them."""
        with self.lock:
            number = next(self._numbers)
            self._mailboxes[number] = mailbox
            if threaded:
                self._crew.opened(number)
            return number

    def disconnect(self, number: int) -> None:
        """The connection is gone. Saying it twice is no error."""
        with self.lock:
            self._crew.closed(number)
            if self._mailboxes.pop(number, None) is not None:
                self.feed(partial(Disconnected, connection=number))

    def request(self, number: int, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        """A request came in on this connection."""
        self.feed(partial(Request, connection=number, method=method, target=target, headers=headers, body=body))

    def feed(self, make: Callable[[float], Event]) -> None:
        """Let the model take an event, made with the time that it is, and carry out what it answers."""
        with self.lock:
            if self.halted.is_set():
                return
            event = make(self.wall())
            before = self.state
            self.state, answers = step(before, event)
            self.changes += 1
            if isinstance(event, Request):
                record = self._redactor.recorded(before, event, answers)
                if record is not None:
                    self.history.append(record)
            for answer in answers:
                self._carry_out(answer)

    def _carry_out(self, answer: Answer) -> None:
        if isinstance(answer, WakeWanted):
            # The clock may read a trifle less than the moment that was asked for.
            wake = partial(self.feed, lambda at: Due(max(at, answer.moment), answer.run_id))
            self._at(self.monotonic() + max(0.0, answer.moment - self.wall()), wake)
        elif isinstance(answer, EvaluationWanted):
            self._evaluation(answer)
        else:
            mailbox = self._mailboxes.get(answer.connection)
            if mailbox is not None:
                mailbox.take(answer)
            if self._pace.heartbeat is not None and not self._ticking and self.state.streams:
                self._ticking = True
                self._at(self.monotonic() + self._pace.heartbeat, self._tick, background=True)

    def _tick(self) -> None:
        self._ticking = False
        self.feed(Tick)

    # -- time --

    def _at(self, moment: float, action: Callable[[], object], *, background: bool = False) -> None:
        """Put something on the agenda. What is in the background is nothing that anybody waits for."""
        heappush(self._agenda, (moment, next(self._serials), action, background))
        self._foreground += not background
        self.agenda_changed()

    @property
    def next_due(self) -> float:
        """The next moment at which something is due; ``inf``: nothing is."""
        with self.lock:
            return self._agenda[0][0] if self._agenda else inf

    def run_due(self) -> None:
        """Do what is due by now."""
        with self.lock:
            while self._agenda and self._agenda[0][0] <= self.monotonic():
                _, _, action, background = heappop(self._agenda)
                self._foreground -= not background
                action()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass: everything that is due on the way happens at its moment, in order."""
        with self.lock:
            self._pass_until(self._elapsed + seconds)

    def _pass_until(self, end: float) -> None:
        while self.next_due <= end:
            self._elapsed = max(self._elapsed, self.next_due)
            self.run_due()
        self._elapsed = max(self._elapsed, end)
        self.changes += 1
        for waiter in self._waiters:
            if waiter.moment <= self._elapsed:
                waiter.turn.notify()

    # -- who waits --

    def touch(self) -> float:
        """The monotonic time, for a client: its thread is at work with the plane until it waits."""
        with self.lock:
            self._crew.at_work()
            return self.monotonic()

    def awaits(self, waiter: Waiter, *, rests: bool = False) -> None:
        """Somebody waits from now on, until he :meth:`leaves`; ``rests``: his thread does nothing else meanwhile."""
        with self.lock:
            self._waiters.add(waiter)
            if waiter.mailbox is not None:
                waiter.mailbox.notify = waiter.turn.notify
            if rests:
                self._crew.rests()

    def leaves(self, waiter: Waiter) -> None:
        """He waits no more."""
        with self.lock:
            self._waiters.discard(waiter)

    def pause(self, waiter: Waiter) -> float:
        """The seconds of real time for which the other threads are to be let go on first; 0: all of them wait."""
        with self.lock:
            others = () if len(self._waiters) == 1 else self._waiters  # as a rule he is the only one
            if any(each.thread is not waiter.thread and each.moment <= self._elapsed for each in others):
                return LOOK
            return self._crew.pause()

    def skip(self, waiter: Waiter, *, alone: bool = False) -> None:
        """Move virtual time on to the next moment at which something is due for anybody.

        Where the waiter is ``alone`` in its thread, nobody else in it can go on meanwhile, and is not minded.

        Raises:
            NothingDueError: there is no such moment.
        """
        with self.lock:
            minded = (each for each in self._waiters if each is waiter or not alone or each.thread != waiter.thread)
            end = min(each.moment for each in minded)
            if end == inf and not self._foreground:
                raise NothingDueError(
                    f"nothing is due any more, and whoever waits has no deadline (seed {self.state.seed})"
                )
            self._pass_until(max(self._elapsed, min(end, self.next_due)))

    def look(self, mailbox: Mailbox | None, until: float) -> tuple[Piece | None, bool]:
        """What is there now, and whether a wait is over: with a piece, or without one because its moment passed."""
        with self.lock:
            found = None if mailbox is None else mailbox.next(self.monotonic())
            if found is not None and not isinstance(found, Later):
                return found, True
            return None, self.monotonic() >= until or self.halted.is_set()

    # -- evaluations --

    def _evaluation(self, wanted: EvaluationWanted) -> None:
        try:
            evaluation = self._steps(wanted)
        except Exception as problem:  # noqa: BLE001 - a state from elsewhere may hold any document
            self._crash(wanted.run_id, problem)
            return
        if self.virtual:
            self._at(self._elapsed, partial(self._evaluate_on, wanted.run_id, evaluation))
            return
        threading.Thread(
            target=self._evaluate, args=(wanted.run_id, evaluation), name=f"evaluation of {wanted.run_id}", daemon=True
        ).start()

    def _steps(self, wanted: EvaluationWanted) -> Iterator[Step]:
        workflow = self.state.workflow(wanted.workflow_id)
        assert workflow is not None  # the model asks for what it knows
        dag = self._dags.get(workflow.digest)
        if dag is None:
            dag = self._dags[workflow.digest] = dag_of(workflow)
        # What a plane is given is for all of its flows, and a graph takes what is for itself.
        tasks = {task.name: self._tasks[task.name] for task in dag.tasks if task.name in self._tasks}
        return steps(dag, wanted.inputs, tasks)

    def _evaluate_on(self, run_id: str, evaluation: Iterator[Step]) -> None:
        """One step of an evaluation, in virtual time, and the next one put on the agenda."""
        try:
            event = next(evaluation, None)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # noqa: BLE001 - a task may even ask to exit; the run must end all the same
            self._crash(run_id, problem)
            return
        if event is not None:
            self.feed(partial(Told, run_id=run_id, event=event))
            pause = self._pace.task_delay if isinstance(event, NodeStarted) else 0.0
            self._at(self._elapsed + pause, partial(self._evaluate_on, run_id, evaluation))

    def _evaluate(self, run_id: str, evaluation: Iterator[Step]) -> None:
        """All of an evaluation, in a thread of its own."""
        try:
            for event in evaluation:
                if self.halted.is_set():
                    return
                self.feed(partial(Told, run_id=run_id, event=event))
                if isinstance(event, NodeStarted):
                    self.halted.wait(self._pace.task_delay)
        except BaseException as problem:  # noqa: BLE001 - as above
            self._crash(run_id, problem)

    def _crash(self, run_id: str, problem: BaseException) -> None:
        text = f"{type(problem).__name__}: {cause_text(problem)}"
        self.feed(partial(Crashed, run_id=run_id, problem=text))
