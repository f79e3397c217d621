"""Scripted runs, and what the contract leaves open, of the pure control plane."""

from typing import Any

import attrs
import pytest

from cascades_sdk.errors import ValidationError
from cascades_sdk.evaluation import NodeStarted
from cascades_sdk.testing.plane import (
    Answer,
    Cancelled,
    Crashed,
    Disconnected,
    Due,
    Finish,
    Hangup,
    Latitude,
    Log,
    PlaneState,
    Progress,
    Reply,
    Restarted,
    Scripted,
    Send,
    SendBytes,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Table,
    Tick,
    Told,
    Update,
    Wait,
    WakeWanted,
    beats_of,
    step,
)
from test_plane import NOW, STATE, after_all, asked, brief, heard, sums_run, told, watch, whole_run


def follows(*script: Any, state: PlaneState = STATE, key: str = "job") -> tuple[PlaneState, str]:
    """A state with a run that follows a script."""
    state, answers = step(state, Scripted(NOW, key, beats_of(script)))
    assert answers == ()
    state, (reply, wake) = step(state, asked("POST", "/api/workflows/run", {"workflowId": key}))
    assert isinstance(reply, Reply)
    run_id = str(reply.body["runId"])
    assert wake == WakeWanted(run_id, NOW)
    return state, run_id


def played(state: PlaneState, run_id: str) -> tuple[PlaneState, list[Answer], list[float]]:
    """All of a script from here on, and the moments at which something was due."""
    answers: list[Answer] = []
    moments, moment = [], state.runs[run_id].due
    while moment is not None:
        moments.append(moment - NOW)
        state, more = step(state, Due(moment, run_id))
        answers.extend(more)
        moment = state.runs[run_id].due
    return state, answers, moments


