"""The client's manners, over the built-in transports as respx sees them: every operation, every documented answer."""

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import pytest
import respx
from returns.result import Failure, Success

from cascades_sdk import types
from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    EngineUnavailableError,
    LimitExceededError,
    NetworkError,
    NotFoundError,
    RedirectedError,
    ServerError,
    ValidationError,
)
from cascades_sdk.protocol.limits import Limits
from cascades_sdk.types import wire_keys
from cascades_sdk.values import FrozenDict
from openapi_witness import DOCUMENT, request_complaints, response_complaints
from wire.scripted import ACCEPTED, COOKIE, VirtualTime, asked

URL = "https://cascades.example.com"
COLOURS = ("sync", "asyncio")  # respx knows no trio

RUN = f"{URL}/api/workflows/run"

ERRORS = {
    400: ValidationError,
    401: AuthenticationError,
    404: NotFoundError,
    500: ServerError,
    502: ServerError,
    503: EngineUnavailableError,
}


def method_of(operation: Operation[Any]) -> str:
    snake = re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), operation.id)
    return "iter_run_stream_events" if snake == "stream_run_telemetry" else snake


def made(colour: str, **options: Any) -> CascadesClient | AsyncCascadesClient:
    kind = CascadesClient if colour == "sync" else AsyncCascadesClient
    return kind(URL, COOKIE, clock=VirtualTime().clock, **options)


def documented(operation: Operation[Any]) -> Iterator[tuple[int, Any]]:
    """Each status of an operation with each example of its body, None where it has no body schema."""
    answers = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]
    for status, answer in answers.items():
        examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
        yield from ((int(status), example["value"]) for example in examples.values())
        if not answer.get("content"):
            yield int(status), None


def bodies(operation: Operation[Any]) -> list[Any]:
    """The examples of an operation's body."""
    body = DOCUMENT["paths"][operation.path][operation.method.lower()].get("requestBody")
    return [] if body is None else [one["value"] for one in body["content"]["application/json"]["examples"].values()]


CASES = [
    pytest.param(operation, status, value, id=f"{operation.id}-{status}-{number}")
    for operation in OPERATIONS
    for number, (status, value) in enumerate(documented(operation))
    if operation.media == "application/json" or status != 200
]


@pytest.mark.witness("openapi-core: every documented exchange of every operation, as the clients have it")
@pytest.mark.parametrize("colour", COLOURS)
class TestOperations:
    @pytest.mark.parametrize(("operation", "status", "value"), CASES)
    def test_every_documented_answer_is_read(
        self, colour: str, operation: Operation[Any], status: int, value: Any
    ) -> None:
        arguments = ("run-1",) if "{id}" in operation.path else tuple(bodies(operation)[:1])
        with respx.mock() as routes:
            route = routes.request(operation.method, f"{URL}{operation.path.replace('{id}', 'run-1')}")
            route.respond(status, json=value) if value is not None else route.respond(status)
            outcome = asked(colour, made(colour), method_of(operation), *arguments)
            (call,) = routes.calls
        outcome = outcome[0] if isinstance(outcome, list) else outcome
        assert request_complaints(call.request) == []
        assert response_complaints(call.request, call.response) == []
        assert ("cookie" in call.request.headers) is (operation.auth == "cookie")
        if status == 200:
            answer = outcome.unwrap()
            assert isinstance(answer, operation.answer)
            # Every key that the server sent stands under its own name, and the whole body in ``.wire``.
            assert answer.wire == FrozenDict(value)
            assert {field: value.get(key.name) for field, key in wire_keys(operation.answer)} == {
                field.name: getattr(answer, field.name) for field in attrs.fields(type(answer)) if field.name != "wire"
            }
        else:
            error = outcome.failure()
            assert type(error) is ERRORS[status]
            assert (error.operation, error.status) == (operation.id, status)
            if isinstance(value, dict) and operation.id.endswith("Integration"):
                assert error.code == value["error"]

    @pytest.mark.parametrize(
        ("operation", "body"), [(operation, body) for operation in OPERATIONS for body in bodies(operation)]
    )
    def test_a_body_is_sent_the_same_as_a_mapping_and_as_a_frozen_request(
        self, colour: str, operation: Operation[Any], body: dict[str, Any]
    ) -> None:
        assert operation.body is not None
        schema = operation.body.schema
        frozen = schema(**{field: body[key.name] for field, key in wire_keys(schema) if key.name in body})
        with respx.mock() as routes:
            routes.request(operation.method, f"{URL}{operation.path}").respond(401)
            for given in (body, FrozenDict(body), frozen):
                asked(colour, made(colour), method_of(operation), given)
            sent = [call.request.content for call in routes.calls]
        assert len(set(sent)) == 1
        assert json.loads(sent[0]) == body


def test_every_operation_is_a_method_of_both_clients_and_no_other_method_is_one() -> None:
    methods = {method_of(operation) for operation in OPERATIONS}
    for kind in (CascadesClient, AsyncCascadesClient):
        named = {name for name in vars(kind) if not name.startswith("_")}
        assert methods <= named
        others = {"close"} if kind is CascadesClient else {"aclose", "like"}
        assert named - methods == {"with_options", "follow_run"} | others


