"""Typed bodies: names on the wire, checks at construction, ``.wire`` kept."""

import pickle
from typing import Any

import pytest

from cascades_sdk.contract import OPERATIONS
from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.bodies import json_bytes, read_body, read_json
from cascades_sdk.types import (
    ApiVersionResponse,
    GithubIntegrationSaveRequest,
    JiraIntegrationSaveRequest,
    RunStreamEvent,
    SalesforceIntegrationSaveRequest,
    ServicenowIntegrationSaveRequest,
    WireKey,
    WireRequest,
    WorkflowRunAccepted,
    WorkflowRunRequestBody,
    fault_of,
    wire_keys,
)
from cascades_sdk.values import FrozenDict, Refusal, freeze
from openapi_witness import DOCUMENT
from wire.scripted import ACCEPTED

CANARY = "canary-7f3a9c-0123456789"


class TestRequests:
    def test_what_is_not_given_is_not_sent(self) -> None:
        assert WorkflowRunRequestBody().wire == FrozenDict({})
        assert WorkflowRunRequestBody("w").wire == FrozenDict({"workflowId": "w"})

    def test_a_context_is_frozen_at_the_door(self) -> None:
        given = {"names": ["a"]}
        body = WorkflowRunRequestBody(context=given)
        given["names"].append("b")
        assert body.wire == FrozenDict({"context": {"names": ["a"]}})

    @pytest.mark.parametrize(
        ("arguments", "pointer"),
        [
            ({"context": {"when": {1, 2}}}, "/context/when"),
            ({"context": ["a"]}, "/context"),
            ({"workflow_id": 7}, "/workflowId"),
            ({"workflow_id": "\ud800"}, "/workflowId"),
        ],
    )
    def test_a_body_that_cannot_be_is_refused_where_it_is_made(self, arguments: dict[str, Any], pointer: str) -> None:
        with pytest.raises(ValidationError) as caught:
            WorkflowRunRequestBody(**arguments)
        assert caught.value.pointer == pointer


def example(cls: type, **change: Any) -> dict[str, Any]:
    """A right request, in wire case: what the document gives as an example."""
    given = dict(DOCUMENT["components"]["schemas"][cls.__name__]["example"]) | change
    return {name: value for name, value in given.items() if value is not None}


