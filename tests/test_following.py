"""The states of a wait, and what is known of a run."""

import json
from typing import Any

import attrs
import pytest
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
    TaskProgress,
    Woke,
    start,
    transition,
)
from cascades_sdk.protocol.knowledge import progress_of
from cascades_sdk.protocol.ledger import Ledger
from cascades_sdk.protocol.limits import FollowPolicy
from cascades_sdk.types import RunStreamEvent

POLICY = FollowPolicy(attempts=3)


def now(seconds: float, jitter: float = 0.0) -> Reading:
    return Reading(seconds, seconds, jitter)


def said(kind: str, **data: Any) -> Frame:
    return Frame("telemetry", json.dumps({"type": kind, "data": data}))


def began(seconds: float = 1000.0) -> Connecting:
    return start(WaitPosition("run-1"), seconds, 30.0, POLICY, 0.0)


def after(state: FollowState, *happenings: Happening, at: float = 1.0) -> tuple[FollowState, list[RunStreamEvent]]:
    told: list[RunStreamEvent] = []
    for happening in happenings:
        state, events = transition(state, happening, now(at))
        told.extend(events)
    return state, told


def heard(*frames: Frame, state: FollowState | None = None) -> FollowState:
    return after(began() if state is None else state, Connected(), Heard(frames))[0]


class TestStates:
    def test_a_wait_connects_listens_pauses_and_connects_again(self) -> None:
        state, _ = after(began(), Connected())
        assert isinstance(state, Listening)
        state, _ = after(state, Hung("reset"))
        assert isinstance(state, Pausing)
        assert state.until == 1.5
        state, _ = after(state, Woke())
        assert isinstance(state, Connecting)
        assert state.until == 31.0

    def test_a_wake_up_that_comes_late_changes_nothing(self) -> None:
        listening, _ = after(began(), Connected())
        assert after(listening, Woke())[0] == listening

    def test_a_connect_is_due_by_the_deadline(self) -> None:
        assert began(5.0).until == 5.0

    def test_an_answer_that_another_try_does_not_change_ends_the_wait(self) -> None:
        state, _ = after(began(), Refused(AuthenticationError("op")))
        assert isinstance(state, Finished)
        assert state.outcome == Failure(AuthenticationError("op", position=WaitPosition("run-1")))

    @pytest.mark.parametrize(
        "happening", [Connected(), Heard(), Hung("x"), Silent(), Woke(), Heard((said("run.progress"),))]
    )
    def test_after_the_deadline_the_wait_is_over(self, happening: Happening) -> None:
        state, _ = after(heard(said("log.entry", createdAt="2026-01-01T00:00:00Z")), happening, at=1000.0)
        assert isinstance(state, Finished)
        position = WaitPosition("run-1", since="2026-01-01T00:00:00Z")
        assert state.outcome == Failure(DeadlineExceededError("streamRunTelemetry", 1000.0, position))

    def test_a_verdict_counts_even_when_it_comes_late(self) -> None:
        listening, _ = after(began(), Connected())
        state, _ = after(listening, Heard((said("run.completed"),)), at=1000.0)
        assert isinstance(state, Finished)
        assert state.outcome.unwrap().status == "SUCCESS"

    def test_a_socket_that_wakes_a_little_early_at_the_deadline_is_on_time(self) -> None:
        assert isinstance(after(began(), Connected(), Silent(), at=999.98)[0], Finished)


class TestVerdicts:
    @pytest.mark.parametrize("status", ["SUCCESS", "FAILED", "CANCELLED"])
    def test_every_terminal_status_is_an_answer(self, status: str) -> None:
        state = heard(said("run.started", status=status, result={"a": 1}))
        assert isinstance(state, Finished)
        outcome = state.outcome.unwrap()
        assert (outcome.run_id, outcome.status, outcome.progress.status) == ("run-1", status, status)
        assert outcome.result == outcome.event.data["result"]

    def test_what_comes_after_a_verdict_is_not_heard(self) -> None:
        state, told = after(
            began(),
            Connected(),
            Heard((said("run.failed"), said("log.entry", message="late"))),
            Heard((said("run.completed"),)),
        )
        assert isinstance(state, Finished)
        assert state.outcome.unwrap().status == "FAILED"
        assert state.outcome.unwrap().result is None
        assert [event.type for event in told] == ["run.failed"]

    def test_a_verdict_is_told_even_if_its_snapshot_looks_like_the_last(self) -> None:
        _, told = after(began(), Heard((said("run.started"), said("run.completed"))))
        assert [event.type for event in told] == ["run.started", "run.completed"]


