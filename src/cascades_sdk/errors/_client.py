"""What HTTP and waiting can answer, as one closed union of frozen values.

Decided here: which client errors exist, what each carries, and its one line of text.
Never here: how a response is read, what is tried again, and how long anything waits.

Each error names the ``operation`` (the contract's operationId, or the constructor that refused), and the
HTTP ``status`` where there was one. No text holds a credential, a query string or a URL's userinfo:
whoever builds an error hands in text that is safe already. All times are seconds.
"""

from typing import Literal

import attrs

from cascades_sdk.errors._base import CascadesSDKError, error
from cascades_sdk.values import FrozenDict

__all__ = [
    "AmbiguousSubmitError",
    "AuthenticationError",
    "ClientError",
    "DeadlineExceededError",
    "EngineUnavailableError",
    "LimitExceededError",
    "NetworkError",
    "NetworkErrorKind",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RedirectedError",
    "ServerError",
    "StreamLostError",
    "UnexpectedResponseError",
    "ValidationError",
    "WaitPosition",
]

#: ``connect``: no connection was made. ``name``: the host name has no address. ``tls``: no trust, or no TLS.
#: ``broken``: the connection ended in the middle of an exchange.
NetworkErrorKind = Literal["connect", "name", "tls", "broken"]


@attrs.frozen
class WaitPosition:
    """How far a wait had come: the run, its last known status, and the cursors of the last rows seen.

    ``since`` and ``task_since`` are what ``iter_run_stream_events`` takes to go on from there.
    """

    run_id: str
    status: str | None = None
    since: str | None = None
    task_since: str | None = None
    last_event_id: str | None = None

    def __str__(self) -> str:
        told = (
            ("status", self.status),
            ("since", self.since),
            ("task_since", self.task_since),
            ("last_event_id", self.last_event_id),
        )
        return " ".join((f"run {self.run_id}", *(f"{name}={value}" for name, value in told if value)))


@error
class AuthenticationError(CascadesSDKError):
    """401: no credential was sent, or it is not valid (any more)."""

    operation: str
    status: int = 401

    def message(self) -> str:
        return (
            f"{self.operation}: not signed in (status {self.status}); "
            "pass auth=SessionCookieAuth(...) with the cookie of a current session"
        )


@error
class PermissionDeniedError(CascadesSDKError):
    """403: the credential is known, and not allowed to do this."""

    operation: str
    status: int = 403

    def message(self) -> str:
        return f"{self.operation}: not allowed for this user (status {self.status})"


@error
class ValidationError(CascadesSDKError):
    """400, or our own check before anything was sent (then ``status`` is None).

    ``pointer`` is a JSON Pointer into what the caller gave; the empty string is the whole of it.
    """

    operation: str
    detail: str
    status: int | None = None
    code: str | None = None
    details: FrozenDict | None = None
    pointer: str | None = None

    def message(self) -> str:
        where = f" at {self.pointer}" if self.pointer else ""
        code = f" [{self.code}]" if self.code else ""
        status = f" (status {self.status})" if self.status is not None else ""
        return f"{self.operation}: refused{where}: {self.detail}{code}{status}"


@error
class NotFoundError(CascadesSDKError):
    """404: the run or the workflow is not there, or (``reason``) its definition is not usable."""

    operation: str
    status: int = 404
    reason: str | None = None
    key: str | None = None

    def message(self) -> str:
        what = f"{self.key!r} not found" if self.key else "not found"
        reason = f", {self.reason}" if self.reason else ""
        return f"{self.operation}: {what} (status {self.status}{reason}); check the id and the base URL"


@error
class RateLimitError(CascadesSDKError):
    """429: too many requests; ``retry_after`` says when to come back, if the server told."""

    operation: str
    status: int = 429
    retry_after: float | None = None

    def message(self) -> str:
        return f"{self.operation}: too many requests (status {self.status}){_come_back(self.retry_after)}"


