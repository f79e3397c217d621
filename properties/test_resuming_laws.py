"""A stream that is cut at any byte, and resumed, tells the same run: the same outcome, and each row once.

The streams are hand-written bytes. A server of the law cuts the first connection after so many bytes; on the next ones
it honours the cursors as one of several servers might: inclusively or not, by ``Last-Event-ID`` or by time, or never.

A server that sends only what is after a cursor has no two rows of one time here: of two such rows, a client that has
heard one could not ask for the other.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import attrs
import httpx
import pytest

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.pipelines import wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.following import RunOutcome
from loops import rounds
from wire.scripted import BASE, Body, VirtualTime


@attrs.frozen
class Manner:
    """In which way the contract's open questions are answered."""

    name: str
    verdict: bytes
    rows: tuple[tuple[str, str, bytes], ...]
    inclusive: bool = False
    ids: bool = False
    forgets: bool = False
    ends: bytes = b"\n"


def rows(log_id: str, log_time: str, task_id: str, task_time: str, tied: int = 2) -> tuple[tuple[str, str, bytes], ...]:
    """Log and task rows with these keys: the kind, the time, and the frame's data."""

    def time_at(second: int) -> str:
        return f"2026-01-01T00:00:{second:02}Z"

    def log(number: int, second: int) -> tuple[str, str, bytes]:
        data = {log_id: f"log-{number}"} if log_id else {}
        return (
            "log",
            time_at(second),
            said("log.entry", data | {log_time: time_at(second), "message": f"{number} \u2028é"}),
        )

    def task(number: int, second: int, status: str) -> tuple[str, str, bytes]:
        data = {task_id: f"t-{number}", task_time: time_at(second), "status": status}
        return "task", time_at(second), said("task.update", data)

    return (
        *(log(1, 1), task(1, 1, "RUNNING"), log(2, 2), log(3, tied), task(1, 3, "SUCCESS")),
        *(task(2, tied + 1, "RUNNING"), log(4, 5)),
    )


def said(kind: str, data: dict[str, str]) -> bytes:
    return json.dumps({"type": kind, "data": data}, ensure_ascii=False).encode()


def verdict(kind: str, status: str | None) -> bytes:
    return said(kind, {} if status is None else {"status": status})


USUAL = rows("id", "createdAt", "id", "updatedAt")
UNTIED = rows("id", "createdAt", "id", "updatedAt", tied=3)
MANNERS = (
    Manner("cursors after", verdict("run.completed", "SUCCESS"), UNTIED),
    Manner("cursors inclusive", verdict("run.completed", "SUCCESS"), USUAL, inclusive=True),
    Manner("everything again", verdict("run.failed", "FAILED"), USUAL, forgets=True),
    Manner("event ids", verdict("run.completed", "SUCCESS"), USUAL, ids=True),
    Manner("keys renamed", verdict("run.failed", None), rows("logId", "timestamp", "taskId", "time"), inclusive=True),
    Manner("no log ids", verdict("run.completed", None), rows("", "createdAt", "nodeId", "updatedAt"), inclusive=True),
    Manner("CANCELLED as a snapshot", verdict("run.progress", "CANCELLED"), USUAL, inclusive=True),
    Manner("the verdict in the first snapshot", verdict("run.started", "SUCCESS"), USUAL, inclusive=True),
    Manner("other line ends", verdict("run.completed", "SUCCESS"), USUAL, inclusive=True, ends=b"\r\n"),
    Manner("bare carriage returns", verdict("run.completed", "SUCCESS"), USUAL, ids=True, ends=b"\r"),
)


def frames(manner: Manner, since: str | None, task_since: str | None, last: str | None) -> Iterator[bytes]:
    """What a connection with these cursors is sent, from the snapshot on."""
    yield frame(manner, said("run.started", {"status": "RUNNING"}))
    yield b": heartbeat" + manner.ends * 2
    for number, (kind, at, data) in enumerate(manner.rows, 1):
        cursor = since if kind == "log" else task_since
        if manner.ids:
            known = last is not None and number <= int(last)
        else:
            known = not manner.forgets and cursor is not None and is_before(at, cursor, manner.inclusive)
        if not known:
            yield frame(manner, data, number)
    yield frame(manner, manner.verdict)


