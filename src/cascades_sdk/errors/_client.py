"""What HTTP and waiting can answer, as one closed union of frozen values.

Decided here: which client errors exist, what each carries, and its one line of text.
Never here: how a response is read, what is tried again, and how long anything waits.

Each error names the ``operation`` (the contract's operationId, or the constructor that refused), the HTTP
``status`` and the server's ``request_id`` where there were any (None otherwise). No text holds a credential, a
query string or a URL's userinfo: whoever builds an error hands in text that is safe already. All times are seconds.
"""

from typing import Any, Final, Literal, NewType
from urllib.parse import unquote

import attrs
from returns.result import Failure, Success

from cascades_sdk.errors._base import CascadesSDKError, Outcome, error
from cascades_sdk.errors._position import WaitPosition, shortened
from cascades_sdk.values import FrozenDict

__all__ = [
    "AmbiguousSubmitError",
    "AuthenticationError",
    "ClientError",
    "DeadlineExceededError",
    "DefinitionMismatchError",
    "EngineUnavailableError",
    "IntegrationSaveCode",
    "IntegrationTestCode",
    "LimitExceededError",
    "NetworkError",
    "NetworkErrorKind",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RedirectedError",
    "RunCancelledError",
    "RunFailedError",
    "ServerError",
    "StreamLostError",
    "UnexpectedResponseError",
    "ValidationError",
    "WaitCancelledError",
    "WorkflowCode",
    "placed",
    "position_from_text",
]

#: ``connect``: no connection was made. ``name``: the host name has no address. ``tls``: no trust, or no TLS.
#: ``proxy``: the proxy in between cannot be reached, or refuses. ``broken``: the connection ended in the middle of an
#: exchange.
NetworkErrorKind = Literal["connect", "name", "tls", "proxy", "broken"]

#: Why a credential was not stored, in the words of the contract; which of them occur depends on the integration.
IntegrationSaveCode = Literal[
    "invalid_body",
    "invalid_project",
    "invalid_repository",
    "invalid_routing_key",
    "invalid_token",
    "invalid_webhook",
    "unknown_secret_key",
    "unknown_webhook_secret_key",
]

#: Why the test of a stored integration failed.
IntegrationTestCode = Literal["missing_credentials", "missing_token", "not_configured", "provider_api_error"]

#: The server's word for what is wrong with a workflow: stable, but the contract does not list the words.
WorkflowCode = NewType("WorkflowCode", str)


def position_from_text(text: str) -> "Outcome[WaitPosition, ValidationError]":
    """The position that a :meth:`WaitPosition.text` tells.

    Returns:
        ``Success(WaitPosition)``, or ``Failure(ValidationError)``: it is no such line.
    """
    names = {field.name for field in attrs.fields(WaitPosition)}
    pairs = [part.partition("=") for part in text.split("&")]
    found = {name: unquote(value) for name, equals, value in pairs if equals and name in names}
    if len(found) < len(pairs) or not found.get("run_id"):
        problem = "expected the text of a position, as in run_id=…&status=…&since=… (not shown)"
        return Failure(ValidationError("resume_from", problem, pointer="/resume_from"))
    return Success(WaitPosition(**found))


@error
class _CallError(CascadesSDKError):
    """What all errors of calls and waits have, beside ``operation`` and ``status``.

    ``request_id`` is the server's own name for the request, where an answer told it: quote it when you ask for help.
    """

    request_id: str | None = attrs.field(default=None, kw_only=True)

    def _status(self, status: int | None, *more: str | None) -> str:
        """The status and whatever else tells the case apart, in parentheses; nothing if nothing is known."""
        request = None if self.request_id is None else f"request {self.request_id}"
        told = (None if status is None else f"status {status}", *more, request)
        text = ", ".join(word for word in told if word)
        return f" ({text})" if text else ""


@error
class _AnswerError(_CallError):
    """What errors have that may be the answer to a wait, too.

    ``position`` is how far a wait had come that ended so: the run goes on, and ``resume_from=`` follows it from there.
    """

    position: WaitPosition | None = attrs.field(default=None, kw_only=True)

    def _status(self, status: int | None, *more: str | None) -> str:
        return super()._status(status, *more, None if self.position is None else str(self.position))


@error
class AuthenticationError(_AnswerError):
    """401: no credential was sent, or it is not valid (any more)."""

    operation: str
    status: int = 401

    def message(self) -> str:
        return (
            f"{self.operation}: not signed in{self._status(self.status)}; "
            "pass auth=SessionCookieAuth(...) with the cookie of a current session"
        )


