"""Laws of following a run: total, absorbing, and independent of how the news is cut up."""

import json

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.errors import AuthenticationError, DeadlineExceededError, StreamLostError, WaitPosition
from cascades_sdk.protocol.effects import Reading
from cascades_sdk.protocol.event_stream import Frame
from cascades_sdk.protocol.following import (
    Connected,
    Connecting,
    Finished,
    FollowState,
    Happening,
    Heard,
    Hung,
    Listening,
    Pausing,
    Refused,
    Silent,
    Woke,
    start,
    transition,
)
from cascades_sdk.protocol.knowledge import Known, fold, progress_of
from cascades_sdk.protocol.limits import FollowPolicy
from cascades_sdk.protocol.telemetry import TERMINAL, event_of, terminal_status

TYPES = [
    "run.started",
    "run.progress",
    "run.completed",
    "run.failed",
    "log.entry",
    "task.update",
    "stream.error",
    "new",
]
TIMES = st.integers(0, 5).map(lambda second: f"2026-01-01T00:00:0{second}Z")
DATA = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["1", "2", "3"]),
        "status": st.sampled_from(["RUNNING", "PENDING", "SUCCESS", "FAILED", "CANCELLED", 7]),
        "createdAt": TIMES | st.just("then"),
        "updatedAt": TIMES,
        "message": st.sampled_from(["a", "b"]),
        "completion": st.sampled_from([0, 0.5, 1]),
    },
)
TELEMETRY = st.builds(
    lambda kind, data, at: Frame("telemetry", json.dumps({"type": kind, "data": data}), at),
    st.sampled_from(TYPES),
    DATA,
    st.sampled_from(["", "5", "6"]),
)
FRAMES = TELEMETRY | st.builds(Frame, st.just("x"), st.sampled_from(["", "{", "[]", '{"type":"x"}', "\ufffd"]))
SECONDS = st.floats(0, 1e4)
HAPPENINGS: st.SearchStrategy[Happening] = st.one_of(
    st.just(Connected()),
    st.builds(Heard, st.lists(FRAMES, max_size=4).map(tuple), st.sampled_from(["", "7"]), st.none() | SECONDS),
    st.builds(Hung, st.just("reset"), st.none() | SECONDS),
    st.just(Silent()),
    st.just(Refused(AuthenticationError("op"))),
    st.just(Woke()),
)
SCRIPTS = st.lists(st.tuples(HAPPENINGS, st.floats(0, 100)), max_size=12)
POLICY = FollowPolicy(attempts=3)


def run(script: list[tuple[Happening, float]]) -> tuple[FollowState, float]:
    """Any state is one that some script reaches."""
    state: FollowState = start(WaitPosition("run-1"), 300.0, 30.0, POLICY, 0.0)
    at = 0.0
    for happening, passed in script:
        at += passed
        state, _ = transition(state, happening, Reading(at, at, 0.5))
    return state, at