def is_before(at: str, cursor: str, inclusive: bool) -> bool:
    one, other = datetime.fromisoformat(at), datetime.fromisoformat(cursor)
    return one < other or (one == other and not inclusive)


def frame(manner: Manner, data: bytes, number: int | None = None) -> bytes:
    ident = b"" if number is None or not manner.ids else b"id: %d%s" % (number, manner.ends)
    return b"%sevent: telemetry%sdata: %s%s" % (ident, manner.ends, data, manner.ends * 2)


def whole(manner: Manner) -> bytes:
    return b"".join(frames(manner, None, None, None))


class Cutting:
    """Answers the first connection so far, with an end or a reset; every later one in whole."""

    def __init__(self, manner: Manner, cut: int, reset: bool) -> None:
        self.manner, self.cut, self.reset = manner, cut, reset
        self.connections = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = parse_qs(urlsplit(str(request.url)).query)
        cursors = (query.get(name, [None])[0] for name in ("since", "taskSince"))
        sent = b"".join(frames(self.manner, *cursors, request.headers.get("last-event-id")))
        self.connections += 1
        if self.connections > 1:
            return self.answer(Body(sent))
        return self.answer(Body(sent[: self.cut], self.breaks) if self.reset else Body(sent[: self.cut]))

    def breaks(self) -> None:
        raise httpx.ReadError("connection reset")

    def answer(self, body: Body) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=body)


def waited(colour: str, server: Callable[[httpx.Request], httpx.Response]) -> tuple[RunOutcome, list[Any]]:
    """How the run ended, and each row that was told."""
    told: list[Any] = []
    options: dict[str, Any] = {"clock": VirtualTime().clock, "transport": httpx.MockTransport(server)}
    heard: dict[str, Any] = {"on_event": lambda event: told.append((event.type, event.data)), "timeout": 600.0}
    if colour == "sync":
        with CascadesClient(BASE, **options) as client:
            return wait_for_completion(client, "r", **heard).unwrap(), told

    async def wait() -> RunOutcome:
        async with AsyncCascadesClient(BASE, **options) as client:
            return (await wait_for_completion_async(client, "r", **heard)).unwrap()

    return anyio.run(wait), told


def of_rows(told: list[Any]) -> list[Any]:
    return [row for row in told if row[0] in ("log.entry", "task.update")]


#: The async client is the same program under another driver: a few cuts in between tell enough of it each time.
STRIDE = max(1, 23 // len(rounds(1)))


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
@pytest.mark.parametrize(("colour", "stride"), [("sync", 1), ("asyncio", STRIDE)])
def test_a_cut_at_any_byte_is_resumed_to_the_same_run(manner: Manner, colour: str, stride: int) -> None:
    expected, all_told = waited(colour, Cutting(manner, len(whole(manner)), reset=False))
    assert len(of_rows(all_told)) == len(manner.rows)
    for cut in range(0, len(whole(manner)), stride):
        server = Cutting(manner, cut, reset=cut % 2 == 1)
        outcome, told = waited(colour, server)
        assert (outcome.status, outcome.event) == (expected.status, expected.event), cut
        assert of_rows(told) == of_rows(all_told), cut
        assert outcome.progress.tasks == expected.progress.tasks, cut
        # The verdict may have been heard to its last needed byte before the cut.
        assert server.connections in (1, 2)
        if server.connections == 1:
            assert cut >= len(whole(manner)) - 2 * len(manner.ends)


def test_the_streams_are_a_few_kilobytes_of_different_bytes() -> None:
    streams = {whole(manner) for manner in MANNERS}
    assert len(streams) >= 7
    assert all(700 < len(stream) < 4000 for stream in streams)
