"""The control plane as a pure function: requests, runs, streams, and what its state forgets."""

import json
import pickle
from typing import Any

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk import testing
from cascades_sdk.compiler import flow, task
from cascades_sdk.encoding import dag_digest
from cascades_sdk.errors import CaptureError, CascadesSDKError, EvaluationError
from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted, steps
from cascades_sdk.graph import (
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Literal,
    Map,
    NodeReference,
    Parameter,
    TaskDefinition,
)
from cascades_sdk.testing.plane import (
    Answer,
    ControlPlane,
    Crashed,
    Disconnected,
    EvaluationWanted,
    Event,
    LogRow,
    PlaneState,
    Reply,
    Request,
    Restarted,
    Rows,
    Run,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Table,
    TaskRow,
    Tick,
    Told,
    step,
    workflow_from,
)
from cascades_sdk.testing.plane._catalog import dag_of
from cascades_sdk.testing.plane._state import LOG_ROWS
from cascades_sdk.testing.plane._telemetry import cursor_from, time_text
from cascades_sdk.values import FrozenDict, thaw

NOW = 1_700_000_000.0
SESSION = (("cookie", "__session=local-session"),)


@task
def double(number: int) -> int:
    return 2 * number


@task
def add(left: int, right: int) -> int:
    return left + right


@flow
def sums(start: int, step: int = 3) -> int:
    return add(double(start), step)


@flow
def constant() -> int:
    return 7


@flow
def branching(number: int = 1) -> int:
    return double(number) if number else 0


STATE = PlaneState(
    workflows=Table({"sums": workflow_from("sums", sums), "constant": workflow_from("constant", constant)}),
    default="constant",
)


def asked(
    method: str,
    target: str,
    body: object = b"",
    headers: tuple[tuple[str, str], ...] = SESSION,
    connection: int = 1,
) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(NOW, connection, method, target, headers, data)


def replied(state: PlaneState, request: Request) -> tuple[int, Any]:
    after, answers = step(state, request)
    assert after == state, "a refusal changes nothing"
    (reply,) = answers
    assert isinstance(reply, Reply)
    assert reply.connection == request.connection
    return reply.status, thaw(reply.body)


def submitted(body: object = b"", state: PlaneState = STATE) -> tuple[PlaneState, Run, EvaluationWanted]:
    after, (reply, wanted) = step(state, asked("POST", "/api/workflows/run", body))
    assert isinstance(reply, Reply)
    assert isinstance(wanted, EvaluationWanted)
    assert reply.status == 200
    return after, after.runs[str(reply.body["runId"])], wanted


def sums_run(state: PlaneState = STATE) -> tuple[PlaneState, str]:
    after, run, _ = submitted({"workflowId": "sums", "context": {"start": 2}}, state)
    return after, run.run_id


def after_all(state: PlaneState, *events: Event) -> tuple[PlaneState, list[Answer]]:
    answers: list[Answer] = []
    for event in events:
        state, more = step(state, event)
        answers.extend(more)
    return state, answers


def told(run_id: str, *events: Any) -> list[Event]:
    return [Told(NOW + index, run_id, event) for index, event in enumerate(events, 1)]


def whole_run(run_id: str) -> list[Event]:
    return told(
        run_id,
        NodeStarted(0),
        NodeFinished(0, 4),
        NodeStarted(1),
        NodeFinished(1, 7),
        Evaluated(Success(7)),
    )


def watch(run_id: str, connection: int = 9, query: str = "") -> Request:
    return asked("GET", f"/api/runs/{run_id}/stream{query}", connection=connection)


def heard(answers: list[Answer], connection: int = 9) -> list[dict[str, Any]]:
    """The events that a connection's stream carries."""
    sent = [answer for answer in answers if isinstance(answer, StreamSent) and answer.connection == connection]
    frames = b"".join(answer.payload for answer in sent).decode().split("\n\n")
    assert frames.pop() == ""
    read = [frame.split("\n") for frame in frames if not frame.startswith(":")]
    assert all(len(frame) == 2 and frame[0] == "event: telemetry" for frame in read)
    return [json.loads(frame[1].removeprefix("data: ")) for frame in read]


