"""Bytes behind an answer are no part of the next one: a connection on which there were some is not used again."""

import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import NetworkError
from cascades_sdk.transport.surplus import Unasked, is_hidden
from wire.both import Authority, made, tunnels, url_of
from wire.scripted import COLOURS, asked
from wire.sockets import HEAD, VERSION, Server, keeps_alive, read_request

CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n13\r\n" + b'{"apiVersion":"v1"}\r\n0\r\n\r\n'
EMPTY = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
WRONG = VERSION.replace(b'"v1"', b'"v9"')

ANSWERS = {"measured": VERSION, "chunked": CHUNKED, "empty": EMPTY}
SURPLUS = {
    "an answer": WRONG,
    "a chunked answer": CHUNKED.replace(b'"v1"', b'"v9"'),
    "a byte": b"\n",
    "some bytes": b"<!-- 12 bytes too many -->",
    "many bytes": WRONG + b" " * 200_000,
}

in_every_colour = pytest.mark.parametrize("colour", COLOURS)


def two_calls(colour: str, client: Any, between: Callable[[], Any] = lambda: None) -> list[Any]:
    """What two calls come to, and something in between."""
    if isinstance(client, CascadesClient):
        with client:
            return [client.get_public_api_version(), between(), client.get_public_api_version()][::2]

    async def main() -> list[Any]:
        async with client:
            return [await client.get_public_api_version(), between(), await client.get_public_api_version()][::2]

    return anyio.run(main, backend=colour)


class Sends:
    """Answers the first request in so many writes, and goes on reading; tells when nothing more is written."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.written = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for part in self.parts:
                connection.sendall(part)
        finally:
            self.written.set()  # or the client has hung up, because it saw the first of what was too much
        connection.recv(1)

    def wait(self) -> None:
        assert self.written.wait(10.0)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@in_every_colour
@pytest.mark.parametrize("surplus", SURPLUS.values(), ids=SURPLUS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("writes", [1, 2])
def test_what_is_sent_behind_an_answer_is_in_no_other(
    colour: str, surplus: bytes, answer: bytes, scheme: str, writes: int, authority: Authority
) -> None:
    first = Sends(answer + surplus) if writes == 1 else Sends(answer, surplus)
    with Server(first, keeps_alive(VERSION), tls=authority.server() if scheme == "https" else None) as server:
        client = made(colour, url_of(server, scheme), verify=authority.trusted)
        outcomes = two_calls(colour, client, first.wait)
        assert server.count == 2
    assert "v9" not in str(outcomes)
    assert outcomes[1].unwrap().api_version == "v1"


@in_every_colour
def test_behind_an_answer_through_a_tunnel_alike(colour: str, authority: Authority) -> None:
    first = Sends(VERSION + WRONG)
    with Server(first, keeps_alive(VERSION), tls=authority.server()) as server, Server(tunnels) as proxy:
        client = made(colour, url_of(server, "https"), verify=authority.trusted, proxy=url_of(proxy))
        outcomes = two_calls(colour, client, first.wait)
        assert server.count == 2
    assert [outcome.unwrap().api_version for outcome in outcomes] == ["v1", "v1"]


@in_every_colour
def test_what_a_proxy_sends_behind_its_tunnel_is_not_the_servers(colour: str) -> None:
    with Server(Sends(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")) as proxy:
        client = made(colour, "https://cascades.invalid", proxy=url_of(proxy))
        error = asked(colour, client, "submit_workflow_run").failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "proxy"
        assert f"{url_of(proxy)}: it opened no tunnel" in str(error)


@in_every_colour
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_without_surplus_is_used_again(
    colour: str, answer: bytes, scheme: str, authority: Authority
) -> None:
    with Server(keeps_alive(answer, answer), tls=authority.server() if scheme == "https" else None) as server:
        two_calls(colour, made(colour, url_of(server, scheme), verify=authority.trusted))
        assert server.count == 1


@pytest.mark.parametrize("most", [1, 3, 100])
def test_the_last_byte_is_given_alone_and_nothing_is_lost(most: int) -> None:
    for size in range(12):
        data, unasked = bytes(range(size)), Unasked()
        given = [unasked.came(data, most)]
        while unasked:
            given.append(unasked.taken(most))
        assert b"".join(given) == data
        assert all(len(part) <= most for part in given)
        assert size < 1 or len(given[-1]) == 1


def test_a_tls_object_tells_what_it_holds() -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    assert not is_hidden(context.wrap_bio(incoming, outgoing))
    incoming.write(b"no TLS at all, but something else")
    assert is_hidden(context.wrap_bio(incoming, outgoing))
    assert not is_hidden(None)