class TestTransitions:
    @given(SCRIPTS, HAPPENINGS)
    def test_any_state_takes_any_input(self, script: list[tuple[Happening, float]], happening: Happening) -> None:
        state, at = run(script)
        after, _ = transition(state, happening, Reading(at, at, 0.5))
        assert isinstance(after, Connecting | Listening | Pausing | Finished)
        if isinstance(after, Connecting | Listening | Pausing):
            assert at < after.wait.deadline
            assert after.until <= after.wait.deadline

    @given(SCRIPTS, SCRIPTS)
    def test_an_outcome_absorbs_all_that_follows(
        self, script: list[tuple[Happening, float]], more: list[tuple[Happening, float]]
    ) -> None:
        state, _ = run(script)
        if isinstance(state, Finished):
            assert run(script + more)[0] is not None
            for happening, at in more:
                assert transition(state, happening, Reading(at, at, 0.0)) == (state, ())

    @given(SCRIPTS)
    def test_only_a_terminal_status_is_an_answer(self, script: list[tuple[Happening, float]]) -> None:
        state, _ = run(script)
        if isinstance(state, Finished):
            match state.outcome:
                case Success(run_outcome):
                    assert run_outcome.status in TERMINAL
                    assert terminal_status(run_outcome.event) == run_outcome.status
                case Failure(error):
                    assert isinstance(error, AuthenticationError | DeadlineExceededError | StreamLostError)

    @given(st.lists(st.sampled_from([Hung("refused"), Connected(), Silent(), Heard()]), min_size=1, max_size=4))
    def test_every_endless_script_ends_by_the_deadline(self, cycle: list[Happening]) -> None:
        state: FollowState = start(WaitPosition("run-1"), 300.0, 30.0, POLICY, 0.0)
        at = steps = 0.0
        while not isinstance(state, Finished):
            happening = cycle[int(steps) % len(cycle)]
            if isinstance(state, Pausing):
                at, happening = state.until, Woke()
            elif isinstance(happening, Silent):
                at = state.until
            else:
                at += 1.0
            state, _ = transition(state, happening, Reading(at, at, 0.5))
            steps += 1
            assert steps < 1000
        assert at <= 301.0

    @given(st.lists(FRAMES, max_size=12), st.integers(0, 12))
    def test_hearing_two_parts_is_hearing_the_whole(self, frames: list[Frame], cut: int) -> None:
        listening, _ = run([(Connected(), 0.0)])
        whole, told = transition(listening, Heard(tuple(frames)), Reading(1.0, 1.0, 0.0))
        state, first = transition(listening, Heard(tuple(frames[:cut])), Reading(1.0, 1.0, 0.0))
        hung = isinstance(state, Pausing)
        state, second = transition(state, Heard(tuple(frames[cut:])), Reading(1.0, 1.0, 0.0))
        # Only how often the wait hung up is a matter of the cut: once for each part with a stream.error.
        assert (state.wait.known, first + second) == (whole.wait.known, told)
        assert isinstance(state, Finished) is isinstance(whole, Finished)
        assert hung or state == whole

    @given(st.lists(FRAMES, max_size=12), st.sampled_from(["", "9"]))
    def test_the_cursor_is_never_ahead_of_what_was_told(self, frames: list[Frame], last: str) -> None:
        state, _ = transition(run([(Connected(), 0.0)])[0], Heard(tuple(frames), last), Reading(1.0, 1.0, 0.0))
        events = [event_of(frame, "op").value_or(None) for frame in frames]
        verdict = next((at for at, event in enumerate(events) if event and terminal_status(event)), None)
        ids = [frame.id for frame in frames[: None if verdict is None else verdict + 1]]
        ids += [last] if verdict is None else []
        assert state.wait.known.last_event_id == next((one for one in reversed(ids) if one), None)


class TestFolding:
    @given(st.lists(TELEMETRY, max_size=20), st.lists(st.integers(0, 19), max_size=20))
    def test_replaying_rows_changes_nothing(self, frames: list[Frame], again: list[int]) -> None:
        rows = [frame for frame in frames if '"log.entry"' in frame.data or '"task.update"' in frame.data]
        known = Known("run-1")
        for frame in rows:
            known, _ = fold(known, event_of(frame, "op"), 20)
        for index in again:
            if index < len(rows):
                after, new = fold(known, event_of(rows[index], "op"), 20)
                assert after is known
                assert not new.events
                assert not new.news

    @given(st.lists(FRAMES, max_size=30))
    def test_every_row_is_told_exactly_once(self, frames: list[Frame]) -> None:
        known, told = Known("run-1"), []
        for frame in frames:
            known, new = fold(known, event_of(frame, "op"), 20)
            told += [(event.type, event.data) for event in new.events]
        rows = [row for row in told if row[0] in ("log.entry", "task.update", "new", "stream.error")]
        assert len(rows) == len(set(rows))
        assert len(progress_of(known).tasks) <= 3
