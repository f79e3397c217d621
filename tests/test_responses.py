"""What a server echoes of a credential is in no error, however it is cut, quoted or escaped."""

import json
from typing import Any

import httpx
import pytest
from returns.result import Failure

from cascades_sdk.contract import (
    GET_PUBLIC_API_VERSION,
    OPERATIONS,
    SUBMIT_WORKFLOW_RUN,
    TEST_HUBSPOT_INTEGRATION,
    Operation,
)
from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.auth import SessionCookieAuth, secrets_of
from cascades_sdk.protocol.effects import Head, Response
from cascades_sdk.protocol.hiding import hidden, hidden_pointer
from cascades_sdk.protocol.responses import outcome_of
from wire.scripted import Script, stream

SECRETS = ["Canary-7f", "Canary" * 30, 'Can"ary\\"', "~Can/ary~1", "x" * 50 + "Canary", "'Can\"ary"]


def text_of(status: int, body: object, secret: str, media: str = "application/json") -> str:
    """All that the errors of all operations show."""
    head = Head(status, (("content-type", media), ("location", f"https://x/{secret}")))
    response = Response(head, json.dumps(body).encode())
    outcomes = [outcome_of(operation, response, wall=0.0, secrets=(secret,)) for operation in OPERATIONS]
    return " ".join(f"{error} {error!r}" for error in (one.failure() for one in outcomes if isinstance(one, Failure)))


@pytest.mark.parametrize("secret", SECRETS)
class TestEchoes:
    @pytest.mark.parametrize("status", [200, 302, 400, 404, 503])
    def test_a_body_that_is_or_holds_the_secret_does_not_show_it(self, status: int, secret: str) -> None:
        for echo in (secret, f"{secret} ", "y" * 50 + secret, secret + "\ud800"):
            bodies: list[Any] = [echo, {"apiVersion": echo}, {"runId": 7, "error": echo, "message": echo, echo: echo}]
            for body in bodies:
                text = text_of(status, body, secret)
                assert text
                assert "Can" not in text

    def test_a_key_that_holds_it_does_not_show_it_where_the_error_points(self, secret: str) -> None:
        text = text_of(200, {"a": {f"b{secret}c": [float("nan")]}}, secret)
        assert "/a/b[hidden]c/0" in text
        assert "Can" not in text

    def test_a_media_type_does_not_show_it_in_another_case(self, secret: str) -> None:
        assert "can" not in text_of(200, {}, secret, f"{secret}/x; charset=utf-8").lower().replace("cannot", "")

    def test_a_frame_of_the_stream_does_not_show_it(self, secret: str) -> None:
        body = json.dumps({"type": "log.entry", "data": secret})
        client = Script(stream(f"data: {body}\n\n".encode())).client(auth=SessionCookieAuth(secret))
        (outcome,) = client.iter_run_stream_events("run-1")
        assert "[hidden]" in str(outcome.failure())
        assert "Can" not in f"{outcome.failure()!r}"

    def test_a_line_that_is_no_http_does_not_show_it(self, secret: str) -> None:
        def quotes(_: httpx.Request) -> httpx.Response:
            raise httpx.RemoteProtocolError(f"illegal header line: {bytearray(secret.encode())!r}")

        client = Script(quotes).client(auth=SessionCookieAuth(secret))
        for outcome in (client.submit_workflow_run(), *client.iter_run_stream_events("run-1")):
            assert "illegal header line" in str(outcome.failure())
            assert "Can" not in f"{outcome.failure()!r}"


def test_a_number_too_large_is_not_shown() -> None:
    head = Head(200, (("content-type", "application/json"),))
    for digits in ("1" * 400 + "e1", "1" * 19, "1" * 30):
        response = Response(head, b'{"apiVersion":' + digits.encode() + b"}")
        secrets = secrets_of({"X-Token": digits})
        error = outcome_of(GET_PUBLIC_API_VERSION, response, wall=0.0, secrets=secrets).failure()
        assert "1111" not in repr(error)


class TestShortValues:
    """A cookie such as ``consent=1``: what is shorter than four characters stands in every text by chance."""

    COOKIES = secrets_of({"Cookie": "__session=canary-7f; consent=1; lang=de; id=x"})

    def test_they_are_hidden_as_tokens_only(self) -> None:
        text = 'id 1, "de", 12, index, de-AT, 1.5, canary-7f1'
        assert hidden(text, self.COOKIES) == 'id [hidden], "[hidden]", 12, index, de-AT, 1.5, [hidden]1'

    def test_request_ids_and_pointers_stay(self) -> None:
        headers = (("content-type", "application/json"), ("x-request-id", "1-de-x"))
        response = Response(Head(200, headers), b'{"apiVersion":{"1":NaN}}')
        error = outcome_of(GET_PUBLIC_API_VERSION, response, wall=0.0, secrets=self.COOKIES).failure()
        assert (error.request_id, getattr(error, "pointer", None)) == ("1-de-x", "/apiVersion/1")

    def test_our_own_words_stay(self) -> None:
        secrets = secrets_of({"Cookie": "a=a; b=an; c=200; d=found"})
        response = Response(Head(200, (("content-type", "application/json"),)), b'{"apiVersion":["a"]}')
        error = outcome_of(GET_PUBLIC_API_VERSION, response, wall=0.0, secrets=secrets).failure()
        assert "expected a string, found a list (status 200)" in str(error)


def test_a_long_text_full_of_secrets_does_not_grow_beyond_measure() -> None:
    text = "hidden " * 150_000
    assert hidden(text, ("hidden", "idde", "[hid", "n]")) == "[hidden] " * 150_000
    assert hidden("1 " * 9, ("1",)) == "[hidden] " * 9


def test_a_secret_that_looks_like_a_marker_is_hidden_too() -> None:
    assert hidden("a [hidden]-canary b", ("[hidden]-canary", "hidden")) == "a [hidden] b"
    assert hidden("a [hidden] b", ("[hidden]",)) == "a [hidden] b"
    assert hidden("none", ()) == "none"


def test_a_pointer_without_secrets_stays_what_it_is() -> None:
    for pointer in ("", "/", "/a~1b/~0/~01/0"):
        assert hidden_pointer(pointer, ("canary",)) == pointer


@pytest.mark.parametrize("number", [2**53, 10**400], ids=["2**53", "10**400"])
@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (SUBMIT_WORKFLOW_RUN, '{"error": "Workflow validation failed", "details": {"n": [%d], "a": 1}}'),
        (TEST_HUBSPOT_INTEGRATION, '{"error": "provider_api_error", "status": %d, "detail": "odd"}'),
    ],
    ids=["details", "status"],
)
def test_what_explains_an_error_may_hold_any_integer(operation: Operation[Any], body: str, number: int) -> None:
    response = Response(Head(400, (("content-type", "application/json"),)), (body % number).encode())
    error = outcome_of(operation, response, wall=0.0, secrets=("canary",)).failure()
    assert isinstance(error, ValidationError)
    assert error.details is not None
    assert dict(error.details) in ({"n": (number,), "a": 1}, {"status": number, "detail": "odd"})
