"""Steps that services put between a submit and what they do with a run.

Decided here: what is made of an accepted run, and of a run's end. A step is a function of one value that answers a
``Result``, to be chained by ``.bind``. Never here: how a run is followed.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from returns.result import Failure, Result, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import ClientError, DefinitionMismatchError, Outcome, RunCancelledError, RunFailedError
from cascades_sdk.pipelines._waiting import async_fault, sync_fault
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.types import WorkflowCloneRequest, WorkflowCloneResponse, WorkflowRunAccepted
from cascades_sdk.values import FrozenDict, thaw

if TYPE_CHECKING:
    from cascades_sdk.client import AsyncCascadesClient

__all__ = ["clone_and_submit", "clone_and_submit_async", "expect_definition", "require_success"]


def require_success(run: RunOutcome) -> Result[RunOutcome, ClientError]:
    """A run that ended with SUCCESS, and nothing else.

    Returns:
        ``Success(run)``, or ``Failure`` of :class:`RunFailedError` or :class:`RunCancelledError`.
    """
    if run.status == "FAILED":
        return Failure(RunFailedError("require_success", run.run_id, run.event.data))
    if run.status == "CANCELLED":
        return Failure(RunCancelledError("require_success", run.run_id, run.event.data))
    return Success(run)


def expect_definition(expected: str) -> Callable[[WorkflowRunAccepted], Result[WorkflowRunAccepted, ClientError]]:
    """The step that lets a run pass only if it is of the definition that was reviewed: ``definition_hash``.

    Contract 1.0.0 tells the hash with the acceptance, so that the run exists already when it fails.

    Returns:
        A step that answers ``Success(accepted)``, or ``Failure(DefinitionMismatchError)`` with both hashes.
    """

    def check(accepted: WorkflowRunAccepted) -> Result[WorkflowRunAccepted, ClientError]:
        if accepted.definition_hash == expected:
            return Success(accepted)
        found = accepted.definition_hash
        return Failure(DefinitionMismatchError("expect_definition", expected, found, accepted.run_id))

    return check


def clone_and_submit(
    client: CascadesClient,
    clone: WorkflowCloneRequest | Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
) -> Result[WorkflowRunAccepted, ClientError]:
    """Copy a workflow of the catalog into a row of its own, and submit a run of the copy with ``context``.

    Returns:
        What ``client.clone_catalog_workflow`` and ``client.submit_workflow_run`` return. A clone whose run was refused
        stays.
    """
    wrong = sync_fault(client)
    if wrong is not None:
        return Failure(wrong)
    cloned = client.clone_catalog_workflow(clone)
    if isinstance(cloned, Failure):
        return Failure(cloned.failure())
    return client.submit_workflow_run(_run_of(cloned.unwrap(), context))


async def clone_and_submit_async(
    client: "AsyncCascadesClient",
    clone: WorkflowCloneRequest | Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
) -> Outcome[WorkflowRunAccepted, ClientError]:
    """What :func:`clone_and_submit` is, for an async client; :func:`as_future` makes it the beginning of a chain."""
    wrong = async_fault(client)
    if wrong is not None:
        return Failure(wrong)
    cloned = await client.clone_catalog_workflow(clone)
    if isinstance(cloned, Failure):
        return Failure(cloned.failure())
    return await client.submit_workflow_run(_run_of(cloned.unwrap(), context))


def _run_of(cloned: WorkflowCloneResponse, context: Mapping[str, Any] | None) -> dict[str, Any]:
    given = {} if context is None else {"context": thaw(context) if isinstance(context, FrozenDict) else context}
    return {"workflowId": cloned.catalog_item_id, **given}