def brief(event: dict[str, Any]) -> str:
    data = event["data"]
    return f"{event['type']} {data.get('id') if event['type'] == 'task.update' else ''} {data.get('status', '')}"


class TestRequests:
    def test_the_version_needs_no_session(self) -> None:
        request = asked("GET", "/api/system/version", headers=())
        assert replied(STATE, request) == (200, {"apiVersion": "v1"})

    @pytest.mark.parametrize(
        "headers",
        [
            (),
            (("cookie", "__session=wrong"),),
            (("cookie", "session=local-session"),),
            (("cookie", "__session"),),
            (("cookie", ""),),
            (("authorization", "__session=local-session"),),
            (("cookie", "__session=läcal"),),
        ],
    )
    @pytest.mark.parametrize(("method", "target"), [("POST", "/api/workflows/run"), ("GET", "/api/runs/x/stream")])
    def test_without_the_right_cookie_the_answer_is_401(
        self, headers: tuple[tuple[str, str], ...], method: str, target: str
    ) -> None:
        status, body = replied(STATE, asked(method, target, headers=headers))
        assert (status, body["error"]) == (401, "Unauthorized")

    def test_the_session_is_found_among_other_cookies(self) -> None:
        headers = (("cookie", "a=b; __session=local-session"), ("cookie", "c"))
        status, _ = replied(STATE, asked("GET", "/api/runs/x/stream", headers=headers))
        assert status == 404

    def test_a_deployment_may_name_the_cookie_otherwise(self) -> None:
        state = attrs.evolve(STATE, cookie_name="sid", cookie="s3cret")
        headers = (("cookie", "sid=s3cret"),)
        assert replied(state, asked("GET", "/api/runs/x/stream", headers=headers))[0] == 404
        assert replied(state, asked("GET", "/api/runs/x/stream"))[0] == 401

    def test_the_secret_is_in_no_repr(self) -> None:
        assert "local-session" not in repr(STATE)
        assert "local-session" not in repr(asked("GET", "/api/system/version"))

    @pytest.mark.parametrize(
        "target", ["/", "/api/runs//stream", "/api/runs/{id}/stream/", "/api/workflows", "/api/system/version/"]
    )
    def test_a_path_that_is_not_served_is_404(self, target: str) -> None:
        assert replied(STATE, asked("GET", target))[0] == 404

    def test_a_wrong_method_is_405_and_the_right_one_is_told(self) -> None:
        _, (reply,) = step(STATE, asked("GET", "/api/workflows/run"))
        assert isinstance(reply, Reply)
        assert (reply.status, reply.headers) == (405, (("Allow", "POST"),))

    def test_the_stream_of_an_unknown_run_is_404(self) -> None:
        status, body = replied(STATE, watch("run-nobody"))
        assert (status, body["error"]) == (404, "Run not found")


