"""Programs written for the older SDK, with one import changed."""

import inspect
import json
from typing import Any

import anyio
import httpx
import pytest

import cascades_sdk
from cascades_sdk import compat
from cascades_sdk.errors import InvalidDagError, InvalidDocumentError, InvalidValueError, NetworkError
from cascades_sdk.testing import ControlPlane
from wire.scripted import ACCEPTED, BASE, COOKIE, Script, breaks, frame, log, stream

#: What ``cascades_sdk`` and ``cascades_sdk.client`` promised in 0.3.0.
OLDER_NAMES = """
    API_CONTRACT_VERSION Auth AuthenticationError COMPANY_NAME CascadeClient CascadeSDKError CascadesClient
    CascadesSDKError CompositeAuth CookieHeaderAuth DEFAULT_USER_AGENT EngineUnavailableError HeaderAuth
    NetworkError NotFoundError OrchestrationError PRODUCT_NAME RateLimitError SDK_MAINTAINER SDK_NAME
    SDK_REPOSITORY_URL ServerError SessionCookieAuth TimeoutError ValidationError __version__ build_dag_from_flow
    build_dag_from_flow_json build_default_user_agent canonical_json canonicalize_dag flow normalize_auth task
    vendor_telemetry_headers wait_for_completion wait_for_completion_async wait_for_run_terminal
    wait_for_run_terminal_async
"""

STARTED, RUNNING = frame("run.started", status="PENDING"), frame("run.progress", status="RUNNING")
FAILED = frame("run.failed", status="FAILED", error="no good")

#: What a user of the older SDK wrote: submit, wait, compile. Its import is the first line.
PROGRAM = """
from cascades_sdk import CascadesClient, SessionCookieAuth, TimeoutError, flow, task, wait_for_completion
from cascades_sdk.compiler import build_dag_from_flow, build_dag_from_flow_json

@task
def load(name):
    return [name, name]

@task
def size(rows):
    return len(rows)

@flow
def count(name):
    return size(load(name))

dag = build_dag_from_flow(count, {"name": "a"})
text = build_dag_from_flow_json(count, flow_inputs={"name": "a"})
client = CascadesClient(url, SessionCookieAuth("local-only"), timeout=30, vendor_headers=True)
version = client.get_public_api_version()["apiVersion"]
accepted = client.submit_workflow_run({"workflowId": "count", "context": {"name": "a"}})
statuses = []
terminal = wait_for_completion(
    client, accepted["runId"], timeout=60.0, poll_interval=0.1, on_status_change=statuses.append
)
kinds = [event["type"] for event in client.iter_run_stream_events(accepted["runId"])]
try:
    wait_for_completion(client, accepted["runId"], timeout=1e-9)
except TimeoutError as late:
    problem = late
"""


@cascades_sdk.task
def load(name: str) -> list[str]:
    return [name, name]


@cascades_sdk.task
def size(rows: list[str]) -> int:
    return len(rows)


@cascades_sdk.flow
def count(name: str) -> int:
    return size(load(name))


def test_a_program_runs_with_only_its_import_changed() -> None:
    program = PROGRAM.replace("from cascades_sdk.compiler import", "from cascades_sdk.compat import").replace(
        "from cascades_sdk import", "from cascades_sdk.compat import"
    )
    with ControlPlane.serve({"count": count}, cookie="local-only") as plane:
        names: dict[str, Any] = {"url": plane.url, "__name__": "program"}
        exec(program, names)
        names["client"].close()
    assert names["dag"] == {
        "nodes": [
            {"id": "node-0", "task_name": "load", "dependencies": []},
            {"id": "node-1", "task_name": "size", "dependencies": ["node-0"]},
        ],
        "edges": [{"from": "node-0", "to": "node-1"}],
        "return_node": "node-1",
        "entrypoints": {"default": {"node": "node-0"}},
    }
    assert json.loads(names["text"]) == names["dag"]
    assert names["version"] == "v1"
    assert names["terminal"]["type"] == "run.completed"
    assert names["terminal"]["data"]["result"] == 2
    assert names["statuses"][-1] == "SUCCESS"
    assert (names["kinds"][0], names["kinds"][-1]) == ("run.started", "run.completed")
    assert isinstance(names["problem"], cascades_sdk.errors.DeadlineExceededError)


