"""The program of one call, with no driver: what a failure is called, what is known of it, and how long it pauses."""

import gzip
from typing import Any

import pytest

from cascades_sdk.contract import GET_PUBLIC_API_VERSION, SUBMIT_WORKFLOW_RUN
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    ClientError,
    DeadlineExceededError,
    NetworkError,
    UnexpectedResponseError,
)
from cascades_sdk.protocol.calls import Terms, call, error_of
from cascades_sdk.protocol.effects import Chunk, Ended, Head, Lost, Open, Read, Reading, Reply, Request, Sleep
from cascades_sdk.protocol.limits import LIMITS, RetryPolicy

SECRET = "canary-7d1f"
ACCEPTED = b'{"runId": "run-7", "status": "PENDING", "extra": "'


def ended(operation: Any, *answers: Any, retries: int = 0, jitter: float = 0.0) -> tuple[ClientError, list[float]]:
    """The failure that these answers make of a call, and the pauses before it was tried again."""
    terms = Terms(1e9, LIMITS, RetryPolicy(retries), (SECRET,))
    program = call(operation, Request(operation.id, operation.method, operation.path), terms)
    pauses, left, now = [], list(answers), Reading(0.0, 0.0, jitter)
    effect = next(program)
    while True:
        if isinstance(effect, Sleep):
            pauses.append(effect.seconds)
        answer = left.pop(0) if isinstance(effect, Open | Read) else None
        try:
            effect = program.send(Reply(answer, now))
        except StopIteration as stopped:
            return stopped.value.failure(), pauses


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
        error, _ = ended(SUBMIT_WORKFLOW_RUN, self.HEAD, Chunk(ACCEPTED), Lost("broken", True, "reset"))
        cause = NetworkError("submitWorkflowRun", "broken", "reset", 200, request_id="r-1")
        assert error == AmbiguousSubmitError("submitWorkflowRun", cause, 200, request_id="r-1", run_id="run-7")

    def test_it_is_named_where_the_rest_cannot_be_read(self) -> None:
        head = Head(200, (*self.HEAD.headers, ("content-encoding", "gzip")))
        whole = Chunk(gzip.compress(ACCEPTED + b'"}'))
        error, _ = ended(SUBMIT_WORKFLOW_RUN, head, whole, Chunk(b"more"))
        assert isinstance(error, UnexpectedResponseError)
        assert (error.operation, error.status, error.request_id) == ("submitWorkflowRun", 200, "r-1")
        assert error.run_id == "run-7"

    def test_nothing_else_names_a_run(self) -> None:
        head = Head(500, (("content-encoding", "gzip"),))
        error, _ = ended(SUBMIT_WORKFLOW_RUN, head, Chunk(gzip.compress(ACCEPTED)), Chunk(b"more"))
        assert isinstance(error, UnexpectedResponseError)
        assert (error.status, error.run_id) == (500, None)


class TestPauses:
    @pytest.mark.parametrize(("jitter", "share"), [(0.0, 1.0), (0.5, 0.875), (1.0, 0.75)])
    def test_they_double_up_to_the_longest_less_a_quarter_at_most(self, jitter: float, share: float) -> None:
        lost = Lost("connect", False, "refused")
        _, pauses = ended(GET_PUBLIC_API_VERSION, *[lost] * 7, retries=6, jitter=jitter)
        assert pauses == [seconds * share for seconds in (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)]

    def test_what_is_answered_whole_is_not_tried_again(self) -> None:
        _, pauses = ended(GET_PUBLIC_API_VERSION, Head(500), Ended(), retries=6)
        assert pauses == []