class TestResuming:
    def test_a_reported_error_of_the_stream_hangs_up_and_resumes(self) -> None:
        state, told = after(began(), Connected(), Heard((said("stream.error", message="db"),)))
        assert isinstance(state, Pausing)
        assert [event.type for event in told] == ["stream.error"]

    def test_pauses_grow_and_have_jitter(self) -> None:
        state: FollowState = began()
        pauses = []
        for jitter in (0.0, 0.0, 1.0):
            state, _ = transition(state, Hung("refused"), now(0.0, jitter))
            assert isinstance(state, Pausing)
            pauses.append(state.until)
        assert pauses == [0.5, 1.0, 1.5]

    def test_without_news_the_stream_is_given_up(self) -> None:
        state, _ = after(began(), *[Connected(), Hung("reset"), Woke()] * 3, Connected(), Hung("reset"))
        assert isinstance(state, Finished)
        error = state.outcome.failure()
        assert isinstance(error, StreamLostError)
        assert (error.reason, error.attempts) == ("reset", 4)

    def test_only_news_refills_the_budget(self) -> None:
        same = Heard((said("run.started", status="RUNNING"),))
        state, _ = after(began(), *[Connected(), same, Hung("reset"), Woke()] * 3)
        assert state.wait.barren == 3
        state, _ = after(state, Connected(), Heard((said("log.entry", message="new"),)))
        assert state.wait.barren == 0

    def test_unknown_types_and_bad_frames_are_no_news(self) -> None:
        state, told = after(began(), Hung("x"), Heard((said("heartbeat", n=1), Frame("telemetry", "{"))))
        assert state.wait.barren == 1
        assert [event.type for event in told] == ["heartbeat"]
        assert len(progress_of(state.wait.known).problems) == 1

    def test_a_quiet_stream_that_lasted_is_no_fault(self) -> None:
        state, _ = after(began(), Connected())
        state, _ = after(state, Hung("cut by a proxy"), at=20.0)
        assert isinstance(state, Pausing)
        assert state.wait.barren == 0

    def test_the_server_may_ask_for_a_longer_pause(self) -> None:
        state, _ = after(began(), Connected(), Heard(retry=7.0), Hung("closed"))
        assert isinstance(state, Pausing)
        assert state.until == 8.0
        state, _ = after(began(), Hung("busy", retry_after=20.0))
        assert isinstance(state, Pausing)
        assert state.until == 21.0

    def test_a_pause_never_leads_past_the_deadline(self) -> None:
        state, _ = after(began(), Heard(retry=9999.0), Hung("closed"))
        assert isinstance(state, Pausing)
        assert state.until == 1.5  # as without it: nobody would be there to hear the rest
        state, _ = after(began(), Hung("busy", retry_after=9999.0))
        assert isinstance(state, Finished)
        assert "after the deadline" in str(state.outcome.failure())

    def test_two_silences_end_a_connection(self) -> None:
        state, _ = after(began(), Connected(), at=0.0)
        assert isinstance(state, Listening)
        assert state.until == 90.0
        for at in (80.0, 160.0, 240.0):
            state, _ = after(state, Heard(), at=at)  # type: ignore[arg-type]
        assert isinstance(state, Listening)
        assert state.until == 300.0
        assert isinstance(after(state, Silent(), at=300.0)[0], Pausing)
        state, _ = after(state, Heard((said("log.entry"),)), at=250.0)
        assert isinstance(state, Listening)
        assert state.until == 340.0

    @pytest.mark.parametrize("later", ["run.completed", "run.failed"])
    def test_a_verdict_right_after_a_reported_error_counts(self, later: str) -> None:
        state, told = after(began(), Connected(), Heard((said("stream.error"), said(later))))
        assert isinstance(state, Finished)
        assert [event.type for event in told] == ["stream.error", later]

    def test_what_comes_along_with_a_reported_error_is_folded_before_hanging_up(self) -> None:
        frames = (said("stream.error"), attrs.evolve(said("log.entry", message="last"), id="6"))
        state, told = after(began(), Connected(), Heard(frames, "7"))
        assert isinstance(state, Pausing)
        assert [event.type for event in told] == ["stream.error", "log.entry"]
        assert progress_of(state.wait.known).log_tail == ("last",)
        assert state.wait.known.last_event_id == "7"

    def test_the_last_event_id_is_never_that_of_a_frame_which_was_not_folded(self) -> None:
        frames = (attrs.evolve(said("run.completed"), id="5"), attrs.evolve(said("log.entry"), id="6"))
        assert after(began(), Connected(), Heard(frames, "6"))[0].wait.known.last_event_id == "5"

    def test_the_frames_before_an_overflow_move_the_last_event_id(self) -> None:
        state, _ = after(began(), Connected(), Heard((attrs.evolve(said("log.entry"), id="5"),)))
        assert state.wait.known.last_event_id == "5"

    def test_the_last_event_id_is_kept(self) -> None:
        state, _ = after(began(), Heard(last_event_id="7"), Heard(last_event_id="7"), Heard())
        assert state.wait.known.last_event_id == "7"