@error
class EngineUnavailableError(CascadesSDKError):
    """503: the execution engine takes no runs now."""

    operation: str
    status: int = 503
    reason: str | None = None
    detail: str | None = None
    retry_after: float | None = None

    def message(self) -> str:
        reason = f", {self.reason}" if self.reason else ""
        detail = f": {self.detail}" if self.detail else ""
        return (
            f"{self.operation}: the engine is unavailable (status {self.status}{reason})"
            f"{detail}{_come_back(self.retry_after)}"
        )


@error
class ServerError(CascadesSDKError):
    """Any other 5xx: the server, or something before it, failed."""

    operation: str
    status: int
    retry_after: float | None = None

    def message(self) -> str:
        return f"{self.operation}: the server failed (status {self.status}){_come_back(self.retry_after)}"


@error
class RedirectedError(CascadesSDKError):
    """3xx: never followed, because a credential would travel along. ``target`` has no query and no userinfo."""

    operation: str
    status: int
    target: str | None = None

    def message(self) -> str:
        target = f" to {self.target}" if self.target else ""
        return (
            f"{self.operation}: the server redirects{target} (status {self.status}); "
            "redirects are not followed: make that origin the base URL if it is right, or renew the session"
        )


@error
class UnexpectedResponseError(CascadesSDKError):
    """An answer that the contract does not know. ``pointer`` tells where in the body, if it is there."""

    operation: str
    problem: str
    status: int | None = None
    pointer: str | None = None

    def message(self) -> str:
        where = f" at {self.pointer}" if self.pointer else ""
        status = f" (status {self.status})" if self.status is not None else ""
        return (
            f"{self.operation}: unexpected answer{where}: {self.problem}{status}; "
            "is the base URL that of a control plane?"
        )


@error
class NetworkError(CascadesSDKError):
    """No answer, because the network failed. A POST that ends so never left."""

    operation: str
    kind: NetworkErrorKind
    detail: str

    def message(self) -> str:
        return f"{self.operation}: {_NETWORK_TEXT[self.kind]}: {self.detail}"


@error
class DeadlineExceededError(CascadesSDKError, TimeoutError):
    """The time given has passed. A wait tells in ``position`` from where it can go on."""

    operation: str
    seconds: float
    position: WaitPosition | None = None

    def message(self) -> str:
        position = f" at {self.position}" if self.position else ""
        return f"{self.operation}: not done within {self.seconds:g} s{position}"


@error
class LimitExceededError(CascadesSDKError):
    """The server sent more than the client was set to take (``limits=``)."""

    operation: str
    limit: str
    maximum: int

    def message(self) -> str:
        return f"{self.operation}: the answer exceeds the limit {self.limit}={self.maximum}"


@error
class StreamLostError(CascadesSDKError):
    """The run's stream broke time and again without any news: given up, before the deadline.

    The run itself may go on; ``position`` tells from where to follow it.
    """

    operation: str
    reason: str
    attempts: int
    position: WaitPosition

    def message(self) -> str:
        return (
            f"{self.operation}: given up after {self.attempts} connections since the last news at {self.position}; "
            f"last: {self.reason}"
        )


@error
class AmbiguousSubmitError(CascadesSDKError):
    """A POST left, and no whole answer came back: it may have been carried out. It was not repeated."""

    operation: str
    cause: NetworkError | DeadlineExceededError | LimitExceededError

    def message(self) -> str:
        return f"{self.operation}: no answer, and it may have been carried out; not repeated ({self.cause})"


#: Everything that a call or a wait can answer in ``Failure``.
ClientError = (
    AuthenticationError
    | PermissionDeniedError
    | ValidationError
    | NotFoundError
    | RateLimitError
    | EngineUnavailableError
    | ServerError
    | RedirectedError
    | UnexpectedResponseError
    | NetworkError
    | DeadlineExceededError
    | LimitExceededError
    | AmbiguousSubmitError
    | StreamLostError
)

_NETWORK_TEXT: dict[NetworkErrorKind, str] = {
    "connect": "no connection",
    "name": "the host name cannot be resolved",
    "tls": "no trusted TLS connection",
    "broken": "the connection broke",
}


def _come_back(retry_after: float | None) -> str:
    return "" if retry_after is None else f"; come back in {retry_after:g} s"