def client_of(script: Script, **options: Any) -> compat.CascadesClient:
    options = {"transport": httpx.MockTransport(script), "clock": script.time.clock} | options
    return compat.CascadesClient(BASE, compat.SessionCookieAuth(COOKIE), **options)


class TestTheClient:
    def test_bodies_go_and_come_in_wire_case_and_are_the_callers_own(self) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED | {"extra": [1]}))
        with client_of(script) as client:
            accepted = client.submit_workflow_run({"workflowId": "w", "context": {"a": [1]}})
            assert accepted == ACCEPTED | {"extra": [1]}
            accepted["extra"].append(2)
            client.submit_workflow_run()
        assert json.loads(script.requests[0].content) == {"workflowId": "w", "context": {"a": [1]}}

    def test_what_went_wrong_is_raised(self) -> None:
        with client_of(Script(httpx.Response(401))) as client, pytest.raises(compat.AuthenticationError) as caught:
            client.submit_workflow_run({"workflowId": "w"})
        assert isinstance(caught.value, compat.CascadesSDKError)
        assert COOKIE not in str(caught.value)

    def test_every_operation_of_the_new_client_is_there_by_its_name(self) -> None:
        def methods(kind: type) -> set[str]:
            return {name for name, each in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}

        assert methods(cascades_sdk.CascadesClient) - methods(compat.CascadesClient) == {"follow_run", "with_options"}
        assert compat.CascadeClient is compat.CascadesClient

    @pytest.mark.parametrize(
        "name", sorted(name for name in dir(compat.CascadesClient) if name.startswith(("save_", "test_", "clone_")))
    )
    def test_each_of_them_asks_what_the_new_one_asks_and_raises_its_error(self, name: str) -> None:
        arguments = () if name.startswith("test_") else ({"key": 1},)
        script = Script(httpx.Response(401))
        with client_of(script) as client, pytest.raises(compat.CascadesSDKError) as caught:
            getattr(client, name)(*arguments)
        with client_of(script) as client:
            assert getattr(client.new, name)(*arguments).failure() == caught.value

    def test_its_text_and_settings_are_those_of_the_new_one(self) -> None:
        script = Script(httpx.Response(200, json={"apiVersion": "v1"}))
        with client_of(script, vendor_headers=True, user_agent="program/1") as client:
            assert repr(client) == repr(client.new)
            assert client.get_public_api_version() == {"apiVersion": "v1"}
        sent = script.requests[0].headers
        assert (sent["User-Agent"], sent["X-Vendor"]) == ("program/1", compat.COMPANY_NAME)
        with pytest.raises(compat.ValidationError):
            compat.CascadesClient("no address")

    def test_a_stream_that_breaks_raises_after_what_came(self) -> None:
        script = Script(stream(STARTED, log(1), breaks))
        told: list[dict[str, Any]] = []
        with client_of(script) as client, pytest.raises(NetworkError):
            told.extend(iter(client.iter_run_stream_events("r", since="2026-01-01T00:00:00Z", task_since=None)))
        with client_of(Script(stream(STARTED, log(1)))) as client:
            events = client.iter_run_stream_events("r")
            assert next(events) == {"type": "run.started", "data": {"status": "PENDING"}}
            events.close()  # type: ignore[attr-defined]
        assert script.requests[0].url.params["since"] == "2026-01-01T00:00:00Z"