class TestSubmitting:
    def test_a_run_is_accepted_with_everything_the_contract_requires(self) -> None:
        after, (reply, wanted) = step(
            STATE, asked("POST", "/api/workflows/run", {"workflowId": "sums", "context": {"start": 2, "x": [1]}})
        )
        assert isinstance(reply, Reply)
        (run,) = after.runs.values()
        assert thaw(reply.body) == {
            "runId": run.run_id,
            "workflowId": "sums",
            "workflowDefinitionSnapshotId": reply.body["workflowDefinitionSnapshotId"],
            "definitionHash": STATE.workflows["sums"].digest,
            "message": "accepted by the local control plane",
            "taskRuns": 2,
            "executionMode": "inline",
            "catalogItemId": "sums",
        }
        assert wanted == EvaluationWanted(run.run_id, "sums", FrozenDict({"start": 2}))

    @pytest.mark.parametrize("body", [b"", b"{}"])
    def test_a_body_that_names_no_workflow_runs_the_default(self, body: bytes) -> None:
        assert submitted(body)[1].workflow_id == "constant"

    @pytest.mark.parametrize(
        ("body", "code", "pointer"),
        [
            (b"{", "invalid_json", ""),
            (b"\xff", "invalid_json", ""),
            (b'{"context": NaN}', "invalid_json", "/context"),
            (b"[" * 100_000, "invalid_json", ""),
            (b'{"workflowId": "sums", "context": {"start": %d}}' % 2**60, "invalid_input", "/context/start"),
            (b'{"context": 1, "context": 1}', "invalid_json", "/context"),
            ([], "invalid_json", ""),
            ({"workflowID": "sums"}, "unknown_key", "/workflowID"),
            ({"a/b": 1}, "unknown_key", "/a~1b"),
            ({"workflowId": 5}, "invalid_workflow_id", "/workflowId"),
            ({"workflowId": None}, "invalid_workflow_id", "/workflowId"),
            ({"context": [1]}, "invalid_context", "/context"),
            ({"context": None}, "invalid_context", "/context"),
            ({"workflowId": "sums"}, "missing_input", "/context"),
        ],
    )
    def test_a_body_that_is_not_in_order_is_400(self, body: object, code: str, pointer: str) -> None:
        status, answer = replied(STATE, asked("POST", "/api/workflows/run", body))
        assert status == 400
        assert answer["error"] == "Workflow validation failed"
        assert (answer["code"], answer["details"]) == (code, {"pointer": pointer})
        assert answer["message"]

    def test_an_unknown_workflow_is_404_with_the_key_that_was_sent(self) -> None:
        expected = {"error": "Workflow not found", "reason": "not_found", "workflowId": "nope"}
        assert replied(STATE, asked("POST", "/api/workflows/run", {"workflowId": "nope"})) == (404, expected)

    def test_an_empty_catalog_has_no_demo(self) -> None:
        expected = {"error": "Workflow not found", "reason": "not_found", "workflowId": "demo"}
        assert replied(PlaneState(), asked("POST", "/api/workflows/run")) == (404, expected)

    def test_a_document_that_cannot_be_read_is_an_invalid_definition(self) -> None:
        state = attrs.evolve(STATE, workflows=Table({"odd": workflow_from("odd", b"{}")}))
        expected = {"error": "Workflow not found", "reason": "invalid_definition", "workflowId": "odd"}
        assert replied(state, asked("POST", "/api/workflows/run", {"workflowId": "odd"})) == (404, expected)
        with pytest.raises(CascadesSDKError):
            dag_of(state.workflows["odd"])

    def test_ids_are_counted_from_the_seed(self) -> None:
        assert sums_run() == sums_run()
        assert sums_run()[1] != sums_run(attrs.evolve(STATE, seed=1))[1]
        state, first = sums_run()
        assert sums_run(state)[1] != first

    def test_the_oldest_run_that_has_ended_makes_room(self) -> None:
        state, first = sums_run(attrs.evolve(STATE, max_runs=2))
        state, second = sums_run(state)
        state, _ = after_all(state, *whole_run(second))
        state, third = sums_run(state)
        assert list(state.runs) == [first, third]

    def test_where_no_run_has_ended_another_is_503(self) -> None:
        state, _ = sums_run(attrs.evolve(STATE, max_runs=1))
        status, body = replied(state, asked("POST", "/api/workflows/run"))
        assert status == 503
        assert body["error"] == "Execution engine unavailable"
        assert body["reason"] == "worker_queue_required"
        assert "1 runs" in body["message"]


