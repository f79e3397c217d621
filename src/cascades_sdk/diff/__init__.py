"""What differs between two graphs, as typed changes, each with its line of text.

Decided here: which call of one graph is which of the other, and what of a change is its cause. Never here: the
layout of more than a line, and bytes.
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