@pytest.mark.parametrize("colour", COLOURS)
class TestManners:
    def test_a_run_is_submitted_with_the_session(self, colour: str) -> None:
        with respx.mock() as routes:
            routes.post(RUN).respond(json=ACCEPTED)
            outcome = asked(
                colour, made(colour), "submit_workflow_run", types.WorkflowRunRequestBody("w", context={"n": 1})
            )
            request = routes.calls.last.request
        assert outcome.unwrap().run_id == "run-1"
        assert request.headers["cookie"] == f"__session={COOKIE}"
        assert json.loads(request.content) == {"workflowId": "w", "context": {"n": 1}}

    def test_a_post_that_never_left_is_tried_again(self, colour: str) -> None:
        with respx.mock() as routes:
            routes.post(RUN).mock(side_effect=[httpx.ConnectError("refused"), httpx.Response(200, json=ACCEPTED)])
            assert isinstance(asked(colour, made(colour), "submit_workflow_run"), Success)
            assert routes.calls.call_count == 2

    def test_a_post_that_may_have_left_is_not(self, colour: str) -> None:
        with respx.mock() as routes:
            routes.post(RUN).mock(side_effect=httpx.ReadError("reset"))
            error = asked(colour, made(colour), "submit_workflow_run").failure()
            assert routes.calls.call_count == 1
        assert isinstance(error, AmbiguousSubmitError)
        assert isinstance(error.cause, NetworkError)

    def test_a_status_of_4xx_says_that_nothing_was_done_whatever_became_of_its_body(self, colour: str) -> None:
        for status, kind in ((400, LimitExceededError), (500, AmbiguousSubmitError)):
            with respx.mock() as routes:
                routes.post(RUN).respond(status, content=b"x" * 99)
                error = asked(colour, made(colour, limits=Limits(body=9)), "submit_workflow_run").failure()
            assert isinstance(error, kind)
            assert error.status == status

    @pytest.mark.parametrize("status", [429, 503])
    def test_the_server_may_ask_to_come_back(self, colour: str, status: int) -> None:
        with respx.mock() as routes:
            later = httpx.Response(status, headers={"Retry-After": "3"})
            routes.post(RUN).mock(side_effect=[later, httpx.Response(200, json=ACCEPTED)])
            assert isinstance(asked(colour, made(colour), "submit_workflow_run"), Success)

    def test_a_redirect_is_never_followed(self, colour: str) -> None:
        with respx.mock(assert_all_called=False) as routes:
            other = routes.route(host="login.example.com").respond(200)
            routes.post(RUN).respond(302, headers={"Location": "https://login.example.com/in?next=1"})
            outcome = asked(colour, made(colour), "submit_workflow_run")
        assert outcome == Failure(RedirectedError("submitWorkflowRun", 302, "https://login.example.com/in"))
        assert not other.called

    def test_events_are_told_as_they_come(self, colour: str) -> None:
        content = b'event: telemetry\ndata: {"type":"run.started","data":{"status":"RUNNING"}}\n\n'
        with respx.mock() as routes:
            routes.get(f"{URL}/api/runs/a%2Fb/stream", params={"since": "x", "taskSince": "y"}).respond(
                headers={"Content-Type": "text/event-stream"}, content=content
            )
            (event,) = asked(colour, made(colour), "iter_run_stream_events", "a/b", since="x", task_since="y")
        assert event.unwrap() == types.RunStreamEvent(
            "run.started",
            FrozenDict({"status": "RUNNING"}),
            wire=FrozenDict({"type": "run.started", "data": {"status": "RUNNING"}}),
        )

    @pytest.mark.parametrize(
        ("method", "body"),
        [
            ("save_slack_integration", "https://slack.example.com/services/canary"),
            ("save_slack_integration", {"webhookUrl": ["canary"]}),
            ("save_slack_integration", {"https://slack.example.com/canary": "webhookUrl"}),
            ("save_servicenow_integration", {"instanceUrl": "canary", "username": "u", "password": "canary"}),
            (
                "save_servicenow_integration",
                {"instanceUrl": "https://u:canary@dev.service-now.com", "username": "u", "password": "p"},
            ),
            ("save_jira_integration", {"apiToken": "12345678", "email": "a@b", "baseUrl": "https://u:canary@x y"}),
            ("save_jira_integration", {"apiToken": "12345678", "email": "canary", "baseUrl": "https://x"}),
        ],
    )
    def test_a_body_that_may_hold_a_credential_is_refused_without_its_values(
        self, colour: str, method: str, body: Any
    ) -> None:
        error = asked(colour, made(colour), method, body).failure()
        assert isinstance(error, ValidationError)
        assert "canary" not in f"{error} {error!r}"

    @pytest.mark.parametrize(
        ("method", "body", "pointer"),
        [
            ("save_slack_integration", {"webhookUrl": "x" * 30, "webhookSecretKey": "k"}, ""),
            ("save_slack_integration", {}, ""),
            ("save_github_integration", {"token": "short"}, "/token"),
            ("save_jira_integration", {"apiToken": "12345678", "baseUrl": "https://x"}, "/email"),
            ("clone_catalog_workflow", None, ""),
            ("clone_catalog_workflow", {"catalogItemId": "a", "name": "b"}, "/name"),
            ("submit_workflow_run", {"context": {"when": {1}}}, "/context/when"),
        ],
    )
    def test_a_body_that_breaks_the_contract_is_not_sent(
        self, colour: str, method: str, body: Any, pointer: str
    ) -> None:
        with respx.mock() as routes:
            error = asked(colour, made(colour), method, body).failure()
            assert routes.calls.call_count == 0
        assert isinstance(error, ValidationError)
        assert (error.pointer, error.status) == (pointer, None)
