"""Steps that are chained, and the two ends of a chain."""

from functools import partial
from typing import Any

import anyio
import httpx
from returns.future import FutureResult
from returns.io import IOFailure, IOSuccess
from returns.result import Failure, Result, Success

from cascades_sdk.client import AsyncCascadesClient, CancelToken
from cascades_sdk.errors import AuthenticationError, ClientError, WaitCancelledError, WaitPosition
from cascades_sdk.pipelines import (
    as_future,
    as_outcome,
    submit,
    wait,
    wait_async,
    wait_for_completion,
    wait_for_completion_async,
)
from cascades_sdk.types import WorkflowRunAccepted
from wire.scripted import ACCEPTED, Script, frame, stream

DONE = frame("run.completed", status="SUCCESS", result=7)
REFUSED = AuthenticationError("submitWorkflowRun")


def script() -> Script:
    return Script(httpx.Response(200, json=ACCEPTED), stream(DONE))


class TestSync:
    def test_a_chain_of_steps_ends_in_an_outcome(self) -> None:
        client = script().client()
        chain: Result[Any, ClientError] = (
            submit(client)({"workflowId": "w"})
            .map(lambda accepted: accepted.run_id)
            .bind(lambda run_id: wait_for_completion(client, run_id))
            .map(lambda run: run.result)
        )
        assert as_outcome(chain) == Success(7)

    def test_submit_and_wait_are_two_steps(self) -> None:
        told: list[Any] = []
        client = script().client()
        chain = submit(client)({"workflowId": "w"}).bind(wait(client, timeout=60.0, on_event=told.append))
        assert chain.map(lambda run: run.result) == Success(7)
        assert [event.type for event in told] == ["run.completed"]

    def test_a_run_that_is_known_by_its_id_is_waited_for(self) -> None:
        asked = Script(stream(DONE))
        assert wait(asked.client())("run-2").map(lambda run: run.run_id) == Success("run-2")
        assert wait(asked.client(), timeout=-1)("run-2").alt(lambda error: str(error)[:36]) == Failure(
            "wait_for_completion: refused at /tim"
        )

    def test_the_step_goes_on_from_a_position_and_is_ended_by_a_token(self) -> None:
        asked, token = Script(stream(DONE)), CancelToken()
        here = WaitPosition("run-2", since="2026-01-01T00:00:00Z")
        assert wait(asked.client(), resume_from=here.text())("run-2").map(lambda run: run.status) == Success("SUCCESS")
        assert asked.requests[0].url.params["since"] == here.since
        token.cancel()
        ended = wait(asked.client(), cancel_token=token)("run-2").alt(type)
        assert ended == Failure(WaitCancelledError)
        assert len(asked.requests) == 1

    def test_the_first_failure_is_the_end(self) -> None:
        asked = Script(httpx.Response(401))
        chain = submit(asked.client())(None).map(lambda accepted: accepted.run_id).alt(lambda error: error.status)
        assert as_outcome(chain) == Failure(401)
        assert len(asked.requests) == 1


class TestAsync:
    def test_a_chain_of_steps_is_awaited_at_its_end(self) -> None:
        async def main() -> Any:
            async with script().async_client() as client:
                chain = (
                    submit(client)({"workflowId": "w"})
                    .map(lambda accepted: accepted.run_id)
                    .bind(lambda run_id: as_future(wait_for_completion_async(client, run_id)))
                    .map(lambda run: run.result)
                )
                return as_outcome(await chain)

        assert anyio.run(main) == Success(7)

    def test_submit_and_wait_are_two_steps(self) -> None:
        async def main(step: Any, **options: Any) -> Any:
            async with script().async_client() as client:
                chain = submit(client)({"workflowId": "w"}).bind(step(client, **options))
                return as_outcome(await chain.map(lambda run: run.result))

        told: list[Any] = []
        assert anyio.run(main, wait) == Success(7)
        assert anyio.run(partial(main, wait, timeout=60.0, on_event=told.append)) == Success(7)
        assert anyio.run(partial(main, wait_async, event_silence=5.0)) == Success(7)
        assert [event.type for event in told] == ["run.completed"]

    def test_the_step_goes_on_from_a_position(self) -> None:
        asked, here = Script(stream(DONE)), WaitPosition("run-2", since="2026-01-01T00:00:00Z")

        async def main() -> Any:
            async with asked.async_client() as client:
                return as_outcome(await wait(client, resume_from=here)("run-2").map(lambda run: run.status))

        assert anyio.run(main) == Success("SUCCESS")
        assert asked.requests[0].url.params["since"] == here.since

    def test_a_method_opens_a_chain_and_the_first_failure_is_the_end(self) -> None:
        async def main() -> Any:
            async with Script(httpx.Response(401)).async_client() as client:
                return as_outcome(await self.later(client).map(lambda accepted: accepted.run_id))

        assert anyio.run(main) == Failure(REFUSED)

    @staticmethod
    def later(client: AsyncCascadesClient) -> FutureResult[WorkflowRunAccepted, ClientError]:
        return as_future(client.submit_workflow_run())


def test_an_outcome_is_an_outcome_whatever_it_comes_in() -> None:
    assert as_outcome(Success(1)) == as_outcome(IOSuccess(1)) == Success(1)
    assert as_outcome(Failure(REFUSED)) == as_outcome(IOFailure(REFUSED)) == Failure(REFUSED)
