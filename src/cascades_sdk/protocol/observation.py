"""What the log and a caller's hooks are told of each attempt: frozen, and free of anything that could be a secret.

Decided here: what is told. Paths are the templates of the contract: a run's id is in none of them, nor are headers,
bodies and query strings. Never here: who listens.
"""

from typing import Literal, TypeAlias

import attrs

from cascades_sdk.errors import ClientError

__all__ = ["Observation", "ReceivedResponse", "SentRequest"]


@attrs.frozen
class SentRequest:
    """An attempt begins. ``operation`` is the contract's operationId, ``attempt`` counts from 1."""

    operation: str
    method: Literal["GET", "POST"]
    path: str
    attempt: int


@attrs.frozen
class ReceivedResponse:
    """An attempt is over: an answer came (of a stream its head), or ``status`` is None.

    ``seconds`` is how long it took; ``error`` is what the attempt came to, None where it went well. Where another
    attempt follows, it is told in its turn.
    """

    operation: str
    method: Literal["GET", "POST"]
    path: str
    attempt: int
    status: int | None
    seconds: float
    request_id: str | None = None
    error: ClientError | None = None


Observation: TypeAlias = SentRequest | ReceivedResponse
