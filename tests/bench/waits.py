"""What waiting costs: many runs waited for at once, how exact the clocks are, and reading a stream beside httpx-sse.

Run it: ``python tests/bench/waits.py [--rounds N] [--waits N] [--threads N]``. The waits are of runs of one second,
against a server in another process; memory is the process's peak above what it was after one wait, so they come first.
The three clocks are let run out by streams that go on for ever: how late is what the caller sees for the deadline, and
what the server sees for the silences. Reading is measured in CPU seconds, interleaved, over the same bytes.
"""

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, Final

import httpx
import httpx_sse

from cascades_sdk import AsyncCascadesClient, CascadesClient, wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.event_stream import START, feed

SERVER: Final = """
import asyncio, json, time
from contextlib import suppress
held = {}
def frame(kind, **data):
    return b"event: telemetry\\ndata: " + json.dumps({"type": kind, "data": data}).encode() + b"\\n\\n"
async def beats(writer):
    while True:
        writer.write(b": beat\\n\\n")
        await asyncio.sleep(0.02)
async def serve(reader, writer):
    head = await reader.readuntil(b"\\r\\n\\r\\n")
    run = head.split(b"/")[3]
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n")
    if run in held:
        writer.write(frame("run.completed", status="SUCCESS", held=held[run]))
        return writer.close()
    writer.write(frame("run.started", status="RUNNING"))
    if run.startswith((b"silent", b"beating")):
        began = time.monotonic()
        beating = asyncio.create_task(beats(writer)) if run.startswith(b"beating") else None
        with suppress(ConnectionError):
            await reader.read()
        held[run] = time.monotonic() - began
        if beating:
            beating.cancel()
        return writer.close()
    if run.startswith(b"soon"):
        await asyncio.sleep(0.05)
        writer.write(frame("run.completed", status="SUCCESS", sent=time.monotonic()))
        await reader.read()
        return writer.close()
    for at in range(4):
        await asyncio.sleep(0.25)
        writer.write(frame("log.entry", id=str(at), message="line"))
    writer.write(frame("run.completed", status="SUCCESS"))
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

EVENT: Final = (
    b'event: telemetry\nid: 7\ndata: {"type":"log.entry","data":{"id":"log-1","message":"a line of a log"}}\n\n'
)


def chunks(body: bytes, size: int) -> list[bytes]:
    """The body in pieces."""
    return [body[at : at + size] for at in range(0, len(body), size)]


def ours(parts: list[bytes]) -> int:
    """How many events our reader finds."""
    state, found = START, 0
    for part in parts:
        state, frames = feed(state, part)  # type: ignore[arg-type, assignment]  # within its limits it stays a reading
        found += len(frames)
    return found


def theirs(parts: list[bytes]) -> int:
    """How many events httpx-sse finds."""
    response = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=iter(parts))
    return sum(1 for _ in httpx_sse.EventSource(response).iter_sse())


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds of some work."""
    before = time.process_time()
    work()
    return time.process_time() - before


def reading(rounds: int) -> None:
    """Events in a second, and one long line."""
    many = 20_000
    subjects = {"cascades_sdk": ours, "httpx-sse": theirs}
    for name, parts, events in (
        (f"{many} events, 4 KiB chunks", chunks(EVENT * many, 4096), many),
        ("one line of 8 MiB, 1 KiB chunks", chunks(b"data: " + b"x" * 2**23 + b"\n\n", 1024), 1),
    ):
        measured: dict[str, list[float]] = {each: [] for each in subjects}
        for _ in range(rounds):
            for each, read in subjects.items():
                measured[each].append(cpu(lambda read=read, parts=parts: read(parts)))  # type: ignore[misc]
        print(name)
        floor = statistics.median(measured["httpx-sse"])
        for each, seconds in measured.items():
            median = statistics.median(seconds)
            print(f"  {each:<14} {median * 1000:8.1f} ms  {events / median / 1e6:6.2f} M/s  {median / floor:5.2f}")


def waiting(url: str, waits: int, threads: int) -> None:
    """Many runs of one second at once: seconds on the clock, and memory above what there was before."""

    async def together() -> None:
        async with AsyncCascadesClient(url, timeout=30.0) as client:
            outcomes = await asyncio.gather(*(wait_for_completion_async(client, "r", 60.0) for _ in range(waits)))
        assert {outcome.unwrap().status for outcome in outcomes} == {"SUCCESS"}

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used = time.monotonic(), time.process_time()
    asyncio.run(together())
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took, used = time.monotonic() - began, time.process_time() - used
    print(
        f"{waits} async waits of one second: {took:.2f} s, CPU {used:.2f} s, "
        f"{(after - before) / 1024:.0f} MB more at most"
    )
    with CascadesClient(url, timeout=30.0) as client, ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        runs = list(pool.map(lambda _: wait_for_completion(client, "r", 60.0).unwrap().status, range(threads)))
        print(f"{threads} sync waits in threads: {time.monotonic() - began:.2f} s")
    assert set(runs) == {"SUCCESS"}


#: Each clock by what it bounds: the runs whose stream lets it run out, and what the wait is given.
CLOCKS: Final[dict[str, tuple[str, float, dict[str, float]]]] = {
    "deadline, nothing comes": ("silent", 1.0, {}),
    "deadline, heartbeats come": ("beating", 1.0, {}),
    "event silence, heartbeats come": ("beating", 60.0, {"event_silence": 1.0}),
    "byte silence, nothing comes": ("silent", 60.0, {"byte_silence": 1.0}),
}


def one_wait(colour: str, url: str, run: str, timeout: float = 60.0, **silences: float) -> Any:
    """A wait, and the moment when it returned."""
    if colour == "sync":
        with CascadesClient(url, timeout=10.0) as client:
            return wait_for_completion(client, run, timeout, **silences), time.monotonic()

    async def wait() -> Any:
        async with AsyncCascadesClient(url, timeout=10.0) as client:
            return await wait_for_completion_async(client, run, timeout, **silences), time.monotonic()

    return asyncio.run(wait())


def clocks(url: str, rounds: int) -> None:
    """How many milliseconds late each clock of one second ends what it bounds; and how soon an end is told."""
    numbers = count()
    for colour in ("sync", "asyncio"):
        for name, (run, timeout, silences) in CLOCKS.items():
            late = []
            for _ in range(rounds):
                began = time.monotonic()
                outcome, ended = one_wait(colour, url, f"{run}-{next(numbers)}", timeout, **silences)
                held = outcome.unwrap().event.data["held"] if silences else ended - began
                late.append((held - 1.0) * 1000)
            print(f"{colour:<8} {name:<32} {max(late):6.1f} ms late at worst")
        told = []
        for _ in range(rounds * 5):
            outcome, ended = one_wait(colour, url, f"soon-{next(numbers)}")
            told.append((ended - outcome.unwrap().event.data["sent"]) * 1000)
        print(f"{colour:<8} {'terminal frame to return':<32} {statistics.median(told):6.1f} ms, worst {max(told):.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--waits", type=int, default=500)
    parser.add_argument("--threads", type=int, default=100)
    given = parser.parse_args()
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        wait_for_completion(CascadesClient(url), "r", 60.0)  # everything is loaded
        waiting(url, given.waits, given.threads)
        clocks(url, given.rounds)
    finally:
        server.kill()
        server.wait()
    reading(given.rounds)


if __name__ == "__main__":
    main()
