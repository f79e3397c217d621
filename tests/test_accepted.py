"""A run that was accepted is not lost, whatever else is wrong with the answer."""

import gzip
import json
from typing import Any

import httpx
import pytest
from returns.result import Success

from cascades_sdk.errors import AmbiguousSubmitError, ClientError, LimitExceededError, UnexpectedResponseError
from cascades_sdk.pipelines import submit_and_wait
from cascades_sdk.protocol.limits import Limits
from cascades_sdk.protocol.run_ids import run_id_in
from wire.scripted import ACCEPTED, COLOURS, COOKIE, Body, Script, asked, breaks, client_of

DEEP: Any = "x"
for _ in range(70):
    DEEP = [DEEP]

BODY = json.dumps(ACCEPTED).encode()


def answer(body: bytes, *more: Any, **headers: str) -> httpx.Response:
    named = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(200, headers=named, stream=Body(body, *more))


def submitted(given: httpx.Response, colour: str = "sync", **options: Any) -> ClientError:
    error = asked(colour, client_of(colour, Script(given), **options), "submit_workflow_run").failure()
    assert isinstance(error, ClientError)
    return error


UNEXPECTED = {
    "a new execution mode": json.dumps(ACCEPTED | {"executionMode": "later"}).encode(),
    "a wrong type": json.dumps(ACCEPTED | {"taskRuns": "2"}).encode(),
    "a missing key": json.dumps({"runId": "run-1"}).encode(),
    "a number that is none": BODY[:-1] + b',"more":NaN}',
    "not JSON to its end": BODY + b"}",
}


@pytest.mark.parametrize("colour", COLOURS)
class TestUnreadable:
    @pytest.mark.parametrize("body", UNEXPECTED.values(), ids=UNEXPECTED)
    def test_an_unexpected_answer_names_the_run(self, colour: str, body: bytes) -> None:
        error = submitted(answer(body), colour)
        assert isinstance(error, UnexpectedResponseError)
        assert (error.status, error.run_id) == (200, "run-1")
        assert "run run-1 was accepted: follow it with wait_for_completion" in str(error)
        assert "base URL" not in str(error)

    @pytest.mark.parametrize("more", [{"more": DEEP}, {"more": int("9" * 1_001)}], ids=["depth", "digits"])
    def test_an_answer_beyond_a_limit_is_ambiguous_and_names_the_run(self, colour: str, more: dict[str, Any]) -> None:
        for body in (more | ACCEPTED, ACCEPTED | more):
            error = submitted(answer(json.dumps(body).encode()), colour)
            assert isinstance(error, AmbiguousSubmitError)
            assert isinstance(error.cause, LimitExceededError)
            assert (error.status, error.run_id) == (200, "run-1")

    def test_an_answer_that_breaks_names_the_run_if_it_had_come(self, colour: str) -> None:
        for length in range(len(BODY)):
            error = submitted(answer(BODY[:length], breaks), colour) if length % 20 == 0 else submitted_cut(length)
            assert isinstance(error, AmbiguousSubmitError)
            assert error.run_id == ("run-1" if length >= BODY.index(b'run-1"') + len(b'run-1"') else None)


def submitted_cut(length: int) -> ClientError:
    return submitted(answer(BODY[:length], breaks))


def test_so_does_one_that_is_packed_wrong_or_too_long_or_of_another_type() -> None:
    packed = gzip.compress(BODY)
    for given, options in (
        (answer(packed + b"more", Content_Encoding="gzip"), {}),
        (answer(packed[:-9], Content_Encoding="gzip"), {}),
        (answer(packed[:-8], b"\0" * 8, Content_Encoding="gzip"), {}),
        (answer(BODY + b" " * 99), {"limits": Limits(body=len(BODY))}),
        (answer(BODY, Content_Type="text/plain"), {}),
    ):
        error = submitted(given, **options)
        assert isinstance(error, AmbiguousSubmitError | UnexpectedResponseError)
        assert error.run_id == "run-1"


def test_another_status_and_another_operation_name_no_run() -> None:
    for status in (302, 500):
        given = httpx.Response(status, json=ACCEPTED)
        assert getattr(submitted(given), "run_id", None) is None
    body = {"catalogItemId": "c"}
    for content in (b'{"runId":"run-1"}', b'{"runId":"run-1","more":' + json.dumps(DEEP).encode() + b"}"):
        error = Script(answer(content)).client().clone_catalog_workflow(body).failure()
        assert isinstance(error, AmbiguousSubmitError | UnexpectedResponseError)
        assert error.run_id is None


def test_null_under_an_optional_key_counts_as_absent_and_is_kept_as_it_came() -> None:
    given = answer(json.dumps(ACCEPTED | {"catalogItemId": None}).encode())
    outcome = Script(given).client().submit_workflow_run()
    assert isinstance(outcome, Success)
    assert outcome.unwrap().catalog_item_id is None
    assert outcome.unwrap().wire["catalogItemId"] is None
    assert submitted(answer(json.dumps(ACCEPTED | {"message": None}).encode())).operation == "submitWorkflowRun"


def test_a_wait_for_what_was_submitted_names_the_run_as_well() -> None:
    error = submit_and_wait(Script(answer(UNEXPECTED["a wrong type"])).client()).failure()
    assert isinstance(error, UnexpectedResponseError)
    assert error.run_id == "run-1"


@pytest.mark.parametrize(
    ("body", "run_id"),
    [
        (b'{"runId":"a"}', "a"),
        (b'{"runId" : "\xc3\xbc-1"}', "\u00fc-1"),
        (b'{"x":{"runId":"b"},"runId":"a"}', "a"),
        (b'{"x":{"runId":"b"}}', None),
        (b'{"x":"runId","y":"a"}', None),
        (b'{"x":"\\"runId\\":","runId":"a"', "a"),
        (b'{"runId":"a","runId":"a"}', "a"),
        (b'{"runId":"a","runId":"b"}', None),
        (b'{"runId":7,"x":"a"}', None),
        (b'{"runId":{"x":1},"y":"a"}', None),
        (b'{"runId":""}', None),
        (b'{"runId":".."}', None),
        (b'{"runId":"a\\u0062"}', None),
        (b'{"runId":"a\xff"}', None),
        (b'{"runId":"a\x01"}', None),
        (b'{"runId":"' + b"a" * 1_025 + b'"}', None),
        (b'{"runId":"' + COOKIE.encode() + b'"}', None),
        (b'{"runId":"a', None),
        (b'{"runId":', None),
        (b'"runId":"a"', None),
        (b"", None),
    ],
)
def test_a_run_id_is_a_plain_word_in_the_outermost_object(body: bytes, run_id: str | None) -> None:
    assert run_id_in(body, (COOKIE,)) == run_id


def test_a_text_without_an_end_is_read_once() -> None:
    for body in (
        b'{"runId":"' + b'\\"' * 400_000,
        b'{"runId":"' + b'\\"' * 400_000 + b"\\",
        b'{"runId":' + b"[" * 800_000,
    ):
        assert run_id_in(body) is None
