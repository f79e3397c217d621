"""The older SDK's manners: with one changed import a program written for cascades-sdk 0.3.0 keeps running.

Decided here: nothing but names and shapes; each function is the new one, unwrapped. What was a frozen value is a dict
in wire case, and what was a ``Failure`` is raised. Never here: a decision.

    >>> from cascades_sdk.compat import build_dag_from_flow, flow, task
    >>> @task
    ... def double(n):
    ...     return 2 * n
    >>> @flow
    ... def twice(n):
    ...     return double(double(n))
    >>> build_dag_from_flow(twice, {"n": 1})["edges"]
    [{'from': 'node-0', 'to': 'node-1'}]

Call by call, with the import left as it was on the left side. ``client`` is one of this module's, ``client.new`` is the
:class:`cascades_sdk.CascadesClient` that it stands on, so a program can go over one call at a time.

==================================================  ==================================================================
the older call                                      what to write instead
==================================================  ==================================================================
``CascadesClient(url, auth, timeout=30)``           the same of ``cascades_sdk``; ``with`` closes its connections
``verify_ssl=False``                                ``verify=False``
proxies and ``NO_PROXY`` of the environment         ``trust_env=True``, or ``proxy=``; ``.netrc`` is never read
``client.get_public_api_version()["apiVersion"]``   ``client.get_public_api_version().map(lambda v: v.api_version)``
``client.submit_workflow_run(body)["runId"]``       ``client.submit_workflow_run(body).map(lambda run: run.run_id)``
``client.clone_catalog_workflow(body)``             the same, an outcome
``client.save_…_integration(body)``                 the same, an outcome
``client.test_…_integration()``                     the same, an outcome
``for event in client.iter_run_stream_events(id)``  the same, of outcomes; :func:`cascades_sdk.pipelines.follow_run`
                                                    goes on where a stream breaks
``wait_for_completion(client, id)["data"]``         ``wait_for_completion(client, id).map(lambda run: run.event.data)``
``poll_interval=…``                                 nothing: a stream is read, nobody polls
``on_status_change=…``                              ``on_progress=lambda progress: … progress.status …``
``await wait_for_completion_async(client, id)``     the same with an ``AsyncCascadesClient`` (or a sync client)
``wait_for_run_terminal(…)``                        ``wait_for_completion(…)``
``build_dag_from_flow(f, inputs)``                  ``build_dag_from_flow(f, inputs).bind(deployed_document)``; better
                                                    ``.map(dag_to_json)``, which keeps arguments, inputs and options
``build_dag_from_flow_json(f, inputs)``             ``build_dag_from_flow(f, inputs).map(dag_to_json)``
``canonical_json(obj)``                             ``canonical_json(obj)``, an outcome
``canonicalize_dag(document)``                      ``canonicalize_dag(document)``, an outcome
``except OrchestrationError``                       ``case Failure(ServerError())``
``except TimeoutError``                             ``case Failure(DeadlineExceededError())``
``error.status_code`` (not here)                    ``error.status``
``error.response_body`` (not here)                  ``error.details``, ``error.code``, where a class has them
==================================================  ==================================================================

The errors are the new ones, without the two that are marked. Of authorities the environment's ``SSL_CERT_FILE`` is read
here, and not ``REQUESTS_CA_BUNDLE``. What is different all the same, because it was a fault: a redirect is not
followed; a credential goes to another machine by plain http only with ``allow_insecure=True``; JSON has one form for
each value (RFC 8785: ``1.0`` is ``1``, and an ``é`` is not escaped), and refuses NaN, integers beyond 2^53 - 1 and what
is no JSON, for which the text of an object was written; ``canonicalize_dag`` takes whole documents; a flow whose task
calls cannot be recorded rightly is an error instead of a graph without them, and so is one that reads a parameter that
has neither a value nor a default, which was ``None``; bodies are checked before they are sent; a wait tries again where
a stream breaks or cannot be opened yet, its deadline is exact, and only the statuses of the run are told, not those of
its tasks.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from inspect import Parameter, signature
from sys import float_info
from types import TracebackType
from typing import Any, Final, cast

import attrs
from returns.result import Failure

import cascades_sdk.client as _client
import cascades_sdk.compiler as _compiler
import cascades_sdk.encoding as _encoding
import cascades_sdk.pipelines as _pipelines
from cascades_sdk._meta import (
    API_CONTRACT_VERSION,
    PRODUCT,
    REPOSITORY_URL,
    SDK_NAME,
    VENDOR,
    __version__,
    build_default_user_agent,
    vendor_telemetry_headers,
)
from cascades_sdk.compiler import Flow, flow, task
from cascades_sdk.errors import (
    AuthenticationError,
    CascadeSDKError,
    CascadesSDKError,
    ClientError,
    DeadlineExceededError,
    EngineUnavailableError,
    NetworkError,
    NotFoundError,
    Outcome,
    RateLimitError,
    ServerError,
    ValidationError,
    raise_on_failure,
)
from cascades_sdk.graph import deployed_document
from cascades_sdk.protocol.auth import (
    Auth,
    CompositeAuth,
    CookieHeaderAuth,
    HeaderAuth,
    SessionCookieAuth,
    normalize_auth,
)
from cascades_sdk.values import thaw

__all__ = [
    "API_CONTRACT_VERSION",
    "COMPANY_NAME",
    "DEFAULT_USER_AGENT",
    "PRODUCT_NAME",
    "SDK_MAINTAINER",
    "SDK_NAME",
    "SDK_REPOSITORY_URL",
    "Auth",
    "AuthenticationError",
    "CascadeClient",
    "CascadeSDKError",
    "CascadesClient",
    "CascadesSDKError",
    "CompositeAuth",
    "CookieHeaderAuth",
    "EngineUnavailableError",
    "HeaderAuth",
    "NetworkError",
    "NotFoundError",
    "OrchestrationError",
    "RateLimitError",
    "ServerError",
    "SessionCookieAuth",
    "TimeoutError",
    "ValidationError",
    "__version__",
    "build_dag_from_flow",
    "build_dag_from_flow_json",
    "build_default_user_agent",
    "canonical_json",
    "canonicalize_dag",
    "flow",
    "normalize_auth",
    "task",
    "vendor_telemetry_headers",
    "wait_for_completion",
    "wait_for_completion_async",
    "wait_for_run_terminal",
    "wait_for_run_terminal_async",
]

COMPANY_NAME: Final = VENDOR
PRODUCT_NAME: Final = PRODUCT
SDK_MAINTAINER: Final = "The cascades-sdk maintainers"
SDK_REPOSITORY_URL: Final = REPOSITORY_URL
DEFAULT_USER_AGENT: Final = build_default_user_agent()

OrchestrationError = ServerError
TimeoutError = DeadlineExceededError

_Wire = dict[str, Any]
_OnStatus = Callable[[str], object]

#: Seconds. A wait that was over before it began ended with a ``TimeoutError``, and does so here.
_SHORTEST: Final = 1e-9


def _wire(outcome: Outcome[Any, ClientError]) -> _Wire:
    """The body that came, as a dict of the caller's own; or the error, raised."""
    return cast("_Wire", thaw(raise_on_failure(outcome).wire))


