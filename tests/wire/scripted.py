"""A control plane that follows a script, in process: answers by the piece, on a clock that only we move."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Any

import anyio
import httpx

from cascades_sdk.client import AsyncCascadesClient, CascadesClient, ReceivedResponse
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.transport.clock import Clock
from openapi_witness import request_complaints, response_complaints

COOKIE = "canary-7f3a9c"
BASE = "http://127.0.0.1:9"

ACCEPTED = {
    "runId": "run-1",
    "workflowId": "w",
    "workflowDefinitionSnapshotId": "s",
    "definitionHash": "sha256:00",
    "message": "accepted",
    "taskRuns": 2,
    "executionMode": "inline",
}


def frame(kind: str, **data: Any) -> bytes:
    event = json.dumps({"type": kind, "data": data})
    return f"event: telemetry\ndata: {event}\n\n".encode()


def log(number: int) -> bytes:
    return frame("log.entry", id=f"log-{number}", createdAt=f"2026-01-01T00:00:{number:02}Z", message=f"line {number}")


class VirtualTime:
    """Time that passes when somebody sleeps, or when the script says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.now, self.sleep, lambda: 0.0, self.sleep_async)


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Chunks, one after the other. A callable among them is called (it may let time pass, or raise)."""

    def __init__(self, *chunks: bytes | Callable[[], object]) -> None:
        self.chunks = chunks
        self.begun = False
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        self.begun = True
        for chunk in self.chunks:
            if isinstance(chunk, bytes):
                yield chunk
            else:
                chunk()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def stream(*chunks: bytes | Callable[[], object], **headers: str) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream", **headers}, stream=Body(*chunks))


def breaks() -> None:
    raise httpx.ReadError("connection reset")


class Script:
    """Answers in order, the last one again and again; every request is kept."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []
        self.time = VirtualTime()
        self.last = httpx.Response(500)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        # Nothing that the contract does not know is ever sent, whatever a test does.
        assert request_complaints(request) == []
        if isinstance(answer, Exception):
            raise answer
        self.last = answer if isinstance(answer, httpx.Response) else answer(request)
        return self.last

    def client(self, **options: Any) -> CascadesClient:
        return CascadesClient(BASE, transport=httpx.MockTransport(self), **self._options(options))

    def async_client(self, **options: Any) -> AsyncCascadesClient:
        return AsyncCascadesClient(BASE, transport=httpx.MockTransport(self), **self._options(options))

    def _options(self, given: dict[str, Any]) -> dict[str, Any]:
        told = given.get("on_response")

        def on_response(received: ReceivedResponse) -> None:
            if received.error is None:
                # Nothing that the contract does not know is ever taken for an answer.
                assert response_complaints(self.requests[-1], self.last) == []
            if told is not None:
                told(received)

        return {"auth": SessionCookieAuth(COOKIE), "clock": self.time.clock} | given | {"on_response": on_response}


#: The two colours of a client, the async one under both of the libraries that it runs in.
COLOURS = ("sync", "asyncio", "trio")


def asked(colour: str, client: CascadesClient | AsyncCascadesClient, name: str, *args: Any, **options: Any) -> Any:
    """What a method of a client of this colour answers, a stream as a list; the client is closed afterwards."""
    if isinstance(client, CascadesClient):
        with client:
            answer = getattr(client, name)(*args, **options)
            return list(answer) if isinstance(answer, Generator) else answer

    async def ask() -> Any:
        async with client:
            answer = getattr(client, name)(*args, **options)
            return [event async for event in answer] if isinstance(answer, AsyncGenerator) else await answer

    return anyio.run(ask, backend=colour)


def client_of(colour: str, script: Script, **options: Any) -> CascadesClient | AsyncCascadesClient:
    return script.client(**options) if colour == "sync" else script.async_client(**options)
