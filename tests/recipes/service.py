"""A FastAPI service that submits a run and answers how it ended; one client for the life of the service.

Every error is a value, so each has its answer here, in one ``match``: what the caller did wrong, what the control plane
did, and what is still open, with the position from which ``GET /runs/{position}`` goes on, after a restart too.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from returns.result import Failure, Success

from cascades_sdk import AsyncCascadesClient, ClientError, Outcome, RunOutcome
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    DeadlineExceededError,
    NotFoundError,
    StreamLostError,
    ValidationError,
    position_from_text,
)
from cascades_sdk.pipelines import submit_and_wait_async, wait_for_completion_async
from cascades_sdk.values import thaw


def answered(outcome: Outcome[RunOutcome, ClientError]) -> JSONResponse:
    """An outcome as an answer of this service."""
    match outcome:
        case Success(run):
            return JSONResponse({"run": run.run_id, "status": run.status, "result": thaw(run.result)})
        case Failure(ValidationError() | NotFoundError() as error):
            return JSONResponse({"error": str(error)}, 422)
        case Failure(DeadlineExceededError() | StreamLostError() as error) if error.position is not None:
            return JSONResponse({"run": error.position.run_id, "goes_on_from": error.position.text()}, 202)
        case Failure(AmbiguousSubmitError() as error):
            return JSONResponse({"error": str(error), "run": error.run_id}, 409)
        case Failure(error):
            return JSONResponse({"error": str(error)}, 502)


def service(connect: Callable[[], AbstractAsyncContextManager[AsyncCascadesClient]], patience: float = 30.0) -> FastAPI:
    """The service. ``connect`` makes its client, as in ``lambda: AsyncCascadesClient(url, auth)``."""
    clients: list[AsyncCascadesClient] = []

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with connect() as client:
            clients.append(client)
            yield

    app = FastAPI(lifespan=life)

    @app.post("/runs/{workflow_id}")
    async def begin(workflow_id: str, context: dict[str, Any]) -> JSONResponse:
        body = {"workflowId": workflow_id, "context": context}
        return answered(await submit_and_wait_async(clients[0], body, timeout=patience))

    @app.get("/runs/{position}")
    async def go_on(position: str) -> JSONResponse:
        match position_from_text(position):
            case Success(here):
                waited = wait_for_completion_async(clients[0], here.run_id, timeout=patience, resume_from=here)
                return answered(await waited)
            case Failure(error):
                return JSONResponse({"error": str(error)}, 422)

    return app
