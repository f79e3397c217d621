"""The private loop that drives an async flow while it is captured: it runs what is ready, and nothing else.

Decided here: in which order ready things run (first come, first run, as in asyncio), and what is refused because it
would wait. Never here: what is recorded.

There is no clock and no selector, so an async flow is captured in one order on every machine. Timers are accepted,
because ``asyncio.timeout()`` and ``asyncio.wait_for()`` set one around what may be ready at once, and none ever fires.
A loop of asyncio that is running already stands aside for the time of a capture; ``_set_running_loop``,
``_enter_task`` and ``_leave_task`` are what Python documents for those who write loops.
"""

import asyncio
import logging
import sys
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from itertools import count
from typing import Any, Final, TypeVarTuple, Unpack

from cascades_sdk.errors import CaptureCode

__all__ = ["Refuse", "apart_from_running_loop", "driven"]

#: Remembers that a flow waits for what is not ready (in a coroutine, or where it is now); answers the error to raise.
Refuse = Callable[[CaptureCode, str, str, object], Exception]

_Ts = TypeVarTuple("_Ts")

_ALL_OF_THEM: Final = "nothing takes time in a compile; await all of them, by asyncio.gather or in an asyncio.TaskGroup"

#: What asyncio.as_completed() is called back by, until Python 3.12 and since.
_OF_AS_COMPLETED: Final = ("as_completed.<locals>._on_completion", "_AsCompletedIterator._handle_completion")

_ADVICE: Final = "a compile runs what is ready and waits for nothing: do it inside a task"


@contextmanager
def apart_from_running_loop() -> Iterator[None]:
    """A context in which this thread has no running loop, so that another may run; the outer one goes on after it."""
    outer = asyncio._get_running_loop()
    current = None if outer is None else asyncio.current_task(outer)
    hooks = sys.get_asyncgen_hooks()
    if current is not None:
        asyncio.tasks._leave_task(outer, current)  # type: ignore[arg-type]  # there is no task without a loop
    asyncio._set_running_loop(None)
    sys.set_asyncgen_hooks(None, None)
    try:
        yield
    finally:
        sys.set_asyncgen_hooks(*hooks)
        asyncio._set_running_loop(outer)
        if current is not None:
            asyncio.tasks._enter_task(outer, current)  # type: ignore[arg-type]


def driven(coroutine: Coroutine[Any, Any, Any], refuse: Refuse) -> Any:
    """What a coroutine returns, run until it is done or nothing is ready any more.

    Whatever it started and did not finish is cancelled. ``refuse`` is told where the coroutine waits for what is not
    ready, and where it returns before something that it started is done.
    """
    with apart_from_running_loop():
        loop = _ReadyLoop(refuse)  # type: ignore[abstract]  # the rest of it is set below
        sys.set_asyncgen_hooks(loop.generators.append, None)
        asyncio._set_running_loop(loop)
        main = loop.create_task(coroutine)
        try:
            try:
                loop.run(main)
            finally:
                loop.has_failed = not main.done() or main.cancelled() or main.exception() is not None
                loop.clear()
        except (KeyboardInterrupt, SystemExit):
            loop.forget()
            raise
    if main.cancelled():
        # Not a CancelledError: that would pass for the cancelling of whoever compiles.
        raise RuntimeError("the flow was cancelled")
    return main.result()


class _Future(asyncio.Future[Any]):
    """A future that is hashed by when it was made.

    Python hashes by address, and so a set of futures, as :func:`asyncio.wait` gives, has another order each time.
    """

    def __init__(self, ordinal: int, loop: asyncio.AbstractEventLoop) -> None:
        self.ordinal = ordinal
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self.ordinal


class _Task(asyncio.Task[Any]):
    """A task that is hashed by when it was made."""

    def __init__(self, ordinal: int, coroutine: Any, loop: asyncio.AbstractEventLoop, options: dict[str, Any]) -> None:
        self.ordinal = ordinal
        super().__init__(coroutine, loop=loop, **options)

    def __hash__(self) -> int:
        return self.ordinal