class TestWaiting:
    @pytest.mark.parametrize("wait", [compat.wait_for_completion, compat.wait_for_run_terminal])
    def test_the_terminal_event_is_a_dict_and_statuses_are_told_when_they_change(self, wait: Any) -> None:
        statuses: list[str] = []
        script = Script(stream(STARTED, RUNNING, log(1), RUNNING, FAILED))
        with client_of(script) as client:
            terminal = wait(client, "r", 60.0, 1.0, statuses.append)
        assert terminal == {"type": "run.failed", "data": {"status": "FAILED", "error": "no good"}}
        assert statuses == ["PENDING", "RUNNING", "FAILED"]

    @pytest.mark.parametrize("wait", [compat.wait_for_completion_async, compat.wait_for_run_terminal_async])
    def test_the_same_in_an_event_loop(self, wait: Any) -> None:
        with client_of(Script(stream(STARTED, FAILED))) as client:
            assert anyio.run(wait, client, "r")["type"] == "run.failed"
        with client_of(Script(httpx.Response(404))) as client, pytest.raises(compat.NotFoundError):
            anyio.run(wait, client, "r", 5.0)

    @pytest.mark.parametrize("timeout", [0, -1.0])
    def test_what_is_over_before_it_begins_is_late(self, timeout: float) -> None:
        with client_of(Script(stream(STARTED, breaks))) as client:
            with pytest.raises(compat.TimeoutError, match=f"not done within {timeout:g} s"):
                compat.wait_for_completion(client, "r", timeout)
            with pytest.raises(compat.TimeoutError, match=f"not done within {timeout:g} s"):
                anyio.run(compat.wait_for_completion_async, client, "r", timeout)

    @pytest.mark.parametrize(
        "timeout", ["5", None, False, float("nan"), float("-inf"), pytest.param(-(10**400), id="huge")]
    )
    def test_what_is_no_time_is_refused(self, timeout: Any) -> None:
        with client_of(Script(stream(STARTED, breaks))) as client:
            with pytest.raises(compat.ValidationError, match="/timeout: expected a number of seconds"):
                compat.wait_for_completion(client, "r", timeout)
            with pytest.raises(compat.ValidationError, match="/timeout: expected a number of seconds"):
                anyio.run(compat.wait_for_completion_async, client, "r", timeout)


class TestDocuments:
    def test_values_have_one_text_or_are_refused(self) -> None:
        assert compat.canonical_json({"b": 1.0, "a": [None]}) == '{"a":[null],"b":1}'
        with pytest.raises(InvalidValueError):
            compat.canonical_json({"a": object()})

    def test_a_document_is_put_in_order_or_refused(self) -> None:
        built = compat.build_dag_from_flow(count)
        assert compat.canonicalize_dag(dict(reversed(built.items()))) == built
        assert compat.canonical_json(built) == compat.build_dag_from_flow_json(count)
        with pytest.raises(InvalidDocumentError):
            compat.canonicalize_dag({"nodes": 1})

    def test_a_parameter_that_nobody_names_has_its_default(self) -> None:
        @compat.task
        def again(rows: Any) -> Any:
            return rows

        @compat.flow
        def looped(name: Any, times: int = 2, only: set[str] | None = None, *more: Any, **rest: Any) -> Any:
            rows = again(name) if only is None else name
            for _ in range(times + len(more) + len(rest)):
                rows = again(rows)
            return rows

        assert len(compat.build_dag_from_flow(looped)["nodes"]) == 3
        assert len(compat.build_dag_from_flow(looped, {"name": "a", "times": 4, "more": [1]})["nodes"]) == 6
        assert compat.build_dag_from_flow(looped, {"only": {"a"}})["edges"] == [{"from": "node-0", "to": "node-1"}]

    def test_a_compile_leaves_the_defaults_as_they_are(self) -> None:
        nothing = object()

        @compat.flow
        def grown(name: str, steps: Any = [[1]], end: Any = nothing) -> Any:  # noqa: B006 - what older programs have
            assert end is nothing
            steps.append(1)
            steps[0].append(1)
            return [load(name) for _ in [*steps, *steps[0]]]

        first = compat.build_dag_from_flow(grown)
        assert len(first["nodes"]) == 4
        assert compat.build_dag_from_flow(grown) == first

    def test_what_deployments_do_not_know_is_refused(self) -> None:
        @compat.flow
        def mapped(items: list[list[str]]) -> list[int]:
            return size.map(items)

        with pytest.raises(InvalidDagError):
            compat.build_dag_from_flow(mapped)
        with pytest.raises(compat.CascadesSDKError):
            compat.build_dag_from_flow(lambda: 1)


def test_names_are_those_of_the_older_package() -> None:
    assert compat.OrchestrationError is cascades_sdk.errors.ServerError
    assert compat.TimeoutError is cascades_sdk.errors.DeadlineExceededError
    assert set(compat.__all__) <= set(dir(compat))
    assert set(OLDER_NAMES.split()) == set(compat.__all__)
    assert compat.SDK_MAINTAINER
    assert (compat.DEFAULT_USER_AGENT, compat.PRODUCT_NAME) == (compat.build_default_user_agent(), "Cascades")
