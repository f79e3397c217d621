"""The async client: plain coroutines, cancelled at any moment without a trace, and what only async code can do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import httpx
import pytest
import respx
from returns.result import Failure, Success

from cascades_sdk import client as clients
from cascades_sdk.client import AsyncCascadesClient
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    DeadlineExceededError,
    NetworkError,
    StreamLostError,
    ValidationError,
)
from cascades_sdk.pipelines import submit_and_wait_async, wait_for_completion_async
from cascades_sdk.protocol.effects import Ended, Open, Request
from cascades_sdk.transport.exchange_async import AsyncExchange
from wire.scripted import ACCEPTED, BASE, COOKIE, Body, Script, frame, log, stream

VERSION = httpx.Response(200, json={"apiVersion": "v1"})
STARTED = frame("run.started", status="RUNNING")
DONE = frame("run.completed", status="SUCCESS", result=7)


class Slow(httpx.AsyncBaseTransport):
    """Answers after a while, or never; knows whether it was left in peace."""

    def __init__(self, answer: httpx.Response | None = None) -> None:
        self.answer = answer
        self.cancelled = False
        self.asked = anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        if self.answer is not None:
            return self.answer
        try:
            await anyio.sleep_forever()
        except BaseException:
            self.cancelled = True
            raise
        raise AssertionError


class Endless(httpx.AsyncByteStream):
    """The given chunks, and then silence."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        await anyio.sleep_forever()

    async def aclose(self) -> None:
        # A checkpoint: whoever is being cancelled gets here only under a shield.
        await anyio.sleep(0)
        self.closed = True


def endless(*chunks: bytes) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Endless(*chunks))


class TestDeadlines:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_transport_that_never_answers_is_ended_at_the_deadline(self, backend: str) -> None:
        async def main() -> None:
            transport = Slow()
            async with AsyncCascadesClient(BASE, COOKIE, transport=transport, timeout=0.05) as client:
                outcome = await client.get_public_api_version()
                assert outcome == Failure(DeadlineExceededError("getPublicApiVersion", 0.05))
                assert transport.cancelled
                # Nobody knows of a transport that is not ours whether something has left.
                assert isinstance((await client.submit_workflow_run()).failure(), AmbiguousSubmitError)

        anyio.run(main, backend=backend)

    def test_so_is_a_body_that_never_ends(self) -> None:
        async def main() -> None:
            answer = httpx.Response(200, headers={"Content-Type": "application/json"}, stream=Endless(b'{"api'))
            async with AsyncCascadesClient(BASE, transport=Slow(answer), timeout=0.05) as client:
                outcome = await client.get_public_api_version()
            assert outcome == Failure(DeadlineExceededError("getPublicApiVersion", 0.05, status=200))
            assert isinstance(answer.stream, Endless)
            assert answer.stream.closed

        anyio.run(main)


class TestCancelling:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_call_that_is_cancelled_leaves_nothing_behind(self, backend: str) -> None:
        async def main() -> None:
            transport = Slow()
            async with AsyncCascadesClient(BASE, transport=transport) as client:
                async with anyio.create_task_group() as group:
                    group.start_soon(client.get_public_api_version)
                    await transport.asked.wait()
                    group.cancel_scope.cancel()
                assert transport.cancelled

        anyio.run(main, backend=backend)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_wait_that_is_cancelled_hangs_up(self, backend: str) -> None:
        async def main() -> None:
            answer = endless(STARTED)
            heard = anyio.Event()
            async with AsyncCascadesClient(BASE, transport=Slow(answer)) as client:
                async with anyio.create_task_group() as group:

                    async def wait() -> None:
                        await wait_for_completion_async(client, "r", on_event=lambda _: heard.set())

                    group.start_soon(wait)
                    await heard.wait()
                    group.cancel_scope.cancel()
            assert isinstance(answer.stream, Endless)
            assert answer.stream.closed

        anyio.run(main, backend=backend)

    def test_a_task_of_asyncio_is_cancelled_like_any_other(self) -> None:
        async def main() -> None:
            transport = Slow()
            async with AsyncCascadesClient(BASE, transport=transport) as client:
                task = asyncio.create_task(client.submit_workflow_run())
                await transport.asked.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert transport.cancelled
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await client.submit_workflow_run()
            assert len(asyncio.all_tasks()) == 1

        asyncio.run(main())

    def test_a_stream_that_is_left_early_hangs_up(self) -> None:
        async def main() -> None:
            answer = endless(frame("run.started"), frame("run.progress"))
            async with AsyncCascadesClient(BASE, transport=Slow(answer)) as client:
                async with aclosing(client.iter_run_stream_events("r")) as events:
                    assert (await anext(events)).unwrap().type == "run.started"
            assert isinstance(answer.stream, Endless)
            assert answer.stream.closed

        anyio.run(main)


