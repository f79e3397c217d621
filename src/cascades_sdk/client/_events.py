"""A run's events as a loop and as a context: whoever leaves early closes what was opened.

Decided here: nothing but that. Never here: what the events are.
"""

from collections.abc import AsyncGenerator, Generator
from types import TracebackType
from typing import Any, TypeAlias

from cascades_sdk.errors import ClientError, Outcome
from cascades_sdk.types import RunStreamEvent

__all__ = ["AsyncRunEvents", "RunEvents"]

_Event: TypeAlias = Outcome[RunStreamEvent, ClientError]


class RunEvents(Generator[_Event, None, None]):
    """The events of one connection. ``with client.iter_run_stream_events(…) as events:`` hangs up at the end."""

    def __init__(self, events: Generator[_Event, None, None]) -> None:
        self._events = events

    def send(self, value: None, /) -> _Event:
        return self._events.send(value)

    def throw(self, *problem: Any) -> _Event:
        return self._events.throw(*problem)

    def close(self) -> None:
        """Hang up."""
        self._events.close()

    def __enter__(self) -> "RunEvents":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncRunEvents(AsyncGenerator[_Event, None]):
    """The same of an async client: ``async with client.iter_run_stream_events(…) as events:``."""

    def __init__(self, events: AsyncGenerator[_Event, None]) -> None:
        self._events = events

    async def asend(self, value: None, /) -> _Event:
        return await self._events.asend(value)

    async def athrow(self, *problem: Any) -> _Event:
        return await self._events.athrow(*problem)

    async def aclose(self) -> None:
        """Hang up."""
        await self._events.aclose()

    async def __aenter__(self) -> "AsyncRunEvents":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
