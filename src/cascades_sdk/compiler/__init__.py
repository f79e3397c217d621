"""Authoring and compiling: ``task``, ``flow`` and ``build_dag_from_flow``.

Decided here: what a flow may do while it is captured. A flow is executed once; its task calls are recorded
instead of run; a pure reducer folds the record into a :class:`~cascades_sdk.graph.Dag`.
Never here: what a node means.

    >>> from cascades_sdk.compiler import build_dag_from_flow, flow, task
    >>> @task
    ... def add(a: int, b: int) -> int:
    ...     return a + b
    >>> @flow
    ... def total(n: int = 1) -> int:
    ...     return add(add(n, 2), 3)
    >>> len(build_dag_from_flow(total).unwrap().nodes)
    2
    >>> total(n=1)
    6
"""

from cascades_sdk.compiler._flows import AsyncFlow, Flow, build_dag_from_flow, build_dag_from_flow_json, flow
from cascades_sdk.compiler._naming import runs_as_main
from cascades_sdk.compiler._recorder import MAX_NESTING
from cascades_sdk.compiler._reference import REFERENCE_TOKEN, Reference
from cascades_sdk.compiler._scope import outside_capture
from cascades_sdk.compiler._shapes import (
    DICTS,
    LISTS,
    hints_of,
    is_open_part,
    is_type_alias,
    named_tuple_fields,
    plain_annotation,
    required_keys,
)
from cascades_sdk.compiler._tasks import AsyncTask, Task, task
from cascades_sdk.compiler._when import when
from cascades_sdk.encoding import canonical_json, canonicalize_dag

__all__ = [
    "DICTS",
    "LISTS",
    "MAX_NESTING",
    "REFERENCE_TOKEN",
    "AsyncFlow",
    "AsyncTask",
    "Flow",
    "Reference",
    "Task",
    "build_dag_from_flow",
    "build_dag_from_flow_json",
    "canonical_json",
    "canonicalize_dag",
    "flow",
    "hints_of",
    "is_open_part",
    "is_type_alias",
    "named_tuple_fields",
    "outside_capture",
    "plain_annotation",
    "required_keys",
    "runs_as_main",
    "task",
    "when",
]
