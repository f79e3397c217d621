"""A server that is stopped in the middle of a run, and another that is started on the same port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from returns.result import Success

from cascades_sdk import (
    AsyncCascadesClient,
    CascadesClient,
    SessionCookieAuth,
    flow,
    task,
    wait_for_completion,
    wait_for_completion_async,
)
from cascades_sdk.errors import NotFoundError
from cascades_sdk.testing import ControlPlane
from cascades_sdk.types import RunStreamEvent
from wire.scripted import COLOURS

COOKIE = "local-only"
AT_MOST = 30.0

OPEN = threading.Event()


@task
def begin(number: int) -> int:
    return number + 1


@task
def held(number: int) -> int:
    assert OPEN.wait(AT_MOST)
    return number + 1


@flow
def pausing(number: int = 40) -> int:
    return held(begin(number))


class Wait:
    """A wait in a thread of its own, in one colour: what it was told, and what it answered."""

    def __init__(self, colour: str, url: str, run_id: str) -> None:
        self.told: list[RunStreamEvent] = []
        self.under_way = threading.Event()
        self.answer: Any = None
        work = self._sync if colour == "sync" else lambda *given: anyio.run(self._async, *given, backend=colour)
        self._thread = threading.Thread(target=work, args=(url, run_id))
        self._thread.start()

    def ended(self) -> Any:
        self._thread.join(AT_MOST)
        assert not self._thread.is_alive()
        return self.answer

    def _on_event(self, event: RunStreamEvent) -> None:
        self.told.append(event)
        if event.type == "task.update" and event.data["name"] == "held":
            self.under_way.set()

    def _sync(self, url: str, run_id: str) -> None:
        with CascadesClient(url, SessionCookieAuth(COOKIE)) as client:
            self.answer = wait_for_completion(client, run_id, AT_MOST, on_event=self._on_event)

    async def _async(self, url: str, run_id: str) -> None:
        async with AsyncCascadesClient(url, SessionCookieAuth(COOKIE)) as client:
            self.answer = await wait_for_completion_async(client, run_id, AT_MOST, on_event=self._on_event)


@contextmanager
def stopped_in_the_middle(colour: str) -> Iterator[tuple[Wait, ControlPlane, int]]:
    """A wait whose server is gone; its run has begun and not ended."""
    OPEN.clear()
    try:
        with ControlPlane.serve({"pausing": pausing}, cookie=COOKIE) as plane:
            with CascadesClient(plane.url, SessionCookieAuth(COOKIE)) as client:
                run_id = client.submit_workflow_run({"workflowId": "pausing"}).unwrap().run_id
            wait = Wait(colour, plane.url, run_id)
            assert wait.under_way.wait(AT_MOST)
        yield wait, plane, urlsplit(plane.url).port or 0
    finally:
        OPEN.set()


@pytest.mark.parametrize("colour", COLOURS)
class TestRestarts:
    def test_with_the_same_state_the_wait_goes_on_and_ends_rightly(self, colour: str) -> None:
        with stopped_in_the_middle(colour) as (wait, first, port):
            with ControlPlane.serve(port=port, state=first.state):
                OPEN.set()
                outcome = wait.ended()
        assert isinstance(outcome, Success)
        run = outcome.unwrap()
        assert (run.status, run.result) == ("SUCCESS", 42)
        rows = [str(event.data) for event in wait.told if event.type == "log.entry"]
        assert len(rows) == len(set(rows)) > 0

    def test_with_no_state_the_run_is_unknown_and_the_wait_says_so(self, colour: str) -> None:
        with stopped_in_the_middle(colour) as (wait, _, port):
            with ControlPlane.serve({"pausing": pausing}, port=port, cookie=COOKIE):
                error = wait.ended().failure()
        assert isinstance(error, NotFoundError)
        assert error.position is not None