def in_python(cls: type, wire: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the class for a body in wire case."""
    return {field: wire[key.name] for field, key in wire_keys(cls) if key.name in wire}


SAVES = [operation.body.schema for operation in OPERATIONS if operation.body and operation.id.startswith("save")]
BOUNDS = [
    (cls, key) for cls in SAVES for _, key in wire_keys(cls) if key.shortest is not None or key.longest is not None
]


def frozen_of(body: Any) -> Any:
    frozen = freeze(body)
    assert not isinstance(frozen, Refusal)
    return frozen


@pytest.mark.parametrize("cls", SAVES)
class TestSaveRequests:
    def test_the_example_of_the_document_is_one(self, cls: type[WireRequest]) -> None:
        wire = example(cls)
        assert cls(**in_python(cls, wire)).wire == FrozenDict(wire)
        assert fault_of(cls, FrozenDict(wire)) is None

    def test_exactly_one_credential_is_given(self, cls: type[WireRequest]) -> None:
        assert cls.SHAPE.either is not None
        for given in ({}, dict.fromkeys(cls.SHAPE.either, "x" * 30)):
            wire = example(cls) | dict.fromkeys(cls.SHAPE.either) | given
            wire = {name: value for name, value in wire.items() if value is not None}
            with pytest.raises(ValidationError, match="exactly one of") as caught:
                cls(**in_python(cls, wire))
            assert (caught.value.pointer, caught.value.status) == ("", None)
            assert fault_of(cls, FrozenDict(wire)) is not None

    def test_its_text_shows_no_credential_and_a_pickle_restores_it(self, cls: type[WireRequest]) -> None:
        assert cls.SHAPE.either is not None
        for credential in cls.SHAPE.either:
            change = dict.fromkeys(cls.SHAPE.either) | {credential: CANARY}
            secret = [key.name for _, key in wire_keys(cls) if key.secret and key.name not in cls.SHAPE.either]
            request = cls(**in_python(cls, example(cls, **change, **dict.fromkeys(secret, CANARY))))
            restored = pickle.loads(pickle.dumps(request))
            assert restored == request
            assert CANARY not in f"{request!r} {restored!r} {request}"
            assert CANARY in str(request.wire)

    def test_a_key_that_is_wrong_is_pointed_at_and_a_credential_not_shown(self, cls: type[WireRequest]) -> None:
        for _, key in wire_keys(cls):
            wire = example(cls) | {key.name: [CANARY]}
            if key.name in (cls.SHAPE.either or ()):
                wire = {name: value for name, value in wire.items() if name == key.name or name not in cls.SHAPE.either}  # type: ignore[operator]
            refusal = fault_of(cls, FrozenDict(wire))
            assert refusal is not None
            assert refusal.pointer == f"/{key.name}"
            assert CANARY not in str(refusal)

    def test_no_value_is_shown_where_a_credential_may_be(self, cls: type[WireRequest]) -> None:
        wrong: list[Any] = [CANARY, f"https://user:{CANARY}@x y", [CANARY], 7, None, CANARY * 99]
        bodies = [*wrong, {CANARY + "/services": 1}]
        bodies += [example(cls) | {key.name: value} for _, key in wire_keys(cls) for value in wrong]
        for body in bodies:
            refusal = fault_of(cls, frozen_of(body))
            assert CANARY not in f"{refusal}", body

    def test_of_a_url_neither_userinfo_nor_query_is_shown(self, cls: type[WireRequest]) -> None:
        for field, key in wire_keys(cls):
            for url in (f"https://user:{CANARY}@x.example/a", f"https://{CANARY}@x/?{CANARY}", f"https://x#{CANARY}@y"):
                if key.form == "uri":
                    request = cls(**in_python(cls, example(cls)) | {field: url})
                    assert CANARY not in repr(request)
                    assert "https://" in repr(request)

    def test_a_further_key_is_refused_only_where_the_contract_closes_the_body(self, cls: type[WireRequest]) -> None:
        refusal = fault_of(cls, FrozenDict(example(cls, further=1)))
        assert (refusal.pointer if refusal else None) == ("/further" if cls.SHAPE.closed else None)

    def test_what_is_no_json_is_refused_unseen(self, cls: type[WireRequest]) -> None:
        field, key = next((field, key) for field, key in wire_keys(cls) if key.secret)
        for value in (CANARY.encode(), CANARY + "\ud800", {CANARY}):
            with pytest.raises(ValidationError) as caught:
                cls(**in_python(cls, example(cls)) | {field: value})
            assert caught.value.pointer == f"/{key.name}"
            assert CANARY not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(("cls", "key"), BOUNDS, ids=lambda value: getattr(value, "name", None))
def test_a_limit_counts_characters(cls: type[WireRequest], key: WireKey) -> None:
    for length, right in (
        ((key.shortest or 0) - 1, False),
        (key.shortest or 0, True),
        (key.longest or 0, True),
        ((key.longest or 0) + 1, False),
    ):
        others = set(cls.SHAPE.either or ()) - {key.name} if key.name in (cls.SHAPE.either or ()) else set()
        wire = example(cls, **dict.fromkeys(others), **{key.name: "🔑" * max(0, length)})
        if length >= 0:
            assert (fault_of(cls, FrozenDict(wire)) is None) is right, (length, wire)


def faulty(cls: type[WireRequest], **change: Any) -> str | None:
    refusal = fault_of(cls, FrozenDict(example(cls, **change)))
    return None if refusal is None else refusal.pointer


class TestForms:
    @pytest.mark.parametrize("url", ["https://x", "http://jira.example:8080/a?b#c", "https://[::1]/"])
    def test_an_absolute_url_is_one(self, url: str) -> None:
        assert faulty(JiraIntegrationSaveRequest, baseUrl=url) is None

    @pytest.mark.parametrize("url", ["", "x", "//x", "https:", "https://", "https://a b", "https://x\n", "https://["])
    def test_anything_else_is_not(self, url: str) -> None:
        assert faulty(JiraIntegrationSaveRequest, baseUrl=url) == "/baseUrl"

    @pytest.mark.parametrize("email", ["a@b", "ü.x+y@example.com"])
    def test_an_address_is_one(self, email: str) -> None:
        assert faulty(JiraIntegrationSaveRequest, email=email) is None

    @pytest.mark.parametrize("email", ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n"])
    def test_what_cannot_be_one_is_not(self, email: str) -> None:
        assert faulty(JiraIntegrationSaveRequest, email=email) == "/email"

    @pytest.mark.parametrize(
        ("url", "right"),
        [
            ("https://dev-1.service-now.com", True),
            ("https://dev-1.service-now.com/", True),
            ("http://dev-1.service-now.com", False),
            ("https://service-now.com", False),
            ("https://a.b.service-now.com", False),
            ("https://evil.example/x.service-now.com", False),
            ("https://dev-1.service-now.com/\n", False),
        ],
    )
    def test_a_servicenow_instance_is_named_in_the_stated_form(self, url: str, right: bool) -> None:
        assert (faulty(ServicenowIntegrationSaveRequest, instanceUrl=url) is None) is right

    @pytest.mark.parametrize(("name", "right"), [("a/b", True), ("a", False), ("a/b/c", False), ("a/b\n", False)])
    def test_a_repository_is_owner_and_name(self, name: str, right: bool) -> None:
        refusal = fault_of(
            GithubIntegrationSaveRequest, FrozenDict(example(GithubIntegrationSaveRequest, defaultRepository=name))
        )
        assert (refusal is None) is right
        assert right or f"found a string of {len(name)} characters" in str(refusal)


class TestResponses:
    def test_a_response_keeps_what_it_does_not_know(self) -> None:
        wire = FrozenDict({"apiVersion": "v1", "region": "eu"})
        assert read_body(ApiVersionResponse, wire) == ApiVersionResponse("v1", wire=wire)

    def test_an_optional_key_may_be_absent_or_there(self) -> None:
        for more in ({}, {"catalogItemId": "db-1"}):
            read = read_body(WorkflowRunAccepted, FrozenDict(ACCEPTED | more))
            assert isinstance(read, WorkflowRunAccepted)
            assert read.catalog_item_id == more.get("catalogItemId")
            assert read.task_runs == 2

    @pytest.mark.parametrize(
        ("change", "pointer", "problem"),
        [
            ({"taskRuns": "2"}, "/taskRuns", 'expected an integer, found "2"'),
            ({"taskRuns": True}, "/taskRuns", "expected an integer, found true"),
            ({"runId": None}, "/runId", "expected a string, found null"),
            ({"runId": ["x"]}, "/runId", "expected a string, found a list"),
            ({"runId": {"x": 1}}, "/runId", "expected a string, found an object"),
            ({"executionMode": "later"}, "/executionMode", "expected 'queued' or 'inline', found \"later\""),
            ({"taskRuns": "x" * 99}, "/taskRuns", 'expected an integer, found "' + "x" * 56 + "..."),
        ],
    )
    def test_a_wrong_key_is_pointed_at(self, change: dict[str, Any], pointer: str, problem: str) -> None:
        refusal = read_body(WorkflowRunAccepted, FrozenDict(ACCEPTED | change))
        assert isinstance(refusal, Refusal)
        assert (refusal.pointer, refusal.problem) == (pointer, problem)

    def test_a_missing_key_is_pointed_at(self) -> None:
        refusal = read_body(RunStreamEvent, FrozenDict({"type": "x"}))
        assert refusal == Refusal("/data", "a required key is missing", "")

    @pytest.mark.parametrize("value", [None, (), 3, "text"])
    def test_only_an_object_is_a_body(self, value: Any) -> None:
        assert isinstance(read_body(RunStreamEvent, value), Refusal)

    def test_an_unknown_key_of_a_closed_body_is_refused(self) -> None:
        refusal = fault_of(WorkflowRunRequestBody, FrozenDict({"workflow": "w"}))
        assert isinstance(refusal, Refusal)
        assert refusal.pointer == "/workflow"
        assert "context, workflowId" in refusal.advice

    def test_every_wire_key_is_camel_case(self) -> None:
        for field, key in wire_keys(WorkflowRunAccepted):
            assert key.name.lower() == field.replace("_", "")


class TestStrictJSON:
    @pytest.mark.parametrize(
        ("text", "pointer", "problem"),
        [
            (b"", "", "not JSON"),
            (b"{", "", "not JSON"),
            (b"\xef\xbb\xbf{}", "", "not JSON"),
            (b'"\xff"', "", "not UTF-8 at byte 1"),
            (b'{"a": {"b": 1, "b": 1}}', "/a/b", "a duplicate key"),
            (b'[1, {"a": NaN}]', "/1/a", "NaN is not JSON"),
            (b"[-Infinity]", "/0", "-Infinity is not JSON"),
            (b"[1e999]", "/0", "a number beyond binary64"),
            (b"[" + b"9" * 10_000 + b"]", "/0", "an integer of 10000 digits"),
            (b'["\\ud800"]', "/0", "a lone surrogate"),
            (b'[{"\\udc00": 1}]', "/0", "the name of a member: a lone surrogate"),
            (b"[" * 100_000, "", "nested too deep"),
            (b"[" * 100_000 + b"]" * 100_000, "", "nested too deep"),
            (b"[" * 700 + b"]" * 700, "", "nested too deep"),
            (b"[" * 65 + b"]" * 65, "", "nested too deep"),
        ],
    )
    def test_what_is_not_json_is_refused_with_its_place(self, text: bytes, pointer: str, problem: str) -> None:
        refusal = read_json(text)
        assert isinstance(refusal, Refusal)
        assert refusal.pointer == pointer
        assert refusal.problem.startswith(problem)

    def test_order_and_spacing_do_not_matter(self) -> None:
        read = read_json(b' { "b" : [1.5, true, null] ,\n "a" : -3 } ')
        assert read == FrozenDict({"a": -3, "b": [1.5, True, None]})
        assert json_bytes(read) == b'{"a":-3,"b":[1.5,true,null]}'


def test_a_url_that_is_not_given_is_shown_as_none() -> None:
    given = {"instance_url": "https://x.example.com", "username": "u", "client_id": "c", "client_secret": "s"}
    request = SalesforceIntegrationSaveRequest(**given, password="p")  # type: ignore[arg-type]
    assert "login_host=None" in repr(request)
