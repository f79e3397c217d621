"""What differs between two graphs, as typed changes, each with its line of text.

Decided here: which call of one graph is which of the other, and what of a change is its cause. Never here: the
layout of more than a line, and bytes.

    >>> from cascades_sdk.compiler import build_dag_from_flow, flow, task
    >>> @task
    ... def add(a, b):
    ...     return a + b
    >>> @flow(name="sums")
    ... def sums(n=1):
    ...     return add(add(n, 2), 3)
    >>> @flow(name="sums")
    ... def revised(n=2):
    ...     return add(add.with_options(retries=2)(n, 2), 4)
    >>> print(dag_diff(build_dag_from_flow(sums).unwrap(), build_dag_from_flow(revised).unwrap()))
    input n: default 1 -> 2
    node-0 add: option retries absent -> 2
    node-1 add: /b 3 -> 4
"""

from cascades_sdk.diff._changes import (
    CallAdded,
    CallOptionsChanged,
    CallRebound,
    CallRemoved,
    CallReordered,
    CallsRegrouped,
    Change,
    DagDiff,
    DefinitionAdded,
    DefinitionChanged,
    DefinitionRemoved,
    DefinitionRenamed,
    Difference,
    FlowRenamed,
    GroupAdded,
    GroupPlace,
    GroupRemoved,
    GroupRenamed,
    GroupReordered,
    GroupReparented,
    GuardChanged,
    InputAdded,
    InputDefaultChanged,
    InputRemoved,
    InputReordered,
    ReturnsChanged,
)
from cascades_sdk.diff._diff import dag_diff

__all__ = [
    "CallAdded",
    "CallOptionsChanged",
    "CallRebound",
    "CallRemoved",
    "CallReordered",
    "CallsRegrouped",
    "Change",
    "DagDiff",
    "DefinitionAdded",
    "DefinitionChanged",
    "DefinitionRemoved",
    "DefinitionRenamed",
    "Difference",
    "FlowRenamed",
    "GroupAdded",
    "GroupPlace",
    "GroupRemoved",
    "GroupRenamed",
    "GroupReordered",
    "GroupReparented",
    "GuardChanged",
    "InputAdded",
    "InputDefaultChanged",
    "InputRemoved",
    "InputReordered",
    "ReturnsChanged",
    "dag_diff",
]
