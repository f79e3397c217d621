"""What is told of a failure of the network says as much in one colour as in the other."""

import socket
from typing import Any

import pytest

from wire.both import url_of, version
from wire.sockets import HEAD, Handler, Server, resets

RESETS = {"at once": resets(), "in the body": resets(HEAD + b"Content-Length: 99\r\n\r\n{")}


def told(colour: str, url: str, **options: Any) -> str:
    return str(version(colour, url, **options).failure())


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
class TestAsyncTexts:
    @pytest.mark.parametrize("handler", RESETS.values(), ids=RESETS)
    def test_a_reset_is_told_as_in_a_sync_client(self, colour: str, handler: Handler) -> None:
        with Server(handler) as server:
            text = told(colour, url_of(server))
            assert text == told("sync", url_of(server))
            assert "Connection reset by peer" in text

    def test_a_connection_that_is_refused_is_told_as_in_a_sync_client(self, colour: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for options in ({}, {"proxy": url}):
            text = told(colour, url, **options)
            assert text == told("sync", url, **options)
            assert "Connection refused" in text
