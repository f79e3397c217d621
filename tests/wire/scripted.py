"""A control plane that follows a script, in process: answers by the piece, on a clock that only we move."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from cascades_sdk.client import CascadesClient
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.transport.clock import Clock

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

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, wall=lambda: self.now, sleep=self.sleep, jitter=lambda: 0.0)


class Body(httpx.SyncByteStream):
    """Chunks, one after the other. A callable among them is called (it may let time pass, or raise)."""

    def __init__(self, *chunks: bytes | Callable[[], object]) -> None:
        self.chunks = chunks
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, bytes):
                yield chunk
            else:
                chunk()

    def close(self) -> None:
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

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    def client(self, **options: Any) -> CascadesClient:
        options = {"auth": SessionCookieAuth(COOKIE), "clock": self.time.clock} | options
        return CascadesClient(BASE, transport=httpx.MockTransport(self), **options)
