"""What a plane on a socket is told to do wrong, as raw sockets and the real clients see it; and all doors at once."""

import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from returns.result import Success

from cascades_sdk.errors import AmbiguousSubmitError, DeadlineExceededError, NetworkError, UnexpectedResponseError
from cascades_sdk.pipelines import submit_and_wait, submit_and_wait_async
from cascades_sdk.protocol.limits import RetryPolicy
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import Cut, Drip, Fault, Hangup, Latitude, MediaType, Reset, Silence, WrongLength
from test_plane_doors import FLOWS, asked
from wire.test_plane_server import AT_MOST, connected, everything, head

ONCE = RetryPolicy(retries=0)

FAULTS: list[tuple[Fault, type]] = [
    (Reset(), NetworkError),
    (Reset(3), NetworkError),
    (Cut(), NetworkError),
    (Cut(5), NetworkError),
    (Silence(), DeadlineExceededError),
    (Silence(4), DeadlineExceededError),
    (WrongLength(7), NetworkError),
    (WrongLength(-7), UnexpectedResponseError),
    (MediaType(), UnexpectedResponseError),
]


def client_in(plane: ControlPlane, colour: str, **options: Any) -> Any:
    return plane.client(**options) if colour == "sync" else plane.async_client(**options)


@pytest.mark.parametrize("colour", ["sync", "asyncio"])
class TestFaults:
    @pytest.mark.parametrize(("fault", "kind"), FAULTS, ids=lambda value: repr(value))
    def test_each_has_the_error_that_it_has_in_process(self, colour: str, fault: Fault, kind: type) -> None:
        with ControlPlane.serve(FLOWS) as plane:
            plane.faults(fault, times=1)
            seconds = 0.2 if isinstance(fault, Silence) else AT_MOST
            client = client_in(plane, colour, retry=ONCE, timeout=seconds)
            assert type(asked(colour, client, "get_public_api_version").failure()) is kind
            plane.faults(fault, operation="submitWorkflowRun", times=1)
            client = client_in(plane, colour, retry=ONCE, timeout=seconds)
            error = asked(colour, client, "submit_workflow_run").failure()
            assert isinstance(error, AmbiguousSubmitError) is (kind is not UnexpectedResponseError)
            assert len(plane.state.runs) == 1

    def test_what_drips_comes_whole(self, colour: str) -> None:
        with ControlPlane.serve(FLOWS) as plane:
            plane.faults(Drip(5, 0.001))
            assert isinstance(asked(colour, client_in(plane, colour), "get_public_api_version"), Success)
            with connected(plane) as raw:
                raw.sendall(head("GET", "/api/system/version"))
                assert everything(raw).endswith(b'{"apiVersion":"v1"}')

    @pytest.mark.parametrize(
        "fault", [Reset(300), Cut(300), Drip(400, 0.001), WrongLength(200), WrongLength(0), MediaType()], ids=repr
    )
    def test_a_wait_survives_what_passes(self, colour: str, fault: Fault) -> None:
        with ControlPlane.serve(FLOWS) as plane:
            plane.faults(fault, operation="streamRunTelemetry", times=1)
            body = {"workflowId": "sums"}
            if colour == "sync":
                with plane.client() as client:
                    outcome = submit_and_wait(client, body, AT_MOST)
            else:

                async def run() -> Any:
                    async with plane.async_client() as client:
                        return await submit_and_wait_async(client, body, AT_MOST)

                outcome = anyio.run(run)
            if isinstance(fault, MediaType):
                assert isinstance(outcome.failure(), UnexpectedResponseError)
            else:
                assert outcome.unwrap().status == "SUCCESS"


def ending(raw: socket.socket) -> tuple[bytes, bool]:
    """All bytes, and whether a reset came after them."""
    pieces: list[bytes] = []
    try:
        while piece := raw.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        return b"".join(pieces), True
    return b"".join(pieces), False


