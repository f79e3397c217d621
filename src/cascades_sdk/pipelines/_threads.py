"""A sync client's wait inside an event loop, where its transport is the caller's own.

Decided here: which thread does what, and what is left to itself. Never here: what a wait is.

The wait has a thread of its own, a daemon: a read on a transport that cannot be woken keeps no process alive. A worker
of anyio's hands over what that thread asks of the loop, and can be left at any time.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

from cascades_sdk.client import CancelToken

__all__ = ["in_a_thread"]

_T = TypeVar("_T")

#: How many seconds who is cancelled waits for a thread that nothing wakes.
_GRACE: Final = 1.0

Listener: TypeAlias = Callable[[Any], object]

_Work: TypeAlias = Callable[[], object]


class _Relay:
    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[Future[object], _Work]] = SimpleQueue()
        self._grace: float | None = None
        self._over = False

    def ask(self, work: _Work) -> "Future[object]":
        """Let the worker do something, after what it was asked before."""
        answer: Future[object] = Future()
        self._asked.put((answer, work))
        if self._over:
            # The worker may have looked before this was there. What it has begun stays as it is.
            answer.cancel()
        return answer

    def listener(self, told: Listener, in_loop: Callable[..., object]) -> Listener:
        """A listener that is called in the loop, for the waiting thread."""
        return lambda value: self.ask(partial(in_loop, told, value)).result()

    def hurry(self) -> None:
        """The wait was ended: it has a moment left for each thing that it asks."""
        self._grace = _GRACE

    def serve(self, wait: _Work) -> None:
        """Wait in a thread, and hand over what it asks for: until it is over, or was ended and does not hear."""
        threading.Thread(target=self._run, args=(wait,), name="cascades-wait", daemon=True).start()
        with suppress(Empty):
            while not self._over:
                _settle(*self._asked.get(timeout=self._grace))
        self._over = True
        with suppress(Empty):
            while True:
                self._asked.get_nowait()[0].cancel()

    def _run(self, wait: _Work) -> None:
        wait()
        self.ask(self._end)

    def _end(self) -> None:
        self._over = True


def _settle(answer: "Future[Any]", work: _Work) -> None:
    answer.set_running_or_notify_cancel()
    try:
        answer.set_result(work())
    except BaseException as problem:  # noqa: BLE001 - it is raised where the answer is asked for
        answer.set_exception(problem)


async def in_a_thread(
    wait: Callable[[CancelToken, Listener | None, Listener | None], _T],
    on_event: Listener | None,
    on_progress: Listener | None,
) -> _T:
    """What ``wait`` answers, given a token and two listeners, in a thread of its own.

    Who is cancelled waits for the end of it, which comes at once where the transport's socket is known; a thread
    that does not hear is left after a second, and ends with what it reads. None of anyio's limited threads is taken.
    """
    import anyio
    import anyio.from_thread
    import anyio.lowlevel
    import anyio.to_thread

    token, relay, done = CancelToken(), _Relay(), Future[_T]()
    event, progress = (
        None if each is None else relay.listener(each, anyio.from_thread.run_sync) for each in (on_event, on_progress)
    )

    async def ends_it() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            token.cancel()
            relay.ask(relay.hurry)

    async with anyio.create_task_group() as group:
        group.start_soon(ends_it)
        # What a listener raises is kept, so that it is raised below as it is, and not in a group.
        work = partial(relay.serve, lambda: _settle(done, lambda: wait(token, event, progress)))
        await anyio.to_thread.run_sync(work, limiter=anyio.CapacityLimiter(1))
        group.cancel_scope.cancel()
    # What the thread answered meanwhile is no answer for who was cancelled.
    await anyio.lowlevel.checkpoint_if_cancelled()
    return done.result()