class TestScripts:
    def test_a_run_does_what_its_script_says_when_it_says_so(self) -> None:
        state, run_id = follows(
            Update("a"), 1, "half way", Update("a", "SUCCESS"), Progress(0.5), 86_400, Finish(result={"n": 1})
        )
        state, _ = step(state, watch(run_id))
        state, answers, moments = played(state, run_id)
        assert moments == [0, 1, 86_401]
        events = heard(answers)
        assert list(map(brief, events)) == [
            "task.update node-0 RUNNING",
            "log.entry  ",
            "task.update node-0 SUCCESS",
            "run.progress  RUNNING",
            "run.progress  RUNNING",
            "log.entry  ",
            "run.completed  SUCCESS",
        ]
        assert [events[at]["data"]["completion"] for at in (3, 4, 6)] == [1, 0.5, 1]
        assert events[-1]["data"]["result"] == {"n": 1}
        assert answers[-1] == StreamEnded(9)

    @pytest.mark.parametrize(
        ("word", "last"),
        [
            ("SUCCESS", "run.completed  SUCCESS"),
            ("FAILED", "run.failed  FAILED"),
            ("CANCELLED", "run.progress  CANCELLED"),
        ],
    )
    def test_a_word_is_an_end(self, word: str, last: str) -> None:
        state, run_id = follows(word, "never told")
        state, _ = step(state, watch(run_id))
        state, answers, _ = played(state, run_id)
        assert brief(heard(answers)[-1]) == last
        assert state.runs[run_id].status == word
        assert brief(heard(list(step(state, watch(run_id))[1]))[-1]) == last

    def test_tasks_are_those_of_the_flow_and_new_ones_are_added(self) -> None:
        script = (Update("add", "SUCCESS"), Update(0, "SUCCESS"), Update("other"), Update(4))
        state, run_id = follows(*script, state=attrs.evolve(STATE, default="sums"), key="constant")
        state, _, _ = played(state, run_id)
        assert state.runs[run_id].names == ("add", "other", "task-2", "task-3", "task-4")
        assert [row.node for row in state.runs[run_id].tasks] == [0, 0, 1, 4]

    def test_frames_bytes_and_breaks_go_to_those_who_listen(self) -> None:
        script = (Send("odd", {"a": [1]}), SendBytes(b"data: x\n\n"), Hangup(), Hangup(reset=True), 5, "SUCCESS")
        state, run_id = follows(*script)
        state, _ = after_all(state, watch(run_id, 8), watch(run_id, 9))
        state, answers = step(state, Due(NOW, run_id))
        assert answers[-3:] == (StreamEnded(8), StreamEnded(9), WakeWanted(run_id, NOW + 5))
        (sent, raw) = (a.payload for a in answers if isinstance(a, StreamSent) and a.connection == 8)
        assert sent == b'event: telemetry\ndata: {"type":"odd","data":{"a":[1]}}\n\n'
        assert raw == b"data: x\n\n"
        assert state.streams == Table()
        _, late = step(state, watch(run_id))
        assert [event["type"] for event in heard(list(late))] == ["run.started", "log.entry"]

    def test_a_reset_is_told_apart(self) -> None:
        state, run_id = follows(Hangup(reset=True))
        state, _ = step(state, watch(run_id))
        assert step(state, Due(NOW, run_id))[1] == (StreamEnded(9, reset=True),)

    def test_a_run_under_way_can_be_given_a_script(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, *told(run_id, NodeStarted(0)))
        state, answers = step(state, Scripted(NOW, run_id, beats_of(["FAILED"])))
        assert answers == (WakeWanted(run_id, NOW),)
        assert after_all(state, *whole_run(run_id)) == (state, []), "its evaluation counts no more"
        state, _, _ = played(state, run_id)
        rows = [row.status for row in state.runs[run_id].tasks if row.node == 0]
        assert (state.runs[run_id].status, rows[-1]) == ("FAILED", "FAILED")

    @pytest.mark.parametrize("at", [3e11, 1e300])
    def test_after_the_end_of_the_calendar_all_times_are_its_last(self, at: float) -> None:
        state, run_id = follows(1, "late", "later", 1, "SUCCESS")
        state, _ = after_all(state, Due(NOW, run_id), watch(run_id))
        state, answers = step(state, Due(at, run_id))
        assert [event["data"]["createdAt"] for event in heard(answers)] == 2 * ["9999-12-31T23:59:59.999999Z"]
        assert step(state, Due(at, run_id))[0].runs[run_id].ended

    def test_a_script_that_is_over_leaves_the_run_as_it_is(self) -> None:
        for script in ([], ["a line"]):
            state, run_id = follows(*script)
            state, _, _ = played(state, run_id)
            assert not state.runs[run_id].ended
            assert state.runs[run_id].due is None

    def test_a_moment_that_is_not_its_own_changes_nothing(self) -> None:
        state, run_id = follows(1, "SUCCESS")
        state, _ = step(state, Due(NOW, run_id))
        other, evaluated = sums_run(state)
        for event in (Due(NOW, run_id), Due(NOW, "run-nobody"), Due(NOW + 9, evaluated)):
            assert step(other, event) == (other, ())
        late, _ = step(state, Due(NOW + 60, run_id))
        assert late.runs[run_id].ended

    def test_a_copy_follows_the_script_of_the_original(self) -> None:
        state, _ = follows("SUCCESS")
        state, _ = step(state, asked("POST", "/api/workflows/clone", {"catalogItemId": "job"}))
        state, (reply, wake) = step(state, asked("POST", "/api/workflows/run", {"workflowId": "db-1"}))
        assert isinstance(wake, WakeWanted)
        assert isinstance(reply, Reply)

    def test_a_restart_goes_on_where_it_was(self) -> None:
        state, run_id = follows(10, "SUCCESS")
        state, _ = step(state, Due(NOW, run_id))
        assert step(state, Restarted(NOW + 1))[1] == (WakeWanted(run_id, NOW + 10),)
        over, over_id = follows("a line")
        over, _, _ = played(over, over_id)
        assert step(over, Restarted(NOW + 1))[1] == ()

    @pytest.mark.parametrize(
        ("script", "pointer"),
        [
            ([None], "/0"),
            ([1, True], "/1"),
            ([-1], "/seconds"),
            ([float("nan")], "/seconds"),
            ([1e11], "/seconds"),
            (["a\ud800"], "/message"),
            (b"ab", "/0"),
            (5, "/beats"),
        ],
    )
    def test_what_is_no_beat_is_refused(self, script: list[Any], pointer: str) -> None:
        with pytest.raises(ValidationError) as raised:
            beats_of(script)
        assert raised.value.pointer == pointer

    @pytest.mark.parametrize(
        ("make", "pointer"),
        [
            (lambda: Wait("1"), "/seconds"),  # type: ignore[arg-type]
            (lambda: Log(5), "/message"),  # type: ignore[arg-type]
            (lambda: Log("m", "warn"), "/level"),  # type: ignore[arg-type]
            (lambda: Update(-1), "/task"),
            (lambda: Update(True), "/task"),
            (lambda: Update(1.5), "/task"),  # type: ignore[arg-type]
            (lambda: Update(100_000), "/task"),
            (lambda: Update("a\ud800"), "/task"),
            (lambda: Update("a", "DONE"), "/status"),  # type: ignore[arg-type]
            (lambda: Progress(2), "/completion"),
            (lambda: Progress(True), "/completion"),
            (lambda: Progress("x"), "/completion"),  # type: ignore[arg-type]
            (lambda: Finish(error=5), "/error"),  # type: ignore[arg-type]
            (lambda: Send(None), "/type"),  # type: ignore[arg-type]
            (lambda: Send("x", []), "/data"),  # type: ignore[arg-type]
            (lambda: SendBytes("x"), "/payload"),  # type: ignore[arg-type]
            (lambda: Hangup(1), "/reset"),  # type: ignore[arg-type]
        ],
    )
    def test_a_beat_is_not_made_of_what_cannot_be_meant(self, make: Any, pointer: str) -> None:
        with pytest.raises(ValidationError) as raised:
            make()
        assert raised.value.pointer == pointer

    @pytest.mark.parametrize("text", ["SUCCESS", "a line"])
    def test_a_text_alone_is_one_beat(self, text: str) -> None:
        assert beats_of(text) == beats_of([text])

    def test_a_beat_that_cannot_be_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="SUCCESS"):
            Finish("DONE")  # type: ignore[arg-type]
        with pytest.raises(ValidationError):
            Finish(result=object())  # type: ignore[arg-type]
        assert beats_of([0.5, "x", Log("y", "error")]) == (Wait(0.5), Log("x"), Log("y", "error"))


