"""Rows of the contract, arguments to requests, responses to outcomes."""

import json
import re
from typing import Any

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk import types
from cascades_sdk.contract import (
    CLONE_CATALOG_WORKFLOW,
    GET_PUBLIC_API_VERSION,
    OPERATIONS,
    SAVE_JIRA_INTEGRATION,
    STREAM_RUN_TELEMETRY,
    SUBMIT_WORKFLOW_RUN,
    TEST_VERCEL_INTEGRATION,
    Operation,
)
from cascades_sdk.errors import (
    AuthenticationError,
    ClientError,
    EngineUnavailableError,
    NetworkError,
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
from cascades_sdk.types import ApiVersionResponse, WorkflowRunRequestBody, shape_of, wire_keys
from cascades_sdk.values import FrozenDict
from openapi_witness import DOCUMENT

JSON = "application/json"


def documented_operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def documented_statuses(operation: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Each status with its content, references resolved."""
    answers = {}
    for status, answer in operation["responses"].items():
        while "$ref" in answer:
            answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        answers[int(status)] = answer.get("content", {})
    return answers


def name_at(content: dict[str, Any]) -> str:
    return str(content["schema"]["$ref"].rpartition("/")[2])


#: Every class of the table, under the name of the schema that it must be.
CLASSES: dict[str, type] = {
    cls.__name__: cls
    for operation in OPERATIONS
    for cls in (operation.answer, operation.body and operation.body.schema, *(error for _, error in operation.errors))
    if cls is not None
}


class TestRows:
    def test_the_table_has_the_operations_of_the_document_in_its_order_and_no_others(self) -> None:
        documented = [(*key, operation["operationId"]) for key, operation in documented_operations().items()]
        assert [(row.method, row.path, row.id) for row in OPERATIONS] == documented
        assert len(OPERATIONS) == len({row.id for row in OPERATIONS}) == 16

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
    def test_a_row_says_what_the_document_says(self, operation: Operation[Any]) -> None:
        documented = documented_operations()[operation.method, operation.path]
        statuses = documented_statuses(documented)
        assert list(statuses.pop(200)) == [operation.media]
        assert set(statuses) == {status for status, _ in operation.errors}
        queries = [name["name"] for name in documented.get("parameters", ()) if name["in"] == "query"]
        in_path = [name["name"] for name in documented.get("parameters", ()) if name["in"] == "path"]
        assert tuple(queries) == operation.query
        assert re.findall(r"{(\w+)}", operation.path) == in_path
        security = documented.get("security", DOCUMENT.get("security", []))
        assert bool(security and security[0]) is (operation.auth == "cookie")
        body = documented.get("requestBody")
        assert (body is not None) is (operation.body is not None)
        if body is not None and operation.body is not None:
            assert body["required"] is operation.body.required
            assert list(body["content"]) == [JSON]

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
    def test_a_body_is_the_class_that_is_named_like_its_schema(self, operation: Operation[Any]) -> None:
        documented = documented_operations()[operation.method, operation.path]
        statuses = documented_statuses(documented)
        assert operation.answer.__name__ == name_at(statuses[200][operation.media])
        for status, error in operation.errors:
            assert (error.__name__ if error else None) == (
                name_at(statuses[status][JSON]) if statuses[status] else None
            )
        if operation.body is not None:
            assert operation.body.schema.__name__ == name_at(documented["requestBody"]["content"][JSON])

    def test_every_schema_of_the_document_is_a_class_and_the_reverse(self) -> None:
        assert set(CLASSES) == set(DOCUMENT["components"]["schemas"])
        public = {name for name in types.__all__ if attrs.has(getattr(types, name))} - {"Shape", "WireKey"}
        assert public == set(CLASSES)


STATED = {"minLength": "shortest", "maxLength": "longest", "pattern": "pattern", "format": "form", "enum": "enum"}


@pytest.mark.parametrize("name", sorted(CLASSES))
class TestKeys:
    def test_the_keys_are_those_of_the_schema(self, name: str) -> None:
        schema = DOCUMENT["components"]["schemas"][name]
        keys = {key.name: key for _, key in wire_keys(CLASSES[name])}
        assert set(schema["properties"]) == set(keys)
        assert set(schema.get("required", ())) == {key.name for key in keys.values() if key.required}
        assert all(key.name.lower() == field.replace("_", "") for field, key in wire_keys(CLASSES[name]))

    def test_what_is_checked_is_what_the_document_states_or_is_marked_as_ours(self, name: str) -> None:
        schema = DOCUMENT["components"]["schemas"][name]
        for _, key in wire_keys(CLASSES[name]):
            stated = schema["properties"][key.name]
            assert stated["type"] == key.kind
            assert set(stated) <= {"type", "description", "example", "additionalProperties", *STATED}, key
            for word, checked in STATED.items():
                value = tuple(stated[word]) if word == "enum" and word in stated else stated.get(word)
                ours = getattr(key, checked) or None
                if word in key.own:
                    assert (value, bool(ours)) == (None, True), (key, word)
                else:
                    assert ours == value, (key, word)

    def test_the_shape_is_that_of_the_schema(self, name: str) -> None:
        schema = DOCUMENT["components"]["schemas"][name]
        shape = shape_of(CLASSES[name])
        assert (shape is not None) is ("Request" in name)
        stated_either = tuple(variant["required"][0] for variant in schema.get("oneOf", ())) or None
        assert (schema.get("additionalProperties") is False, stated_either) == (
            (shape.closed, shape.either) if shape else (False, None)
        )

    def test_a_credential_is_a_secret_and_so_is_the_key_of_a_stored_one(self, name: str) -> None:
        shape = shape_of(CLASSES[name])
        secrets = {key.name for _, key in wire_keys(CLASSES[name]) if key.secret}
        further = {"clientSecret", "securityToken"} if name == "SalesforceIntegrationSaveRequest" else set()
        assert secrets == further | set((shape and shape.either) or ())


def test_only_these_checks_are_our_own() -> None:
    own = {(name, key.name, word) for name in CLASSES for _, key in wire_keys(CLASSES[name]) for word in key.own}
    assert {found for found in own if found[1:] != ("ok", "enum")} == {
        ("ServicenowIntegrationSaveRequest", "instanceUrl", "pattern")
    }
    assert {name for name, key, _ in own if key == "ok"} == {name for name in CLASSES if name.endswith("Saved")}


HEADERS = {"User-Agent": "test"}


def built(operation: Operation[Any], **arguments: Any) -> Request:
    outcome = request_for(operation, **{"headers": HEADERS, "credentials": {"Cookie": "a=b"}} | arguments)
    assert isinstance(outcome, Success), outcome
    return outcome.unwrap()


def refused(operation: Operation[Any], **arguments: Any) -> ValidationError:
    outcome = request_for(operation, **{"headers": HEADERS, "credentials": {}} | arguments)
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
        assert refused(CLONE_CATALOG_WORKFLOW).detail == "a body is required"
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

    @pytest.mark.parametrize(
        "run_id", ["", ".", "..", "a\r\nb", "a\0", "a\x7f", "\ud800", 7, "x" * 1_025, "/" * 342, "x" * 70_000]
    )
    def test_or_it_is_refused(self, run_id: Any) -> None:
        error = refused(STREAM_RUN_TELEMETRY, path={"id": run_id})
        assert error.pointer == "/id"
        assert len(str(error)) < 300

    def test_an_id_and_a_cursor_have_at_most_1024_bytes_as_they_are_sent(self) -> None:
        for text in ("x" * 1_024, "/" * 341, "ü" * 170):
            assert built(STREAM_RUN_TELEMETRY, path={"id": text}, query={"since": text, "taskSince": text})
        for name in ("since", "taskSince"):
            for text in ("x" * 1_025, "/" * 342, "x" * 70_000):
                assert refused(STREAM_RUN_TELEMETRY, path={"id": "r"}, query={name: text}).pointer == "/" + name

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

    @pytest.mark.parametrize("last_event_id", [None, "", " 7", "a\tb", "7" * 1_025, "ü" * 513])
    def test_an_id_that_headers_cannot_hold_is_not_sent(self, last_event_id: str | None) -> None:
        request = built(STREAM_RUN_TELEMETRY, path={"id": "r"}, last_event_id=last_event_id)
        assert "Last-Event-ID" not in dict(request.headers)

    def test_the_userinfo_of_a_url_in_a_body_is_a_secret_of_it(self) -> None:
        body = {"apiToken": "x" * 8, "email": "a@b", "baseUrl": "https://me:can%2Fary@jira.example/"}
        request = built(SAVE_JIRA_INTEGRATION, body=body)
        assert request.body_secrets == ("me:can%2Fary", "me:can/ary", "can%2Fary", "xxxxxxxx", "can/ary")
        assert built(SAVE_JIRA_INTEGRATION, body=body | {"baseUrl": "https://x/"}).body_secrets == ("xxxxxxxx",)

    @pytest.mark.parametrize("headers", [{"X-Token": "canary\r\nX: y"}, {"X-Token": "canaryü"}, {"": "canary"}])
    def test_credentials_that_headers_cannot_hold_are_refused_unseen(self, headers: dict[str, str]) -> None:
        error = refused(SUBMIT_WORKFLOW_RUN, credentials=headers)
        assert error.pointer == "/auth"
        assert "canary" not in repr(error)


PROXY_ASKS = "it asks for credentials; give them as in proxy='http://user:password@host'"


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
            (407, b"", NetworkError("submitWorkflowRun", "proxy", PROXY_ASKS, 407)),
            (500, b"<html>", ServerError("submitWorkflowRun", 500)),
            (503, b"", ServerError("submitWorkflowRun", 503)),
            (503, b"<html>", ServerError("submitWorkflowRun", 503)),
            (503, {"error": "Execution engine unavailable"}, ServerError("submitWorkflowRun", 503)),
            (
                503,
                {"error": "Execution engine unavailable", "message": "later"},
                EngineUnavailableError("submitWorkflowRun", detail="later"),
            ),
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

    @pytest.mark.parametrize("status", [409, 413, 414, 422, 431])
    def test_a_status_that_refuses_what_was_sent_is_no_question_of_the_base_url(self, status: int) -> None:
        error = answered(SUBMIT_WORKFLOW_RUN, status, b"<html>")
        assert isinstance(error, ValidationError)
        assert (error.status, error.pointer, error.code) == (status, None, None)
        assert "base URL" not in str(error)

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
        for status, kind in ((429, RateLimitError), (503, ServerError), (502, ServerError)):
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

    def test_a_redirect_that_echoes_a_secret_in_percent_signs_is_told_without_it(self) -> None:
        # As it is usually encoded it is hidden; where more of it is encoded than has to be, nothing is shown.
        for location, target in (("https://x/can%2Fary", "https://x/[hidden]"), ("https://x/%63an%2fary/y", None)):
            error = answered(GET_PUBLIC_API_VERSION, 302, secrets=("can/ary",), location=location)
            assert error == RedirectedError("getPublicApiVersion", 302, target)

    def test_a_redirect_without_a_location_is_told(self) -> None:
        assert answered(GET_PUBLIC_API_VERSION, 302) == RedirectedError("getPublicApiVersion", 302)

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

    def test_the_code_of_an_integration_arrives_as_the_word_of_the_contract(self) -> None:
        for operation in OPERATIONS:
            for status, schema in operation.errors:
                words = [key.enum for _, key in wire_keys(schema) if key.name == "error"] if schema else []
                if operation.id.endswith("Integration") and words:
                    for word in words[0]:
                        error = answered(operation, status, {"error": word, "more": 1})
                        assert isinstance(error, ValidationError | ServerError)
                        assert (error.code, error.details) == (word, None)
                    assert answered(operation, status, {"error": "another"}) == answered(operation, status, b"<html>")

    def test_what_a_provider_said_in_a_test_is_in_the_details_without_secrets(self) -> None:
        body = {"error": "provider_api_error", "status": 403, "detail": "no canary here"}
        for status, kind in ((400, ValidationError), (502, ServerError)):
            error = answered(TEST_VERCEL_INTEGRATION, status, body, secrets=("canary",))
            assert isinstance(error, kind)
            assert error.details == FrozenDict({"status": 403, "detail": "no [hidden] here"})
            assert "provider_api_error" in str(error)

    @pytest.mark.parametrize(
        ("headers", "request_id"),
        [
            ({"x_request_id": "req-1:/+=@"}, "req-1:/+=@"),
            ({"request_id": "b", "x_request_id": "a"}, "a"),
            ({"x_correlation_id": "c"}, "c"),
            ({"x_request_id": "a b", "cf_ray": "7f-FRA"}, "7f-FRA"),
            ({"x_request_id": "x" * 129}, None),
            ({"x_request_id": "canary"}, None),
            ({"x_request_id": "a\x1b[31m"}, None),
            ({"x_request_id": ""}, None),
            ({}, None),
        ],
    )
    def test_an_error_names_the_request_as_the_server_does(
        self, headers: dict[str, str], request_id: str | None
    ) -> None:
        for status in (200, 302, 400, 401, 403, 404, 407, 418, 429, 500, 503):
            error = answered(SUBMIT_WORKFLOW_RUN, status, [], secrets=("canary",), **headers)
            assert (error.status, error.request_id) == (status, request_id)
            assert (f"request {request_id}" in str(error)) is (request_id is not None)

    def test_a_stored_integration_that_is_not_ok_is_no_answer(self) -> None:
        for operation in OPERATIONS:
            if operation.id.startswith(("save", "test")):
                error = answered(operation, 200, {"ok": False, "id": "1", "provider": "slack"})
                assert isinstance(error, UnexpectedResponseError)
                assert (error.pointer, error.problem) == ("/ok", "expected true, found false")
