"""What one call costs, beside bare httpx and requests, in one run.

Run it: ``python tests/bench/calls.py [--calls N] [--rounds N]``. The server is another process, which answers over kept
connections; what is measured is the CPU (user and system) of this process. A call of ours has an exact deadline, a
credential, a checked and typed body and an Outcome; the others get the answer and parse its JSON. The rounds are
interleaved. requests is optional.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final

SERVER: Final = """
import socket, threading
answers = {
    b"GET": b'{"apiVersion":"v1"}',
    b"POS": b'{"runId":"run-1","workflowId":"w","workflowDefinitionSnapshotId":"s","definitionHash":"sha256:00",'
            b'"message":"accepted","taskRuns":2,"executionMode":"inline"}',
}
def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while part := connection.recv(65536):
        received += part
        head, blank, body = received.partition(b"\\r\\n\\r\\n")
        if not blank:
            continue
        length = next((int(l[15:]) for l in head.split(b"\\r\\n") if l.lower().startswith(b"content-length:")), 0)
        if len(body) < length:
            continue
        received, answer = b"", answers[head[:3]]
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s"
                           % (len(answer), answer))
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
"""

BODY: Final = {"workflowId": "w", "context": {"text": "a flow is an ordinary function"}}
COOKIE: Final = {"Cookie": "__session=local-only"}


def timed(work: Callable[[], object]) -> float:
    """The CPU seconds of some work."""
    before = time.process_time()
    work()
    return time.process_time() - before


def repeated(call: Callable[[], object], count: int) -> Callable[[], None]:
    """A call, so many times."""

    def work() -> None:
        for _ in range(count):
            call()

    return work


def sync_subjects(url: str) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """By name: a GET and a POST."""
    import httpx

    from cascades_sdk import CascadesClient, SessionCookieAuth

    version, run = f"{url}/api/system/version", f"{url}/api/workflows/run"
    bare = httpx.Client(headers=COOKIE, timeout=30.0)
    ours = CascadesClient(url, SessionCookieAuth("local-only"), timeout=30.0)
    subjects: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "httpx.Client": (lambda: bare.get(version).json(), lambda: bare.post(run, json=BODY).json()),
        "CascadesClient": (
            lambda: ours.get_public_api_version().unwrap(),
            lambda: ours.submit_workflow_run(BODY).unwrap(),
        ),
    }
    try:
        import requests
    except ImportError:
        return subjects
    session = requests.Session()
    session.headers.update(COOKIE)
    subjects["requests.Session"] = (
        lambda: session.get(version, timeout=30.0).json(),
        lambda: session.post(run, json=BODY, timeout=30.0).json(),
    )
    return subjects


async def async_rounds(url: str, calls: int, rounds: int) -> dict[str, list[list[float]]]:
    """By name: the CPU seconds of each round, of GETs and of POSTs."""
    import httpx

    from cascades_sdk import AsyncCascadesClient, SessionCookieAuth

    version, run = f"{url}/api/system/version", f"{url}/api/workflows/run"
    bare = httpx.AsyncClient(headers=COOKIE, timeout=30.0)
    ours = AsyncCascadesClient(url, SessionCookieAuth("local-only"), timeout=30.0)

    async def bare_get() -> Any:
        return (await bare.get(version)).json()

    async def bare_post() -> Any:
        return (await bare.post(run, json=BODY)).json()

    async def our_get() -> Any:
        return (await ours.get_public_api_version()).unwrap()

    async def our_post() -> Any:
        return (await ours.submit_workflow_run(BODY)).unwrap()

    measured: dict[str, list[list[float]]] = {"httpx.AsyncClient": [[], []], "AsyncCascadesClient": [[], []]}
    for _ in range(rounds):
        for name, pair in (("httpx.AsyncClient", (bare_get, bare_post)), ("AsyncCascadesClient", (our_get, our_post))):
            for kind, call in enumerate(pair):
                before = time.process_time()
                for _ in range(calls):
                    await call()
                measured[name][kind].append(time.process_time() - before)
    await bare.aclose()
    await ours.aclose()
    return measured


def shown(measured: dict[str, list[list[float]]], unit: str, calls: int) -> None:
    """One line for each subject."""
    for name, kinds in measured.items():
        cells = []
        for kind, method in enumerate(("GET", "POST")):
            own = statistics.median(kinds[kind][1:]) / calls
            cells.append(
                f"{method} {own * 1e6:6.0f} us {own * calls / statistics.median(measured[unit][kind][1:]):5.2f}"
            )
        print(f"{name:<20} {'   '.join(cells)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        subjects = sync_subjects(url)
        measured: dict[str, list[list[float]]] = {name: [[], []] for name in subjects}
        for _ in range(given.rounds + 1):  # the first round warms up
            for name, pair in subjects.items():
                for kind, call in enumerate(pair):
                    measured[name][kind].append(timed(repeated(call, given.calls)))
        print(f"CPU of one call, medians of {given.rounds} rounds of {given.calls}, and the ratio to bare httpx:")
        shown(measured, "httpx.Client", given.calls)
        shown(asyncio.run(async_rounds(url, given.calls, given.rounds + 1)), "httpx.AsyncClient", given.calls)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
