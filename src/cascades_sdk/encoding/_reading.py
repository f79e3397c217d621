"""The canonical document back to a ``Dag``.

Decided here: which bytes are read, and how what is refused is told: with the JSON Pointer to the fault, or the offset
where there is no document yet. Rules about graphs are the constructor's. Never here: how bytes are parsed.
"""

from typing import Any, Final

from returns.result import Failure, Success

from cascades_sdk.encoding._cbor_parsing import parsed_cbor
from cascades_sdk.encoding._fields import (
    Fault,
    each_of,
    fields_of,
    list_of,
    present_list,
    read_at,
    shape,
    shown_part,
    text_of,
)
from cascades_sdk.encoding._forms import DOCUMENT_KIND
from cascades_sdk.encoding._parsing import (
    MAX_DOCUMENT_BYTES,
    UNPROVEN,
    canonically_parsed,
    parsed_json,
    unreadable,
    unreadable_json,
)
from cascades_sdk.encoding._read_definitions import read_input, read_tasks
from cascades_sdk.encoding._read_nodes import NodeReader
from cascades_sdk.encoding._writing import dag_to_json
from cascades_sdk.errors import (
    STACK_ADVICE,
    STACK_PROBLEM,
    InvalidDagError,
    InvalidDocumentError,
    Outcome,
    stack_safe,
)
from cascades_sdk.graph import Dag, dag, node_id

__all__ = ["dag_from_cbor", "dag_from_json"]

_DOCUMENT: Final = shape(("inputs", "kind", "name", "nodes", "returns", "tasks"), "groups")


_STACK_ENDS: Final = InvalidDocumentError(STACK_PROBLEM, STACK_ADVICE)


@stack_safe(_STACK_ENDS)
def dag_from_json(
    data: bytes, *, strict: bool = True, max_bytes: int = MAX_DOCUMENT_BYTES
) -> Outcome[Dag, InvalidDocumentError]:
    """The graph of a JSON document.

    Args:
        data: UTF-8 JSON.
        strict: accept only the canonical bytes, those that :func:`dag_to_json` writes. Otherwise any
            order of names, any white space and any way to write a number or a character pass; the checks of the
            content are the same.
        max_bytes: larger input is refused unread. There is no such setting for the depth: what nests deeper than
            :data:`~cascades_sdk.encoding.MAX_DOCUMENT_DEPTH` is no document of any graph.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDocumentError)`` with the JSON Pointer to the fault, or with a
        byte offset where there is no document yet. Never raises; linear in the size of the input.
    """
    refused = unreadable(data, max_bytes)
    return _from_json(data, strict) if refused is None else Failure(refused)


def _from_json(data: bytes, strict: bool) -> Outcome[Dag, InvalidDocumentError]:
    refused = unreadable_json(data)
    if refused is not None:
        return Failure(refused)
    if strict:
        proven = canonically_parsed(data)
        if proven is not UNPROVEN:
            read = _read(proven)
            if isinstance(read, Success):
                return read
    # What is no canonical document, and what only this way of reading takes for one, like numbers from 2**53 on.
    parsed = parsed_json(data)
    if isinstance(parsed, Failure):
        return parsed
    read = _read(parsed.unwrap())
    if isinstance(read, Failure) or not strict:
        return read
    canonical = dag_to_json(read.unwrap())
    if canonical == data:
        return read
    offset = next(
        (at for at, (ours, theirs) in enumerate(zip(canonical, data, strict=False)) if ours != theirs),
        min(len(canonical), len(data)),
    )
    problem = "not the canonical form of this document"
    return Failure(InvalidDocumentError(problem, "read it with strict=False", offset=offset))


@stack_safe(_STACK_ENDS)
def dag_from_cbor(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Outcome[Dag, InvalidDocumentError]:
    """The graph of a CBOR document: of the canonical bytes, those that :func:`dag_to_cbor` writes.

    Args:
        data: canonical CBOR (RFC 8949 §4.2.1).
        max_bytes: larger input is refused unread. The depth is no setting, as for :func:`dag_from_json`.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDocumentError)`` with the byte offset of what is no canonical CBOR of a
        value, or with the JSON Pointer to what is no document. Never raises; linear in the size of the input.
    """
    refused = unreadable(data, max_bytes)
    if refused is not None:
        return Failure(refused)
    parsed = parsed_cbor(data)
    return parsed if isinstance(parsed, Failure) else _read(parsed.unwrap())


def _read(document: Any) -> Outcome[Dag, InvalidDocumentError]:
    try:
        made = _document(document)
    except Fault as fault:
        return Failure(InvalidDocumentError(fault.problem, fault.advice, fault.pointer))
    if isinstance(made, Failure):
        refused: InvalidDagError = made.failure()
        return Failure(InvalidDocumentError(refused.problem, refused.advice, refused.pointer))
    return Success(made.unwrap())


def _document(value: Any) -> Outcome[Dag, InvalidDagError]:
    if type(value) is dict and value.get("kind", DOCUMENT_KIND) != DOCUMENT_KIND:
        # Before anything else: a document of another kind has other keys.
        raise Fault(f"expected {DOCUMENT_KIND!r}, found {shown_part(value['kind'])}", "kind")
    fields = fields_of(value, _DOCUMENT)
    nodes = list_of(fields["nodes"], "nodes")
    reader = NodeReader({node_id(ordinal): ordinal for ordinal in range(len(nodes))})
    tasks = read_tasks(fields["tasks"])
    return dag(
        text_of(fields["name"], "name"),
        each_of(read_input, fields["inputs"], "inputs"),
        tasks,
        reader.nodes(nodes, tasks),
        each_of(reader.group, present_list(fields, "groups"), "groups"),
        read_at("returns", reader.binding, fields["returns"]),
    )
