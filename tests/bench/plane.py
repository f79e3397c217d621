"""What the local plane costs: many open streams on its socket at once, stopping with all of them open, and virtual
time.

Run it: ``python tests/bench/plane.py [--streams N] [--rounds N]``. The streams are of runs of one second, each with a
line of the log every quarter of it; the plane and the readers share one process. Wall time, medians of the rounds.
"""

import argparse
import asyncio
import statistics
import time

from cascades_sdk import submit_and_wait, wait_for_completion_async
from cascades_sdk.testing import ControlPlane

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    starting()  # everything is loaded
    streams = [streaming(given.streams) for _ in range(given.rounds)]
    stops = [stopping(given.streams) for _ in range(given.rounds)]
    rows = {
        f"{given.streams} streams of one second, raw readers (goal 2.5 s)": [raw for raw, _ in streams],
        f"{given.streams} streams of one second, one async client": [client for _, client in streams],
        f"stop with {given.streams} streams open (goal 0.2 s)": stops,
        "start, and the first answer": [starting() for _ in range(given.rounds)],
        "a run of a day, in virtual time": [skipping(1) for _ in range(given.rounds)],
    }
    for name, seconds in rows.items():
        print(f"{name:<62} {statistics.median(seconds):7.3f} s  (worst {max(seconds):.3f})")


if __name__ == "__main__":
    main()
