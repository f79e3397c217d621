"""What an event says, typed."""

from typing import Any

import pytest

from cascades_sdk.pipelines import (
    EventDetails,
    LogRow,
    OtherEvent,
    RunProgress,
    RunSnapshot,
    StreamTrouble,
    TaskProgress,
    TaskRow,
    details_of,
)
from cascades_sdk.types import RunStreamEvent
from cascades_sdk.values import FrozenDict

TIME = "2026-01-01T00:00:00Z"


def details(kind: str, **data: Any) -> EventDetails:
    return details_of(RunStreamEvent(kind, FrozenDict(data)))


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("run.started", {"runId": "r", "status": "PENDING"}, RunSnapshot("r", "PENDING")),
        ("run.progress", {"state": "RUNNING", "progress": 0.5}, RunSnapshot(None, "RUNNING", 0.5)),
        ("run.progress", {"status": "CANCELLED"}, RunSnapshot(None, "CANCELLED")),
        ("run.completed", {}, RunSnapshot(None, "SUCCESS")),
        ("run.failed", {"status": "odd", "completion": 1}, RunSnapshot(None, "FAILED", 1.0)),
        ("log.entry", {"id": "7", "createdAt": TIME, "level": "INFO", "message": "m"}, LogRow("7", TIME, "INFO", "m")),
        ("log.entry", {"logId": "7", "time": TIME, "severity": "warn", "msg": "m"}, LogRow("7", TIME, "warn", "m")),
        ("log.entry", {"id": 7, "time": "yesterday", "message": None}, LogRow()),
        ("task.update", {"id": "t", "name": "n", "status": "SUCCESS"}, TaskRow("t", "n", "SUCCESS")),
        ("task.update", {"nodeId": "t", "title": "n", "state": "S", "time": TIME}, TaskRow("t", "n", "S", TIME)),
        ("stream.error", {"message": "trouble"}, StreamTrouble("trouble")),
        ("stream.error", {}, StreamTrouble()),
        ("run.archived", {"status": "SUCCESS"}, OtherEvent("run.archived")),
        ("", {}, OtherEvent("")),
    ],
)
def test_known_types_are_typed_whatever_their_keys_and_unknown_ones_are_kept(
    kind: str, data: dict[str, Any], expected: EventDetails
) -> None:
    assert details(kind, **data) == expected


def test_progress_counts_tasks_by_their_status() -> None:
    tasks = (("a", "SUCCESS"), ("b", "RUNNING"), ("c", "SUCCESS"), ("d", None))
    progress = RunProgress("r", tasks=tuple(TaskProgress(name, status=status) for name, status in tasks))
    assert progress.counts == FrozenDict({"RUNNING": 1, "SUCCESS": 2})
    assert RunProgress("r").counts == FrozenDict()
