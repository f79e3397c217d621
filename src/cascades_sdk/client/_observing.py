"""Who is told of attempts: the log ``cascades_sdk``, and the hooks of a client.

Decided here: what a line of the log says, and at which level. Never here: what an observation holds.
"""

import logging
from collections.abc import Callable
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Final, TypeAlias, TypeVar

from cascades_sdk.protocol.observation import Observation, ReceivedResponse, SentRequest
from cascades_sdk.transport.driver import Observer

__all__ = ["PLAIN_FUNCTION", "Hook", "is_async", "observer"]

_S = TypeVar("_S")

#: A function that is told something. What it raises ends the call, and passes on to the caller.
Hook: TypeAlias = Callable[[_S], object]

_LOG: Final = logging.getLogger("cascades_sdk")


#: What is said of a hook whose call would only make a coroutine, which nobody awaits.
PLAIN_FUNCTION: Final = "expected a plain function, not an async one"


def is_async(function: object) -> bool:
    """Whether calling it runs none of it: an async function or generator, or an object whose call is one."""
    called = (function, type(function).__call__) if callable(function) else ()
    return any(iscoroutinefunction(one) or isasyncgenfunction(one) for one in called)


def observer(on_request: Hook[SentRequest] | None, on_response: Hook[ReceivedResponse] | None) -> Observer:
    """Tell the log, and then the hook, if there is one."""

    def observe(observation: Observation) -> None:
        if isinstance(observation, SentRequest):
            _log_request(observation)
            if on_request is not None:
                on_request(observation)
            return
        _log_response(observation)
        if on_response is not None:
            on_response(observation)

    return observe


def _log_request(sent: SentRequest) -> None:
    _LOG.debug("%s %s: attempt %d", sent.method, sent.path, sent.attempt)


def _log_response(received: ReceivedResponse) -> None:
    # A failure is the caller's to judge; it is not an error of the library's, so it is no louder than this.
    level = logging.DEBUG if received.error is None else logging.INFO
    status = "no answer" if received.status is None else f"status {received.status}"
    told = "" if received.error is None else f" ({type(received.error).__name__})"
    _LOG.log(
        level,
        "%s %s: %s%s after %.3f s, attempt %d",
        received.method,
        received.path,
        status,
        told,
        received.seconds,
        received.attempt,
    )