class TestStreams:
    def test_a_run_is_told_from_its_snapshot_to_its_end(self) -> None:
        state, run_id = sums_run()
        state, answers = after_all(state, watch(run_id), *whole_run(run_id))
        events = heard(answers)
        assert list(map(brief, events)) == [
            "run.started  PENDING",
            "log.entry  ",
            "task.update node-0 PENDING",
            "task.update node-1 PENDING",
            "task.update node-0 RUNNING",
            "task.update node-0 SUCCESS",
            "log.entry  ",
            "run.progress  RUNNING",
            "task.update node-1 RUNNING",
            "task.update node-1 SUCCESS",
            "log.entry  ",
            "run.progress  RUNNING",
            "log.entry  ",
            "run.completed  SUCCESS",
        ]
        assert events[7]["data"] == {"runId": run_id, "status": "RUNNING", "completion": 0.5}
        assert events[-1]["data"] == {"runId": run_id, "status": "SUCCESS", "completion": 1, "result": 7}
        assert events[2]["data"]["name"] == "double"
        assert answers[0] == StreamOpened(9)
        assert answers[-1] == StreamEnded(9)
        assert state.streams == Table()
        assert state.runs[run_id].watchers == ()

    def test_a_run_that_ended_before_is_told_all_the_same(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, *whole_run(run_id))
        after, answers = step(state, watch(run_id))
        assert after == state
        assert list(map(brief, heard(list(answers)))) == [
            "run.started  RUNNING",
            "log.entry  ",
            "task.update node-0 SUCCESS",
            "log.entry  ",
            "task.update node-1 SUCCESS",
            "log.entry  ",
            "log.entry  ",
            "run.completed  SUCCESS",
        ]
        assert answers[-1] == StreamEnded(9)

    def test_a_stream_that_is_opened_in_the_middle_says_where_the_run_is(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, *whole_run(run_id)[:2])
        _, answers = step(state, watch(run_id))
        assert brief(heard(list(answers))[-1]) == "run.progress  RUNNING"

    def test_cursors_leave_out_what_was_told_before(self) -> None:
        state, run_id = sums_run()
        state, answers = after_all(state, watch(run_id), *whole_run(run_id)[:2])
        early = heard(answers)
        since = next(e["data"]["createdAt"] for e in reversed(early) if e["type"] == "log.entry")
        task_since = next(e["data"]["updatedAt"] for e in reversed(early) if e["type"] == "task.update")
        state, _ = after_all(state, *whole_run(run_id)[2:])
        _, late = step(state, watch(run_id, query=f"?since={since}&taskSince={task_since}"))
        events = heard(list(late))
        assert list(map(brief, events)) == [
            "run.started  RUNNING",
            "task.update node-1 SUCCESS",
            "log.entry  ",
            "log.entry  ",
            "run.completed  SUCCESS",
        ]
        assert events[0]["data"]["completion"] == 0.5

    def test_a_cursor_in_the_future_holds_rows_back_and_not_the_end(self) -> None:
        state, run_id = sums_run()
        future = "2999-01-01T00:00:00Z"
        _, answers = after_all(state, watch(run_id, query=f"?since={future}&taskSince={future}"), *whole_run(run_id))
        kinds = [event["type"] for event in heard(answers)]
        assert kinds == ["run.started", "run.progress", "run.progress", "run.completed"]

    def test_an_unreadable_cursor_is_no_cursor(self) -> None:
        state, run_id = sums_run()
        assert step(state, watch(run_id, query="?since=yesterday"))[1] == step(state, watch(run_id))[1]

    def test_a_flow_that_fails_says_why_and_which_task(self) -> None:
        state, run_id = sums_run()
        problem = EvaluationError("it is broken", node="node-0", task="double")
        _, answers = after_all(state, watch(run_id), *told(run_id, NodeStarted(0), Evaluated(Failure(problem))))
        events = heard(answers)
        assert list(map(brief, events[-3:])) == ["task.update node-0 FAILED", "log.entry  ", "run.failed  FAILED"]
        assert events[-1]["data"]["error"] == events[-2]["data"]["message"] == str(problem)
        assert events[-2]["data"]["level"] == "error"

    def test_a_failure_between_tasks_fails_the_run_only(self) -> None:
        state, run_id = sums_run()
        _, answers = after_all(state, watch(run_id), Crashed(NOW, run_id, "lost \udc80"))
        events = heard(answers)
        assert list(map(brief, events[-2:])) == ["log.entry  ", "run.failed  FAILED"]
        assert events[-1]["data"]["error"] == "lost ?"

    def test_a_flow_without_tasks_completes(self) -> None:
        state, run, _ = submitted()
        _, answers = after_all(state, watch(run.run_id), *told(run.run_id, Evaluated(Success(7))))
        assert heard(answers)[-1]["data"] == {
            "runId": run.run_id,
            "status": "SUCCESS",
            "completion": 1,
            "result": 7,
        }

    def test_every_watcher_hears_it(self) -> None:
        state, run_id = sums_run()
        _, answers = after_all(state, watch(run_id, 9), watch(run_id, 10), *whole_run(run_id))
        assert heard(answers, 9) == heard(answers, 10)

    def test_a_tick_is_a_comment_on_every_open_stream(self) -> None:
        state, run_id = sums_run()
        state, _ = step(state, watch(run_id))
        after, answers = step(state, Tick(NOW))
        assert after == state
        assert answers == (StreamSent(9, b": heartbeat\n\n"),)

    def test_who_has_left_hears_nothing_more(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, watch(run_id, 9), watch(run_id, 10), Disconnected(NOW, 9))
        assert list(state.streams) == [10]
        _, answers = after_all(state, *whole_run(run_id))
        assert heard(answers, 9) == []

    def test_a_connection_that_carries_a_stream_can_ask_nothing(self) -> None:
        state, run_id = sums_run()
        state, _ = step(state, watch(run_id))
        assert step(state, asked("GET", "/api/system/version", connection=9)) == (state, ())


