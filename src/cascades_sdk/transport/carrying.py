"""Work that is carried to its end, whatever becomes of the task that waits for it.

Decided here: how both event loops are kept from breaking it off. A shielded scope holds off the cancellation of scopes,
all of it under trio; asyncio's own ``task.cancel()`` passes through scopes, and can be held off by another task only.
Never here: what is so important.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import anyio

__all__ = ["carried_through"]


async def carried_through(work: Coroutine[Any, Any, object]) -> None:
    """Do it to its end. Whoever is cancelled meanwhile, once or more often, is so when it is done."""
    with anyio.CancelScope(shield=True):
        if not _under_asyncio():
            await work
            return
        task = asyncio.ensure_future(work)
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError as caught:
                cancelled = caught
        task.result()
        if cancelled is not None:
            raise cancelled


def _under_asyncio() -> bool:
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False
