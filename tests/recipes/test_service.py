"""The recipe for a FastAPI service: it submits, waits, and goes on after it was restarted."""

import threading
from typing import Any
from urllib.parse import quote

import anyio
import httpx
import pytest

from cascades_sdk import AsyncCascadesClient, SessionCookieAuth, flow, task
from cascades_sdk.testing import ControlPlane
from recipes.service import service

COOKIE = "local-only"
OPEN = threading.Event()


@task
def held(name: str) -> str:
    assert OPEN.wait(30.0)
    return name.upper()


@flow
def shout(name: str) -> str:
    return held(name)


def asked(url: str, *requests: tuple[str, str, Any], patience: float = 30.0, cookie: str = COOKIE) -> list[Any]:
    """What a service that lives for these requests answers: (status, body) of each."""

    async def main() -> list[Any]:
        app = service(lambda: AsyncCascadesClient(url, SessionCookieAuth(cookie)), patience)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as browser,
        ):
            answers = [await browser.request(method, path, json=body) for method, path, body in requests]
            return [(answer.status_code, answer.json()) for answer in answers]

    return anyio.run(main)


@pytest.fixture
def url() -> Any:
    OPEN.set()
    with ControlPlane.serve({"shout": shout}, cookie=COOKIE) as plane:
        yield plane.url


def test_a_run_is_submitted_and_waited_for(url: str) -> None:
    [(status, body)] = asked(url, ("POST", "/runs/shout", {"name": "a"}))
    assert (status, body["status"], body["result"]) == (200, "SUCCESS", "A")


def test_what_the_caller_did_wrong_is_told_as_that(url: str) -> None:
    unknown, unread = asked(url, ("POST", "/runs/whisper", {}), ("GET", "/runs/nonsense", None))
    assert (unknown[0], unread[0]) == (422, 422)
    assert asked(url, ("POST", "/runs/shout", {"name": "a"}), cookie="other")[0][0] == 502


def test_a_run_that_takes_longer_goes_on_after_the_service_was_restarted(url: str) -> None:
    OPEN.clear()
    [(status, body)] = asked(url, ("POST", "/runs/shout", {"name": "b"}), patience=0.3)
    assert status == 202
    OPEN.set()
    [(status, later)] = asked(url, ("GET", f"/runs/{quote(body['goes_on_from'], safe='')}", None))
    assert (status, later["run"], later["result"]) == (200, body["run"], "B")