class TestKnowledge:
    def test_a_row_that_comes_twice_is_told_once(self) -> None:
        row = said("log.entry", id="1", message="hello", createdAt="2026-01-01T00:00:00Z")
        state, told = after(began(), Heard((row, row)), Heard((row,)))
        assert len(told) == 1
        assert progress_of(state.wait.known).log_tail == ("hello",)

    def test_a_snapshot_that_says_nothing_new_is_no_new_start(self) -> None:
        first = said("run.started", status="RUNNING", completion=0.5)
        state, told = after(
            began(), Heard((first, first)), Heard((said("run.progress", status="RUNNING", completion=0.5),))
        )
        assert len(told) == 1
        assert progress_of(state.wait.known).completion == 0.5
        state, told = after(state, Heard((said("run.progress", message="still there"),)))
        progress = progress_of(state.wait.known)
        assert (len(told), progress.status, progress.completion) == (1, "RUNNING", 0.5)

    def test_tasks_are_kept_in_order_of_appearance(self) -> None:
        state = heard(
            said("task.update", id="b", name="B", status="RUNNING", updatedAt="2026-01-01T00:00:00Z"),
            said("task.update", id="a", status="PENDING"),
            said("task.update", id="b", status="SUCCESS", updatedAt="2026-01-01T00:00:02Z"),
        )
        progress = progress_of(state.wait.known)
        assert progress.tasks == (TaskProgress("b", "B", "SUCCESS"), TaskProgress("a", None, "PENDING"))
        assert progress.task_since == "2026-01-01T00:00:02Z"

    def test_an_older_row_does_not_undo_a_newer_one(self) -> None:
        state, told = after(
            began(),
            Heard((said("task.update", id="a", status="SUCCESS", updatedAt="2026-01-01T00:00:02Z"),)),
            Heard((said("task.update", id="a", status="RUNNING", updatedAt="2026-01-01T00:00:01Z"),)),
        )
        assert len(told) == 2
        assert progress_of(state.wait.known).tasks == (TaskProgress("a", None, "SUCCESS"),)

    def test_a_row_without_known_keys_is_told_and_leaves_no_cursor(self) -> None:
        state, told = after(began(), Heard((said("task.update", x=1), said("log.entry", x=1, createdAt="then"))))
        progress = progress_of(state.wait.known)
        assert len(told) == 2
        assert (progress.tasks, progress.log_tail, progress.since, progress.task_since) == ((), (), None, None)

    def test_the_log_tail_is_short(self) -> None:
        state = heard(*(said("log.entry", message=f"{number}") for number in range(50)))
        tail = progress_of(state.wait.known).log_tail
        assert tail == tuple(str(number) for number in range(30, 50))

    @pytest.mark.parametrize(("length", "tail"), [(0, ()), (1, ("c",)), (2, ("b", "c")), (9, ("a", "b", "c"))])
    def test_the_log_tail_has_at_most_the_length_asked_for(self, length: int, tail: tuple[str, ...]) -> None:
        state = start(WaitPosition("run-1"), 1000.0, 30.0, FollowPolicy(log_tail=length), 0.0)
        messages = tuple(said("log.entry", message=message) for message in "abc")
        assert progress_of(after(state, Heard(messages))[0].wait.known).log_tail == tail

    def test_no_problem_and_no_text_of_a_wait_shows_a_secret(self) -> None:
        state, _ = transition(
            start(WaitPosition("run-1"), 1000.0, 30.0, POLICY, 0.0, ("canary",)),
            Heard((Frame("telemetry", '{"type":"log.entry","data":"canary"}'),)),
            now(1.0),
        )
        assert len(state.wait.known.problems) == 1
        assert "canary" not in repr(state)


class TestLedger:
    def test_it_finds_keeps_and_replaces(self) -> None:
        ledger = Ledger[str, int](100)
        for number in range(40):
            ledger = ledger.plus(f"{number % 20}", number)
        assert ledger.get("3") == 23
        assert ledger.get("x") is None
        assert "3" in ledger
        assert "x" not in ledger
        assert ledger.values() == tuple(range(20, 40))
        assert len(ledger.layers) < 8

    def test_beyond_its_capacity_the_oldest_are_forgotten(self) -> None:
        ledger = Ledger[int, int](64)
        for number in range(1000):
            ledger = ledger.plus(number, number)
            assert number in ledger
        assert 16 <= len(ledger.values()) <= 64
        assert ledger.values()[-1] == 999


def test_a_finished_wait_is_a_value() -> None:
    one, other = (heard(said("run.completed", status="SUCCESS")) for _ in range(2))
    assert one == other
    assert isinstance(one, Finished)
    assert isinstance(one.outcome, Success)
    assert attrs.evolve(one) == one
