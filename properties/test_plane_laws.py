"""Laws of the control plane's model: it is total, deterministic, and tells nothing twice to who comes back."""

import json
from typing import Any
from urllib.parse import quote

import attrs
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.errors import EvaluationError
from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted
from cascades_sdk.testing.plane import (
    Answer,
    Cancelled,
    Crashed,
    Disconnected,
    Drip,
    Due,
    EvaluationWanted,
    Event,
    Failing,
    FaultPlan,
    Hangup,
    Latitude,
    PlaneState,
    Progress,
    Reply,
    Request,
    Reset,
    Restarted,
    Rows,
    Scripted,
    Send,
    Silence,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Table,
    TaskRow,
    Tick,
    Told,
    Troubled,
    Update,
    Workflow,
    beats_of,
    step,
)

SESSION = (("cookie", "__session=local-session"),)

#: Workflows of which the model knows all that it asks for; no document is ever read by it.
WORKFLOWS = Table(
    {
        "none": Workflow("none", b"", "sha256:0"),
        "two": Workflow("two", b"", "sha256:2", tasks=("a", "b"), inputs=("n",)),
        "needy": Workflow("needy", b"", "sha256:3", tasks=("a",), inputs=("n",), required=("n",)),
        "broken": Workflow("broken", b"", problem="it is broken"),
    }
)
EMPTY = PlaneState(workflows=WORKFLOWS, default="two", max_runs=3, secrets=Table({"known": "stored-secret-0123456789"}))

#: The ids that a plane of this seed gives to its first runs, found by asking it.


def first_runs(count: int) -> list[str]:
    state, ids = attrs.evolve(EMPTY, max_runs=count), []
    for _ in range(count):
        state, answers = step(state, Request(0.0, 1, "POST", "/api/workflows/run", SESSION, b""))
        ids.extend(answer.run_id for answer in answers if isinstance(answer, EvaluationWanted))
    return ids


RUN_IDS = st.sampled_from([*first_runs(4), "run-nobody"])
TIMES = st.one_of(st.just(1.7e9), st.floats(0, 4e9))
CONNECTIONS = st.integers(1, 4)
CURSORS = st.one_of(st.none(), st.text(max_size=8), st.datetimes().map(str), st.just("2023-11-14T22:13:20.000004Z"))