class _ReadyLoop(asyncio.AbstractEventLoop):
    """A loop without a clock and without I/O."""

    def __init__(self, refuse: Refuse) -> None:
        self.refuse = refuse
        self.has_failed = False
        self.generators: list[AsyncGenerator[Any, Any]] = []
        self._ready: deque[asyncio.Handle] = deque()
        self._tasks: list[asyncio.Task[Any]] = []
        self._thread = threading.get_ident()
        self._ordinals = count()

    def run(self, main: asyncio.Task[Any]) -> None:
        """Run what is ready until ``main`` is done; refuse what would wait, and what is left behind."""
        while self._ready and not main.done():
            self._run_next()
        if not main.done():
            # The latest: what stands around it waits for it.
            self.refuse(
                "waiting",
                "the flow waits for time, I/O, a thread, or for what nothing in it brings about",
                _ADVICE,
                next(task for task in reversed(self._tasks) if not task.done()).get_coro(),
            )
        elif not main.cancelled() and main.exception() is None:
            for task in self._tasks:
                if not task.done() and not task.cancelling():
                    self.refuse(
                        "awaiting",
                        "the flow returned before what it had started was done",
                        "await it, or start it in an asyncio.TaskGroup",
                        task.get_coro(),
                    )

    def clear(self) -> None:
        """Cancel what is not done, and let it end."""
        for task in self._tasks:
            if not task.done():
                task.cancel()
        self._run_ready()
        for generator in self.generators:
            self.create_task(_closed(generator))
        self._run_ready()

    def forget(self) -> None:
        """Let no task tell of the exception that it ended with: whoever compiles is told that already."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.exception()

    def _run_ready(self) -> None:
        interrupted: BaseException | None = None
        while self._ready:
            try:
                self._run_next()
            except (KeyboardInterrupt, SystemExit) as raised:
                interrupted = raised
        if interrupted is not None:
            raise interrupted

    def _run_next(self) -> None:
        handle = self._ready.popleft()
        if not handle.cancelled():
            handle._run()

    # -- what asyncio asks of a loop: the parts that need neither time nor I/O

    def time(self) -> float:
        """No time passes."""
        return 0.0

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(
        self, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        if getattr(callback, "__qualname__", "") in _OF_AS_COMPLETED:
            coroutine = self._tasks[0].get_coro()
            self.refuse("awaiting", "the flow asks in which order calls are done", _ALL_OF_THEM, coroutine)
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As :meth:`call_soon`; what another thread asks for is never run, because chance decides when it comes."""
        if threading.get_ident() == self._thread:
            return self.call_soon(callback, *args, context=context)
        return asyncio.Handle(callback, args, self, context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        if when <= self.time():
            self._ready.append(timer)
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing to do: a timer that was set is kept nowhere."""

    def create_future(self) -> asyncio.Future[Any]:
        waiting = sys._getframe(1)
        # asyncio.wait() asks for the future that it waits for, and says nowhere else that the first result is enough.
        if waiting.f_globals.get("__name__") == "asyncio.tasks" and "return_when" in waiting.f_locals:
            self._check_wait(waiting.f_locals["return_when"])
        return _Future(next(self._ordinals), self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task = _Task(next(self._ordinals), coro, self, options)
        self._tasks.append(task)
        return task

    def _check_wait(self, return_when: object) -> None:
        if return_when == asyncio.FIRST_COMPLETED:
            raise self.refuse("awaiting", "the flow asks which call is done first", _ALL_OF_THEM, None)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Say what asyncio says where nobody asks for an exception.

        Of a flow that failed there is an error already; and what was cancelled was cancelled by this loop.
        """
        exception = context.get("exception")
        if not self.has_failed and not isinstance(exception, asyncio.CancelledError):
            logging.getLogger("asyncio").error(context["message"], exc_info=exception)


async def _closed(generator: AsyncGenerator[Any, Any]) -> None:
    await generator.aclose()


def _refusing(name: str) -> Callable[..., Any]:
    def method(loop: _ReadyLoop, *_: object, **__: object) -> Any:
        raise loop.refuse("waiting", f"the flow asks its loop for {name}()", _ADVICE, None)

    return method


# Everything else that a loop can be asked for: files, sockets, processes, threads, signals, settings.
for _name in dir(asyncio.AbstractEventLoop):
    if not _name.startswith("_") and _name not in vars(_ReadyLoop):
        setattr(_ReadyLoop, _name, _refusing(_name))
_ReadyLoop.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]  # all of them are there by now
