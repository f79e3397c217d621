"""The async client: the operations of the contract as coroutines that return Outcomes.

Decided here: nothing but which method is which operation. It differs from the sync client in its ``await``s.
Never here: what an answer means, what is tried again, and any loop over a socket.
"""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx
from returns.result import Failure

from cascades_sdk import contract, types
from cascades_sdk.client._events import AsyncRunEvents
from cascades_sdk.client._observing import Hook
from cascades_sdk.client._settings import KEEP, AuthGiven, Closed, Keep, Settings, follow_program
from cascades_sdk.client._sync import CascadesClient
from cascades_sdk.errors import ClientError, Outcome, ValidationError, WaitPosition
from cascades_sdk.protocol.calls import call
from cascades_sdk.protocol.effects import Program, Tell
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.protocol.limits import LIMITS, RETRY, FollowPolicy, Limits, RetryPolicy
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest
from cascades_sdk.protocol.waiting import News, listen_once
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.transport.driver_async import Returned, drive_async, finish_async
from cascades_sdk.transport.exchange_async import AsyncExchange
from cascades_sdk.transport.pooled import PooledTransport
from cascades_sdk.transport.pooled_async import AsyncPooledTransport
from cascades_sdk.transport.route import Certificate, route_of

__all__ = ["AsyncCascadeClient", "AsyncCascadesClient"]

_WHERE: Final = "AsyncCascadesClient"

_T = TypeVar("_T")
_R = TypeVar("_R")


