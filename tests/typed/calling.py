"""What users' checkers infer for clients and chains. Checked by mypy and pyright, never executed."""

from typing import Literal, assert_never, assert_type

from returns.future import FutureResult
from returns.io import IOResult
from returns.result import Failure, Result, Success

from cascades_sdk import (
    AsyncCascadesClient,
    Auth,
    CascadesClient,
    HeaderAuth,
    Outcome,
    RunOutcome,
    RunProgress,
    WaitPosition,
    as_future,
    as_outcome,
    raise_on_failure,
    submit,
    submit_and_wait,
    submit_and_wait_async,
    wait,
    wait_async,
    wait_for_completion,
    wait_for_completion_async,
)
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    ClientError,
    DeadlineExceededError,
    DefinitionMismatchError,
    EngineUnavailableError,
    IntegrationSaveCode,
    IntegrationTestCode,
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
    WorkflowCode,
)
from cascades_sdk.pipelines import expect_definition, follow_run, require_success, submit_and_wait_many
from cascades_sdk.types import (
    ApiVersionResponse,
    GithubIntegrationSaved,
    GithubIntegrationSaveRequest,
    IntegrationTestOk,
    RunStreamEvent,
    WorkflowCloneRequest,
    WorkflowCloneResponse,
    WorkflowRunAccepted,
    WorkflowRunRequestBody,
)


def said(error: ClientError) -> str:
    match error:
        case AuthenticationError() | PermissionDeniedError() | NotFoundError() | ValidationError():
            return error.message()
        case RateLimitError(retry_after=seconds) | EngineUnavailableError(retry_after=seconds):
            assert_type(seconds, float | None)
            return str(seconds)
        case ServerError(status=status) | RedirectedError(status=status):
            assert_type(status, int)
            return str(status)
        case UnexpectedResponseError() | NetworkError() | LimitExceededError():
            return str(error.request_id)
        case DeadlineExceededError() | StreamLostError():
            assert_type(error.position, WaitPosition | None)
            return str(error.position)
        case WaitCancelledError(position=position):
            assert_type(position, WaitPosition)
            return position.text()
        case RunFailedError(run_id=failed) | RunCancelledError(run_id=failed) | DefinitionMismatchError(run_id=failed):
            assert_type(failed, str)
            return failed
        case AmbiguousSubmitError(cause=cause, run_id=run_id):
            assert_type(run_id, str | None)
            assert_type(cause, NetworkError | DeadlineExceededError | LimitExceededError)
            return str(cause)
        case _:
            assert_never(error)


def recombined(client: CascadesClient) -> Result[RunOutcome, ClientError]:
    accepted = submit(client)(None).bind(expect_definition("sha256:00"))
    assert_type(accepted, Result[WorkflowRunAccepted, ClientError])
    ended = accepted.bind(wait(client)).bind(require_success)
    assert_type(ended, Result[RunOutcome, ClientError])
    assert_type(submit_and_wait_many(client, [None]), tuple[Outcome[RunOutcome, ClientError], ...])
    for event in follow_run(client, "r"):
        assert_type(event, Outcome[RunStreamEvent, ClientError])
    return ended


def stored(client: CascadesClient) -> str:
    outcome = client.save_github_integration(GithubIntegrationSaveRequest(secret_key="github"))
    assert_type(outcome, Outcome[GithubIntegrationSaved, ClientError])
    match outcome:
        case Success(saved):
            assert_type(saved, GithubIntegrationSaved)
            assert_type(saved.provider, Literal["github"])
            return saved.token_last_four or ""
        case Failure(ValidationError(code="invalid_token")):
            return "another token, please"
        case Failure(error):
            assert_type(error, ClientError)
            return said(error)
        case _:
            assert_never(outcome)


def code_of(error: ValidationError) -> IntegrationSaveCode | IntegrationTestCode | WorkflowCode | None:
    return error.code


