"""Servers that nobody here wrote, started from the contract document, before both clients.

Steady judges every request and says how many errors it found in it. Prism answers with every status that is documented.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.errors import (
    AuthenticationError,
    EngineUnavailableError,
    NotFoundError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
)
from cascades_sdk.protocol.auth import CompositeAuth, HeaderAuth, SessionCookieAuth
from cascades_sdk.protocol.limits import RetryPolicy
from cascades_sdk.transport.pooled import PooledTransport
from cascades_sdk.transport.pooled_async import AsyncPooledTransport
from node import installed, without_node
from openapi_witness import DOCUMENT
from test_manners import bodies, method_of
from wire.scripted import COOKIE, asked

CONTRACT = Path(__file__).parents[2] / "contracts" / "api.yaml"
COLOURS = ("sync", "asyncio")

ERRORS = {
    400: ValidationError,
    401: AuthenticationError,
    404: NotFoundError,
    500: ServerError,
    502: ServerError,
    503: EngineUnavailableError,
}


def started(command: list[str], port: int, log: Path) -> Iterator[str]:
    """The URL of a server that listens, for as long as it is needed."""
    with log.open("w") as output:
        # A group of its own: what npm installs may be a program that starts another.
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            end = time.monotonic() + 60
            while True:
                with closing(socket.socket()) as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command, port = installed(tmp_path_factory) / "node_modules" / ".bin" / "steady", free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--validator-strict-oneof", str(CONTRACT)]
    yield from started([str(command), *options], port, tmp_path_factory.mktemp("steady") / "log")


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command, port = installed(tmp_path_factory) / "node_modules" / ".bin" / "prism", free_port()
    options = ["mock", "--host", "127.0.0.1", "--port", str(port), "--errors", str(CONTRACT)]
    yield from started([str(command), *options], port, tmp_path_factory.mktemp("prism") / "log")


class Recording(PooledTransport):
    """The built-in transport, and the answers that came over it."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[httpx.Response] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.answers.append(super().handle_request(request))
        return self.answers[-1]


class AsyncRecording(AsyncPooledTransport):
    """The same for the async client."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[httpx.Response] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.answers.append(await super().handle_async_request(request))
        return self.answers[-1]


def called(
    colour: str, url: str, operation: Operation[Any], body: Any = None, **auth: str
) -> tuple[Any, httpx.Response]:
    """The outcome of an operation, and the answer as it came."""
    kind, transport = (CascadesClient, Recording()) if colour == "sync" else (AsyncCascadesClient, AsyncRecording())
    credential = CompositeAuth(SessionCookieAuth(COOKIE), HeaderAuth({"Prefer": auth["prefer"]})) if auth else COOKIE
    client = kind(url, credential, transport=transport, retry=RetryPolicy(retries=0))  # type: ignore[arg-type]
    arguments = ("run-1",) if "{id}" in operation.path else () if body is None else (body,)
    outcome = asked(colour, client, method_of(operation), *arguments)
    return outcome, transport.answers[-1]


WITH_BODIES = [
    pytest.param(operation, body, id=f"{operation.id}-{number}")
    for operation in OPERATIONS
    for number, body in enumerate(bodies(operation) or [None])
]


@without_node
@pytest.mark.witness("Node: Steady, a server made from the contract document: 16 operations, sync and async")
@pytest.mark.parametrize("colour", COLOURS)
class TestSteady:
    @pytest.mark.parametrize(("operation", "body"), WITH_BODIES)
    def test_every_request_is_what_the_contract_says(
        self, colour: str, operation: Operation[Any], body: Any, steady: str
    ) -> None:
        outcome, answer = called(colour, steady, operation, body)
        assert answer.headers["x-steady-error-count"] == "0"
        assert answer.headers["x-steady-request-valid"] == "true"
        if operation.media == "application/json":
            assert isinstance(outcome.unwrap(), operation.answer)
            return
        # Its stream has event names of its own (message, and done for the last, which is no event of the contract).
        *events, last = outcome
        assert len(events) == 5
        assert {event.unwrap().type for event in events} <= {"run.started", "run.progress", "log.entry"}
        assert isinstance(last.failure(), UnexpectedResponseError)

    def test_it_would_have_said_so(self, colour: str, steady: str) -> None:
        """The witness is awake: a request that breaks the contract is counted."""
        wrong = httpx.post(f"{steady}/api/integrations/slack", json={"webhookUrl": 7}, cookies={"__session": COOKIE})
        assert int(wrong.headers["x-steady-error-count"]) > 0


DOCUMENTED = [
    pytest.param(operation, int(status), id=f"{operation.id}-{status}")
    for operation in OPERATIONS
    for status in DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]
    if operation.media == "application/json" or int(status) != 200
]


@without_node
@pytest.mark.witness(
    "Node: Prism, a server made from the contract document: every documented status but the stream's 200"
)
@pytest.mark.parametrize("colour", COLOURS)
class TestPrism:
    @pytest.mark.parametrize(("operation", "status"), DOCUMENTED)
    def test_every_documented_answer_is_understood(
        self, colour: str, operation: Operation[Any], status: int, prism: str
    ) -> None:
        body = next(iter(bodies(operation)), None)
        outcome, answer = called(colour, prism, operation, body, prefer=f"code={status}")
        outcome = outcome[0] if isinstance(outcome, list) else outcome
        assert answer.status_code == status
        assert "sl-violations" not in answer.headers
        if status == 200:
            assert isinstance(outcome.unwrap(), operation.answer)
        else:
            error = outcome.failure()
            assert type(error) is ERRORS[status]
            assert (error.operation, error.status) == (operation.id, status)

    def test_the_rows_and_the_statuses_are_all(self, colour: str) -> None:
        assert {case.values[0].id for case in DOCUMENTED} == {operation.id for operation in OPERATIONS}
