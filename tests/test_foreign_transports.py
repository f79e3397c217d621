"""Transports that users bring: what they raise has a name where the network is at fault, and passes where it is not."""

from typing import Any

import httpx
import pytest

from cascades_sdk.errors import AmbiguousSubmitError, DeadlineExceededError, NetworkError, StreamLostError
from cascades_sdk.pipelines import wait_for_completion
from cascades_sdk.protocol.effects import Lost, Open, Request
from cascades_sdk.protocol.limits import RetryPolicy
from cascades_sdk.transport.clock import SYSTEM_CLOCK
from cascades_sdk.transport.exchange import Exchange
from cascades_sdk.transport.exchange_async import AsyncExchange
from wire.scripted import ACCEPTED, BASE, COLOURS, Body, Script, asked, client_of

REQUEST = httpx.Request("GET", BASE)
BROKEN = [
    httpx.DecodingError("undecodable"),
    httpx.TooManyRedirects("too many"),
    httpx.HTTPStatusError("teapot", request=REQUEST, response=httpx.Response(418)),
    httpx.InvalidURL("a wrong URL"),
    OSError(113, "No route to host"),
    ConnectionResetError(104, "Connection reset by peer"),
]
LATE = [TimeoutError("too late"), httpx.ReadTimeout("")]
OTHERS = [ZeroDivisionError("ours"), KeyError("ours"), RuntimeError("ours")]


def raising(problem: BaseException, *before: bytes) -> httpx.Response:
    def fails() -> None:
        raise problem

    return httpx.Response(200, headers={"Content-Type": "application/json"}, stream=Body(*before, fails))


def of_each_kind(problem: Exception) -> list[Any]:
    """Raised in place of an answer, and in the middle of one."""
    return [problem, raising(problem, b"{")]


@pytest.mark.parametrize("colour", COLOURS)
class TestRaised:
    @pytest.mark.parametrize("problem", BROKEN, ids=lambda problem: type(problem).__name__)
    def test_a_failure_of_the_network_is_a_network_error_and_a_post_ambiguous(
        self, colour: str, problem: Exception
    ) -> None:
        for answer in of_each_kind(problem):
            client = client_of(colour, Script(answer), retry=RetryPolicy(retries=0))
            error = asked(colour, client, "get_public_api_version").failure()
            assert isinstance(error, NetworkError)
            assert error.kind == "broken"
            assert str(problem) in error.detail
            error = asked(colour, client_of(colour, Script(answer)), "submit_workflow_run").failure()
            assert isinstance(error, AmbiguousSubmitError)
            assert isinstance(error.cause, NetworkError)

    @pytest.mark.parametrize("problem", LATE, ids=lambda problem: type(problem).__name__)
    def test_a_timeout_is_a_deadline(self, colour: str, problem: Exception) -> None:
        for answer in of_each_kind(problem):
            error = asked(colour, client_of(colour, Script(answer)), "get_public_api_version").failure()
            assert isinstance(error, DeadlineExceededError)
            error = asked(colour, client_of(colour, Script(answer)), "submit_workflow_run").failure()
            assert isinstance(error, AmbiguousSubmitError)
            assert isinstance(error.cause, DeadlineExceededError)

    @pytest.mark.parametrize("problem", OTHERS, ids=lambda problem: type(problem).__name__)
    def test_anything_else_passes(self, colour: str, problem: Exception) -> None:
        for answer in of_each_kind(problem):
            with pytest.raises(type(problem), match="ours"):
                asked(colour, client_of(colour, Script(answer)), "get_public_api_version")

    def test_what_breaks_while_it_is_given_up_is_given_up(self, colour: str) -> None:
        class Stuck(Body):
            def close(self) -> None:
                raise httpx.CloseError("stuck")

            async def aclose(self) -> None:
                self.close()

        body = Stuck(b'{"apiVersion":"v1"}')
        answer = httpx.Response(200, headers={"Content-Type": "application/json"}, stream=body)
        assert asked(colour, client_of(colour, Script(answer)), "get_public_api_version").unwrap().api_version == "v1"


def test_a_wait_goes_on_after_each_of_them() -> None:
    for problem in BROKEN:
        error = wait_for_completion(Script(problem).client(), "r").failure()
        assert isinstance(error, StreamLostError)
        assert str(problem) in error.reason


def test_a_target_that_httpx_refuses_was_not_sent() -> None:
    request = Request("getPublicApiVersion", "GET", "/" + "x" * 70_000)
    effect = Open(request, float("inf"))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=ACCEPTED))
    lost = Lost("broken", sent=False, detail="URL component 'path' too long")
    assert Exchange(transport, httpx.URL(BASE), SYSTEM_CLOCK.monotonic).open(effect) == lost

    async def main() -> object:
        return await AsyncExchange(transport, httpx.URL(BASE), SYSTEM_CLOCK.monotonic).open(effect)

    import anyio

    assert anyio.run(main) == lost
