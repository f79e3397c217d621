"""The clients: the operations of the contract as methods that return Outcomes, sync and async alike.

Decided here: the public names. Both clients are thin: what they send and what an answer means is decided in
``protocol``, and the effects are carried out in ``transport``.

The async client is loaded when it is first asked for (PEP 562): a sync program needs none of what it stands on.
"""

from typing import TYPE_CHECKING, Any

from cascades_sdk.client._observing import Hook
from cascades_sdk.client._settings import AuthGiven
from cascades_sdk.client._sync import CascadeClient, CascadesClient
from cascades_sdk.protocol.limits import Limits, RetryPolicy
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest
from cascades_sdk.transport.cancelling import CancelToken
from cascades_sdk.transport.clock import Clock

if TYPE_CHECKING:
    from cascades_sdk.client._async import AsyncCascadeClient, AsyncCascadesClient

__all__ = [
    "AsyncCascadeClient",
    "AsyncCascadesClient",
    "AuthGiven",
    "CancelToken",
    "CascadeClient",
    "CascadesClient",
    "Clock",
    "Hook",
    "Limits",
    "ReceivedResponse",
    "RetryPolicy",
    "SentRequest",
]


def __getattr__(name: str) -> Any:
    if name in ("AsyncCascadeClient", "AsyncCascadesClient"):
        from cascades_sdk.client import _async

        return getattr(_async, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
