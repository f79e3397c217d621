"""Typed bodies: names on the wire, checks at construction, ``.wire`` kept."""

from typing import Any

import pytest

from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.bodies import json_bytes, read_body, read_json
from cascades_sdk.types import (
    ApiVersionResponse,
    RunStreamEvent,
    WorkflowRunAccepted,
    WorkflowRunRequestBody,
    wire_keys,
)
from cascades_sdk.values import FrozenDict, Refusal
from wire.scripted import ACCEPTED


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
        refusal = read_body(WorkflowRunRequestBody, FrozenDict({"workflow": "w"}), closed=True)
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
            (b"[9007199254740993]", "/0", "an integer beyond"),
            (b'["\\ud800"]', "/0", "a lone surrogate"),
            (b'[{"\\udc00": 1}]', "/0", "the name of a member: a lone surrogate"),
            (b"[" * 100_000, "", "nested too deep"),
            (b"[" * 100_000 + b"]" * 100_000, "", "nested too deep"),
            (b"[" * 700 + b"]" * 700, "", "nested too deep"),
            (b"[" * 65 + b"]" * 65, "/0" * 64, "nested deeper"),
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
