"""Several threads at one plane in process: all of them come to their end, and no time runs away under any of them."""

import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from cascades_sdk.compiler import flow, task
from cascades_sdk.pipelines import submit_and_wait, submit_and_wait_async, submit_and_wait_many, wait_for_completion
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import Finish

#: A bound for what hangs, in seconds; nothing here takes nearly as long.
GENEROUS = 120.0
DAY = 86_400.0


@task
def double(number: int) -> int:
    return 2 * number


@flow
def sums(start: int = 21) -> int:
    return double(start)


def within_bounds(work: Callable[[], Any]) -> Any:
    """What the work gives, in a thread that is left behind where it hangs."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(GENEROUS)
    assert results, "it hangs, or it raised"
    return results[0]


def until(true: Callable[[], Any]) -> None:
    while not true():
        time.sleep(0.001)


def waiters(plane: ControlPlane) -> int:
    return len(plane._hub._waiters)


@pytest.mark.parametrize("delay", [1.0, 100.0, DAY])
@pytest.mark.parametrize("limit", [2, 4, 16])
def test_many_runs_are_waited_for_by_many_threads(limit: int, delay: float) -> None:
    def work() -> Any:
        with ControlPlane({"sums": sums}, task_delay=delay) as plane, plane.client() as client:
            return submit_and_wait_many(client, [{"workflowId": "sums"}] * (limit + 1), 10 * DAY, limit=limit)

    outcomes = [outcome.unwrap() for outcome in within_bounds(work)]
    assert [(each.status, each.result) for each in outcomes] == [("SUCCESS", 42)] * (limit + 1)


def test_time_stands_still_while_a_thread_is_at_work_between_two_waits() -> None:
    def work() -> Any:
        with ControlPlane() as plane, plane.client() as client:
            plane.script("job", ["begun", DAY, Finish(result=1)])
            waiting = threading.Thread(target=submit_and_wait, args=(client, {"workflowId": "job"}, 2 * DAY))
            run = client.submit_workflow_run({"workflowId": "job"}).unwrap()
            moments = []
            for _ in client.iter_run_stream_events(run.run_id, timeout=2 * DAY):
                if not moments:
                    waiting.start()
                    until(lambda: waiters(plane))
                    moments.append(plane.clock.monotonic())
            waiting.join()
            return moments

    assert within_bounds(work) == [0.0]


def test_a_thread_that_comes_no_more_holds_nobody_up() -> None:
    def work() -> Any:
        with ControlPlane({"sums": sums}, task_delay=DAY) as plane, plane.client() as client:
            client.get_public_api_version().unwrap()
            one = threading.Thread(target=submit_and_wait, args=(client, {"workflowId": "sums"}, 9 * DAY))
            one.start()
            one.join()
            return plane.clock.monotonic()

    assert within_bounds(work) == DAY


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_wait_for_threads(backend: str) -> None:
    async def both(plane: ControlPlane) -> Any:
        held, seen = threading.Event(), list[float]()

        def thread() -> None:
            with plane.client() as client:
                run = client.submit_workflow_run({"workflowId": "job"}).unwrap()
                for _ in client.iter_run_stream_events(run.run_id, timeout=2 * DAY):
                    if not seen:
                        held.set()
                        until(lambda: waiters(plane))
                        time.sleep(0.1)  # no luck: whatever happens meanwhile, time must not move
                        seen.append(plane.clock.monotonic())

        async with plane.async_client() as client, anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, thread)
            await anyio.to_thread.run_sync(held.wait)
            outcome = await submit_and_wait_async(client, {"workflowId": "job"}, 2 * DAY)
        return seen, outcome.unwrap().status

    def work() -> Any:
        with ControlPlane() as plane:
            plane.script("job", ["begun", DAY, "SUCCESS"])
            return anyio.run(both, plane, backend=backend)

    assert within_bounds(work) == ([0.0], "SUCCESS")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_sync_wait_does_not_mind_the_tasks_that_it_blocks(backend: str) -> None:
    async def both(plane: ControlPlane) -> Any:
        outcomes: list[Any] = []

        async def one(client: Any) -> None:
            outcomes.append(await submit_and_wait_async(client, {"workflowId": "job"}, 2 * DAY))

        async with plane.async_client() as client, anyio.create_task_group() as group:
            group.start_soon(one, client)
            while not plane.state.streams:
                await anyio.sleep(0)
            with plane.client() as blocking:
                (run_id,) = plane.state.runs
                outcomes.append(wait_for_completion(blocking, run_id, 2 * DAY))
        return [outcome.unwrap().status for outcome in outcomes]

    def work() -> Any:
        with ControlPlane() as plane:
            plane.script("job", ["begun", DAY, "SUCCESS"])
            return anyio.run(both, plane, backend=backend)

    assert within_bounds(work) == ["SUCCESS", "SUCCESS"]


def test_what_comes_by_hand_is_heard_at_once_where_time_does_not_move_by_itself() -> None:
    def work() -> Any:
        with ControlPlane(skips_time=False) as plane, plane.client() as client:
            plane.script("job", ["begun"])
            run = client.submit_workflow_run({"workflowId": "job"}).unwrap()
            plane.advance(0)
            outcomes: list[Any] = []
            waiting = threading.Thread(target=lambda: outcomes.append(wait_for_completion(client, run.run_id)))
            waiting.start()
            until(lambda: plane.state.streams and waiters(plane))
            plane.cancel(run.run_id)
            waiting.join()
            return outcomes[0].unwrap().status

    assert within_bounds(work) == "CANCELLED"
