"""One flow, one digest: a flow compiled under everything that might make a difference, and compared byte by byte.

Decided here: the public names. The parts, bottom up: ``_model`` (what is compared, the report, the errors),
``_arguments`` (what can be meant), ``_places`` (where a fresh process finds a flow), ``_observing`` (compiling it in
every way that one process has), ``_child`` (what a fresh process does), ``_processes`` (starting and ending them),
``_check`` (comparing).

Needs nothing beyond what the package itself needs.
"""

from cascades_sdk.testing.determinism._check import assert_flow_deterministic, check_determinism
from cascades_sdk.testing.determinism._model import (
    DeterminismError,
    DeterminismReport,
    Environment,
    FlowNotFoundError,
    FreshProcessError,
    NotDeterministicError,
    UncompiledFlowError,
    UnfitPythonError,
    Way,
)

__all__ = [
    "DeterminismError",
    "DeterminismReport",
    "Environment",
    "FlowNotFoundError",
    "FreshProcessError",
    "NotDeterministicError",
    "UncompiledFlowError",
    "UnfitPythonError",
    "Way",
    "assert_flow_deterministic",
    "check_determinism",
]
