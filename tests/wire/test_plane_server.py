"""The local control plane on a real socket: raw bytes first, then the real client."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
from returns.result import Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.compiler import Flow, flow, task
from cascades_sdk.errors import AuthenticationError, NotFoundError, ValidationError
from cascades_sdk.pipelines import submit_and_wait, wait_for_completion
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane._server import Settings

#: Far more than anything here takes; a wait that lasts so long is a failure.
AT_MOST = 10.0

GATES: dict[str, threading.Event] = {}


@task
def double(number: int) -> int:
    return 2 * number


@task
def fail(number: int) -> int:
    raise ValueError(f"{number} is no good")


@task
def leave(number: int) -> int:
    raise SystemExit(number)


@task
def wait_at(gate: str) -> str:
    assert GATES[gate].wait(AT_MOST)
    return gate


@flow
def doubled(number: int = 21) -> int:
    return double(number)


@flow
def failing(number: int = 1) -> int:
    return fail(double(number))


@flow
def leaving(number: int = 1) -> int:
    return leave(number)


@flow
def held(gate: str, number: int = 2) -> list[Any]:
    return [double(number), wait_at(gate)]


@task
async def halve(number: int) -> int:
    await asyncio.sleep(0)
    return number // 2


@flow
async def halved(number: int = 42) -> list[int]:
    return list(await asyncio.gather(halve(number), halve(double(number))))


FLOWS: dict[str, Flow[..., Any]] = {
    "doubled": doubled,
    "failing": failing,
    "leaving": leaving,
    "held": held,
    "halved": halved,
}


@contextmanager
def gate() -> Iterator[str]:
    """A gate at which a flow waits until it is opened, at the latest when the test ends."""
    name = f"gate {len(GATES)}"
    GATES[name] = threading.Event()
    try:
        yield name
    finally:
        GATES[name].set()


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    with ControlPlane.serve(FLOWS) as running:
        yield running


@contextmanager
def plane_with(settings: Settings) -> Iterator[ControlPlane]:
    """A plane whose edge is set otherwise."""
    with ControlPlane.serve(FLOWS, settings=settings) as running:
        yield running


@contextmanager
def client_of(plane: ControlPlane) -> Iterator[CascadesClient]:
    with CascadesClient(plane.url, SessionCookieAuth(plane.cookie)) as client:
        yield client


@contextmanager
def connected(plane: ControlPlane) -> Iterator[socket.socket]:
    address = urlsplit(plane.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=AT_MOST) as raw:
        yield raw


def head(method: str, target: str, *fields: str, version: str = "1.1") -> bytes:
    lines = (f"{method} {target} HTTP/{version}", "Host: here", "Cookie: __session=local-session", *fields, "", "")
    return "\r\n".join(lines).encode()


def everything(raw: socket.socket) -> bytes:
    """All bytes until the other side closes."""
    pieces: list[bytes] = []
    while piece := raw.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def answered(raw: socket.socket, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    response = http.client.HTTPResponse(raw, method=method)
    response.begin()
    return response, response.read()


def submitted(plane: ControlPlane, workflow_id: str, **context: Any) -> str:
    body = json.dumps({"workflowId": workflow_id, "context": context}).encode()
    with connected(plane) as raw:
        raw.sendall(head("POST", "/api/workflows/run", f"Content-Length: {len(body)}") + body)
        _, answer = answered(raw)
    return str(json.loads(answer)["runId"])


def eventually(holds: Callable[[], object]) -> None:
    """Wait for another thread to make something true."""
    deadline = time.monotonic() + AT_MOST
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class TestRawBytes:
    def test_a_connection_is_kept_for_the_next_request(self, plane: ControlPlane) -> None:
        with connected(plane) as raw:
            for _ in range(3):
                raw.sendall(head("GET", "/api/system/version"))
                response, body = answered(raw)
                assert (response.status, json.loads(body)) == (200, {"apiVersion": "v1"})
                assert response.headers["Content-Type"] == "application/json"
                assert "Connection" not in response.headers

    def test_requests_may_be_sent_ahead(self, plane: ControlPlane) -> None:
        with connected(plane) as raw:
            raw.sendall(head("GET", "/api/system/version") + head("GET", "/nowhere", "Connection: close"))
            first, _, second = everything(raw).partition(b'{"apiVersion":"v1"}')
        assert first.startswith(b"HTTP/1.1 200 OK\r\n")
        assert second.startswith(b"HTTP/1.1 404 Not Found\r\n")
        assert b"\r\nConnection: close\r\n" in second

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"hello\r\n\r\n", 400),
            (head("GET", "/", "A: " + "a" * 40_000), 431),
            (head("POST", "/api/workflows/run", "Content-Length: 2000000"), 413),
            (head("DELETE", "/api/workflows/run"), 405),
            (head("GET", "/nowhere"), 404),
        ],
    )
    def test_what_cannot_be_served_gets_its_status(self, plane: ControlPlane, data: bytes, status: int) -> None:
        with connected(plane) as raw:
            raw.sendall(data)
            assert answered(raw)[0].status == status

    def test_a_refusal_arrives_although_the_body_is_still_being_sent(self, plane: ControlPlane) -> None:
        with connected(plane) as raw:
            raw.sendall(head("POST", "/api/workflows/run", "Content-Length: 2000000") + b"x" * 500_000)
            response, _ = answered(raw)
            assert response.status == 413
            assert response.headers["Connection"] == "close"

    def test_who_goes_on_sending_after_a_refusal_is_cut_off(self) -> None:
        with plane_with(Settings(linger=0.05)) as plane, connected(plane) as raw:
            raw.sendall(b"hello\r\n\r\n")
            assert everything(raw).startswith(b"HTTP/1.1 400 ")
            eventually(lambda: _is_cut_off(raw))

    def test_who_waits_for_it_is_asked_for_the_body(self, plane: ControlPlane) -> None:
        with connected(plane) as raw:
            raw.sendall(head("POST", "/api/workflows/run", "Content-Length: 2", "Expect: 100-continue"))
            assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            raw.sendall(b"{}")
            assert answered(raw)[0].status == 200

    def test_a_connection_that_falls_asleep_is_closed(self) -> None:
        with plane_with(Settings(idle=0.05)) as plane, connected(plane) as raw:
            raw.sendall(b"GET / HT")
            assert everything(raw) == b""

    def test_a_stream_is_chunked_and_closed_after_its_end(self, plane: ControlPlane) -> None:
        run_id = submitted(plane, "doubled")
        with connected(plane) as raw:
            raw.sendall(head("GET", f"/api/runs/{run_id}/stream"))
            response, body = answered(raw)
            assert response.status == 200
            assert response.headers["Content-Type"] == "text/event-stream"
            assert response.headers["Transfer-Encoding"] == "chunked"
            assert response.headers["Connection"] == "close"
            assert raw.recv(1) == b""
        last = json.loads(body.split(b"\n\n")[-2].split(b"data: ")[1])
        assert last["data"]["result"] == 42

    def test_http_1_0_gets_the_stream_without_chunks(self, plane: ControlPlane) -> None:
        run_id = submitted(plane, "doubled")
        with connected(plane) as raw:
            raw.sendall(head("GET", f"/api/runs/{run_id}/stream", version="1.0"))
            headers, _, body = everything(raw).partition(b"\r\n\r\n")
        assert b"chunked" not in headers
        assert body.startswith(b"event: telemetry\ndata: {")
        assert body.endswith(b"}\n\n")

    def test_a_quiet_stream_shows_signs_of_life(self) -> None:
        with ControlPlane.serve(FLOWS, heartbeat=0.01) as plane, gate() as name:
            run_id = submitted(plane, "held", gate=name)
            with connected(plane) as raw:
                raw.sendall(head("GET", f"/api/runs/{run_id}/stream"))
                received = b""
                while b": heartbeat\n\n" not in received:
                    received += raw.recv(65536)

    def test_who_hangs_up_is_forgotten(self, plane: ControlPlane) -> None:
        with gate() as name:
            run_id = submitted(plane, "held", gate=name)
            with connected(plane) as raw:
                raw.sendall(head("GET", f"/api/runs/{run_id}/stream"))
                eventually(lambda: plane.state.streams)
                raw.sendall(b"what is said on a stream is not heard")
            eventually(lambda: not plane.state.streams)

    def test_who_does_not_read_is_cut_off(self) -> None:
        # A lag of -1 is one that every reader has.
        with plane_with(Settings(lag=-1)) as plane, connected(plane) as raw:
            run_id = submitted(plane, "doubled")
            raw.sendall(head("GET", f"/api/runs/{run_id}/stream"))
            with pytest.raises((ConnectionResetError, http.client.IncompleteRead, http.client.RemoteDisconnected)):
                answered(raw)


class TestTheRealClient:
    def test_it_reads_the_version(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            assert client.get_public_api_version().unwrap().api_version == "v1"

    def test_it_submits_and_waits_for_the_result(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            outcome = submit_and_wait(client, {"workflowId": "doubled", "context": {"number": 4}}, AT_MOST).unwrap()
        assert (outcome.status, outcome.result) == ("SUCCESS", 8)
        assert [(task.id, task.name, task.status) for task in outcome.progress.tasks] == [
            ("node-0", "double", "SUCCESS")
        ]

    def test_it_runs_async_flows(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            outcome = submit_and_wait(client, {"workflowId": "halved", "context": {"number": 4}}, AT_MOST).unwrap()
        assert (outcome.status, outcome.result) == ("SUCCESS", (2, 4))

    def test_a_body_that_names_nothing_runs_the_first_flow(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            assert submit_and_wait(client, timeout=AT_MOST).unwrap().result == 42

    def test_or_the_flow_that_is_called_demo(self) -> None:
        with ControlPlane.serve({"failing": failing, "demo": doubled}) as plane, client_of(plane) as client:
            assert client.submit_workflow_run().unwrap().workflow_id == "demo"

    def test_a_task_that_raises_fails_the_run(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            outcome = submit_and_wait(client, {"workflowId": "failing"}, AT_MOST).unwrap()
        assert outcome.status == "FAILED"
        assert "ValueError: 2 is no good" in str(outcome.event.data["error"])
        # Their order tells when the stream was opened: a task stands where it was first heard of.
        assert {task.id: task.status for task in outcome.progress.tasks} == {"node-0": "SUCCESS", "node-1": "FAILED"}

    def test_a_task_that_asks_to_exit_fails_the_run_too(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            outcome = submit_and_wait(client, {"workflowId": "leaving"}, AT_MOST).unwrap()
        assert outcome.status == "FAILED"
        assert "SystemExit" in str(outcome.event.data["error"])

    def test_a_task_can_be_given_where_it_cannot_be_imported(self) -> None:
        with (
            ControlPlane.serve(FLOWS, tasks={"double": lambda number: 3 * number}) as plane,
            client_of(plane) as client,
        ):
            assert submit_and_wait(client, {"workflowId": "doubled"}, AT_MOST).unwrap().result == 63

    def test_a_wrong_cookie_an_unknown_workflow_and_a_missing_input_are_errors(self, plane: ControlPlane) -> None:
        with CascadesClient(plane.url, SessionCookieAuth("wrong")) as stranger:
            assert isinstance(stranger.submit_workflow_run().failure(), AuthenticationError)
        with client_of(plane) as client:
            missing = client.submit_workflow_run({"workflowId": "nope"}).failure()
            assert isinstance(missing, NotFoundError)
            assert missing.reason == "not_found"
            refused = client.submit_workflow_run({"workflowId": "held"}).failure()
            assert isinstance(refused, ValidationError)
            assert refused.code == "missing_input"
            assert isinstance(wait_for_completion(client, "run-nobody", AT_MOST).failure(), NotFoundError)

    def test_progress_arrives_while_the_run_is_under_way(self, plane: ControlPlane) -> None:
        with client_of(plane) as client, gate() as name:
            run_id = client.submit_workflow_run({"workflowId": "held", "context": {"gate": name}}).unwrap().run_id
            for event in client.iter_run_stream_events(run_id):
                told = event.unwrap()
                if told.data.get("id") == "node-1" and told.data.get("status") == "RUNNING":
                    GATES[name].set()
            assert told.type == "run.completed"

    def test_a_reconnect_with_cursors_hears_only_what_came_after(self, plane: ControlPlane) -> None:
        with client_of(plane) as client:
            outcome = submit_and_wait(client, {"workflowId": "doubled"}, AT_MOST).unwrap()
            progress = outcome.progress
            again = client.iter_run_stream_events(outcome.run_id, since=progress.since, task_since=progress.task_since)
            assert [event.unwrap().type for event in again] == ["run.started", "run.completed"]


class TestTheHandle:
    def test_a_state_outlives_its_plane(self) -> None:
        with ControlPlane.serve(FLOWS, cookie="first", cookie_name="sid", seed=5, max_runs=7) as first:
            assert first.cookie == "first"
            run_id = _run_on(first, "sid")
        with ControlPlane.serve(state=first.state) as second:
            with CascadesClient(second.url, SessionCookieAuth("first", "sid")) as client:
                assert wait_for_completion(client, run_id, AT_MOST).unwrap().result == 42
            assert (second.state.seed, second.state.max_runs) == (5, 7)
            assert second.state.default == "doubled"

    def test_a_run_survives_the_restart_of_its_plane(self) -> None:
        with gate() as name:
            with ControlPlane.serve(FLOWS) as first:
                run_id = submitted(first, "held", gate=name)
                eventually(lambda: first.state.runs[run_id].active == 1)
            GATES[name].set()
            with ControlPlane.serve(state=first.state) as second, client_of(second) as client:
                outcome = wait_for_completion(client, run_id, AT_MOST).unwrap()
        assert outcome.result == (4, name)

    def test_it_listens_on_a_given_port_and_says_when_it_is_taken(self) -> None:
        with ControlPlane.serve(FLOWS) as plane:
            port = urlsplit(plane.url).port
            assert port is not None
            with pytest.raises(OSError, match="in use"):
                ControlPlane.serve(FLOWS, port=port)
        with ControlPlane.serve(FLOWS, port=port) as again, client_of(again) as client:
            assert isinstance(client.get_public_api_version(), Success)

    def test_it_listens_on_ipv6_too(self) -> None:
        with ControlPlane.serve(FLOWS, host="::1") as plane, client_of(plane) as client:
            assert plane.url.startswith("http://[::1]:")
            assert isinstance(client.get_public_api_version(), Success)

    def test_it_stops_with_streams_open_and_more_than_once(self) -> None:
        with gate() as name:
            plane = ControlPlane.serve(FLOWS, task_delay=0.001)
            run_id = submitted(plane, "held", gate=name)
            with connected(plane) as raw:
                raw.sendall(head("GET", f"/api/runs/{run_id}/stream"))
                eventually(lambda: plane.state.streams)
                plane.stop()
                plane.stop()
                with pytest.raises((ConnectionResetError, EOFError)):
                    _read_to_the_end(raw)
            assert plane.state.runs[run_id].status in ("PENDING", "RUNNING")

    def test_a_plane_that_has_stopped_ends_its_evaluations(self) -> None:
        with ControlPlane.serve(FLOWS, task_delay=AT_MOST) as plane:
            run_id = submitted(plane, "doubled")
            eventually(lambda: plane.state.runs[run_id].active == 0)
        eventually(lambda: not any(run_id in thread.name for thread in threading.enumerate()))

    def test_equal_seeds_give_equal_ids(self) -> None:
        ids = []
        for _ in range(2):
            with ControlPlane.serve(FLOWS, seed=3, clock=lambda: 1.7e9) as plane:
                ids.append(submitted(plane, "doubled"))
        assert ids[0] == ids[1]

    def test_the_state_is_frozen(self, plane: ControlPlane) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            plane.state.seed = 1  # type: ignore[misc]


def _run_on(plane: ControlPlane, cookie_name: str) -> str:
    with CascadesClient(plane.url, SessionCookieAuth(plane.cookie, cookie_name)) as client:
        return submit_and_wait(client, {"workflowId": "doubled"}, AT_MOST).unwrap().run_id


def _is_cut_off(raw: socket.socket) -> bool:
    try:
        raw.sendall(b"more")
    except ConnectionError:
        return True
    return False


def _read_to_the_end(raw: socket.socket) -> None:
    everything(raw)
    raise EOFError("closed in order")