def calls(client: CascadesClient) -> None:
    assert_type(client.get_public_api_version(timeout=1.0), Outcome[ApiVersionResponse, ClientError])
    assert_type(client.submit_workflow_run(), Outcome[WorkflowRunAccepted, ClientError])
    assert_type(
        client.clone_catalog_workflow(WorkflowCloneRequest("demo")), Outcome[WorkflowCloneResponse, ClientError]
    )
    assert_type(client.test_vercel_integration(), Outcome[IntegrationTestOk, ClientError])
    for event in client.iter_run_stream_events("run-1", since=None):
        assert_type(event, Outcome[RunStreamEvent, ClientError])
    assert_type(client.with_options(auth=HeaderAuth({"X": "y"}), timeout=1.0), CascadesClient)
    assert_type(raise_on_failure(client.submit_workflow_run()), WorkflowRunAccepted)
    assert_type(submit_and_wait(client, {"workflowId": "w"}), Outcome[RunOutcome, ClientError])

    client.save_github_integration(7)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.clone_catalog_workflow()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    client.with_options(verify=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


async def async_calls(client: AsyncCascadesClient) -> None:
    assert_type(await client.get_public_api_version(), Outcome[ApiVersionResponse, ClientError])
    assert_type(await client.test_hubspot_integration(timeout=2), Outcome[IntegrationTestOk, ClientError])
    async for event in client.iter_run_stream_events("run-1"):
        assert_type(event, Outcome[RunStreamEvent, ClientError])
    assert_type(client.with_options(auth=None), AsyncCascadesClient)
    assert_type(await submit_and_wait_async(client), Outcome[RunOutcome, ClientError])


def chained(client: CascadesClient) -> str:
    def waited(run_id: str) -> Result[RunOutcome, ClientError]:
        return wait_for_completion(client, run_id)

    accepted = submit(client)(WorkflowRunRequestBody("w"))
    assert_type(accepted, Result[WorkflowRunAccepted, ClientError])
    chain = accepted.map(lambda run: run.run_id).bind(waited).map(lambda run: run.progress)
    assert_type(chain, Result[RunProgress, ClientError])
    outcome = as_outcome(chain)
    match outcome:
        case Success(progress):
            assert_type(progress, RunProgress)
            return progress.run_id
        case Failure(error):
            assert_type(error, ClientError)
            return said(error)
        case _:
            assert_never(outcome)


async def chained_async(client: AsyncCascadesClient) -> str:
    def waited(run_id: str) -> FutureResult[RunOutcome, ClientError]:
        return as_future(wait_for_completion_async(client, run_id))

    accepted = submit(client)({"workflowId": "w"})
    assert_type(accepted, FutureResult[WorkflowRunAccepted, ClientError])
    assert_type(as_future(client.submit_workflow_run()), FutureResult[WorkflowRunAccepted, ClientError])
    chain = accepted.map(lambda run: run.run_id).bind(waited).map(lambda run: run.progress.completion)
    assert_type(chain, FutureResult[float | None, ClientError])
    awaited = await chain
    assert_type(awaited, IOResult[float | None, ClientError])
    outcome = as_outcome(awaited)
    match outcome:
        case Success(completion):
            assert_type(completion, float | None)
            return str(completion)
        case Failure(error):
            assert_type(error, ClientError)
            return said(error)
        case _:
            assert_never(outcome)


class Own:
    def request_headers(self) -> dict[str, str]:
        return {"X-Own": "mine"}


def own() -> Auth:
    return Own()


def chained_steps(client: CascadesClient) -> Outcome[RunOutcome, ClientError]:
    step = wait(client, timeout=60.0, on_progress=lambda progress: print(progress.status))
    assert_type(step("run-1"), Result[RunOutcome, ClientError])
    chain = submit(client)({"workflowId": "w"}).bind(step)
    assert_type(chain, Result[RunOutcome, ClientError])
    assert_type(submit(client)(None).bind(wait(client)).map(lambda run: run.progress), Result[RunProgress, ClientError])
    assert_type(as_outcome(chain), Outcome[RunOutcome, ClientError])
    return as_outcome(chain)


async def chained_steps_async(client: AsyncCascadesClient) -> Outcome[RunOutcome, ClientError]:
    chain = submit(client)({"workflowId": "w"}).bind(wait(client, timeout=60.0))
    assert_type(chain, FutureResult[RunOutcome, ClientError])
    assert_type(submit(client)(None).bind(wait_async(client)), FutureResult[RunOutcome, ClientError])
    waited = wait_async(client, 60.0)("run-1").map(lambda run: run.progress)
    assert_type(waited, FutureResult[RunProgress, ClientError])
    return as_outcome(await chain)
