"""cascades-sdk: compile flows to canonical DAGs, submit runs to a control plane, and wait for them.

Two halves meet here.

**Author and compile.** Mark functions with :func:`task` and :func:`flow`, and hand a flow to
:func:`cascades_sdk.compiler.build_dag_from_flow`: the flow runs once, its task calls are recorded instead of run,
and the answer is a frozen ``Dag`` with one canonical JSON form and one digest
(:mod:`cascades_sdk.encoding`). :func:`cascades_sdk.evaluation.evaluate` runs the compiled graph in this
process: it gives what calling the flow gives.

**Submit and wait.** :class:`CascadesClient` speaks the HTTP contract of a control plane;
:func:`submit_and_wait` and :func:`wait_for_completion` follow a run's telemetry to its end.

Every call answers an ``Outcome``: ``Success(value)`` or ``Failure(error)`` of the library ``returns``. What can
be expected to fail raises nothing; the errors are frozen values, listed in :mod:`cascades_sdk.errors`.
Constructors raise the same errors, because there is nothing to return.

Importing this package loads no HTTP library: names are loaded when they are first used (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from cascades_sdk._meta import API_CONTRACT_VERSION, __version__

if TYPE_CHECKING:
    from cascades_sdk.client import CascadeClient, CascadesClient
    from cascades_sdk.compiler import build_dag_from_flow, flow, task
    from cascades_sdk.errors import CascadeSDKError, CascadesSDKError, Outcome
    from cascades_sdk.pipelines import submit_and_wait, wait_for_completion
    from cascades_sdk.protocol.auth import SessionCookieAuth

__all__ = [
    "API_CONTRACT_VERSION",
    "CascadeClient",
    "CascadeSDKError",
    "CascadesClient",
    "CascadesSDKError",
    "Outcome",
    "SessionCookieAuth",
    "__version__",
    "build_dag_from_flow",
    "flow",
    "submit_and_wait",
    "task",
    "wait_for_completion",
]

#: Where each name lives; it is imported from there when it is first asked for.
_HOMES: Final = {
    "CascadeClient": "cascades_sdk.client",
    "CascadeSDKError": "cascades_sdk.errors",
    "CascadesClient": "cascades_sdk.client",
    "CascadesSDKError": "cascades_sdk.errors",
    "Outcome": "cascades_sdk.errors",
    "SessionCookieAuth": "cascades_sdk.protocol.auth",
    "build_dag_from_flow": "cascades_sdk.compiler",
    "flow": "cascades_sdk.compiler",
    "submit_and_wait": "cascades_sdk.pipelines",
    "task": "cascades_sdk.compiler",
    "wait_for_completion": "cascades_sdk.pipelines",
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
