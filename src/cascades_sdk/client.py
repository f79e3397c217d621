"""The client: the operations of the contract as methods that return Outcomes.

Decided here: what a client is configured with, and what is refused in its constructor.
Never here: what an answer means, what is tried again, and any loop over a socket.
"""

import ssl
from collections.abc import Generator, Mapping
from math import isfinite
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx
from returns.result import Failure

from cascades_sdk._meta import build_default_user_agent
from cascades_sdk.contract import GET_PUBLIC_API_VERSION, STREAM_RUN_TELEMETRY, SUBMIT_WORKFLOW_RUN, Operation
from cascades_sdk.errors import ClientError, Outcome, ValidationError, WaitPosition
from cascades_sdk.protocol.address import base_address
from cascades_sdk.protocol.auth import Auth, secrets_of
from cascades_sdk.protocol.calls import Terms, call
from cascades_sdk.protocol.effects import Program, Request
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.protocol.limits import LIMITS, RETRY, FollowPolicy, Limits, RetryPolicy
from cascades_sdk.protocol.requests import request_for
from cascades_sdk.protocol.telemetry import RunStreamEvent
from cascades_sdk.protocol.waiting import News, follow, listen_once
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.transport.driver import drive, finish
from cascades_sdk.transport.exchange import Exchange
from cascades_sdk.transport.pooled import PooledTransport
from cascades_sdk.types import ApiVersionResponse, WorkflowRunAccepted, WorkflowRunRequestBody

__all__ = ["CascadeClient", "CascadesClient"]

_WHERE: Final = "CascadesClient"
_T = TypeVar("_T")


