"""The program of one call, with no driver: what a failure is called, what is known of it, and how long it pauses."""

import gzip
from typing import Any

import attrs
import pytest

from cascades_sdk.contract import GET_PUBLIC_API_VERSION, SUBMIT_WORKFLOW_RUN
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    ClientError,
    DeadlineExceededError,
    LimitExceededError,
    NetworkError,
    UnexpectedResponseError,
)
from cascades_sdk.protocol.calls import Terms, call, error_of
from cascades_sdk.protocol.effects import Chunk, Ended, Head, Lost, Open, Read, Reading, Reply, Request, Sleep
from cascades_sdk.protocol.limits import LIMITS, RetryPolicy

SECRET = "canary-7d1f"
ACCEPTED = b'{"runId": "run-7", "status": "PENDING", "extra": "'


def outcome(
    operation: Any, *answers: Any, retries: int = 0, jitter: float = 0.0, **limits: int
) -> tuple[Any, list[float]]:
    """What these answers make of a call of ten seconds, and the pauses before it was tried again.

    An answer comes at once, or it is a pair with the moment at which it comes.
    """
    terms = Terms(10.0, attrs.evolve(LIMITS, **limits), RetryPolicy(retries, longest_pause=4.0), (SECRET,))
    program = call(operation, Request(operation.id, operation.method, operation.path), terms)
    pauses, left, moment = [], list(answers), 0.0
    effect = next(program)
    while True:
        if isinstance(effect, Sleep):
            pauses.append(effect.seconds)
        answer = left.pop(0) if isinstance(effect, Open | Read) else None
        answer, moment = answer if isinstance(answer, tuple) else (answer, moment)
        try:
            effect = program.send(Reply(answer, Reading(moment, moment, jitter)))
        except StopIteration as stopped:
            return stopped.value, pauses


def ended(operation: Any, *answers: Any, **settings: Any) -> ClientError:
    """The failure that these answers make of a call."""
    failure: ClientError = outcome(operation, *answers, **settings)[0].failure()
    return failure


class TestWhatAFailureIsCalled:
    HEAD, SHOWS = Head(502, (("x-request-id", "r-1"),)), Head(502, (("x-request-id", f"r-1-{SECRET}"),))

    @pytest.mark.parametrize(
        ("lost", "problem", "detail"),
        [
            (Lost("broken", True, f"reset by {SECRET}"), "broken", "reset by"),
            (Lost("connect", False, "refused"), "connect", "refused"),
            (Lost("closed", True, "the client is closed"), "broken", "the client is closed"),
            (Lost("cancelled", True), "broken", "the caller gave it up"),
        ],
    )
    def test_the_network_is_named_with_what_the_head_told(self, lost: Lost, problem: str, detail: str) -> None:
        early, late = error_of("op", lost, 3.0, (SECRET,)), error_of("op", lost, 3.0, (SECRET,), self.HEAD)
        assert isinstance(early, NetworkError)
        assert isinstance(late, NetworkError)
        assert (late.operation, late.kind, late.status, late.request_id) == ("op", problem, 502, "r-1")
        assert late.detail.startswith(detail)
        assert error_of("op", lost, 3.0, (SECRET,), self.SHOWS).request_id is None
        assert (early.kind, early.detail, early.status, early.request_id) == (problem, late.detail, None, None)
        assert SECRET not in repr((early, late))

    def test_a_moment_that_passed_is_a_deadline(self) -> None:
        late = error_of("op", Lost("time", True), 3.0, (), self.HEAD)
        assert late == DeadlineExceededError("op", 3.0, status=502, request_id="r-1")


