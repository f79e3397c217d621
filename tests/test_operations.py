"""Rows of the contract, arguments to requests, responses to outcomes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from returns.result import Failure, Success

from cascades_sdk.contract import (
    GET_PUBLIC_API_VERSION,
    OPERATIONS,
    STREAM_RUN_TELEMETRY,
    SUBMIT_WORKFLOW_RUN,
    Body,
    Operation,
)
from cascades_sdk.errors import (
    AuthenticationError,
    ClientError,
    EngineUnavailableError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RedirectedError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
)
from cascades_sdk.protocol.effects import Head, Request, Response
from cascades_sdk.protocol.requests import request_for
from cascades_sdk.protocol.responses import outcome_of
from cascades_sdk.types import ApiVersionResponse, WorkflowRunRequestBody, wire_keys
from cascades_sdk.values import FrozenDict

DOCUMENT = yaml.safe_load((Path(__file__).parents[1] / "contracts" / "api.yaml").read_text())
JSON = "application/json"


def schema_at(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = DOCUMENT["components"]["schemas"][node["$ref"].rpartition("/")[2]]
    return node


class TestRows:
    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
    def test_a_row_says_what_the_document_says(self, operation: Operation[Any]) -> None:
        documented = DOCUMENT["paths"][operation.path][operation.method.lower()]
        assert documented["operationId"] == operation.id
        assert {int(status) for status in documented["responses"]} == {
            200,
            *(status for status, _ in operation.errors),
        }
        assert list(documented["responses"]["200"]["content"]) == [operation.media]
        queries = [name["name"] for name in documented.get("parameters", ()) if name.get("in") == "query"]
        assert tuple(queries) == operation.query
        assert ("requestBody" in documented) is (operation.body is not None)
        security = documented.get("security", DOCUMENT.get("security", []))
        assert bool(security and security[0]) is (operation.auth == "cookie")

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
    def test_a_class_has_the_keys_of_its_schema(self, operation: Operation[Any]) -> None:
        documented = DOCUMENT["paths"][operation.path][operation.method.lower()]
        classes = [(operation.answer, documented["responses"]["200"]["content"][operation.media])]
        for status, schema in operation.errors:
            if schema is not None:
                classes.append((schema, documented["responses"][str(status)]["content"][JSON]))
        if operation.body is not None:
            classes.append((operation.body.schema, documented["requestBody"]["content"][JSON]))
        for cls, content in classes:
            schema = schema_at(content["schema"])
            keys = dict(key for key in ((key.name, key) for _, key in wire_keys(cls)))
            assert set(schema["properties"]) == set(keys), cls
            assert {key for key in keys if keys[key].required} == set(schema.get("required", ())), cls
            for name, key in keys.items():
                found = schema_at(schema["properties"][name])
                assert (found["type"], tuple(found.get("enum", ()))) == (key.kind, key.enum), (cls, name)


def built(operation: Operation[Any], **arguments: Any) -> Request:
    outcome = request_for(operation, **{"user_agent": "test", "credentials": {"Cookie": "a=b"}} | arguments)
    assert isinstance(outcome, Success), outcome
    return outcome.unwrap()


def refused(operation: Operation[Any], **arguments: Any) -> ValidationError:
    outcome = request_for(operation, **{"user_agent": "test", "credentials": {}} | arguments)
    assert isinstance(outcome, Failure), outcome
    return outcome.failure()


class TestRequests:
    def test_a_credential_goes_only_where_the_row_asks_for_it(self) -> None:
        assert "Cookie" not in dict(built(GET_PUBLIC_API_VERSION).headers)
        assert dict(built(SUBMIT_WORKFLOW_RUN).headers)["Cookie"] == "a=b"

    def test_a_body_is_a_frozen_request_or_a_mapping_in_wire_case(self) -> None:
        wire = {"workflowId": "w", "context": {"a": [1]}}
        given = [wire, FrozenDict(wire), WorkflowRunRequestBody("w", {"a": [1]})]
        bodies = {built(SUBMIT_WORKFLOW_RUN, body=body).body for body in given}
        assert bodies == {b'{"context":{"a":[1]},"workflowId":"w"}'}

    def test_without_a_body_none_is_sent(self) -> None:
        request = built(SUBMIT_WORKFLOW_RUN)
        assert request.body is None
        assert "Content-Type" not in dict(request.headers)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"workflow_id": "w"}, "/workflow_id"),
            ({"workflowId": 3}, "/workflowId"),
            ({"context": {"x": float("nan")}}, "/context/x"),
            (["w"], ""),
            (object(), ""),
        ],
    )
    def test_a_wrong_body_is_refused_before_it_is_sent(self, body: object, pointer: str) -> None:
        error = refused(SUBMIT_WORKFLOW_RUN, body=body)
        assert (error.pointer, error.status) == (pointer, None)

    def test_a_required_body_must_be_given_and_an_unknown_one_must_not(self) -> None:
        required = Operation(
            "op", "POST", "/x", ApiVersionResponse, body=Body(WorkflowRunRequestBody, required=True, closed=True)
        )
        assert refused(required).detail == "a body is required"
        assert refused(GET_PUBLIC_API_VERSION, body={}).detail == "this operation takes no body"

    @pytest.mark.parametrize(
        ("run_id", "segment"),
        [
            ("run-1", "run-1"),
            ("a/b", "a%2Fb"),
            ("%2e%2e", "%252e%252e"),
            ("a?b#c", "a%3Fb%23c"),
            ("a b", "a%20b"),
            ("ü", "%C3%BC"),
            ("...", "..."),
        ],
    )
    def test_a_run_id_is_one_quoted_segment(self, run_id: str, segment: str) -> None:
        assert built(STREAM_RUN_TELEMETRY, path={"id": run_id}).target == f"/api/runs/{segment}/stream"

    @pytest.mark.parametrize("run_id", ["", ".", "..", "a\r\nb", "a\0", "a\x7f", "\ud800", 7])
    def test_or_it_is_refused(self, run_id: Any) -> None:
        assert refused(STREAM_RUN_TELEMETRY, path={"id": run_id}).pointer == "/id"

    def test_cursors_are_quoted_and_may_be_absent(self) -> None:
        query = {"since": "2026-01-01T00:00:00+00:00", "taskSince": None}
        request = built(STREAM_RUN_TELEMETRY, path={"id": "r"}, query=query)
        assert request.target == "/api/runs/r/stream?since=2026-01-01T00%3A00%3A00%2B00%3A00"
        assert refused(STREAM_RUN_TELEMETRY, path={"id": "r"}, query={"since": "a\nb"}).pointer == "/since"

    def test_a_stream_is_asked_for_without_caches_and_compression(self) -> None:
        headers = dict(built(STREAM_RUN_TELEMETRY, path={"id": "r"}, last_event_id="7").headers)
        assert headers["Accept"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Accept-Encoding"] == "identity"
        assert headers["Last-Event-ID"] == "7"

    @pytest.mark.parametrize("last_event_id", [None, "", "ü", " 7", "a\tb"])
    def test_an_id_that_headers_cannot_hold_is_not_sent(self, last_event_id: str | None) -> None:
        request = built(STREAM_RUN_TELEMETRY, path={"id": "r"}, last_event_id=last_event_id)
        assert "Last-Event-ID" not in dict(request.headers)

    @pytest.mark.parametrize("headers", [{"X-Token": "canary\r\nX: y"}, {"X-Token": "canaryü"}, {"": "canary"}])
    def test_credentials_that_headers_cannot_hold_are_refused_unseen(self, headers: dict[str, str]) -> None:
        error = refused(SUBMIT_WORKFLOW_RUN, credentials=headers)
        assert error.pointer == "/auth"
        assert "canary" not in repr(error)


def answered(
    operation: Operation[Any],
    status: int,
    body: object = b"",
    *,
    secrets: tuple[str, ...] = (),
    **headers: str,
) -> ClientError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(Head(status, tuple(named.items())), content)
    outcome = outcome_of(operation, response, wall=1_000_000.0, secrets=secrets)
    assert isinstance(outcome, Failure), outcome
    return outcome.failure()


class TestResponses:
    def test_a_documented_body_is_the_answer(self) -> None:
        head = Head(200, (("content-type", "Application/JSON; charset=utf-8"),))
        outcome = outcome_of(GET_PUBLIC_API_VERSION, Response(head, b'{"apiVersion":"v1"}'), wall=0.0)
        assert outcome == Success(ApiVersionResponse("v1", wire=FrozenDict({"apiVersion": "v1"})))

    @pytest.mark.parametrize("media", ["text/html", "application/jsonx", "text/event-stream", ""])
    def test_another_media_type_is_no_answer(self, media: str) -> None:
        error = answered(GET_PUBLIC_API_VERSION, 200, {"apiVersion": "v1"}, content_type=media)
        assert isinstance(error, UnexpectedResponseError)
        assert (media or "no media type") in error.problem

    @pytest.mark.parametrize("body", [b"", b"<html>", None, [], {"ok": False}, {"apiVersion": "v2"}, {"apiVersion": 1}])
    def test_a_body_that_the_contract_does_not_know_is_no_answer(self, body: object) -> None:
        assert isinstance(answered(GET_PUBLIC_API_VERSION, 200, body), UnexpectedResponseError)

    @pytest.mark.parametrize("status", [100, 201, 204, 299, 402, 418, 600, 999])
    def test_a_status_that_the_contract_does_not_know_is_told(self, status: int) -> None:
        error = answered(SUBMIT_WORKFLOW_RUN, status)
        assert isinstance(error, UnexpectedResponseError)
        assert error.status == status

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (400, b"<html>", ValidationError("submitWorkflowRun", "the server refused the request", 400)),
            (
                400,
                {"error": "Workflow validation failed", "code": "cycle", "message": "a\ncycle", "details": {"n": 1}},
                ValidationError("submitWorkflowRun", "a cycle", 400, "cycle", FrozenDict({"n": 1})),
            ),
            (
                400,
                {"error": "Workflow validation failed"},
                ValidationError("submitWorkflowRun", "Workflow validation failed", 400),
            ),
            (401, b"", AuthenticationError("submitWorkflowRun")),
            (403, b"", PermissionDeniedError("submitWorkflowRun")),
            (404, b"", NotFoundError("submitWorkflowRun")),
            (404, {"error": "Workflow not found"}, NotFoundError("submitWorkflowRun")),
            (
                404,
                {"error": "Workflow not found", "reason": "not_found", "workflowId": "w"},
                NotFoundError("submitWorkflowRun", reason="not_found", key="w"),
            ),
            (500, b"<html>", ServerError("submitWorkflowRun", 500)),
            (503, b"", EngineUnavailableError("submitWorkflowRun")),
            (
                503,
                {"error": "Execution engine unavailable", "message": "x" * 999, "reason": "worker_queue_required"},
                EngineUnavailableError("submitWorkflowRun", reason="worker_queue_required", detail="x" * 497 + "..."),
            ),
        ],
    )
    def test_a_status_is_its_error_with_what_the_body_tells(
        self, status: int, body: object, error: ClientError
    ) -> None:
        assert answered(SUBMIT_WORKFLOW_RUN, status, body) == error

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("7", 7.0),
            ("0", 0.0),
            ("Mon, 12 Jan 1970 13:46:50 GMT", 10.0),
            ("Mon, 12 Jan 1970 13:00:00 GMT", 0.0),
            ("Mon Jan 12 13:46:50 1970", 10.0),
            ("-5", None),
            ("soon", None),
            ("Mon, 99 Jan 99999 99:46:50 GMT", None),
            ("9" * 50, None),
        ],
    )
    def test_both_forms_of_retry_after_are_read(self, text: str, seconds: float | None) -> None:
        for status, kind in ((429, RateLimitError), (503, EngineUnavailableError), (502, ServerError)):
            error = answered(GET_PUBLIC_API_VERSION, status, retry_after=text)
            assert isinstance(error, kind)
            assert error.retry_after == seconds

    @pytest.mark.parametrize(
        ("location", "target"),
        [
            ("https://user:secret@other.example/login?token=1#x", "https://other.example/login"),
            ("/login?next=%2F", "/login"),
            ("?token=1", None),
            ("http://[", None),
            ("a b", None),
            ("", None),
        ],
    )
    def test_a_redirect_is_told_without_its_secrets(self, location: str, target: str | None) -> None:
        assert answered(GET_PUBLIC_API_VERSION, 302, location=location) == RedirectedError(
            "getPublicApiVersion", 302, target
        )

    def test_a_redirect_without_a_location_is_told(self) -> None:
        assert answered(GET_PUBLIC_API_VERSION, 304) == RedirectedError("getPublicApiVersion", 304)

    def test_an_echoed_secret_is_in_no_error(self) -> None:
        echo = {"canary": ["canary", 1, {"a": "xcanaryx"}]}
        bodies = [
            (400, {"error": "Workflow validation failed", "message": "no canary", "code": "canary", "details": echo}),
            (404, {"error": "Workflow not found", "reason": "not_found", "workflowId": "canary"}),
            (200, {"apiVersion": "canary"}),
            (302, {}),
        ]
        for status, body in bodies:
            for operation in OPERATIONS:
                error = answered(operation, status, body, secrets=("canary",), location="https://x/canary")
                assert "canary" not in f"{error} {error!r}"
        error = answered(GET_PUBLIC_API_VERSION, 200, b"{}", secrets=("canary",), content_type="canary/x")
        assert "canary" not in str(error)