class TestCancelling:
    def test_a_run_is_cancelled_with_the_task_under_way(self) -> None:
        state, run_id = sums_run()
        state, answers = after_all(state, watch(run_id), *told(run_id, NodeStarted(0)), Cancelled(NOW, run_id))
        assert list(map(brief, heard(answers)[-3:])) == [
            "task.update node-0 CANCELLED",
            "log.entry  ",
            "run.progress  CANCELLED",
        ]
        assert step(state, Cancelled(NOW, run_id)) == (state, ())
        assert after_all(state, *whole_run(run_id), Crashed(NOW, run_id, "late")) == (state, [])


def story(latitude: Latitude, *, late: bool = False) -> tuple[list[Answer], bytes]:
    """What a watcher of a whole run hears, from its beginning, or once it is over."""
    state, run_id = sums_run(attrs.evolve(STATE, latitude=latitude))
    before, after = ([], [watch(run_id)]) if late else ([watch(run_id)], [])
    _, answers = after_all(state, *before, *whole_run(run_id), *after)
    return answers, b"".join(answer.payload for answer in answers if isinstance(answer, StreamSent))


class TestLatitude:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("cursors", "inclusiv"),
            ("cursors", []),
            ("cancelled_as", "run.cancelled"),
            ("line_end", "\n\n"),
            ("execution_mode", None),
            ("event_ids", 1),
            ("hangs_up", "no"),
            ("whole", 10),
            ("whole", True),
            ("log_id", 5),
            ("task_name", "a\ud800"),
            ("event_name", "a\nb"),
            ("event_name", "a\rb"),
        ],
    )
    def test_a_switch_has_the_positions_that_it_has(self, name: str, value: Any) -> None:
        with pytest.raises(ValidationError) as raised:
            Latitude(**{name: value})
        assert raised.value.pointer == f"/{name}"

    def test_keys_can_be_renamed_and_left_out(self) -> None:
        renamed = Latitude(
            log_id="logId",
            log_time="timestamp",
            log_message="text",
            task_id="taskId",
            task_name=None,
            task_time="time",
            task_status="state",
            completion="progress",
            whole=100,
            run_id=False,
            result=False,
        )
        answers, _ = story(renamed)
        by_type = {event["type"]: event["data"] for event in heard(answers)}
        assert set(by_type["log.entry"]) == {"logId", "timestamp", "text", "level"}
        assert set(by_type["task.update"]) == {"taskId", "time", "state"}
        assert by_type["run.progress"] == {"status": "RUNNING", "progress": 100}
        assert by_type["run.completed"] == {"status": "SUCCESS", "progress": 100}
        nothing = story(Latitude(completion=None))[0]
        assert set(heard(nothing)[-1]["data"]) == {"runId", "status", "result"}

    @pytest.mark.parametrize(("cursors", "count"), [("exclusive", 2), ("inclusive", 3), ("ignored", 4)])
    def test_cursors_may_be_inclusive_or_ignored(self, cursors: Any, count: int) -> None:
        state, run_id = sums_run(attrs.evolve(STATE, latitude=Latitude(cursors=cursors)))
        state, answers = after_all(state, watch(run_id, 8), *whole_run(run_id))
        since = [e["data"]["createdAt"] for e in heard(answers, 8) if e["type"] == "log.entry"][1]
        _, late = step(state, watch(run_id, query=f"?since={since}"))
        assert len([e for e in heard(list(late)) if e["type"] == "log.entry"]) == count

    def test_frames_may_have_other_names_and_line_ends(self) -> None:
        _, payload = story(Latitude(event_name=None, line_end="\r\n", byte_order_mark=True))
        assert payload.startswith(b'\xef\xbb\xbfdata: {"type":"run.started"')
        assert b"event:" not in payload
        assert payload.endswith(b"}\r\n\r\n")
        state, run_id = sums_run(attrs.evolve(STATE, latitude=Latitude(line_end="\r")))
        state, _ = step(state, watch(run_id))
        assert step(state, Tick(NOW))[1] == (StreamSent(9, b": heartbeat\r\r"),)

    def test_ids_of_frames_serve_as_cursors(self) -> None:
        state, run_id = sums_run(attrs.evolve(STATE, latitude=Latitude(event_ids=True, log_time=None, task_time=None)))
        state, answers = after_all(state, watch(run_id, 8), *whole_run(run_id)[:2])
        payload = b"".join(a.payload for a in answers if isinstance(a, StreamSent))
        last = payload.rpartition(b"id: ")[2].partition(b"\n")[0].decode()
        state, _ = after_all(state, Disconnected(NOW, 8), *whole_run(run_id)[2:])
        request = watch(run_id)
        again = attrs.evolve(request, headers=(*request.headers, ("last-event-id", last)))
        _, late = step(state, again)
        text = b"".join(a.payload for a in late if isinstance(a, StreamSent)).decode()
        assert text.count("log.entry") == 2
        assert text.count("task.update") == 1
        odd = attrs.evolve(request, headers=(*request.headers, ("last-event-id", "9" * 400)))
        assert step(state, odd)[1] == step(state, request)[1]

    def test_who_joins_late_may_get_the_end_at_once(self) -> None:
        answers, _ = story(Latitude(terminal_first=True), late=True)
        (event,) = heard(answers)
        assert brief(event) == "run.started  SUCCESS"
        assert event["data"]["result"] == 7

    def test_a_stream_may_stay_open_after_the_end(self) -> None:
        for late in (False, True):
            answers, _ = story(Latitude(hangs_up=False), late=late)
            assert not [answer for answer in answers if isinstance(answer, StreamEnded)]
            assert brief(heard(answers)[-1]) == "run.completed  SUCCESS"
            assert isinstance(answers[0], StreamOpened)

    @pytest.mark.parametrize("kind", ["run.started", "run.failed", "run.completed"])
    def test_a_cancelled_run_may_show_in_any_snapshot(self, kind: Any) -> None:
        state, run_id = sums_run(attrs.evolve(STATE, latitude=Latitude(cancelled_as=kind)))
        _, answers = after_all(state, watch(run_id), Cancelled(NOW, run_id))
        assert brief(heard(answers)[-1]) == f"{kind}  CANCELLED"

    def test_news_of_an_evaluation_do_not_reach_a_script(self) -> None:
        state, run_id = follows(5, "SUCCESS")
        assert step(state, Told(NOW, run_id, NodeStarted(0))) == (state, ())
