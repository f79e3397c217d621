"""What one call costs, beside bare httpx and requests.

The server is another process, which answers over kept connections; what is measured is the CPU (user and system) of
this process. A call of ours has an exact deadline, a credential, a checked and typed body and an Outcome; the others
get the answer and parse its JSON. requests is told where it is installed.
"""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from typing import Any, Final

import httpx
from measuring import Case, Settings, cpu, interleaved

from cascades_sdk import AsyncCascadesClient, CascadesClient, SessionCookieAuth

__all__ = ["calling", "serving"]

SERVER: Final = """
import socket, threading
answers = {
    b"GET": b'{"apiVersion":"v1"}',
    b"POS": b'{"runId":"run-1","workflowId":"w","workflowDefinitionSnapshotId":"s","definitionHash":"sha256:00",'
            b'"message":"accepted","taskRuns":2,"executionMode":"inline"}',
}
def serve(connection):
    with connection:
        answer_all(connection)
def answer_all(connection):
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


@contextmanager
def serving(program: str) -> Iterator[str]:
    """The URL of a server that runs in another process while this lasts; it prints its port first."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


def _sync_calls(url: str, closing: ExitStack) -> dict[str, dict[str, Callable[[], Any]]]:
    """By method, by name: a call. What is to be closed afterwards is put on the stack."""
    version, run = f"{url}/api/system/version", f"{url}/api/workflows/run"
    bare = closing.enter_context(httpx.Client(headers=COOKIE, timeout=30.0))
    ours = closing.enter_context(CascadesClient(url, SessionCookieAuth("local-only"), timeout=30.0))
    calls: dict[str, dict[str, Callable[[], Any]]] = {
        "GET": {
            "httpx.Client": lambda: bare.get(version).json(),
            "CascadesClient": lambda: ours.get_public_api_version().unwrap(),
        },
        "POST": {
            "httpx.Client": lambda: bare.post(run, json=BODY).json(),
            "CascadesClient": lambda: ours.submit_workflow_run(BODY).unwrap(),
        },
    }
    try:
        import requests
    except ImportError:
        return calls
    session = closing.enter_context(requests.Session())
    session.headers.update(COOKIE)
    calls["GET"]["requests.Session"] = lambda: session.get(version, timeout=30.0).json()
    calls["POST"]["requests.Session"] = lambda: session.post(run, json=BODY, timeout=30.0).json()
    return calls


async def _async_calls(url: str, closing: AsyncExitStack) -> dict[str, dict[str, Callable[[], Awaitable[Any]]]]:
    version, run = f"{url}/api/system/version", f"{url}/api/workflows/run"
    bare = await closing.enter_async_context(httpx.AsyncClient(headers=COOKIE, timeout=30.0))
    ours = await closing.enter_async_context(AsyncCascadesClient(url, SessionCookieAuth("local-only"), timeout=30.0))

    async def bare_get() -> Any:
        return (await bare.get(version)).json()

    async def bare_post() -> Any:
        return (await bare.post(run, json=BODY)).json()

    async def our_get() -> Any:
        return (await ours.get_public_api_version()).unwrap()

    async def our_post() -> Any:
        return (await ours.submit_workflow_run(BODY)).unwrap()

    return {
        "GET": {"httpx.AsyncClient": bare_get, "AsyncCascadesClient": our_get},
        "POST": {"httpx.AsyncClient": bare_post, "AsyncCascadesClient": our_post},
    }


def calling(settings: Settings) -> Iterator[Case]:
    """CPU seconds of one call."""
    calls = settings.some(60)

    def repeated(call: Callable[[], Any]) -> Callable[[], float]:
        def work() -> None:
            for _ in range(calls):
                call()

        return lambda: cpu(work) / calls

    def repeated_async(loop: asyncio.AbstractEventLoop, call: Callable[[], Awaitable[Any]]) -> Callable[[], float]:
        async def work() -> None:
            for _ in range(calls):
                await call()

        return lambda: cpu(lambda: loop.run_until_complete(work())) / calls

    with serving(SERVER) as url, ExitStack() as closing:
        for method, subjects in _sync_calls(url, closing).items():
            works = {name: repeated(call) for name, call in subjects.items()}
            measured = interleaved(works, 5 * settings.rounds)  # short ones, because machines are seldom quiet
            yield Case("call", f"{method}, sync", "s", measured, None, "httpx.Client", {"CascadesClient": 1.2})
        loop, closing_async = asyncio.new_event_loop(), AsyncExitStack()
        closing.callback(loop.close)
        closing.callback(lambda: loop.run_until_complete(closing_async.aclose()))
        for method, subjects in loop.run_until_complete(_async_calls(url, closing_async)).items():
            works = {name: repeated_async(loop, call) for name, call in subjects.items()}
            measured = interleaved(works, 5 * settings.rounds)  # short ones, because machines are seldom quiet
            goals = {"AsyncCascadesClient": 1.2}
            yield Case("call", f"{method}, async", "s", measured, None, "httpx.AsyncClient", goals)
