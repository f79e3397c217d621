"""cascades-sdk: compile flows to canonical DAGs, submit runs to a control plane, and wait for them.

Two halves meet here.

**Author and compile.** Mark functions with :func:`task` and :func:`flow`, and hand a flow to
:func:`cascades_sdk.compiler.build_dag_from_flow`: the flow runs once, its task calls are recorded instead of run,
and the answer is a frozen ``Dag`` with one canonical JSON form and one digest
(:mod:`cascades_sdk.encoding`). :func:`cascades_sdk.evaluation.evaluate` runs the compiled graph in this
process: it gives what calling the flow gives.

**Submit and wait.** :class:`CascadesClient` and :class:`AsyncCascadesClient` speak the HTTP contract of a control
plane; :func:`submit_and_wait`, :func:`wait_for_completion` and their async twins follow a run's telemetry to its
end, to a :class:`RunOutcome`; :class:`RunProgress` is what they tell on the way, and :class:`WaitPosition` from where a
wait that was given up can go on. :func:`submit` and :func:`wait` are the same as steps of a chain. Any object that is
an :class:`Auth` says who is calling.

Every call answers an ``Outcome``: ``Success(value)`` or ``Failure(error)`` of the library ``returns``. What can
be expected to fail raises nothing; the errors are frozen values, listed in :mod:`cascades_sdk.errors`.
Constructors raise the same errors, because there is nothing to return.

Importing this package loads no HTTP library: names are loaded when they are first used (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from cascades_sdk._meta import API_CONTRACT_VERSION, __version__

if TYPE_CHECKING:
    from cascades_sdk.client import (
        AsyncCascadeClient,
        AsyncCascadesClient,
        CascadeClient,
        CascadesClient,
        Clock,
        Limits,
        RetryPolicy,
    )
    from cascades_sdk.compiler import build_dag_from_flow, flow, task, when
    from cascades_sdk.errors import (
        CascadeSDKError,
        CascadesSDKError,
        ClientError,
        Outcome,
        WaitPosition,
        raise_on_failure,
    )
    from cascades_sdk.pipelines import (
        RunOutcome,
        RunProgress,
        TaskProgress,
        as_future,
        as_outcome,
        submit,
        submit_and_wait,
        submit_and_wait_async,
        wait,
        wait_async,
        wait_for_completion,
        wait_for_completion_async,
    )
    from cascades_sdk.protocol.auth import (
        Auth,
        CompositeAuth,
        CookieHeaderAuth,
        HeaderAuth,
        SessionCookieAuth,
        normalize_auth,
    )

__all__ = [
    "API_CONTRACT_VERSION",
    "AsyncCascadeClient",
    "AsyncCascadesClient",
    "Auth",
    "CascadeClient",
    "CascadeSDKError",
    "CascadesClient",
    "CascadesSDKError",
    "ClientError",
    "Clock",
    "CompositeAuth",
    "CookieHeaderAuth",
    "HeaderAuth",
    "Limits",
    "Outcome",
    "RetryPolicy",
    "RunOutcome",
    "RunProgress",
    "SessionCookieAuth",
    "TaskProgress",
    "WaitPosition",
    "__version__",
    "as_future",
    "as_outcome",
    "build_dag_from_flow",
    "flow",
    "normalize_auth",
    "raise_on_failure",
    "submit",
    "submit_and_wait",
    "submit_and_wait_async",
    "task",
    "wait",
    "wait_async",
    "wait_for_completion",
    "wait_for_completion_async",
    "when",
]

#: Where each name lives; it is imported from there when it is first asked for.
_HOMES: Final = {
    "AsyncCascadeClient": "cascades_sdk.client",
    "AsyncCascadesClient": "cascades_sdk.client",
    "Auth": "cascades_sdk.protocol.auth",
    "CascadeClient": "cascades_sdk.client",
    "CascadeSDKError": "cascades_sdk.errors",
    "CascadesClient": "cascades_sdk.client",
    "CascadesSDKError": "cascades_sdk.errors",
    "ClientError": "cascades_sdk.errors",
    "Clock": "cascades_sdk.client",
    "CompositeAuth": "cascades_sdk.protocol.auth",
    "CookieHeaderAuth": "cascades_sdk.protocol.auth",
    "HeaderAuth": "cascades_sdk.protocol.auth",
    "Limits": "cascades_sdk.client",
    "Outcome": "cascades_sdk.errors",
    "RetryPolicy": "cascades_sdk.client",
    "RunOutcome": "cascades_sdk.pipelines",
    "RunProgress": "cascades_sdk.pipelines",
    "SessionCookieAuth": "cascades_sdk.protocol.auth",
    "TaskProgress": "cascades_sdk.pipelines",
    "WaitPosition": "cascades_sdk.errors",
    "as_future": "cascades_sdk.pipelines",
    "as_outcome": "cascades_sdk.pipelines",
    "build_dag_from_flow": "cascades_sdk.compiler",
    "flow": "cascades_sdk.compiler",
    "normalize_auth": "cascades_sdk.protocol.auth",
    "raise_on_failure": "cascades_sdk.errors",
    "submit": "cascades_sdk.pipelines",
    "submit_and_wait": "cascades_sdk.pipelines",
    "submit_and_wait_async": "cascades_sdk.pipelines",
    "task": "cascades_sdk.compiler",
    "wait": "cascades_sdk.pipelines",
    "wait_async": "cascades_sdk.pipelines",
    "wait_for_completion": "cascades_sdk.pipelines",
    "wait_for_completion_async": "cascades_sdk.pipelines",
    "when": "cascades_sdk.compiler",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value  # the next look finds it without this function
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