class TestARunThatWasAccepted:
    HEAD = Head(200, (("x-request-id", "r-1"),))

    def test_it_is_named_where_the_rest_is_lost(self) -> None:
        error = ended(SUBMIT_WORKFLOW_RUN, self.HEAD, Chunk(ACCEPTED), Lost("broken", True, "reset"))
        cause = NetworkError("submitWorkflowRun", "broken", "reset", 200, request_id="r-1")
        assert error == AmbiguousSubmitError("submitWorkflowRun", cause, 200, request_id="r-1", run_id="run-7")

    def test_it_is_named_where_the_rest_cannot_be_read(self) -> None:
        head = Head(200, (*self.HEAD.headers, ("content-encoding", "gzip")))
        whole = Chunk(gzip.compress(ACCEPTED + b'"}'))
        error = ended(SUBMIT_WORKFLOW_RUN, head, whole, Chunk(b"more"))
        assert isinstance(error, UnexpectedResponseError)
        assert (error.operation, error.status, error.request_id) == ("submitWorkflowRun", 200, "r-1")
        assert error.run_id == "run-7"

    GZIP = Head(200, (*HEAD.headers, ("content-encoding", "gzip")))

    @pytest.mark.parametrize(
        ("answers", "problem"),
        [
            ((Head(200, (*HEAD.headers, ("content-encoding", "br"))),), "a Content-Encoding that was not asked for"),
            ((GZIP, Chunk(b"no gzip")), "a malformed gzip body"),
            ((GZIP, Chunk(gzip.compress(b"{}")), Chunk(b"more")), "data after the gzip body"),
        ],
    )
    def test_what_cannot_be_read_is_told_with_all_that_the_head_said(self, answers: Any, problem: str) -> None:
        error = ended(SUBMIT_WORKFLOW_RUN, *answers)
        assert isinstance(error, UnexpectedResponseError)
        assert (error.operation, error.status, error.request_id) == ("submitWorkflowRun", 200, "r-1")
        assert error.problem == problem

    @pytest.mark.parametrize(
        ("answers", "limits"),
        [
            ((HEAD, Chunk(ACCEPTED), (Chunk(b"x"), 10.0)), {}),
            ((GZIP, Chunk(gzip.compress(ACCEPTED)[:-4]), Ended()), {}),
            ((HEAD, Chunk(ACCEPTED), Chunk(b"x")), {"body": len(ACCEPTED)}),
        ],
    )
    def test_what_is_too_late_too_short_or_too_long_is_in_doubt_and_names_it(self, answers: Any, limits: Any) -> None:
        error = ended(SUBMIT_WORKFLOW_RUN, *answers, **limits)
        assert isinstance(error, AmbiguousSubmitError)
        assert (error.status, error.request_id) == (200, "r-1")
        assert (error.cause.status, error.cause.request_id) == (200, "r-1")
        assert error.run_id == "run-7"

    @pytest.mark.parametrize(("status", "doubtful"), [(399, True), (400, False), (499, False), (500, True)])
    def test_an_answer_of_4xx_leaves_no_doubt_whatever_became_of_it(self, status: int, doubtful: bool) -> None:
        error = ended(SUBMIT_WORKFLOW_RUN, Head(status), Lost("broken", True, "reset"))
        assert isinstance(error, AmbiguousSubmitError) == doubtful

    def test_nothing_else_names_a_run(self) -> None:
        head = Head(500, (("content-encoding", "gzip"),))
        error = ended(SUBMIT_WORKFLOW_RUN, head, Chunk(gzip.compress(ACCEPTED)), Chunk(b"more"))
        assert isinstance(error, UnexpectedResponseError)
        assert (error.status, error.run_id) == (500, None)


class TestBodies:
    BODY = b'{"apiVersion": "v1"}'

    @pytest.mark.parametrize("coding", [None, "identity", " GZIP ", "x-gzip"])
    def test_what_was_asked_for_is_read_up_to_its_limit(self, coding: str | None) -> None:
        head = Head(200, (("content-type", "application/json"), *([("content-encoding", coding)] if coding else [])))
        sent = self.BODY if coding in (None, "identity") else gzip.compress(self.BODY)
        answers = (head, Chunk(sent), (Ended(), 9.0))
        assert outcome(GET_PUBLIC_API_VERSION, *answers, body=len(self.BODY))[0].unwrap().api_version == "v1"
        crossed = ended(GET_PUBLIC_API_VERSION, *answers, body=len(self.BODY) - 1)
        assert isinstance(crossed, LimitExceededError)
        assert (crossed.limit, crossed.status) == ("body", 200)

    def test_a_head_may_be_too_long_whether_it_came_or_was_given_up(self) -> None:
        head = Head(200, (("x-request-id", "r-1"), ("x", "y" * 100)))
        crossed = ended(GET_PUBLIC_API_VERSION, head, headers=50)
        assert crossed == LimitExceededError("getPublicApiVersion", "headers", 50, 200, request_id="r-1")
        lost = Lost("broken", True, limit="headers")
        assert ended(GET_PUBLIC_API_VERSION, lost, headers=50) == LimitExceededError(
            "getPublicApiVersion", "headers", 50
        )


class TestPauses:
    @pytest.mark.parametrize(("jitter", "share"), [(0.0, 1.0), (0.5, 0.875), (1.0, 0.75)])
    @pytest.mark.parametrize("kind", ["connect", "proxy", "broken"])
    def test_they_double_up_to_the_longest_less_a_quarter_at_most(self, kind: Any, jitter: float, share: float) -> None:
        lost = Lost(kind, False, "refused")
        _, pauses = outcome(GET_PUBLIC_API_VERSION, *[lost] * 6, retries=5, jitter=jitter)
        assert pauses == [seconds * share for seconds in (0.5, 1.0, 2.0, 4.0, 4.0)]

    def test_what_is_answered_whole_is_not_tried_again(self) -> None:
        assert outcome(GET_PUBLIC_API_VERSION, Head(500), Ended(), retries=6)[1] == []
