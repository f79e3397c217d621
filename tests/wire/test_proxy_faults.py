"""What a proxy does to a call: what never left is not in question; the proxy is named, and its password never shown."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.errors import AmbiguousSubmitError, DeadlineExceededError, NetworkError
from cascades_sdk.protocol.limits import RetryPolicy
from wire.both import Authority, made, tunnels
from wire.scripted import COLOURS, COOKIE, asked
from wire.sockets import Handler, Server, read_request, resets, sends

in_every_colour = pytest.mark.parametrize("colour", COLOURS)

OPENED = b"HTTP/1.1 200 Connection established\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
UNAUTHORISED = b"HTTP/1.1 407 canary\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"

#: What it does at CONNECT, and whether the tunnel was not opened, or opened to nowhere.
REFUSALS: dict[str, tuple[Handler, str]] = {
    "closes": (sends(), "proxy"),
    "resets": (resets(), "proxy"),
    "garbage": (sends(b"\0\1\2" * 100), "proxy"),
    "echoes": (sends(f"Basic {COOKIE}\r\n\r\n".encode()), "proxy"),
    "headers without end": (sends(b"HTTP/1.1 200 OK\r\n", b"X-A: a\r\n" * 100_000), "proxy"),
    "a page": (sends(PAGE), "proxy"),
    "407": (sends(UNAUTHORISED), "proxy"),
    "502": (sends(b"HTTP/1.1 502 canary\r\n\r\n"), "proxy"),
    "opens and closes": (sends(OPENED), "tls|connect"),
}


def url_with_password(proxy: Server) -> str:
    return f"http://user:{COOKIE}@127.0.0.1:{proxy.port}"


def submit(colour: str, url: str, proxy: Server, **options: Any) -> Any:
    client = made(colour, url, proxy=url_with_password(proxy), **options)
    assert isinstance(client, CascadesClient | AsyncCascadesClient)
    return asked(colour, client, "submit_workflow_run").failure()


@in_every_colour
@pytest.mark.parametrize(("handler", "kind"), REFUSALS.values(), ids=REFUSALS)
def test_a_tunnel_that_is_not_opened_is_no_ambiguity_and_is_asked_for_again(
    colour: str, handler: Handler, kind: str
) -> None:
    requests: list[bytes] = []

    def hears(connection: socket.socket) -> None:
        handler(Overheard(connection, requests))  # type: ignore[arg-type]  # as much of a socket as a handler needs

    policy = RetryPolicy(retries=1, first_pause=0.001)
    with Server(hears) as proxy:
        error = submit(colour, "https://cascades.invalid", proxy, retry=policy)
        assert isinstance(error, NetworkError)
        assert error.kind in kind.split("|")
        assert f"http://127.0.0.1:{proxy.port}" in str(error)
        assert "canary" not in f"{error} {error!r}"
        assert proxy.count == 1 + (error.kind != "tls")
    assert all(request.startswith(b"CONNECT cascades.invalid:443 ") for request in requests)


class Overheard:
    """A socket whose reads are kept."""

    def __init__(self, connection: socket.socket, requests: list[bytes]) -> None:
        self._connection = connection
        self._requests = requests

    def recv(self, size: int) -> bytes:
        self._requests.append(self._connection.recv(size))
        return self._requests[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@in_every_colour
@pytest.mark.parametrize(
    "handler_of",
    [
        lambda proxy: proxy.silence,
        lambda proxy: proxy.drip(b"", b"H"),
        lambda proxy: proxy.drip(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        lambda proxy: proxy.drip(OPENED, b""),
    ],
    ids=["silence", "garbage", "headers", "a tunnel to nowhere"],
)
def test_a_tunnel_that_is_not_opened_in_time_is_the_deadlines_affair(
    colour: str, handler_of: Callable[[Server], Handler]
) -> None:
    proxy = Server(lambda connection: handler_of(proxy)(connection))
    with proxy:
        error = submit(colour, "https://cascades.invalid", proxy, timeout=0.3)
    assert error == DeadlineExceededError("submitWorkflowRun", 0.3)


@in_every_colour
def test_plain_http_may_have_been_handed_on_and_the_proxy_is_named(colour: str) -> None:
    for handler in (sends(), resets()):
        with Server(handler) as proxy:
            error = submit(colour, "http://cascades.invalid", proxy)
            assert isinstance(error, AmbiguousSubmitError)
            assert f"through the proxy http://127.0.0.1:{proxy.port}" in str(error)
        assert COOKIE not in f"{error} {error!r}"


@in_every_colour
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_credentials_is_named(colour: str, scheme: str) -> None:
    with Server(sends(UNAUTHORISED)) as proxy:
        error = submit(colour, f"{scheme}://cascades.invalid", proxy)
        assert isinstance(error, NetworkError)
        assert error.kind == "proxy"
        assert f"http://127.0.0.1:{proxy.port}: it answered 407" in str(error)
    assert "canary" not in f"{error} {error!r}"


@in_every_colour
def test_what_leaves_through_a_tunnel_is_in_question_as_ever(colour: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with (
        Server(lambda connection: read_request(connection), tls=authority.server()) as server,
        Server(tunnels) as proxy,
    ):
        error = submit(colour, f"https://127.0.0.1:{server.port}", proxy, verify=authority.trusted)
        assert isinstance(error, AmbiguousSubmitError)
        assert f"through the proxy http://127.0.0.1:{proxy.port}" in str(error)
