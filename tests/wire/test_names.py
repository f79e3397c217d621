"""A resolver that does not answer: a sync call ends in time, and leaves nothing but the thread that asks."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from returns.result import Success

from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.errors import DeadlineExceededError, NetworkError, WaitCancelledError
from cascades_sdk.pipelines import wait_for_completion
from wire.both import ONCE
from wire.sockets import VERSION, Server, Stopwatch, sends

NAMED = "https://cascades.invalid"


class Resolver:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked, self.answers = threading.Event(), threading.Event()
        self.port = 0

    def __call__(self, host: str, *_: object, **__: object) -> Any:
        self.asked.set()
        assert self.answers.wait(30.0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", self.port))]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """One that is silent; afterwards there is no thread that asks any more."""
    silent, before = Resolver(), set(threading.enumerate())
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", silent)
        yield silent
        silent.answers.set()
        for thread in set(threading.enumerate()) - before:
            thread.join(10.0)
            assert not thread.is_alive()


def test_a_call_ends_at_its_deadline(resolver: Resolver) -> None:
    with CascadesClient(NAMED, timeout=0.2) as client, Stopwatch(0.2):
        assert client.submit_workflow_run().failure() == DeadlineExceededError("submitWorkflowRun", 0.2)
    assert not resolver.answers.is_set()


def ended_by(resolver: Resolver, use: Any, end: Any) -> Any:
    """What a use comes to in another thread that is ended while a name is asked for."""
    told: list[Any] = []
    thread = threading.Thread(target=lambda: told.append(use().failure()))
    thread.start()
    assert resolver.asked.wait(10.0)
    end()
    thread.join(10.0)
    assert not thread.is_alive()
    return told[0]


def test_a_token_ends_a_wait(resolver: Resolver) -> None:
    token = CancelToken()
    with CascadesClient(NAMED, timeout=600.0) as client:
        wait = lambda: wait_for_completion(client, "r", 600.0, cancel_token=token)  # noqa: E731 - a name for the line
        assert isinstance(ended_by(resolver, wait, token.cancel), WaitCancelledError)


def test_closing_ends_a_call(resolver: Resolver) -> None:
    client = CascadesClient(NAMED, timeout=600.0)
    error = ended_by(resolver, client.submit_workflow_run, client.close)
    assert isinstance(error, NetworkError)
    assert "the client was closed" in str(error)


@pytest.mark.parametrize("threads", [True, False])
def test_an_answer_is_used_also_where_no_thread_is_to_be_had(
    resolver: Resolver, threads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver.answers.set()
    with Server(sends(VERSION)) as server:
        resolver.port = server.port
        with (
            CascadesClient(f"http://cascades.invalid:{server.port}", retry=ONCE) as client,
            monkeypatch.context() as at,
        ):
            if not threads:
                at.setattr("cascades_sdk.transport.network._Asking.start", none_to_be_had)
            assert isinstance(client.get_public_api_version(), Success)


def none_to_be_had(_: object) -> None:
    raise RuntimeError("can't create new thread at interpreter shutdown")


def test_nobody_is_asked_for_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cascades_sdk.transport.network._Asking.start", none_to_be_had)
    with Server(sends(VERSION)) as server:
        for host in ("127.0.0.1", "localhost"):
            with CascadesClient(f"http://{host}:{server.port}", retry=ONCE) as client:
                assert isinstance(client.get_public_api_version(), Success)