@error
class PermissionDeniedError(_AnswerError):
    """403: the credential is known, and not allowed to do this."""

    operation: str
    status: int = 403

    def message(self) -> str:
        return (
            f"{self.operation}: not allowed for this user{self._status(self.status)}; "
            "ask for the permission, or sign in as a user who has it"
        )


@error
class ValidationError(_AnswerError):
    """400, or another status that refuses what was sent (409, 413, 414, 422, 431); or our own check before anything was
    sent (then ``status`` is None).

    ``pointer`` is a JSON Pointer into what the caller gave; the empty string is the whole of it. ``code`` is the
    contract's word for what is wrong, ``details`` what else the server told.
    """

    operation: str
    detail: str
    status: int | None = None
    code: IntegrationSaveCode | IntegrationTestCode | WorkflowCode | None = None
    details: FrozenDict | None = None
    pointer: str | None = None

    def message(self) -> str:
        where = f" at {shortened(self.pointer)}" if self.pointer else ""
        code = f" [{self.code}]" if self.code else ""
        return f"{self.operation}: refused{where}: {self.detail}{code}{self._status(self.status)}"


@error
class NotFoundError(_AnswerError):
    """404: the run or the workflow is not there, or (``reason``) its definition is not usable."""

    operation: str
    status: int = 404
    reason: Literal["not_found", "invalid_definition"] | None = None
    key: str | None = None

    def message(self) -> str:
        what = f"{self.key!r} not found" if self.key else "not found"
        return f"{self.operation}: {what}{self._status(self.status, self.reason)}; check the id and the base URL"


@error
class RateLimitError(_CallError):
    """429: too many requests; ``retry_after`` says when to come back, if the server told."""

    operation: str
    status: int = 429
    retry_after: float | None = None

    def message(self) -> str:
        return f"{self.operation}: too many requests{self._status(self.status)}{_come_back(self.retry_after, _LESS)}"


@error
class EngineUnavailableError(_CallError):
    """503 in the contract's words: the execution engine takes no runs now. A 503 without them is a ServerError."""

    operation: str
    status: int = 503
    reason: Literal["worker_queue_required"] | None = None
    detail: str | None = None
    retry_after: float | None = None

    def message(self) -> str:
        detail = f": {self.detail}" if self.detail else ""
        return (
            f"{self.operation}: the engine is unavailable{self._status(self.status, self.reason)}"
            f"{detail}{_come_back(self.retry_after, _LATER)}"
        )


@error
class ServerError(_CallError):
    """Any other 5xx: the server, or something before it, failed. With 503 and ``retry_after`` a call is tried again.

    A test of an integration that failed at its provider (502) comes with the contract's ``code``, and with what the
    provider said in ``details``.
    """

    operation: str
    status: int
    retry_after: float | None = None
    code: IntegrationTestCode | None = None
    details: FrozenDict | None = None

    def message(self) -> str:
        later = _come_back(self.retry_after, _LATER)
        return f"{self.operation}: the server failed{self._status(self.status, self.code)}{later}"


@error
class RedirectedError(_AnswerError):
    """3xx: never followed, because a credential would travel along. ``target`` has no query and no userinfo."""

    operation: str
    status: int
    target: str | None = None

    def message(self) -> str:
        target = f" to {shortened(self.target)}" if self.target else ""
        return (
            f"{self.operation}: the server redirects{target}{self._status(self.status)}; "
            "redirects are not followed: make that origin the base URL if it is right, or renew the session"
        )


@error
class UnexpectedResponseError(_AnswerError):
    """An answer that the contract does not know. ``pointer`` tells where in the body, if it is there.

    ``run_id``: the answer to a submit was 200 and names a run, which goes on: follow it with
    ``wait_for_completion(client, error.run_id)``.
    """

    operation: str
    problem: str
    status: int | None = None
    pointer: str | None = None
    run_id: str | None = attrs.field(default=None, kw_only=True)

    def message(self) -> str:
        where = f" at {shortened(self.pointer)}" if self.pointer else ""
        told = f"{self.operation}: unexpected answer{where}: {self.problem}{self._status(self.status)}; "
        return told + (_follow(self.run_id) if self.run_id else "is the base URL that of a control plane?")


@error
class NetworkError(_AnswerError):
    """No whole answer, because the network failed. A POST that ends so was not carried out.

    ``status`` is that of an answer whose body never came whole.
    """

    operation: str
    kind: NetworkErrorKind
    detail: str
    status: int | None = None

    def message(self) -> str:
        return f"{self.operation}: {_NETWORK_TEXT[self.kind]}: {self.detail}{self._status(self.status)}"


