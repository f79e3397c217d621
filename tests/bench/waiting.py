"""What waiting costs: many runs at once, how exact the clocks are, how soon an end is told; and reading a stream.

The waits are of runs of one second, against a server in another process. The three clocks are let run out by streams
that go on for ever: how late is what the caller sees for the deadline, and what the server sees for the silences.
Reading is measured beside httpx-sse, over the same bytes.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, Final

import httpx
import httpx_sse
from calling import serving
from measuring import Case, Settings, cpu, in_fresh_process, interleaved, peak_memory

from cascades_sdk import AsyncCascadesClient, CascadesClient, wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.event_stream import START, feed

__all__ = ["streaming", "waiting"]

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


# -- reading a stream ------------------------------------------------------------------------------------


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


def streaming(settings: Settings) -> Iterator[Case]:
    """CPU seconds of reading many events, and of reading one long line."""
    many, longest = settings.some(20_000), settings.some(2**23)
    for name, parts, goals in (
        ("events in chunks of 4 KiB", chunks(EVENT * many, 4096), {"cascades_sdk": 1.0}),
        ("one line in chunks of 1 KiB", chunks(b"data: " + b"x" * longest + b"\n\n", 1024), {}),
    ):
        assert ours(parts) == theirs(parts)
        works = {
            "httpx-sse": lambda parts=parts: cpu(lambda: theirs(parts)),
            "cascades_sdk": lambda parts=parts: cpu(lambda: ours(parts)),
        }
        yield Case("stream", name, "s", interleaved(works, settings.rounds), None, "httpx-sse", goals)


# -- waiting --------------------------------------------------------------------------------------------


def together(url: str, waits: int) -> None:
    """Print how long so many waits of one second take, their CPU and their memory. In a fresh process."""

    async def all_of_them(waits: int) -> None:
        async with AsyncCascadesClient(url, timeout=30.0) as client:
            outcomes = await asyncio.gather(*(wait_for_completion_async(client, "r", 60.0) for _ in range(waits)))
        assert {outcome.unwrap().status for outcome in outcomes} == {"SUCCESS"}

    asyncio.run(all_of_them(1))  # everything is loaded
    before = peak_memory()
    began, used = time.monotonic(), time.process_time()
    asyncio.run(all_of_them(waits))
    took, used = time.monotonic() - began, time.process_time() - used
    print(json.dumps({"took": took, "cpu": used, "more": peak_memory() - before}))


def in_threads(url: str, threads: int) -> float:
    """How long so many sync waits take, each in a thread."""
    with CascadesClient(url, timeout=30.0) as client, ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        runs = list(pool.map(lambda _: wait_for_completion(client, "r", 60.0).unwrap().status, range(threads)))
        took = time.monotonic() - began
    assert set(runs) == {"SUCCESS"}
    return took


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


def waiting(settings: Settings) -> Iterator[Case]:
    """Many waits at once; how late clocks of one second are; how soon an end that is on the wire is told."""
    waits, threads, rounds = settings.some(500), settings.some(100), settings.some(7)
    numbers = count()
    with serving(SERVER) as url:
        program = "import waiting; waiting.together(sys.argv[1], int(sys.argv[2]))"
        told = [in_fresh_process(program, url, str(waits)) for _ in range(settings.rounds)]
        parts = {name: [each[name] for each in told] for name in ("took", "cpu", "more")}
        seconds = {"wall": parts["took"], "CPU": parts["cpu"]}
        yield Case("wait", f"{waits} async waits of one second", "s", seconds, goals={"wall": 2.0})
        kilobytes = {"above what was there": [more * 1024 / waits for more in parts["more"]]}
        yield Case("wait", f"memory of one of {waits} open waits", "KiB", kilobytes)
        walls = {"wall": [in_threads(url, threads) for _ in range(settings.rounds)]}
        yield Case("wait", f"{threads} sync waits of one second, in threads", "s", walls)
        for colour in ("sync", "asyncio"):
            late: dict[str, list[float]] = {}
            for name, (run, timeout, silences) in CLOCKS.items():
                for _ in range(rounds):
                    began = time.monotonic()
                    outcome, ended = one_wait(colour, url, f"{run}-{next(numbers)}", timeout, **silences)
                    held = outcome.unwrap().event.data["held"] if silences else ended - began
                    late.setdefault(name, []).append((held - 1.0) * 1000)
            yield Case("wait", f"clocks of one second, {colour}: late", "ms", late, goals=dict.fromkeys(late, 250.0))
            told_after = []
            for _ in range(rounds * 5):
                outcome, ended = one_wait(colour, url, f"soon-{next(numbers)}")
                told_after.append((ended - outcome.unwrap().event.data["sent"]) * 1000)
            goals = {"terminal frame to return": 5.0}
            yield Case("wait", f"latency, {colour}", "ms", {"terminal frame to return": told_after}, goals=goals)
