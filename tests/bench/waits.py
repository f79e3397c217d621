"""What waiting costs: reading a stream beside httpx-sse, and many runs waited for at once.

Run it: ``python tests/bench/waits.py [--rounds N] [--waits N] [--threads N]``. Reading is measured in CPU
seconds, interleaved, over the same bytes in the same chunks; the waits are of runs of one second, against a server
in another process.
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
from typing import Final

import httpx
import httpx_sse

from cascades_sdk import AsyncCascadesClient, CascadesClient, wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.event_stream import START, feed

SERVER: Final = """
import asyncio, json
def frame(kind, **data):
    return b"event: telemetry\\ndata: " + json.dumps({"type": kind, "data": data}).encode() + b"\\n\\n"
async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n")
    writer.write(frame("run.started", status="RUNNING"))
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
    for name, parts, count in (
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
            print(f"  {each:<14} {median * 1000:8.1f} ms  {count / median / 1e6:6.2f} M/s  {median / floor:5.2f}")


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--waits", type=int, default=500)
    parser.add_argument("--threads", type=int, default=100)
    given = parser.parse_args()
    reading(given.rounds)
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        wait_for_completion(CascadesClient(url), "r", 60.0)  # everything is loaded
        waiting(url, given.waits, given.threads)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