class AsyncCascadesClient:
    """A control plane, over HTTP, in asyncio or trio.

    Its arguments and methods are those of :class:`~cascades_sdk.client.CascadesClient`, and each method returns what
    the sync one of the same name returns; only ``transport`` is an ``httpx.AsyncBaseTransport``, whose deadlines are
    exact, too. May be shared by tasks, and by event loops, one after the other or in threads: each has connections of
    its own, which are closed when it ends. An async context manager that closes the connections of its loop.
    Cancelling a call, or the task that makes it, leaves nothing behind.

    Raises:
        ValidationError: one of the arguments cannot be.
    """

    _settings: Settings
    _transport: httpx.AsyncBaseTransport
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
        transport: httpx.AsyncBaseTransport | None = None,
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
            transport = AsyncPooledTransport(route)
        elif not isinstance(transport, httpx.AsyncBaseTransport):
            raise ValidationError(_WHERE, "expected an httpx.AsyncBaseTransport", pointer="/transport")
        self._transport = transport
        self._closed = Closed()
        self._owner = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._settings.address)!r}, auth={self._settings.auth!r})"

    async def __aenter__(self) -> "AsyncCascadesClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections. A closed client raises ``RuntimeError`` when it is used."""
        self._closed.close()
        if self._owner:
            await self._transport.aclose()

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
    ) -> "AsyncCascadesClient":
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

    @classmethod
    def like(cls, client: CascadesClient) -> "AsyncCascadesClient | None":
        """A client with the configuration of a sync one, and connections of its own; None if those were given to it."""
        transport = client._transport
        if not isinstance(transport, PooledTransport):
            return None
        client._closed.check()
        new = object.__new__(cls)
        new._settings, new._transport = client._settings, AsyncPooledTransport(transport.route)
        new._closed, new._owner = Closed(), True
        return new

    async def get_public_api_version(
        self, *, timeout: float | None = None
    ) -> Outcome[types.ApiVersionResponse, ClientError]:
        """The version of the API that the deployment speaks. No credential is sent."""
        return await self._call(contract.GET_PUBLIC_API_VERSION, timeout)

    async def submit_workflow_run(
        self, body: types.WorkflowRunRequestBody | Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> Outcome[types.WorkflowRunAccepted, ClientError]:
        """Submit a run: a catalog workflow with its inputs as ``context``; the demo workflow without a body."""
        return await self._call(contract.SUBMIT_WORKFLOW_RUN, timeout, body)

    async def clone_catalog_workflow(
        self, body: types.WorkflowCloneRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.WorkflowCloneResponse, ClientError]:
        """Copy a workflow of the catalog into a row of its own, which ``catalog_item_id`` of the answer runs."""
        return await self._call(contract.CLONE_CATALOG_WORKFLOW, timeout, body)

    async def save_github_integration(
        self, body: types.GithubIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.GithubIntegrationSaved, ClientError]:
        """Store the credential for GitHub, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_GITHUB_INTEGRATION, timeout, body)

    async def save_gitlab_integration(
        self, body: types.GitlabIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.GitlabIntegrationSaved, ClientError]:
        """Store the credential for GitLab, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_GITLAB_INTEGRATION, timeout, body)

    async def save_jira_integration(
        self, body: types.JiraIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.JiraIntegrationSaved, ClientError]:
        """Store the credential for Jira, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_JIRA_INTEGRATION, timeout, body)

    async def save_servicenow_integration(
        self, body: types.ServicenowIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.ServicenowIntegrationSaved, ClientError]:
        """Store the credential for ServiceNow, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_SERVICENOW_INTEGRATION, timeout, body)

    async def save_slack_integration(
        self, body: types.SlackIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.SlackIntegrationSaved, ClientError]:
        """Store the credential for Slack, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_SLACK_INTEGRATION, timeout, body)

    async def save_pagerduty_integration(
        self, body: types.PagerdutyIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.PagerdutyIntegrationSaved, ClientError]:
        """Store the credential for PagerDuty, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_PAGERDUTY_INTEGRATION, timeout, body)

    async def save_hubspot_integration(
        self, body: types.HubspotIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.HubspotIntegrationSaved, ClientError]:
        """Store the credential for HubSpot, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_HUBSPOT_INTEGRATION, timeout, body)

    async def save_salesforce_integration(
        self, body: types.SalesforceIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.SalesforceIntegrationSaved, ClientError]:
        """Store the credential for Salesforce, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_SALESFORCE_INTEGRATION, timeout, body)

    async def save_vercel_integration(
        self, body: types.VercelIntegrationSaveRequest | Mapping[str, Any], *, timeout: float | None = None
    ) -> Outcome[types.VercelIntegrationSaved, ClientError]:
        """Store the credential for Vercel, or name a stored secret that holds it. It is never sent back."""
        return await self._call(contract.SAVE_VERCEL_INTEGRATION, timeout, body)

    async def test_hubspot_integration(
        self, *, timeout: float | None = None
    ) -> Outcome[types.IntegrationTestOk, ClientError]:
        """Try the stored credential at HubSpot."""
        return await self._call(contract.TEST_HUBSPOT_INTEGRATION, timeout)

    async def test_salesforce_integration(
        self, *, timeout: float | None = None
    ) -> Outcome[types.IntegrationTestOk, ClientError]:
        """Try the stored credential at Salesforce."""
        return await self._call(contract.TEST_SALESFORCE_INTEGRATION, timeout)

    async def test_vercel_integration(
        self, *, timeout: float | None = None
    ) -> Outcome[types.IntegrationTestOk, ClientError]:
        """Try the stored credential at Vercel."""
        return await self._call(contract.TEST_VERCEL_INTEGRATION, timeout)

    def iter_run_stream_events(
        self,
        run_id: str,
        *,
        since: str | None = None,
        task_since: str | None = None,
        timeout: float | None = None,
    ) -> AsyncRunEvents:
        """The telemetry of a run over one connection, as it comes: a loop, and a context that hangs up at its end.

        What comes is what :meth:`CascadesClient.iter_run_stream_events` tells. Whoever may leave the loop early enters
        it: ``async with client.iter_run_stream_events(...) as events``.
        """
        return AsyncRunEvents(self._events(run_id, since, task_since, timeout))

    async def _events(
        self, run_id: str, since: str | None, task_since: str | None, timeout: float | None
    ) -> AsyncGenerator[Outcome[types.RunStreamEvent, ClientError], None]:
        self._closed.check()
        path, query = {"id": run_id}, {"since": since, "taskSince": task_since}
        prepared = self._settings.prepared(contract.STREAM_RUN_TELEMETRY, timeout, path=path, query=query)
        if isinstance(prepared, Failure):
            yield Failure(prepared.failure())
            return
        async with aclosing(self._drive(listen_once(*prepared.unwrap()))) as driven:
            async for told in driven:
                if isinstance(told, Tell):
                    yield told.value

    def follow_run(
        self, origin: WaitPosition, seconds: float, policy: FollowPolicy
    ) -> AsyncGenerator[Tell[News] | Returned[Outcome[RunOutcome, ClientError]], None]:
        """What a wait is made of: the news of a run as they come, and at last what it ``Returned``.

        Returns:
            News, and last ``Success(RunOutcome)`` or a ``Failure``.
            :func:`~cascades_sdk.pipelines.follow_run_async` is for users.
        """
        self._closed.check()
        return self._drive(follow_program(self._settings, origin, seconds, policy))

    async def _call(
        self, operation: contract.Operation[_T], timeout: float | None, body: object = None
    ) -> Outcome[_T, ClientError]:
        self._closed.check()
        prepared = self._settings.prepared(operation, timeout, body=body)
        if isinstance(prepared, Failure):
            return Failure(prepared.failure())
        program = call(operation, *prepared.unwrap())
        return await finish_async(program, self._exchange(), self._settings.clock, self._settings.observe)

    def _drive(self, program: Program[_T, _R]) -> AsyncGenerator[Tell[_T] | Returned[_R], None]:
        return drive_async(program, self._exchange(), self._settings.clock, self._settings.observe)

    def _exchange(self) -> AsyncExchange:
        return AsyncExchange(self._transport, self._settings.base, self._settings.clock.monotonic)


#: The same client under the name that some users know.
AsyncCascadeClient: Final = AsyncCascadesClient
