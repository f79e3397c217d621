"""The sync client: the operations of the contract as methods that return Outcomes.

Decided here: nothing but which method is which operation.
Never here: what an answer means, what is tried again, and any loop over a socket.
"""

import ssl
from collections.abc import Generator, Mapping
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx
from returns.result import Failure

from cascades_sdk import contract, types
from cascades_sdk.client._events import RunEvents
from cascades_sdk.client._observing import Hook
from cascades_sdk.client._settings import KEEP, AuthGiven, Closed, Keep, Settings, follow_program
from cascades_sdk.errors import ClientError, Outcome, ValidationError, WaitPosition
from cascades_sdk.protocol.calls import call
from cascades_sdk.protocol.effects import Program
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.protocol.limits import LIMITS, RETRY, FollowPolicy, Limits, RetryPolicy
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest
from cascades_sdk.protocol.waiting import News, listen_once
from cascades_sdk.transport.cancelling import CancelToken
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.transport.driver import drive, finish
from cascades_sdk.transport.exchange import Exchange
from cascades_sdk.transport.pooled import PooledTransport
from cascades_sdk.transport.route import Certificate, route_of

__all__ = ["CascadeClient", "CascadesClient"]

_WHERE: Final = "CascadesClient"

_T = TypeVar("_T")


class CascadesClient:
    """A control plane, over HTTP. May be shared by threads; a context manager that closes its connections.

    Request bodies are the frozen classes of :mod:`cascades_sdk.types`, or mappings in wire case. Every method takes a
    ``timeout`` of its own in place of the client's.

    No error, log or hook shows a credential, and what a server echoes of one is hidden in them. A ``Success`` shows
    what the server sent, as it came: nothing is hidden in answers, events and their ``.wire``.

    Args:
        base_url: the origin of a deployment, as in ``https://cascades.example.com``.
        auth: who is calling: ``SessionCookieAuth(...)`` or anything else with ``request_headers()``; see
            :func:`~cascades_sdk.protocol.auth.normalize_auth`. The version call sends none of it.
        timeout: seconds for each call, retries and pauses included; for a stream, until the head of its answer.
        verify: whether the server's certificate is checked; or a file of certificates, or a context to check it with.
        cert: the client's own certificate: a PEM file, or (certificate, key), or (certificate, key, password).
        proxy: a URL as in ``http://user:password@proxy.example:3128`` (http or https), or an ``httpx.Proxy``.
        trust_env: whether the environment names proxies (``HTTPS_PROXY``, ``NO_PROXY``, …) and certificates
            (``SSL_CERT_FILE``, ``SSL_CERT_DIR``). ``.netrc`` is never read.
        allow_insecure: whether a credential may travel over plain http to another machine.
        user_agent: what the client calls itself.
        vendor_headers: whether the stable ``X-…`` headers of ``vendor_telemetry_headers()`` are sent.
        limits: how much is taken from the server.
        retry: how often a call is tried again.
        transport: what sends the requests in place of the built-in one; the client closes it. ``verify``, ``cert``,
            ``proxy`` and ``trust_env`` are then its own affair, and deadlines are looked at between chunks only. What
            it raises of httpx's exceptions and of ``OSError`` is a ``NetworkError`` (``TimeoutError``: a
            ``DeadlineExceededError``), for a POST an ambiguity unless no connection was made; anything else passes on.
        clock: where time comes from.
        on_request: is called with a ``SentRequest`` before each attempt. What a hook raises passes on to the caller.
            Hooks are plain functions, also those of an async client.
        on_response: is called with a ``ReceivedResponse`` after each attempt.

    Raises:
        ValidationError: one of the arguments cannot be.
    """

    _settings: Settings
    _transport: httpx.BaseTransport
    _closed: Closed
    _owner: bool

    def __init__(
        self,
        base_url: str,
        auth: AuthGiven = None,
        *,
        timeout: float = 30.0,
        verify: bool | str | ssl.SSLContext = True,
        cert: Certificate | None = None,
        proxy: str | httpx.URL | httpx.Proxy | None = None,
        trust_env: bool = False,
        allow_insecure: bool = False,
        user_agent: str | None = None,
        vendor_headers: bool = False,
        limits: Limits = LIMITS,
        retry: RetryPolicy = RETRY,
        transport: httpx.BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
        on_request: Hook[SentRequest] | None = None,
        on_response: Hook[ReceivedResponse] | None = None,
    ) -> None:
        self._settings = Settings(
            where=_WHERE,
            base_url=base_url,
            auth=auth,
            timeout=timeout,
            allow_insecure=allow_insecure,
            user_agent=user_agent,
            vendor_headers=vendor_headers,
            limits=limits,
            retry=retry,
            clock=clock,
            on_request=on_request,
            on_response=on_response,
        )
        if transport is None:
            route = route_of(
                self._settings.base, verify=verify, cert=cert, proxy=proxy, trust_env=trust_env, where=_WHERE
            )
            self._settings = self._settings.routed(route)
            transport = PooledTransport(route)
        elif not isinstance(transport, httpx.BaseTransport):
            raise ValidationError(_WHERE, "expected an httpx.BaseTransport", pointer="/transport")
        self._transport = transport
        self._closed = Closed()
        self._owner = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._settings.address)!r}, auth={self._settings.auth!r})"

    def __enter__(self) -> "CascadesClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections. A closed client raises ``RuntimeError`` when it is used.

        Calls and waits of other threads end at once, in a ``NetworkError`` that says so, or an ambiguity of a POST;
        over a transport of your own they end as it lets them.
        """
        self._closed.close()
        if self._owner:
            self._transport.close()

    def with_options(
        self,
        *,
        auth: AuthGiven | Keep = KEEP,
        timeout: float | Keep = KEEP,
        allow_insecure: bool | Keep = KEEP,
        user_agent: str | None | Keep = KEEP,
        vendor_headers: bool | Keep = KEEP,
        limits: Limits | Keep = KEEP,
        retry: RetryPolicy | Keep = KEEP,
        clock: Clock | Keep = KEEP,
        on_request: Hook[SentRequest] | None | Keep = KEEP,
        on_response: Hook[ReceivedResponse] | None | Keep = KEEP,
    ) -> "CascadesClient":
        """A client with some options changed, on the same connections. Closing it never closes them.

        Raises:
            ValidationError: one of the options cannot be.
        """
        other = object.__new__(type(self))
        other._settings = self._settings.changed(
            auth=auth,
            timeout=timeout,
            allow_insecure=allow_insecure,
            user_agent=user_agent,
            vendor_headers=vendor_headers,
            limits=limits,
            retry=retry,
            clock=clock,
            on_request=on_request,
            on_response=on_response,
        )
        other._transport = self._transport
        other._closed = Closed(self._closed)
        other._owner = False
        return other

    def get_public_api_version(self, *, timeout: float | None = None) -> Outcome[types.ApiVersionResponse, ClientError]:
        """The version of the API that the deployment speaks. No credential is sent.

        Returns:
            ``Success(ApiVersionResponse)``, or ``Failure`` of :class:`UnexpectedResponseError` (this is no control
            plane), :class:`NetworkError`, :class:`DeadlineExceededError`, :class:`RedirectedError`,
            :class:`ServerError`, …
        """
        return self._call(contract.GET_PUBLIC_API_VERSION, timeout)

    def submit_workflow_run(
        self, body: types.WorkflowRunRequestBody | Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> Outcome[types.WorkflowRunAccepted, ClientError]:
        """Submit a run: a catalog workflow with its inputs as ``context``; the demo workflow without a body.

        Returns:
            ``Success(WorkflowRunAccepted)``, or ``Failure`` of :class:`ValidationError` (400, or refused before
            sending), :class:`AuthenticationError` (401), :class:`NotFoundError` (404),
            :class:`EngineUnavailableError` (503), :class:`AmbiguousSubmitError` (it left, and no whole answer came:
            the run may exist), :class:`UnexpectedResponseError` (both name the run in ``run_id`` where what came
            does), :class:`NetworkError` (it never left), …
        """
        return self._call(contract.SUBMIT_WORKFLOW_RUN, timeout, body)

    def clone_catalog_workflow(
        self, body: types.WorkflowCloneRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.WorkflowCloneResponse, ClientError]:
        """Copy a workflow of the catalog into a row of its own, which ``catalog_item_id`` of the answer runs.

        Returns:
            ``Success(WorkflowCloneResponse)``, or ``Failure`` of :class:`ValidationError` (400, or refused before
            sending), :class:`AuthenticationError` (401), :class:`NotFoundError` (404), …
        """
        return self._call(contract.CLONE_CATALOG_WORKFLOW, timeout, body)

    def save_github_integration(
        self, body: types.GithubIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.GithubIntegrationSaved, ClientError]:
        """Store the credential for GitHub, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(GithubIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.GithubIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_GITHUB_INTEGRATION, timeout, body)

    def save_gitlab_integration(
        self, body: types.GitlabIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.GitlabIntegrationSaved, ClientError]:
        """Store the credential for GitLab, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(GitlabIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.GitlabIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_GITLAB_INTEGRATION, timeout, body)

    def save_jira_integration(
        self, body: types.JiraIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.JiraIntegrationSaved, ClientError]:
        """Store the credential for Jira, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(JiraIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.JiraIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_JIRA_INTEGRATION, timeout, body)

    def save_servicenow_integration(
        self, body: types.ServicenowIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.ServicenowIntegrationSaved, ClientError]:
        """Store the credential for ServiceNow, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(ServicenowIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.ServicenowIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_SERVICENOW_INTEGRATION, timeout, body)

    def save_slack_integration(
        self, body: types.SlackIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.SlackIntegrationSaved, ClientError]:
        """Store the credential for Slack, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(SlackIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.SlackIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_SLACK_INTEGRATION, timeout, body)

    def save_pagerduty_integration(
        self, body: types.PagerdutyIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.PagerdutyIntegrationSaved, ClientError]:
        """Store the credential for PagerDuty, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(PagerdutyIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.PagerdutyIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_PAGERDUTY_INTEGRATION, timeout, body)

    def save_hubspot_integration(
        self, body: types.HubspotIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.HubspotIntegrationSaved, ClientError]:
        """Store the credential for HubSpot, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(HubspotIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.HubspotIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_HUBSPOT_INTEGRATION, timeout, body)

    def save_salesforce_integration(
        self, body: types.SalesforceIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.SalesforceIntegrationSaved, ClientError]:
        """Store the credential for Salesforce, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(SalesforceIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.SalesforceIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_SALESFORCE_INTEGRATION, timeout, body)

    def save_vercel_integration(
        self, body: types.VercelIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.VercelIntegrationSaved, ClientError]:
        """Store the credential for Vercel, or name a stored secret that holds it. It is never sent back.

        Returns:
            ``Success(VercelIntegrationSaved)``, or ``Failure`` of :class:`ValidationError` (400, its ``code``
            one of those of :class:`~cascades_sdk.types.VercelIntegrationSaveError`; or refused before
            sending), :class:`AuthenticationError` (401), :class:`ServerError` (500), …
        """
        return self._call(contract.SAVE_VERCEL_INTEGRATION, timeout, body)

    def test_hubspot_integration(
        self, *, timeout: float | None = None
    ) -> Outcome[types.IntegrationTestOk, ClientError]:
        """Try the stored credential at HubSpot.

        Returns:
            ``Success(IntegrationTestOk)``, or ``Failure`` of :class:`ValidationError` (400) or :class:`ServerError`
            (502), both with a ``code`` of :class:`~cascades_sdk.types.HubspotVercelIntegrationTestError` and what the
            provider said in ``details``; :class:`AuthenticationError` (401), …
        """
        return self._call(contract.TEST_HUBSPOT_INTEGRATION, timeout)

    def test_salesforce_integration(
        self, *, timeout: float | None = None
    ) -> Outcome[types.IntegrationTestOk, ClientError]:
        """Try the stored credential at Salesforce.

        Returns:
            ``Success(IntegrationTestOk)``, or ``Failure`` of :class:`ValidationError` (400) or :class:`ServerError`
            (502), both with a ``code`` of :class:`~cascades_sdk.types.SalesforceIntegrationTestError` and what the
            provider said in ``details``; :class:`AuthenticationError` (401), …
        """
        return self._call(contract.TEST_SALESFORCE_INTEGRATION, timeout)

    def test_vercel_integration(self, *, timeout: float | None = None) -> Outcome[types.IntegrationTestOk, ClientError]:
        """Try the stored credential at Vercel.

        Returns:
            ``Success(IntegrationTestOk)``, or ``Failure`` of :class:`ValidationError` (400) or :class:`ServerError`
            (502), both with a ``code`` of :class:`~cascades_sdk.types.HubspotVercelIntegrationTestError` and what the
            provider said in ``details``; :class:`AuthenticationError` (401), …
        """
        return self._call(contract.TEST_VERCEL_INTEGRATION, timeout)

    def iter_run_stream_events(
        self,
        run_id: str,
        *,
        since: str | None = None,
        task_since: str | None = None,
        timeout: float | None = None,
    ) -> RunEvents:
        """The telemetry of a run over one connection, as it comes: a loop, and a context that hangs up at its end.

        A frame that cannot be read is a ``Failure`` among the events; the stream goes on. A stream that was
        refused or broke ends with a ``Failure``; one that the server closed just ends. ``timeout`` runs until the
        head of the answer; there is no deadline once the stream is open:
        :func:`cascades_sdk.pipelines.wait_for_completion` has one, and reconnects.
        """
        return RunEvents(self._events(run_id, since, task_since, timeout))

    def _events(
        self, run_id: str, since: str | None, task_since: str | None, timeout: float | None
    ) -> Generator[Outcome[types.RunStreamEvent, ClientError], None, None]:
        self._closed.check()
        path, query = {"id": run_id}, {"since": since, "taskSince": task_since}
        prepared = self._settings.prepared(contract.STREAM_RUN_TELEMETRY, timeout, path=path, query=query)
        if isinstance(prepared, Failure):
            yield Failure(prepared.failure())
            return
        yield from self._drive(listen_once(*prepared.unwrap()))

    def follow_run(
        self, origin: WaitPosition, seconds: float, policy: FollowPolicy, token: CancelToken | None = None
    ) -> Generator[News, None, Outcome[RunOutcome, ClientError]]:
        """What a wait is made of: the news of a run as they come, and at last its value.

        Returns:
            News, and last ``Success(RunOutcome)`` or a ``Failure``.
            :func:`~cascades_sdk.pipelines.follow_run` is for users.
        """
        self._closed.check()
        settings = self._settings
        exchange = Exchange(self._transport, settings.base, settings.clock.monotonic, token)
        return drive(follow_program(settings, origin, seconds, policy), exchange, settings.clock, settings.observe)

    def _call(
        self, operation: contract.Operation[_T], timeout: float | None, body: object = None
    ) -> Outcome[_T, ClientError]:
        self._closed.check()
        prepared = self._settings.prepared(operation, timeout, body=body)
        if isinstance(prepared, Failure):
            return Failure(prepared.failure())
        program = call(operation, *prepared.unwrap())
        return finish(program, self._exchange(), self._settings.clock, self._settings.observe)

    def _drive(self, program: Program[_T, Any]) -> Generator[_T, None, Any]:
        return drive(program, self._exchange(), self._settings.clock, self._settings.observe)

    def _exchange(self) -> Exchange:
        return Exchange(self._transport, self._settings.base, self._settings.clock.monotonic)


#: The same client under the name that some users know.
CascadeClient: Final = CascadesClient
