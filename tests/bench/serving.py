"""What the local plane costs: many open streams on its socket at once, stopping with all of them open, virtual time.

The streams are of runs of one second, each with a line of the log every quarter of it; the plane and the readers share
one process. Wall time.
"""

import asyncio
import time
from collections.abc import Iterator

import httpx
from measuring import Case, Settings

from cascades_sdk import submit_and_wait, wait_for_completion_async
from cascades_sdk.testing import ControlPlane

__all__ = ["plane"]

BEATS = ["started", 0.25, "a quarter", 0.25, "half", 0.25, "three quarters", 0.25, "SUCCESS"]


def accepted(plane: ControlPlane, streams: int) -> list[str]:
    """The ids of so many runs, not yet followed."""
    with plane.client() as client:
        return [client.submit_workflow_run({"workflowId": "job"}).unwrap().run_id for _ in range(streams)]


async def connected(
    host: str, port: int, cookie: str, run_id: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream that is open: the head of its answer is read."""
    reader, writer = await asyncio.open_connection(host, port)
    asked = f"GET /api/runs/{run_id}/stream HTTP/1.1\r\nHost: here\r\nCookie: __session={cookie}\r\n\r\n"
    writer.write(asked.encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def read_all(plane: ControlPlane, run_ids: list[str]) -> float:
    """Seconds until raw readers of all streams have come to their ends."""
    host, port = plane.url.removeprefix("http://").split(":")
    began = time.monotonic()

    async def one(run_id: str) -> bytes:
        reader, writer = await connected(host, int(port), plane.cookie, run_id)
        body = await reader.read()
        writer.close()
        return body

    bodies = await asyncio.gather(*(one(run_id) for run_id in run_ids))
    assert all(b'"status":"SUCCESS"' in body for body in bodies)
    return time.monotonic() - began


async def wait_all(plane: ControlPlane, run_ids: list[str]) -> float:
    """The same with one async client."""
    async with plane.async_client() as client:
        began = time.monotonic()
        outcomes = await asyncio.gather(*(wait_for_completion_async(client, run_id, 60.0) for run_id in run_ids))
        assert {outcome.unwrap().status for outcome in outcomes} == {"SUCCESS"}
        return time.monotonic() - began


def streaming(streams: int) -> tuple[float, float]:
    """Raw readers, and the client: seconds for all streams of runs that begin when everybody listens."""
    took = []
    for read in (read_all, wait_all):
        with ControlPlane.serve() as plane:
            plane.script("job", [3600])
            run_ids = accepted(plane, streams)
            # The runs begin together, a moment after the first readers knock.
            for run_id in run_ids:
                plane.script(run_id, BEATS)
            took.append(asyncio.run(read(plane, run_ids)))
    return took[0], took[1]


def stopping(streams: int) -> float:
    """Seconds that stopping takes while so many streams are open."""

    async def open_all() -> float:
        host, port = plane.url.removeprefix("http://").split(":")
        opened = await asyncio.gather(*(connected(host, int(port), plane.cookie, run_id) for run_id in run_ids))
        assert len(plane.state.streams) == streams
        began = time.monotonic()
        plane.stop()
        took = time.monotonic() - began
        for _, writer in opened:
            writer.transport.abort()
        return took

    with ControlPlane.serve() as plane:
        plane.script("job", [3600])
        run_ids = accepted(plane, streams)
        return asyncio.run(open_all())


def starting() -> float:
    """Seconds until a new plane on a socket has answered."""
    began = time.monotonic()
    with ControlPlane.serve() as plane, plane.client() as client:
        client.get_public_api_version().unwrap()
        return time.monotonic() - began


def skipping(days: float) -> float:
    """Seconds in which runs of some days are waited for in virtual time."""
    with ControlPlane() as plane, plane.client() as client:
        plane.script("job", [86_400.0 * days, "SUCCESS"])
        began = time.monotonic()
        submit_and_wait(client, {"workflowId": "job"}, 86_400.0 * (days + 1)).unwrap()
        return time.monotonic() - began


def called() -> float:
    """Seconds of the CPU that a bare call of httpx to its own transport takes."""
    calls = 2_000
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=b"{}"))) as bare:
        began = time.process_time()
        for _ in range(calls):
            bare.get("http://127.0.0.1/").read()
        return (time.process_time() - began) / calls


def reconnected() -> float:
    """Seconds of the CPU that a reconnect takes in a silent run of a day, signs of life included."""
    with ControlPlane() as plane, plane.client() as client:
        plane.script("job", [86_400.0, "SUCCESS"])
        began = time.process_time()
        submit_and_wait(client, {"workflowId": "job"}, 2 * 86_400.0).unwrap()
        return (time.process_time() - began) / (len(plane.history) - 1)


def plane(settings: Settings) -> Iterator[Case]:
    """Seconds on the clock."""
    streams = settings.some(400)
    starting()  # everything is loaded
    pairs = [streaming(streams) for _ in range(settings.rounds)]
    readers = {"raw readers": [raw for raw, _ in pairs], "one async client": [client for _, client in pairs]}
    yield Case("plane", f"{streams} streams of one second", "s", readers, goals={"raw readers": 2.5})
    stops = {"wall": [stopping(streams) for _ in range(settings.rounds)]}
    yield Case("plane", f"stop with {streams} streams open", "s", stops, goals={"wall": 0.2})
    yield Case("plane", "start, and the first answer", "s", {"wall": [starting() for _ in range(settings.rounds)]})
    for days in sorted({1, settings.some(10)}):
        skipped = {"wall": [skipping(days) for _ in range(settings.rounds)]}
        yield Case("plane", "days in virtual time", "s", skipped, days)
    beside: dict[str, list[float]] = {"a reconnect in virtual time": [], "a bare call of httpx": []}
    for _ in range(settings.rounds):
        beside["a reconnect in virtual time"].append(reconnected())
        beside["a bare call of httpx"].append(called())
    yield Case("plane", "reconnects", "s", beside, beside="a bare call of httpx")