BODIES = st.one_of(
    st.just(b""),
    st.binary(max_size=8),
    st.fixed_dictionaries(
        {},
        optional={
            "workflowId": st.sampled_from([*WORKFLOWS, "nope", 1]),
            "context": st.sampled_from([{}, {"n": 1}, [], None]),
            "odd": st.none(),
            "catalogItemId": st.sampled_from([*WORKFLOWS, "db-1", "nope"]),
            "token": st.sampled_from(["x" * 20, "short"]),
            "secretKey": st.sampled_from(["known", "nope"]),
        },
    ).map(lambda body: json.dumps(body).encode()),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    cursors = {"since": draw(CURSORS), "taskSince": draw(CURSORS)}
    query = "&".join(f"{name}={quote(text, errors='replace')}" for name, text in cursors.items() if text is not None)
    method, target = draw(
        st.sampled_from(
            [
                ("GET", "/api/system/version"),
                ("POST", "/api/workflows/run"),
                ("GET", f"/api/runs/{draw(RUN_IDS)}/stream?{query}"),
                ("GET", "/api/workflows/run"),
                ("POST", "/api/workflows/clone"),
                ("POST", "/api/integrations/github"),
                ("POST", "/api/integrations/hubspot"),
                ("POST", "/api/integrations/hubspot/test"),
                ("GET", "/" + draw(st.text("abc/%?", max_size=8))),
            ]
        )
    )
    headers = draw(st.sampled_from([SESSION, SESSION, SESSION, ()]))
    return Request(draw(TIMES), draw(CONNECTIONS), method, target, headers, draw(BODIES))


VERDICTS = st.sampled_from([Success(None), Success((1, "x")), Failure(EvaluationError("it is broken"))])
NEWS = st.one_of(
    st.integers(-1, 3).map(NodeStarted),
    st.integers(-1, 3).map(lambda node: NodeFinished(node, None)),
    VERDICTS.map(Evaluated),
)
SCRIPTS = st.lists(
    st.one_of(
        st.floats(0, 1e6),
        st.text(max_size=3),
        st.sampled_from(["SUCCESS", "FAILED", "CANCELLED"]),
        st.builds(
            Update, st.one_of(st.integers(0, 3), st.sampled_from(["a", "z"])), st.sampled_from(["RUNNING", "SUCCESS"])
        ),
        st.builds(Progress, st.floats(0, 1)),
        st.builds(Send, st.text(max_size=3)),
        st.builds(Hangup, st.booleans()),
    ),
    max_size=6,
).map(beats_of)
OPERATIONS = st.sampled_from([None, "submitWorkflowRun", "streamRunTelemetry"])
FAULTS = st.one_of(st.builds(Reset, st.none()), st.builds(Silence, st.integers(0, 9)), st.builds(Drip))
FAILINGS = st.one_of(
    st.none(), st.lists(st.builds(Failing, st.sampled_from([401, 500]), OPERATIONS), max_size=2).map(tuple)
)
PLANS = st.one_of(
    st.none(),
    st.lists(
        st.builds(
            FaultPlan,
            st.lists(FAULTS, max_size=2).map(tuple),
            OPERATIONS,
            st.sampled_from([None, 0, 1]),
            st.floats(0, 1),
        ),
        max_size=2,
    ).map(tuple),
)
PROVIDERS = st.sampled_from([None, ("hubspot", 403), ("hubspot", None)])
EVENTS: st.SearchStrategy[Event] = st.one_of(
    requests(),
    requests(),
    st.builds(Told, TIMES, RUN_IDS, NEWS),
    st.builds(Told, TIMES, RUN_IDS, NEWS),
    st.builds(Crashed, TIMES, RUN_IDS, st.text(max_size=3)),
    st.builds(Due, TIMES, RUN_IDS),
    st.builds(Scripted, TIMES, st.one_of(RUN_IDS, st.sampled_from(["none", "job"])), SCRIPTS),
    st.builds(Cancelled, TIMES, RUN_IDS),
    st.builds(Troubled, TIMES, FAILINGS, PLANS, PROVIDERS, st.sampled_from([None, "known"])),
    st.builds(Tick, TIMES),
    st.builds(Disconnected, TIMES, CONNECTIONS),
    st.builds(Restarted, TIMES),
)
HISTORIES = st.lists(EVENTS, max_size=40)


def after(state: PlaneState, events: list[Event]) -> tuple[PlaneState, list[Answer]]:
    answers: list[Answer] = []
    for event in events:
        state, more = step(state, event)
        answers.extend(more)
    return state, answers


class TestTotality:
    """Any event in any reachable state has an answer, and leaves a state in which everything fits."""

    @given(HISTORIES)
    def test_every_state_fits_together(self, history: list[Event]) -> None:
        state, _ = after(EMPTY, history)
        assert len(state.runs) <= state.max_runs
        watching = {w.connection: run.run_id for run in state.runs.values() for w in run.watchers}
        assert watching == dict(state.streams)
        for run in state.runs.values():
            stamps = sorted(row.stamp for row in [*run.logs, *run.tasks])
            assert len(set(stamps)) == len(stamps)
            assert stamps[-1] <= state.stamp
            assert 0 <= run.done <= len(run.names) or not run.names
            assert run.due is None or (run.script is not None and not run.ended)
            assert all(0 <= row.node < len(run.names) for row in run.tasks)
            assert not (run.ended and (run.watchers or run.active is not None))
        assert len(state.copies) <= state.max_runs

    @given(HISTORIES)
    def test_a_request_on_a_free_connection_has_one_answer(self, history: list[Event]) -> None:
        state = EMPTY
        for event in history:
            busy = isinstance(event, Request) and event.connection in state.streams
            state, answers = step(state, event)
            heads = [answer for answer in answers if isinstance(answer, Reply | StreamOpened)]
            assert len(heads) == (1 if isinstance(event, Request) and not busy else 0)

    @given(HISTORIES)
    def test_a_stream_says_something_only_between_its_opening_and_its_end(self, history: list[Event]) -> None:
        state, is_open = EMPTY, set[int]()
        for event in history:
            if isinstance(event, Disconnected):
                is_open.discard(event.connection)
            if isinstance(event, Restarted):
                is_open.clear()
            state, answers = step(state, event)
            for answer in answers:
                if isinstance(answer, StreamOpened):
                    assert answer.connection not in is_open
                    is_open.add(answer.connection)
                if isinstance(answer, StreamSent | StreamEnded):
                    assert answer.connection in is_open
                if isinstance(answer, StreamEnded):
                    is_open.remove(answer.connection)
            assert is_open == set(state.streams)


class TestDeterminism:
    """Equal states answer equal events equally; the seed decides the ids and nothing else."""

    @given(HISTORIES)
    def test_the_same_history_gives_the_same_answers(self, history: list[Event]) -> None:
        assert after(EMPTY, history) == after(EMPTY, history)

    @given(st.integers())
    def test_another_seed_gives_other_ids(self, seed: int) -> None:
        request = Request(0.0, 1, "POST", "/api/workflows/run", SESSION, b"")
        mine, _ = step(attrs.evolve(EMPTY, seed=seed), request)
        theirs, _ = step(attrs.evolve(EMPTY, seed=seed + 1), request)
        assert list(mine.runs) != list(theirs.runs)


class TestCursors:
    """A stream that is joined late, with the cursors of one that broke, tells what came after, and that once."""

    @given(st.integers(0, 5), st.sampled_from([Success(1), Failure(EvaluationError("it is broken"))]))
    def test_what_was_heard_and_what_is_heard_later_is_everything(self, broke_after: int, verdict: Any) -> None:
        accepted, (_, wanted) = step(EMPTY, Request(1.7e9, 1, "POST", "/api/workflows/run", SESSION, b""))
        assert isinstance(wanted, EvaluationWanted)
        run_id = wanted.run_id
        news = [NodeStarted(0), NodeFinished(0, 1), NodeStarted(1), NodeFinished(1, 2), Evaluated(verdict)]
        told: list[Event] = [Told(1.7e9 + at, run_id, item) for at, item in enumerate(news)]

        _, unbroken = after(accepted, [watching(run_id, 2), *told])
        state, before = after(accepted, [watching(run_id, 2), *told[:broke_after]])
        heard = events_of(before, 2)
        state, _ = after(state, [Disconnected(1.7e9, 2), *told[broke_after:]])
        cursors = {
            "since": last_time(heard, "log.entry", "createdAt"),
            "taskSince": last_time(heard, "task.update", "updatedAt"),
        }
        _, later = after(state, [watching(run_id, 3, **cursors)])
        again = events_of(later, 3)

        assert again[0]["type"] == "run.started"
        assert again[-1] == events_of(unbroken, 2)[-1]
        logs = rows_of(heard, "log.entry") + rows_of(again, "log.entry")
        assert logs == rows_of(events_of(unbroken, 2), "log.entry")
        tasks = {row["id"]: row for row in rows_of(heard, "task.update") + rows_of(again, "task.update")}
        assert tasks == {row["id"]: row for row in rows_of(events_of(unbroken, 2), "task.update")}


class TestIds:
    """Who comes back with the id of the last frame, and with nothing else, misses no row, wherever it was cut off."""

    @given(
        SCRIPTS,
        st.integers(0, 9),
        st.integers(0, 99),
        st.sampled_from(["exclusive", "inclusive", "ignored"]),
        st.booleans(),
    )
    def test_what_was_heard_and_what_comes_after_its_id_is_everything(
        self, script: Any, joined_after: int, frames: int, cursors: Any, late: bool
    ) -> None:
        state = attrs.evolve(EMPTY, latitude=Latitude(event_ids=True, cursors=cursors))
        state, _ = step(state, Scripted(1.7e9, "job", (*script, *beats_of(["SUCCESS"]))))
        state, _ = step(state, Request(1.7e9, 1, "POST", "/api/workflows/run", SESSION, b'{"workflowId": "job"}'))
        (run_id,) = state.runs
        moments = [1.7e9 + 1e7 * at for at in range(1, 12)]
        before: list[Event] = [Due(moment, run_id) for moment in moments[:joined_after]]
        after_it: list[Event] = [Due(moment, run_id) for moment in moments[joined_after:]]

        state, _ = after(state, before)
        state, answers = after(state, [watching(run_id, 2), *([] if late else after_it)])
        said = [answer.payload for answer in answers if isinstance(answer, StreamSent)]
        heard = b"".join(said).split(b"\n\n")[:-1][:frames]
        last = [frame.partition(b"\n")[0].removeprefix(b"id: ").decode() for frame in heard][-1:]
        state, _ = after(state, [Disconnected(1.7e9, 2), *(after_it if late else [])])
        again = watching(run_id, 3)
        resumed = attrs.evolve(again, headers=(*again.headers, *(("last-event-id", each) for each in last)))
        _, later = step(state, resumed)

        _, whole = step(state, watching(run_id, 4))
        both = [*events_of([StreamSent(2, b"\n".join(heard))], 2), *events_of(list(later), 3)]
        logs = {row["id"] for row in rows_of(both, "log.entry")}
        assert logs == {row["id"] for row in rows_of(events_of(list(whole), 4), "log.entry")}
        tasks = {row["id"]: row for row in rows_of(both, "task.update")}
        assert tasks == {row["id"]: row for row in rows_of(events_of(list(whole), 4), "task.update")}


class TestRows:
    """Rows are what a plain list would be."""

    @given(st.lists(st.integers(0, 700), max_size=6), st.integers(-1, 3000))
    def test_appending_in_portions_is_appending_at_once(self, portions: list[int], cursor: int) -> None:
        plain: list[TaskRow] = []
        rows = Rows[TaskRow]()
        for portion in portions:
            more = [TaskRow(len(plain) + index, 0, "RUNNING") for index in range(portion)]
            plain.extend(more)
            rows = rows.plus(*more)
        assert list(rows) == plain
        assert len(rows) == len(plain)
        assert list(rows.after(cursor)) == [row for row in plain if row.stamp > cursor]


def watching(run_id: str, connection: int, **cursors: str) -> Request:
    query = "&".join(f"{name}={quote(text)}" for name, text in cursors.items())
    return Request(1.7e9, connection, "GET", f"/api/runs/{run_id}/stream?{query}", SESSION)


def events_of(answers: list[Answer], connection: int) -> list[dict[str, Any]]:
    sent = [answer for answer in answers if isinstance(answer, StreamSent) and answer.connection == connection]
    lines = b"".join(answer.payload for answer in sent).decode().split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def rows_of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["data"] for event in events if event["type"] == kind]


def last_time(events: list[dict[str, Any]], kind: str, key: str) -> str:
    return str(rows_of(events, kind)[-1][key])