class TestResets:
    """A reset is one on the wire (RFC 9293 §3.5.2), and what is closed is closed."""

    @pytest.mark.parametrize(
        ("fault", "said", "reset"),
        [(Reset(), b"", True), (Reset(3), b'{"a', True), (Cut(3), b'{"a', False), (WrongLength(9), b"}", False)],
        ids=repr,
    )
    def test_of_an_answer(self, fault: Fault, said: bytes, reset: bool) -> None:
        with ControlPlane.serve(FLOWS) as plane, connected(plane) as raw:
            plane.faults(fault)
            raw.sendall(head("GET", "/api/system/version"))
            told, broken = ending(raw)
            assert told.endswith(said)
            assert broken is reset

    @pytest.mark.parametrize("reset", [True, False])
    def test_of_a_stream(self, reset: bool) -> None:
        with ControlPlane.serve() as plane, plane.client() as client, connected(plane) as raw:
            plane.script("job", [])
            run_id = client.submit_workflow_run({"workflowId": "job"}).unwrap().run_id
            raw.sendall(head("GET", f"/api/runs/{run_id}/stream"))
            while not plane.state.streams:
                pass
            plane.script(run_id, ["a line", Hangup(reset=reset)])
            told, broken = ending(raw)
            assert b"a line" in told
            assert broken is reset


class TestSockets:
    def test_a_scripted_run_takes_its_time_and_hangs_up(self) -> None:
        with ControlPlane.serve() as plane, plane.client() as client:
            plane.script("job", ["one", 0.01, "two", Hangup(), 0.01, "three", Hangup(reset=True), 0.01, "SUCCESS"])
            outcome = submit_and_wait(client, {"workflowId": "job"}, AT_MOST).unwrap()
            assert outcome.progress.log_tail[1:4] == ("one", "two", "three")

    def test_a_head_has_no_body(self) -> None:
        with ControlPlane.serve() as plane, connected(plane) as raw:
            raw.sendall(head("HEAD", "/api/system/version") + head("GET", "/api/system/version", "Connection: close"))
            answers = everything(raw)
            assert answers.count(b"HTTP/1.1 ") == 2
            assert answers.count(b"{") == 1

    @pytest.mark.parametrize("status", [204, 304])
    def test_a_status_without_a_body_has_none_and_another_request_may_follow(self, status: int) -> None:
        with ControlPlane.serve() as plane, connected(plane) as raw:
            plane.fail_next(status)
            raw.sendall(2 * head("GET", "/api/system/version") + head("GET", "/", "Connection: close"))
            first, second, third = everything(raw).split(b"HTTP/1.1 ")[1:]
            assert first.startswith(b"%d " % status)
            assert first.endswith(b"\r\n\r\n")
            assert b"Content-" not in first
            assert b"Transfer-" not in first
            assert (second[:3], third[:3]) == (b"200", b"404")

    def test_a_stream_may_stay_open_after_the_end(self) -> None:
        with ControlPlane.serve(FLOWS, latitude=Latitude(hangs_up=False)) as plane, plane.client() as client:
            assert submit_and_wait(client, {"workflowId": "sums"}, AT_MOST).unwrap().status == "SUCCESS"

    def test_who_breaks_off_under_a_fault_is_forgotten(self) -> None:
        with ControlPlane.serve(FLOWS) as plane:
            plane.faults(Silence())
            with connected(plane) as raw:
                raw.sendall(head("GET", "/api/system/version"))
                while not plane.history:
                    pass
                raw.shutdown(socket.SHUT_WR)
                assert raw.recv(1) == b""

    def test_its_time_is_real(self) -> None:
        with ControlPlane.serve(FLOWS, seed=9) as plane:
            assert repr(plane).startswith("ControlPlane(seed=9, http://127.0.0.1:")
            for use in (lambda: plane.advance(1), lambda: plane.transport, lambda: plane.async_transport):
                with pytest.raises(RuntimeError, match="in process"):
                    use()

    def test_its_asgi_application_shares_the_state(self) -> None:
        async def run() -> Any:
            async with plane.async_client(transport=httpx.ASGITransport(plane.asgi)) as client:
                return await submit_and_wait_async(client, {"workflowId": "sums"}, AT_MOST)

        with ControlPlane.serve(FLOWS, task_delay=0.01) as plane:
            outcome = anyio.run(run).unwrap()
            assert outcome.result == 42
            assert outcome.run_id in plane.state.runs

    def test_it_stops_while_a_stream_drips(self) -> None:
        plane = ControlPlane.serve(FLOWS, task_delay=0.001)
        plane.faults(Drip(1, 0.001))
        with plane.client() as client:
            waiting = threading.Thread(target=submit_and_wait, args=(client, {"workflowId": "sums"}, 0.5), daemon=True)
            waiting.start()
            while not plane.history:
                pass
            plane.stop()
            waiting.join(AT_MOST)
            assert not waiting.is_alive()
        assert urlsplit(plane.url).hostname == "127.0.0.1"