class CascadesClient:
    """A control plane, over HTTP: methods take and return dicts in wire case, and raise what went wrong.

    Args:
        base_url: the origin of a deployment.
        auth: who is calling.
        timeout: seconds for each call.
        verify_ssl: whether the server's certificate is checked.
        user_agent: what the client calls itself.
        vendor_headers: whether the stable ``X-…`` headers are sent.
        options: what else :class:`cascades_sdk.CascadesClient` takes. The environment is trusted unless it says no.

    Raises:
        ValidationError: one of the arguments cannot be.
    """

    #: The client that this one stands on.
    new: _client.CascadesClient

    def __init__(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        timeout: float = 30,
        verify_ssl: bool = True,
        user_agent: str | None = None,
        vendor_headers: bool = False,
        **options: Any,
    ) -> None:
        named = {"user_agent": user_agent, "vendor_headers": vendor_headers, "verify": verify_ssl, "trust_env": True}
        self.new = _client.CascadesClient(base_url, auth, timeout=timeout, **(named | options))

    def __repr__(self) -> str:
        return repr(self.new)

    def __enter__(self) -> "CascadesClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.new.close()

    def get_public_api_version(self) -> _Wire:
        """``GET /api/system/version``."""
        return _wire(self.new.get_public_api_version())

    def submit_workflow_run(self, body: Mapping[str, Any] | None = None) -> _Wire:
        """``POST /api/workflows/run``."""
        return _wire(self.new.submit_workflow_run(body))

    def clone_catalog_workflow(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/workflows/clone``."""
        return _wire(self.new.clone_catalog_workflow(body))

    def iter_run_stream_events(
        self, run_id: str, *, since: str | None = None, task_since: str | None = None
    ) -> Iterator[_Wire]:
        """``GET /api/runs/{id}/stream``: events as ``{"type", "data"}``; the end of the stream is their end."""
        with self.new.iter_run_stream_events(run_id, since=since, task_since=task_since) as events:
            for event in events:
                yield _event(raise_on_failure(event))

    def save_github_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/github``."""
        return _wire(self.new.save_github_integration(body))

    def save_gitlab_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/gitlab``."""
        return _wire(self.new.save_gitlab_integration(body))

    def save_jira_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/jira``."""
        return _wire(self.new.save_jira_integration(body))

    def save_servicenow_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/servicenow``."""
        return _wire(self.new.save_servicenow_integration(body))

    def save_slack_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/slack``."""
        return _wire(self.new.save_slack_integration(body))

    def save_pagerduty_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/pagerduty``."""
        return _wire(self.new.save_pagerduty_integration(body))

    def save_hubspot_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/hubspot``."""
        return _wire(self.new.save_hubspot_integration(body))

    def save_salesforce_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/salesforce``."""
        return _wire(self.new.save_salesforce_integration(body))

    def save_vercel_integration(self, body: Mapping[str, Any]) -> _Wire:
        """``POST /api/integrations/vercel``."""
        return _wire(self.new.save_vercel_integration(body))

    def test_hubspot_integration(self) -> _Wire:
        """``POST /api/integrations/hubspot/test``."""
        return _wire(self.new.test_hubspot_integration())

    def test_salesforce_integration(self) -> _Wire:
        """``POST /api/integrations/salesforce/test``."""
        return _wire(self.new.test_salesforce_integration())

    def test_vercel_integration(self) -> _Wire:
        """``POST /api/integrations/vercel/test``."""
        return _wire(self.new.test_vercel_integration())


CascadeClient = CascadesClient


def _event(event: Any) -> _Wire:
    return {"type": event.type, "data": thaw(event.data)}


def _on_progress(told: _OnStatus | None) -> Callable[[Any], None] | None:
    """A listener for progress that tells each status when it changes."""
    if told is None:
        return None
    last: list[str | None] = [None]

    def on_progress(progress: _pipelines.RunProgress) -> None:
        if progress.status is not None and progress.status != last[0]:
            last[0] = progress.status
            told(progress.status)

    return on_progress


def _seconds(timeout: float) -> float:
    """How long is waited: the shortest time for one that was over; what is no time is left to the check."""
    number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    return _SHORTEST if number and -float_info.max <= timeout <= 0 else timeout


def _ended(outcome: Outcome[_pipelines.RunOutcome, ClientError], timeout: float) -> _Wire:
    """The terminal event; or the error, raised, with the time as it was given."""
    late = outcome.failure() if isinstance(outcome, Failure) else None
    if isinstance(late, DeadlineExceededError):
        raise attrs.evolve(cast("Any", late), seconds=timeout)
    return _event(raise_on_failure(outcome).event)


def wait_for_completion(
    client: CascadesClient,
    run_id: str,
    timeout: float = 3600.0,
    poll_interval: float = 1.0,  # noqa: ARG001 - taken, because programs give it; nobody polls
    on_status_change: _OnStatus | None = None,
) -> _Wire:
    """The terminal event of a run, as ``{"type", "data"}``: SUCCESS, FAILED and CANCELLED alike.

    Raises:
        CascadesSDKError: of :data:`cascades_sdk.ClientError`, where no terminal status came.
    """
    on_progress = _on_progress(on_status_change)
    waited = _pipelines.wait_for_completion(client.new, run_id, _seconds(timeout), on_progress=on_progress)
    return _ended(waited, timeout)


async def wait_for_completion_async(
    client: CascadesClient,
    run_id: str,
    timeout: float = 3600.0,
    poll_interval: float = 1.0,  # noqa: ARG001 - taken, because programs give it; nobody polls
    on_status_change: _OnStatus | None = None,
) -> _Wire:
    """What :func:`wait_for_completion` is, in an event loop."""
    on_progress = _on_progress(on_status_change)
    waited = _pipelines.wait_for_completion_async(client.new, run_id, _seconds(timeout), on_progress=on_progress)
    return _ended(await waited, timeout)


wait_for_run_terminal = wait_for_completion
wait_for_run_terminal_async = wait_for_completion_async


def _defaults(flow_func: Callable[..., Any]) -> Mapping[str, Any]:
    """What the parameters of a flow are where nobody says: defaults, no further arguments, no further names."""
    if not isinstance(flow_func, Flow):
        return {}
    empty: dict[Any, Any] = {Parameter.VAR_POSITIONAL: (), Parameter.VAR_KEYWORD: {}}
    parameters = signature(flow_func.function).parameters.values()
    known = ((each.name, empty.get(each.kind, each.default)) for each in parameters)
    # A flow may change its containers; any other object may be known by its identity.
    return {
        name: deepcopy(value) if isinstance(value, list | dict | set) else value
        for name, value in known
        if value is not Parameter.empty
    }


def build_dag_from_flow(flow_func: Callable[..., Any], flow_inputs: Mapping[str, Any] | None = None) -> _Wire:
    """The document of a flow that deployments know, as a dict: ``nodes``, ``edges``, ``return_node``, ``entrypoints``.

    What ``flow_inputs`` does not name has its default, so that a flow may branch and loop on it.

    Raises:
        CascadesSDKError: of :data:`cascades_sdk.errors.CompileError`: the flow does not compile, or its graph has a map
            or a choice, for which that document has no place.
    """
    inputs = {**_defaults(flow_func), **(flow_inputs or {})}
    dag = raise_on_failure(_compiler.build_dag_from_flow(cast("Any", flow_func), inputs))
    return cast("_Wire", thaw(raise_on_failure(deployed_document(dag))))


def build_dag_from_flow_json(flow_func: Callable[..., Any], flow_inputs: Mapping[str, Any] | None = None) -> str:
    """The canonical text of :func:`build_dag_from_flow`; raises the same."""
    return canonical_json(build_dag_from_flow(flow_func, flow_inputs))


def canonical_json(obj: Any) -> str:
    """The canonical text of a value (RFC 8785).

    Raises:
        InvalidValueError: it holds what is no JSON.
    """
    return raise_on_failure(_encoding.canonical_json(obj))


def canonicalize_dag(dag: Mapping[str, Any]) -> _Wire:
    """A document that deployments know, in canonical order.

    Raises:
        InvalidDocumentError: it is none; ``pointer`` tells where.
        InvalidValueError: it holds what is no JSON.
    """
    return cast("_Wire", thaw(raise_on_failure(_encoding.canonicalize_dag(dag))))
