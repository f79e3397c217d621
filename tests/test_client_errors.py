"""Client errors are values: equal, hashable, picklable, copyable, one line of text each."""

import copy
import pickle
from typing import get_args

import pytest
from returns.result import Failure

from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    CascadesSDKError,
    ClientError,
    DeadlineExceededError,
    DefinitionMismatchError,
    EngineUnavailableError,
    LimitExceededError,
    NetworkError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RedirectedError,
    RunCancelledError,
    RunFailedError,
    ServerError,
    StreamLostError,
    UnexpectedResponseError,
    ValidationError,
    WaitCancelledError,
    WaitPosition,
    placed,
    raise_on_failure,
)
from cascades_sdk.values import FrozenDict

POSITION = WaitPosition("run-1", status="RUNNING", since="2026-01-01T00:00:00Z")

EXAMPLES = [
    (AuthenticationError("op"), "op: not signed in (status 401); pass auth="),
    (PermissionDeniedError("op"), "op: not allowed for this user (status 403)"),
    (ValidationError("op", "too long"), "op: refused: too long"),
    (
        ValidationError("op", "cycle", 400, "graph_cycle", FrozenDict({"at": 1}), "/context"),
        "op: refused at /context: cycle [graph_cycle] (status 400)",
    ),
    (NotFoundError("op"), "op: not found (status 404); check the id"),
    (NotFoundError("op", reason="not_found", key="w"), "op: 'w' not found (status 404, not_found)"),
    (RateLimitError("op"), "op: too many requests (status 429)"),
    (RateLimitError("op", retry_after=2.5), "op: too many requests (status 429); come back in 2.5 s"),
    (EngineUnavailableError("op"), "op: the engine is unavailable (status 503)"),
    (
        EngineUnavailableError("op", reason="worker_queue_required", detail="no workers", retry_after=9),
        "op: the engine is unavailable (status 503, worker_queue_required): no workers; come back in 9 s",
    ),
    (ServerError("op", 502), "op: the server failed (status 502)"),
    (
        ServerError("op", 502, code="provider_api_error", request_id="r-1"),
        "op: the server failed (status 502, provider_api_error, request r-1)",
    ),
    (
        ValidationError("op", "the credential was not stored", 400, "invalid_token", request_id="r-1"),
        "op: refused: the credential was not stored [invalid_token] (status 400, request r-1)",
    ),
    (RedirectedError("op", 302), "op: the server redirects (status 302)"),
    (RedirectedError("op", 307, "https://x/login"), "op: the server redirects to https://x/login (status 307)"),
    (UnexpectedResponseError("op", "no media type"), "op: unexpected answer: no media type; is the base URL"),
    (
        UnexpectedResponseError("op", "expected an integer", 200, "/taskRuns"),
        "op: unexpected answer at /taskRuns: expected an integer (status 200)",
    ),
    (
        UnexpectedResponseError("op", "expected an integer", 200, "/taskRuns", run_id="r"),
        "op: unexpected answer at /taskRuns: expected an integer (status 200); run r was accepted: follow it",
    ),
    (NetworkError("op", "name", "nope.invalid"), "op: the host name cannot be resolved: nope.invalid"),
    (NetworkError("op", "proxy", "http://p: 407"), "op: the proxy does not help: http://p: 407"),
    (NetworkError("op", "broken", "reset", 200), "op: the connection broke: reset (status 200)"),
    (DeadlineExceededError("op", 1.5), "op: not done within 1.5 s"),
    (
        DeadlineExceededError("op", 1.5, POSITION),
        "op: not done within 1.5 s at run run-1 status=RUNNING since=2026-01-01T00:00:00Z",
    ),
    (LimitExceededError("op", "body", 10), "op: the answer exceeds the limit body=10"),
    (
        StreamLostError("op", "reset", 10, WaitPosition("r")),
        "op: given up after 10 connections since the last news at run r",
    ),
    (
        AmbiguousSubmitError("op", NetworkError("op", "broken", "reset")),
        "op: no whole answer, and it may have been carried out; not repeated (op: the connection broke: reset); look",
    ),
    (
        WaitCancelledError("op", POSITION),
        "op: given up by the caller at run run-1 status=RUNNING since=2026-01-01T00:00:00Z; resume_from=",
    ),
    (RunFailedError("op", "r", FrozenDict({"a": 1})), "op: the run 'r' failed"),
    (RunCancelledError("op", "r", FrozenDict()), "op: the run 'r' was cancelled"),
    (DefinitionMismatchError("op", "a", "b", "r"), "op: the run 'r' is of the definition 'b', and 'a' was expected"),
]


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (PermissionDeniedError("op"), "; ask for the permission, or sign in as a user who has it"),
        (RateLimitError("op"), "; wait a while, and ask less often"),
        (RateLimitError("op", retry_after=2), "; come back in 2 s"),
        (EngineUnavailableError("op"), "; try again later"),
        (ServerError("op", 500), "; try again later"),
        (ServerError("op", 500, 3.0), "; come back in 3 s"),
        (DeadlineExceededError("op", 1.5), "; give it more time with timeout="),
        (DeadlineExceededError("op", 1.5, POSITION), "; the run may go on: wait for it again"),
        (LimitExceededError("op", "body", 10), "; limits=Limits(body=...) sets how much is taken"),
        (StreamLostError("op", "reset", 10, POSITION), "; the run may go on: wait for it again"),
        (
            AmbiguousSubmitError("op", NetworkError("op", "broken", "reset")),
            "; look what became of it before you send it again",
        ),
        (
            AmbiguousSubmitError("op", LimitExceededError("op", "body", 9), 200, run_id="r"),
            "; run r was accepted: follow it with wait_for_completion",
        ),
    ],
)
def test_an_error_says_what_to_do(error: CascadesSDKError, advice: str) -> None:
    assert str(error).endswith(advice)


def test_what_was_answered_200_was_carried_out() -> None:
    cause = LimitExceededError("op", "body", 9, 200)
    assert "and it was carried out; not repeated" in str(AmbiguousSubmitError("op", cause, 200))


@pytest.mark.parametrize(("error", "text"), EXAMPLES)
def test_an_error_is_one_line_that_says_what_and_where(error: CascadesSDKError, text: str) -> None:
    assert str(error).startswith(text)
    assert "\n" not in str(error)


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES])
def test_an_error_is_a_value(error: CascadesSDKError) -> None:
    for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert twin == error
        assert hash(twin) == hash(error)


def test_the_examples_cover_the_closed_union() -> None:
    assert {type(error) for error, _ in EXAMPLES} == set(get_args(ClientError))


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES])
def test_an_error_knows_its_operation_its_status_and_its_request(error: ClientError) -> None:
    assert error.operation == "op"
    assert error.status is None or isinstance(error.status, int)
    assert error.request_id in (None, "r-1")
    with pytest.raises(type(error)) as caught:
        raise_on_failure(Failure(error))
    assert caught.value == error
    assert caught.value is not error


def test_a_deadline_is_also_a_builtin_timeout() -> None:
    assert isinstance(DeadlineExceededError("op", 1.0), TimeoutError)


def test_an_error_can_be_raised() -> None:
    with pytest.raises(NotFoundError) as caught:
        raise NotFoundError("op")
    assert caught.value == NotFoundError("op")


def test_an_error_that_has_a_place_for_a_position_takes_it_and_any_other_stays_as_it_is() -> None:
    here = WaitPosition("r")
    assert placed(AuthenticationError("op"), here) == AuthenticationError("op", position=here)
    assert placed(RateLimitError("op"), here) == RateLimitError("op")
