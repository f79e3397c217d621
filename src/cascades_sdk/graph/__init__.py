"""The graph of a compiled flow: frozen values, the checks that make them fit, and the reducer that makes them.

Decided here: what a ``Dag`` is. Never here: bytes, context variables, clocks.
"""

from cascades_sdk.graph._bindings import (
    Binding,
    InputReference,
    ListBinding,
    Literal,
    NodeId,
    NodeReference,
    ObjectBinding,
    Path,
    list_binding,
    node_id,
    object_binding,
    ordinal_of,
    references_of,
    sound_literal,
)
from cascades_sdk.graph._dag import Dag, dag
from cascades_sdk.graph._deployed import deployed_document
from cascades_sdk.graph._limits import MAX_CHARACTERS, MAX_LITERAL_BYTES, MAX_PARTS, overfull, oversized, surely_fits
from cascades_sdk.graph._log import CallRecorded, Event, FlowEntered, Log, Seen, dag_from_log, step
from cascades_sdk.graph._model import (
    Call,
    FlowInput,
    Group,
    Node,
    Parameter,
    ParameterKind,
    TaskDefinition,
)
from cascades_sdk.graph._options import NO_OPTIONS, OPTION_NAMES, TaskOptions, options_from

__all__ = [
    "MAX_CHARACTERS",
    "MAX_LITERAL_BYTES",
    "MAX_PARTS",
    "NO_OPTIONS",
    "OPTION_NAMES",
    "Binding",
    "Call",
    "CallRecorded",
    "Dag",
    "Event",
    "FlowEntered",
    "FlowInput",
    "Group",
    "InputReference",
    "ListBinding",
    "Literal",
    "Log",
    "Node",
    "NodeId",
    "NodeReference",
    "ObjectBinding",
    "Parameter",
    "ParameterKind",
    "Path",
    "Seen",
    "TaskDefinition",
    "TaskOptions",
    "dag",
    "dag_from_log",
    "deployed_document",
    "list_binding",
    "node_id",
    "object_binding",
    "options_from",
    "ordinal_of",
    "overfull",
    "oversized",
    "references_of",
    "sound_literal",
    "step",
    "surely_fits",
]