class TestBranches:
    """A node in a branch that is not taken never starts; the run ends all the same."""

    DAG = Dag(
        "chosen",
        (FlowInput("sure"),),
        (TaskDefinition("double", "m:double", True, (Parameter("number"),)),),
        (
            Call("double", (("number", Literal(1)),)),
            Map("double", (("number", Literal((1, 2))),)),
            Choice(Branch(0, NodeReference(0)), Branch(1, NodeReference(1))),
        ),
        (
            Group("then", None, (0,), Guard(InputReference("sure"), True)),
            Group("otherwise", None, (1,), Guard(InputReference("sure"), False)),
        ),
        NodeReference(2),
    )

    def test_its_row_stays_pending(self) -> None:
        state = attrs.evolve(STATE, workflows=Table({"chosen": workflow_from("chosen", self.DAG)}))
        state, run, wanted = submitted({"workflowId": "chosen", "context": {"sure": False}}, state)
        assert run.names == ("double", "double", "choice")
        events = list(steps(self.DAG, wanted.inputs, {"double": double}))
        state, _ = after_all(state, *told(run.run_id, *events))
        ended = state.runs[run.run_id]
        assert (ended.status, ended.result, ended.done) == ("SUCCESS", (2, 4), 2)
        rows = {row.node: row.status for row in ended.tasks}
        assert rows == {0: "PENDING", 1: "SUCCESS", 2: "SUCCESS"}
        _, answers = step(state, asked("GET", f"/api/runs/{run.run_id}/stream"))
        frames = b"".join(answer.payload for answer in answers if isinstance(answer, StreamSent))
        assert b'"status":"SUCCESS","completion":1,"result":[2,4]' in frames


class TestEvaluations:
    @pytest.mark.parametrize(
        "event",
        [
            Told(NOW, "run-nobody", NodeStarted(0)),
            Crashed(NOW, "run-nobody", "gone"),
            Disconnected(NOW, 77),
        ],
    )
    def test_news_of_the_unknown_changes_nothing(self, event: Event) -> None:
        state, _ = sums_run()
        assert step(state, event) == (state, ())

    @pytest.mark.parametrize("event", [NodeStarted(2), NodeStarted(-1), NodeFinished(0, 1)])
    def test_news_that_does_not_fit_the_run_changes_nothing(self, event: Any) -> None:
        state, run_id = sums_run()
        assert step(state, Told(NOW, run_id, event)) == (state, ())

    def test_two_tasks_are_never_under_way_at_once(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, *told(run_id, NodeStarted(0)))
        assert step(state, Told(NOW, run_id, NodeStarted(1))) == (state, ())

    def test_a_run_that_has_ended_stays_as_it_is(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, *whole_run(run_id))
        assert after_all(state, *whole_run(run_id), Crashed(NOW, run_id, "late")) == (state, [])

    def test_stamps_grow_although_the_clock_stands_still(self) -> None:
        state, run_id = sums_run()
        frozen = [attrs.evolve(event, at=0.0) for event in whole_run(run_id)]
        state, _ = after_all(state, *frozen)
        run = state.runs[run_id]
        assert {type(row) for row in run.logs} == {LogRow}
        stamps = sorted(row.stamp for row in [*run.logs, *run.tasks])
        assert len(set(stamps)) == len(stamps)
        assert state.stamp == stamps[-1]