class CascadesClient:
    """A control plane, over HTTP. May be shared by threads; a context manager that closes its connections.

    Args:
        base_url: the origin of a deployment, as in ``https://cascades.example.com``.
        auth: who is calling; :class:`~cascades_sdk.protocol.auth.SessionCookieAuth`. The version call sends none of it.
        timeout: seconds for each call, retries and pauses included; for a stream, until the head of its answer.
        verify: whether the server's certificate is checked, or the context to check it with.
        transport: what sends the requests in place of the built-in one; the client closes it. Deadlines are then
            looked at between chunks only, and ``verify`` is not used.
        clock: where time comes from.
        allow_insecure: whether a credential may travel over plain http to another machine.
        limits: how much is taken from the server.
        retry: how often a call is tried again.
        user_agent: what the client calls itself.

    Raises:
        ValidationError: the base URL, the timeout, the auth's headers or the user agent cannot be.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        timeout: float = 30.0,
        verify: bool | ssl.SSLContext = True,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
        allow_insecure: bool = False,
        limits: Limits = LIMITS,
        retry: RetryPolicy = RETRY,
        user_agent: str | None = None,
    ) -> None:
        address = base_address(base_url, credentials=auth is not None, allow_insecure=allow_insecure)
        if isinstance(address, Failure):
            raise address.failure()
        try:
            self._base = httpx.URL(str(address.unwrap()))
        except httpx.InvalidURL:
            # Without the cause: httpx may quote what it was given.
            raise ValidationError(_WHERE, "the host is malformed", pointer="/base_url") from None
        if not is_seconds(timeout):
            raise ValidationError(_WHERE, "expected a number of seconds above 0", pointer="/timeout")
        self._user_agent = build_default_user_agent() if user_agent is None else user_agent
        if not (self._user_agent.isascii() and self._user_agent.isprintable()):
            raise ValidationError(_WHERE, "expected printable ASCII", pointer="/user_agent")
        self._auth = auth
        self._timeout = float(timeout)
        self._limits = limits
        self._retry = retry
        self._clock = SYSTEM_CLOCK if clock is None else clock
        self._transport = PooledTransport(verify) if transport is None else transport
        self._closed = False

    def __repr__(self) -> str:
        return f"CascadesClient({str(self._base)!r}, auth={self._auth!r})"

    def __enter__(self) -> "CascadesClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections. A closed client raises ``RuntimeError`` when it is used."""
        self._closed = True
        self._transport.close()

    def get_public_api_version(self) -> Outcome[ApiVersionResponse, ClientError]:
        """The version of the API that the deployment speaks. No credential is sent.

        Returns:
            ``Success(ApiVersionResponse)``, or ``Failure`` of :class:`UnexpectedResponseError` (this is no control
            plane), :class:`NetworkError`, :class:`DeadlineExceededError`, :class:`RedirectedError`,
            :class:`ServerError`, …
        """
        return self._call(GET_PUBLIC_API_VERSION)

    def submit_workflow_run(
        self, body: WorkflowRunRequestBody | Mapping[str, Any] | None = None
    ) -> Outcome[WorkflowRunAccepted, ClientError]:
        """Submit a run: a catalog workflow with its inputs as ``context``; the demo workflow without a body.

        A mapping is in wire case (``{"workflowId": …, "context": {…}}``).

        Returns:
            ``Success(WorkflowRunAccepted)``, or ``Failure`` of :class:`ValidationError` (400, or refused before
            sending), :class:`AuthenticationError` (401), :class:`NotFoundError` (404),
            :class:`EngineUnavailableError` (503), :class:`AmbiguousSubmitError` (it left, and no answer came: the
            run may exist), :class:`NetworkError` (it never left), …
        """
        return self._call(SUBMIT_WORKFLOW_RUN, body=body)

    def iter_run_stream_events(
        self, run_id: str, *, since: str | None = None, task_since: str | None = None
    ) -> Generator[Outcome[RunStreamEvent, ClientError], None, None]:
        """The telemetry of a run over one connection, as it comes. Closing the generator hangs up.

        A frame that cannot be read is a ``Failure`` among the events; the stream goes on. A stream that was
        refused or broke ends with a ``Failure``; one that the server closed just ends. There is no deadline once
        the stream is open: :func:`cascades_sdk.pipelines.wait_for_completion` has one, and reconnects.
        """
        self._check_open()
        credentials = self._credentials()
        position = WaitPosition(run_id, since=since, task_since=task_since)
        request = self._stream_request(position, credentials)
        if isinstance(request, Failure):
            yield Failure(request.failure())
            return
        yield from self._drive(listen_once(request.unwrap(), self._terms(credentials)))

    def follow_run(
        self, run_id: str, seconds: float, policy: FollowPolicy
    ) -> Generator[News, None, Outcome[RunOutcome, ClientError]]:
        """What a wait is made of: the news of a run as they come, then its outcome as the generator's value."""
        self._check_open()
        credentials = self._credentials()

        def request_at(position: WaitPosition) -> Outcome[Request, ValidationError]:
            return self._stream_request(position, credentials)

        return self._drive(follow(run_id, seconds, request_at, policy, self._terms(credentials)))

    def _call(self, operation: Operation[_T], body: object = None) -> Outcome[_T, ClientError]:
        self._check_open()
        credentials = self._credentials() if operation.auth == "cookie" else {}
        request = request_for(operation, user_agent=self._user_agent, credentials=credentials, body=body)
        if isinstance(request, Failure):
            return Failure(request.failure())
        program = call(operation, request.unwrap(), self._terms(credentials))
        return finish(program, self._exchange(), self._clock)

    def _stream_request(
        self, position: WaitPosition, credentials: Mapping[str, str]
    ) -> Outcome[Request, ValidationError]:
        return request_for(
            STREAM_RUN_TELEMETRY,
            user_agent=self._user_agent,
            credentials=credentials,
            path={"id": position.run_id},
            query={"since": position.since, "taskSince": position.task_since},
            last_event_id=position.last_event_id,
        )

    def _drive(self, program: Program[_T, Any]) -> Generator[_T, None, Any]:
        return drive(program, self._exchange(), self._clock)

    def _exchange(self) -> Exchange:
        return Exchange(self._transport, self._base, self._clock.monotonic)

    def _terms(self, credentials: Mapping[str, str]) -> Terms:
        return Terms(self._timeout, self._limits, self._retry, secrets_of(credentials))

    def _credentials(self) -> Mapping[str, str]:
        return {} if self._auth is None else self._auth.request_headers()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed")


def is_seconds(value: object) -> bool:
    """Whether a value is a usable length of time: a finite number above zero."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value > 0


#: The same client under the name that some users know.
CascadeClient = CascadesClient
