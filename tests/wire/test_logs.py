"""What the HTTP library logs of an exchange, with all of it at DEBUG: nothing that is a credential."""

import logging

import pytest
from returns.result import Success

from cascades_sdk.errors import NetworkError
from wire.both import made, url_of, version
from wire.scripted import COLOURS, COOKIE, asked
from wire.sockets import HEAD, Server, sends

ROLLING = b"Set-Cookie: __session=rolling-canary; HttpOnly\r\n"


@pytest.mark.parametrize("colour", COLOURS)
class TestHTTPCore:
    def test_the_cookie_that_an_answer_sets_is_not_logged(self, colour: str, caplog: pytest.LogCaptureFixture) -> None:
        answer = HEAD + ROLLING + b'Content-Length: 19\r\n\r\n{"apiVersion":"v1"}'
        with Server(sends(answer)) as server, caplog.at_level(logging.DEBUG):
            assert isinstance(version(colour, url_of(server)), Success)
        assert "receive_response_headers.complete return_value=(b'HTTP/1.1', 200, [hidden])" in caplog.text
        assert "canary" not in caplog.text

    def test_nor_what_an_exception_quotes_of_a_head(self, colour: str, caplog: pytest.LogCaptureFixture) -> None:
        head = b"HTTP/1.1 200 OK\r\nSet-Cookie : rolling-canary\r\n\r\n"
        with Server(sends(head)) as server, caplog.at_level(logging.DEBUG):
            outcome = asked(colour, made(colour, url_of(server), COOKIE), "get_public_api_version")
        assert isinstance(outcome.failure(), NetworkError)
        assert "receive_response_headers.failed exception=RemoteProtocolError([hidden])" in caplog.text
        assert "canary" not in caplog.text

    def test_nor_the_credential_that_is_sent(self, colour: str, caplog: pytest.LogCaptureFixture) -> None:
        answer = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
        with Server(sends(answer)) as server, caplog.at_level(logging.DEBUG):
            asked(colour, made(colour, url_of(server), COOKIE), "submit_workflow_run", {"workflowId": "w"})
        assert "send_request_headers.started" in caplog.text
        assert COOKIE not in caplog.text


def test_other_records_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpcore.http11").debug("%s of %d", "send_request_body.complete", 7)
        logging.getLogger("httpcore.connection").debug("connect_tcp.failed exception=ConnectError(refused)")
    assert [record.getMessage() for record in caplog.records] == [
        "send_request_body.complete of 7",
        "connect_tcp.failed exception=ConnectError(refused)",
    ]