class TestRestarting:
    def test_what_was_under_way_is_evaluated_again(self) -> None:
        state, ended = sums_run()
        state, _ = after_all(state, *whole_run(ended))
        state, run_id = sums_run(state)
        state, _ = after_all(state, watch(run_id), *whole_run(run_id)[:3])
        after, answers = step(state, Restarted(NOW))
        assert answers == (EvaluationWanted(run_id, "sums", FrozenDict({"start": 2})),)
        assert after.streams == Table()
        assert (after.runs[run_id].done, after.runs[run_id].active, after.runs[run_id].watchers) == (0, None, ())
        assert after.runs[ended] == state.runs[ended]
        _, more = after_all(after, watch(run_id), *whole_run(run_id))
        assert brief(heard(more)[-1]) == "run.completed  SUCCESS"

    @pytest.mark.parametrize("workflows", [Table(), Table({"sums": workflow_from("sums", constant)})])
    def test_a_run_whose_workflow_is_another_by_now_fails(self, workflows: Any) -> None:
        state, run_id = sums_run()
        after, answers = step(attrs.evolve(state, workflows=workflows), Restarted(NOW))
        assert answers == ()
        assert after.runs[run_id].status == "FAILED"
        assert after.runs[run_id].error == "workflow 'sums' is not what it was"


class TestTheState:
    def test_it_pickles_compares_and_hashes(self) -> None:
        state, run_id = sums_run()
        state, _ = after_all(state, watch(run_id), *whole_run(run_id)[:3])
        copy = pickle.loads(pickle.dumps(state))
        assert copy == state
        assert hash(copy) == hash(state)
        assert step(copy, Tick(NOW)) == step(state, Tick(NOW))

    def test_a_table_is_an_immutable_mapping(self) -> None:
        table: Table[str, int] = Table({"a": 1})
        assert table.put("a", 2).put("b", 3).without("a", "zz") == Table({"b": 3})
        assert table == Table({"a": 1})
        assert table != {"a": 1}
        assert repr(table) == "Table({'a': 1})"
        with pytest.raises(AttributeError, match="immutable"):
            table.other = 1  # type: ignore[attr-defined]
        with pytest.raises(AttributeError, match="immutable"):
            del table._entries

    def test_rows_are_read_in_order_after_a_stamp(self) -> None:
        rows = Rows[TaskRow]()
        for number in range(1000):
            rows = rows.plus(TaskRow(number, 0, "RUNNING"))
        assert [row.stamp for row in rows] == list(range(1000))
        assert rows == Rows[TaskRow]().plus(*rows)
        assert [row.stamp for row in rows.after(997)] == [998, 999]
        assert len(rows) == 1000

    def test_the_newest_rows_are_kept_in_whole_chunks(self) -> None:
        rows = Rows[TaskRow]().plus(*(TaskRow(number, 0, "RUNNING") for number in range(1000)))
        newest = rows.newest(300)
        assert len(newest) == 488
        assert next(iter(newest)).stamp == 512
        assert rows.newest(LOG_ROWS) is rows

    def test_a_catalog_entry_is_the_written_flow(self) -> None:
        entry = workflow_from("sums", sums)
        dag = dag_of(entry)
        assert entry == workflow_from("sums", dag)
        assert entry.digest == dag_digest(dag)
        assert (entry.tasks, entry.inputs, entry.required) == (("double", "add"), ("start", "step"), ("start",))

    def test_a_flow_that_does_not_compile_is_raised(self) -> None:
        with pytest.raises(CaptureError):
            workflow_from("branching", branching)


class TestTimes:
    def test_a_time_is_text_with_six_decimals_in_utc(self) -> None:
        assert time_text(1_700_000_000_000_000) == "2023-11-14T22:13:20.000000Z"

    @pytest.mark.parametrize("text", ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T23:13:20+01:00"])
    def test_a_cursor_may_be_written_in_any_zone(self, text: str) -> None:
        assert cursor_from(text) == 1_700_000_000_000_000

    @pytest.mark.parametrize("text", [None, "", "soon", "2023-13-01"])
    def test_what_is_no_time_is_no_cursor(self, text: str | None) -> None:
        assert cursor_from(text) is None


class TestThePackage:
    def test_its_names_are_loaded_when_they_are_asked_for(self) -> None:
        assert testing.ControlPlane is ControlPlane
        assert "ControlPlane" in dir(testing)
        with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
            testing.Nothing  # type: ignore[attr-defined]