class TestWaiting:
    def test_a_run_is_submitted_and_followed_to_its_end(self) -> None:
        rows: list[Any] = []
        statuses: list[Any] = []
        script = Script(httpx.Response(200, json=ACCEPTED), stream(STARTED, log(1)), stream(STARTED, log(1), DONE))

        async def main() -> Any:
            async with script.async_client() as client:
                return await submit_and_wait_async(
                    client,
                    {"workflowId": "w"},
                    on_event=lambda event: rows.append(event.type),
                    on_progress=lambda progress: statuses.append(progress.status),
                )

        outcome = anyio.run(main)
        assert (outcome.unwrap().status, outcome.unwrap().result) == ("SUCCESS", 7)
        assert rows == ["run.started", "log.entry", "run.completed"]
        assert (statuses[0], statuses[-1]) == (None, "SUCCESS")
        assert script.time.slept == [0.5]

    @pytest.mark.parametrize("wait", [wait_for_completion_async, submit_and_wait_async])
    def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(self, wait: Any) -> None:
        script = Script(VERSION)

        async def main() -> Any:
            return await wait(script.async_client(), None, float("nan"))

        error = anyio.run(main).failure()
        assert isinstance(error, ValidationError)
        assert (error.pointer, script.requests) == ("/timeout", [])

    def test_a_submit_that_fails_is_the_answer(self) -> None:
        async def main() -> Any:
            return await submit_and_wait_async(Script(httpx.Response(401)).async_client())

        assert anyio.run(main) == Failure(AuthenticationError("submitWorkflowRun"))

    def test_a_stream_that_never_has_news_is_given_up(self) -> None:
        async def main() -> Any:
            return await wait_for_completion_async(Script(stream()).async_client(), "r")

        assert isinstance(anyio.run(main).failure(), StreamLostError)

    def test_a_run_id_and_a_credential_that_cannot_be_end_a_wait_before_it_begins(self) -> None:
        class Broken:
            def request_headers(self) -> dict[str, str]:
                return {"Cookie": "canary\n"}

        async def main(run_id: str, options: dict[str, Any]) -> Any:
            return await wait_for_completion_async(Script(VERSION).async_client(**options), run_id)

        assert anyio.run(main, "..", {}).failure().pointer == "/id"
        assert anyio.run(main, "r", {"auth": Broken()}).failure().pointer == "/auth"


class TestManners:
    def test_respx_sees_the_built_in_transport(self) -> None:
        async def main() -> None:
            async with respx.mock() as routes:
                routes.get("https://cascades.example.com/api/system/version").respond(json={"apiVersion": "v1"})
                routes.post("https://cascades.example.com/api/workflows/run").mock(
                    side_effect=[httpx.ConnectError("refused"), httpx.Response(200, json=ACCEPTED)]
                )
                async with AsyncCascadesClient("https://cascades.example.com", COOKIE) as client:
                    assert (await client.get_public_api_version()).unwrap().api_version == "v1"
                    assert (await client.submit_workflow_run({"workflowId": "w"})).unwrap().run_id == "run-1"
                assert [call.request.method for call in routes.calls] == ["GET", "POST", "POST"]

        anyio.run(main)

    def test_many_calls_share_a_client(self) -> None:
        async def main() -> None:
            async with Script(VERSION).async_client() as client:
                outcomes = await asyncio.gather(*(client.get_public_api_version() for _ in range(100)))
            assert all(isinstance(outcome, Success) for outcome in outcomes)

        asyncio.run(main())

    def test_a_closed_client_cannot_be_used(self) -> None:
        async def main() -> None:
            client = Script(VERSION).async_client()
            await client.aclose()
            with pytest.raises(RuntimeError, match="closed"):
                await client.get_public_api_version()
            with pytest.raises(RuntimeError, match="closed"):
                await wait_for_completion_async(client, "r")

        anyio.run(main)

    def test_its_text_shows_no_credential(self) -> None:
        client = AsyncCascadesClient("https://x", COOKIE)
        assert repr(client).startswith("AsyncCascadesClient('https://x', auth=SessionCookieAuth(")
        assert COOKIE not in repr(client)

    def test_it_is_loaded_when_it_is_asked_for(self) -> None:
        assert clients.AsyncCascadesClient is AsyncCascadesClient
        with pytest.raises(AttributeError, match="has no attribute 'Asynchronous'"):
            clients.Asynchronous  # type: ignore[attr-defined]


class TestExchange:
    REQUEST = Request("getPublicApiVersion", "GET", "/x")

    def test_what_is_open_is_closed_before_the_next_and_after_its_end_a_body_has_ended(self) -> None:
        bodies = [Body(b"one"), Body(b"two")]
        answers = iter(bodies)

        async def main() -> None:
            transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=next(answers)))
            exchange = AsyncExchange(transport, httpx.URL(BASE), lambda: 0.0)
            assert await exchange.read(1.0) == Ended()
            await exchange.open(Open(self.REQUEST, float("inf")))
            await exchange.open(Open(self.REQUEST, float("inf")))
            assert (bodies[0].closed, bodies[1].closed) == (True, False)
            await exchange.read(1.0)
            assert [await exchange.read(1.0) for _ in range(2)] == [Ended(), Ended()]
            await exchange.close()
            assert bodies[1].closed

        anyio.run(main)

    def test_a_body_of_any_async_iterator_is_read(self) -> None:
        class Once(httpx.AsyncByteStream):
            def __init__(self) -> None:
                self.left = [b'{"apiVersion"', b':"v1"}']

            def __aiter__(self) -> AsyncIterator[bytes]:
                return self

            async def __anext__(self) -> bytes:
                if not self.left:
                    raise StopAsyncIteration
                return self.left.pop(0)

        async def main() -> Any:
            answer = httpx.Response(200, headers={"Content-Type": "application/json"}, stream=Once())
            async with AsyncCascadesClient(BASE, transport=Slow(answer)) as client:
                return await client.get_public_api_version()

        assert isinstance(anyio.run(main), Success)

    def test_a_failure_of_the_network_is_told(self) -> None:
        async def main() -> Any:
            async with Script(httpx.ConnectError("refused")).async_client() as client:
                return await client.get_public_api_version()

        assert anyio.run(main) == Failure(NetworkError("getPublicApiVersion", "connect", f"{BASE}: refused"))
