"""Frames to events, and what the keys of ``data`` may be called."""

import json
from typing import Any

import pytest
from returns.result import Failure, Success

from cascades_sdk.errors import LimitExceededError, UnexpectedResponseError
from cascades_sdk.protocol.event_stream import Frame
from cascades_sdk.protocol.limits import Limits
from cascades_sdk.protocol.telemetry import (
    RunStreamEvent,
    completion_of,
    event_of,
    is_later,
    row_key,
    terminal_status,
    text_of,
    time_of,
)
from cascades_sdk.values import FrozenDict


def event(kind: str, **data: Any) -> RunStreamEvent:
    return RunStreamEvent(kind, FrozenDict(data))


class TestFrames:
    def test_the_event_name_decides_nothing(self) -> None:
        data = json.dumps({"type": "run.started", "data": {"status": "RUNNING"}, "v": 1})
        for name in ("telemetry", "message", "anything"):
            read = event_of(Frame(name, data), "op")
            assert isinstance(read, Success)
            assert read.unwrap().type == "run.started"
            assert read.unwrap().wire["v"] == 1

    @pytest.mark.parametrize(
        ("data", "pointer"),
        [
            ("", ""),
            ("[]", ""),
            ("{}", "/type"),
            ('{"type":"x"}', "/data"),
            ('{"type":1,"data":{}}', "/type"),
            ('{"type":"x","data":[]}', "/data"),
            ('{"type":"x","data":{"a":NaN}}', "/data/a"),
        ],
    )
    def test_a_malformed_frame_is_an_error_value(self, data: str, pointer: str) -> None:
        outcome = event_of(Frame("telemetry", data), "op")
        assert isinstance(outcome, Failure)
        error = outcome.failure()
        assert isinstance(error, UnexpectedResponseError)
        assert error.pointer == pointer

    def test_a_frame_beyond_a_limit_is_an_error_value_and_an_exact_integer_is_none(self) -> None:
        data = '{"type":"x","data":{"n":%s,"a":[[]]}}' % (10**30)
        event = event_of(Frame("telemetry", data), "op").unwrap()
        assert event.data["n"] == 10**30
        crossed = event_of(Frame("telemetry", data), "op", limits=Limits(digits=30))
        assert crossed == Failure(LimitExceededError("op", "digits", 30, 200))
        crossed = event_of(Frame("telemetry", data), "op", limits=Limits(nesting=3))
        assert crossed == Failure(LimitExceededError("op", "nesting", 3, 200))

    @pytest.mark.parametrize("secret", ["canary", 'can"ary', "~can/ary\\", "canary" * 30, "canary,1"])
    def test_an_echoed_secret_is_not_in_the_error(self, secret: str) -> None:
        for body in (
            {"type": "log.entry", "data": secret},
            {"type": "log.entry", "data": {secret: float("nan")}},
            {"type": "log.entry", "data": {"a": {secret: 10**1000}}},
            {"type": [], "data": {}},
            {"type": "x", "data": {"a": secret + "\ud800"}},
            {"type": "x", "data": {secret + "\ud800": 1}},
        ):
            error = event_of(Frame("telemetry", json.dumps(body)), "op", (secret,)).failure()
            assert "can" not in f"{error} {error!r}"


class TestVerdicts:
    @pytest.mark.parametrize(
        ("kind", "data", "status"),
        [
            ("run.completed", {}, "SUCCESS"),
            ("run.failed", {}, "FAILED"),
            ("run.completed", {"status": "FAILED"}, "FAILED"),
            ("run.failed", {"status": "CANCELLED"}, "CANCELLED"),
            ("run.completed", {"status": "RUNNING"}, "SUCCESS"),
            ("run.started", {"status": "SUCCESS"}, "SUCCESS"),
            ("run.progress", {"status": "CANCELLED"}, "CANCELLED"),
            ("run.progress", {"status": "RUNNING"}, None),
            ("run.progress", {"status": "success"}, None),
            ("run.progress", {"status": ["SUCCESS"]}, None),
            ("run.started", {}, None),
            ("task.update", {"status": "SUCCESS"}, None),
            ("log.entry", {"status": "FAILED"}, None),
            ("stream.error", {"status": "FAILED"}, None),
            ("run.archived", {"status": "SUCCESS"}, None),
        ],
    )
    def test_a_terminal_status_of_a_snapshot_wins_else_the_type_tells(
        self, kind: str, data: dict[str, Any], status: str | None
    ) -> None:
        assert terminal_status(event(kind, **data)) == status


class TestKeys:
    def test_the_first_accepted_key_wins(self) -> None:
        assert text_of(FrozenDict({"taskId": "t", "nodeId": "n"}), "task_id") == "t"
        assert text_of(FrozenDict({"id": 7, "nodeId": "n"}), "task_id") == "n"
        assert text_of(FrozenDict({}), "message") is None

    def test_a_time_is_given_back_as_it_was_sent(self) -> None:
        for time in ("2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00+02:00", "2026-01-01"):
            assert time_of(FrozenDict({"createdAt": 5, "timestamp": time}), "log_time") == time
        assert time_of(FrozenDict({"createdAt": "yesterday"}), "log_time") is None

    @pytest.mark.parametrize(
        ("left", "right", "later"),
        [
            ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z", True),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
            ("2026-01-01T01:00:00+02:00", "2026-01-01T00:00:00Z", False),
            ("2026-01-01T00:00:01", "2026-01-01T00:00:00Z", False),
            ("2026-01-01T00:00:01", "then", False),
        ],
    )
    def test_times_are_compared_as_moments(self, left: str, right: str, later: bool) -> None:
        assert is_later(left, right) is later

    @pytest.mark.parametrize(
        ("data", "completion"),
        [({"completion": 1}, 1.0), ({"progress": 0.5}, 0.5), ({"completion": True}, None), ({"completion": "1"}, None)],
    )
    def test_completion_is_a_number(self, data: dict[str, Any], completion: float | None) -> None:
        assert completion_of(FrozenDict(data)) == completion

    def test_a_completion_that_no_float_is_near_is_none(self) -> None:
        event = event_of(Frame("x", '{"type":"x","data":{"completion":%s}}' % (10**999)), "op").unwrap()
        assert completion_of(event.data) is None


class TestRowKeys:
    def test_a_log_row_is_known_by_its_id(self) -> None:
        assert row_key(event("log.entry", id="1", message="a")) == row_key(event("log.entry", id="1", message="b"))

    def test_without_an_id_by_its_content(self) -> None:
        assert row_key(event("log.entry", message="a")) == row_key(event("log.entry", message="a"))
        assert row_key(event("log.entry", message="a")) != row_key(event("log.entry", message="b"))

    def test_a_task_row_by_all_that_it_says(self) -> None:
        running, done = (event("task.update", id="node-1", status=status) for status in ("RUNNING", "SUCCESS"))
        assert row_key(running) != row_key(done)
