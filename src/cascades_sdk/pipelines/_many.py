"""Many runs at once, never more than so many open streams.

Decided here: the order of the outcomes, and the bound. Never here: what one run takes.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from returns.result import Failure

from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.errors import ClientError, Outcome, ValidationError
from cascades_sdk.pipelines._waiting import async_fault, submit_and_wait, submit_and_wait_async, sync_fault
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.types import WorkflowRunRequestBody

if TYPE_CHECKING:
    from cascades_sdk.client import AsyncCascadesClient

__all__ = ["submit_and_wait_many", "submit_and_wait_many_async"]

_Bodies = Sequence[WorkflowRunRequestBody | Mapping[str, Any] | None]
_Outcomes = tuple[Outcome[RunOutcome, ClientError], ...]


def submit_and_wait_many(
    client: CascadesClient,
    bodies: _Bodies,
    timeout: float = 3600.0,
    *,
    limit: int = 16,
    cancel_token: CancelToken | None = None,
) -> _Outcomes:
    """How the runs of these bodies ended: one outcome for each, in their order.

    At most ``limit`` runs are submitted and followed at a time, each in a thread. ``timeout`` counts for each run from
    its acceptance. What interrupts the caller ends the waits that are going on, and submits nothing more.

    Returns:
        What :func:`submit_and_wait` returns, for each body; ``ValidationError`` for all where ``limit`` is no number
        above 0, or the client is no sync one: then nothing is submitted.
    """
    wrong = sync_fault(client) or _limit_fault(limit)
    if wrong is not None:
        return (Failure(wrong),) * len(bodies)
    token = cancel_token or CancelToken()

    def one(body: WorkflowRunRequestBody | Mapping[str, Any] | None) -> Outcome[RunOutcome, ClientError]:
        return submit_and_wait(client, body, timeout, cancel_token=token)

    with ThreadPoolExecutor(limit, "cascades-run") as threads:
        begun = [threads.submit(one, body) for body in bodies]
        try:
            return tuple([each.result() for each in begun])
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            token.cancel()
            raise


async def submit_and_wait_many_async(
    client: "AsyncCascadesClient",
    bodies: _Bodies,
    timeout: float = 3600.0,
    *,
    limit: int = 100,
) -> _Outcomes:
    """What :func:`submit_and_wait_many` is, for an async client, in tasks. Cancelling it hangs up."""
    wrong = async_fault(client) or _limit_fault(limit)
    if wrong is not None:
        return (Failure(wrong),) * len(bodies)
    import anyio

    room = anyio.Semaphore(limit)
    outcomes: dict[int, Outcome[RunOutcome, ClientError]] = {}

    async def one(at: int, body: WorkflowRunRequestBody | Mapping[str, Any] | None) -> None:
        async with room:
            outcomes[at] = await submit_and_wait_async(client, body, timeout)

    async with anyio.create_task_group() as group:
        for at, body in enumerate(bodies):
            group.start_soon(one, at, body)
    return tuple(outcomes[at] for at in range(len(bodies)))


def _limit_fault(limit: object) -> ValidationError | None:
    if type(limit) is int and limit >= 1:
        return None
    return ValidationError("submit_and_wait_many", "expected a whole number of 1 or more", pointer="/limit")