@error
class DeadlineExceededError(_CallError, TimeoutError):
    """The time given has passed. A wait tells in ``position`` from where it can go on."""

    operation: str
    seconds: float
    position: WaitPosition | None = None
    status: int | None = None

    def message(self) -> str:
        position = f" at {self.position}" if self.position else ""
        advice = "the run may go on: wait for it again" if self.position else "give it more time with timeout="
        return f"{self.operation}: not done within {self.seconds:g} s{position}{self._status(self.status)}; {advice}"


@error
class LimitExceededError(_AnswerError):
    """The server sent more than the client was set to take (``limits=``)."""

    operation: str
    limit: str
    maximum: int
    status: int | None = None

    def message(self) -> str:
        return (
            f"{self.operation}: the answer exceeds the limit {self.limit}={self.maximum}{self._status(self.status)}; "
            f"limits=Limits({self.limit}=...) sets how much is taken"
        )


@error
class StreamLostError(_CallError):
    """The run's stream broke time and again without any news: given up, before the deadline.

    The run itself may go on; ``position`` tells from where to follow it.
    """

    operation: str
    reason: str
    attempts: int
    position: WaitPosition
    status: int | None = None

    def message(self) -> str:
        return (
            f"{self.operation}: given up after {self.attempts} connections since the last news at {self.position}; "
            f"last: {self.reason}; the run may go on: wait for it again"
        )


@error
class AmbiguousSubmitError(_CallError):
    """A POST left, and no whole answer came back: it may have been carried out. It was not repeated.

    ``run_id``: what came of the answer to a submit (status 200) names a run: follow it with
    ``wait_for_completion(client, error.run_id)``.
    """

    operation: str
    cause: NetworkError | DeadlineExceededError | LimitExceededError
    status: int | None = None
    run_id: str | None = attrs.field(default=None, kw_only=True)

    def message(self) -> str:
        done = "was" if self.status == _OK else "may have been"
        advice = _follow(self.run_id) if self.run_id else "look what became of it before you send it again"
        return f"{self.operation}: no whole answer, and it {done} carried out; not repeated ({self.cause}); {advice}"


@error
class WaitCancelledError(_CallError):
    """A sync wait was ended from another thread, by its ``cancel_token``. The run itself goes on."""

    operation: str
    position: WaitPosition
    status: int | None = None

    def message(self) -> str:
        return f"{self.operation}: given up by the caller at {self.position}; resume_from= goes on from there"


@error
class RunFailedError(_CallError):
    """A run ended with FAILED: what ``require_success`` makes of it. ``data`` is that of the terminal event."""

    operation: str
    run_id: str
    data: FrozenDict = attrs.field(repr=False)
    status: int | None = None

    def message(self) -> str:
        return f"{self.operation}: the run {self.run_id!r} failed; its event tells more in .data"


@error
class RunCancelledError(_CallError):
    """A run ended with CANCELLED: what ``require_success`` makes of it. ``data`` is that of the terminal event."""

    operation: str
    run_id: str
    data: FrozenDict = attrs.field(repr=False)
    status: int | None = None

    def message(self) -> str:
        return f"{self.operation}: the run {self.run_id!r} was cancelled"


@error
class DefinitionMismatchError(_CallError):
    """The deployment runs another definition than the one that was reviewed. The run ``run_id`` was accepted."""

    operation: str
    expected: str
    found: str
    run_id: str
    status: int | None = None

    def message(self) -> str:
        return (
            f"{self.operation}: the run {self.run_id!r} is of the definition {self.found!r}, and {self.expected!r} was "
            "expected; review what is deployed, or deploy what was reviewed"
        )


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
    | WaitCancelledError
    | RunFailedError
    | RunCancelledError
    | DefinitionMismatchError
)

_OK: Final = 200

_LATER: Final = "try again later"
_LESS: Final = "wait a while, and ask less often"


def placed(error: ClientError, position: WaitPosition) -> ClientError:
    """An error that ends a wait, with the position, where it has a place for one: nobody must lose a submitted run."""
    if isinstance(error, _AnswerError):
        changed: Any = error  # mypy does not see that the decorator makes attrs classes
        evolved: ClientError = attrs.evolve(changed, position=position)
        return evolved
    return error


_NETWORK_TEXT: dict[NetworkErrorKind, str] = {
    "connect": "no connection",
    "name": "the host name cannot be resolved",
    "tls": "no trusted TLS connection",
    "proxy": "the proxy does not help",
    "broken": "the connection broke",
}


def _follow(run_id: str) -> str:
    return f"run {run_id} was accepted: follow it with wait_for_completion"


def _come_back(retry_after: float | None, otherwise: str) -> str:
    return f"; {otherwise}" if retry_after is None else f"; come back in {retry_after:g} s"
