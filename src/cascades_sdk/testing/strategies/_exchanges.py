"""Exchanges of the contract: a request that it allows, and an answer that it documents.

Decided here: how bodies are drawn from the tables of the contract. Never here: what a client makes of them.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import attrs
from hypothesis import strategies as st

from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.testing.strategies._arguments import refuse_strangers, refused
from cascades_sdk.testing.strategies._streams import telemetry_streams
from cascades_sdk.testing.strategies._values import integers, json_values
from cascades_sdk.types import WireKey, shape_of, wire_keys

__all__ = ["Exchange", "exchanges"]

_JSON: Final = "application/json"


@attrs.frozen
class Exchange:
    """A request and its answer. ``body`` is what is sent, plain, in wire case, or ``None`` where nothing is.

    ``run_id`` is the one in the path, where there is one; ``path`` holds it quoted.
    """

    operation: Operation[Any]
    path: str
    body: Mapping[str, Any] | None
    run_id: str | None
    status: int
    media: str
    content: bytes


def exchanges(operations: tuple[Operation[Any], ...] = OPERATIONS) -> st.SearchStrategy[Exchange]:
    """Pairs of a request and an answer that the contract documents, of all its operations and statuses.

    Leaves out queries, cookies and headers, answers that the contract does not document, and answers that break off.
    Shrinks to the version of the API.

    Raises:
        InvalidValueError: one is no operation of the contract, or there is none.
    """
    refuse_strangers("exchanges", "operations", operations, OPERATIONS, "cascades_sdk.contract.OPERATIONS has them all")
    if not operations:
        raise refused("exchanges", "/operations", "there is none", "give one, or leave it out for all")
    return st.sampled_from(operations).flatmap(_exchanges)


def _exchanges(operation: Operation[Any]) -> st.SearchStrategy[Exchange]:
    answers: dict[int, type | None] = {200: operation.answer, **dict(operation.errors)}
    run_ids = _words().filter(lambda text: text.strip(".") != "") if "{id}" in operation.path else st.none()
    bodies = st.none() if operation.body is None else _bodies(operation.body.schema)

    def answered(status: int) -> st.SearchStrategy[Exchange]:
        contents = _contents(operation, status, answers[status])
        return st.builds(partial(_exchange, operation, status), run_ids, bodies, contents)

    return st.sampled_from([*answers]).flatmap(answered)


def _exchange(operation: Operation[Any], status: int, run_id: str | None, body: Any, content: bytes) -> Exchange:
    path = operation.path if run_id is None else operation.path.replace("{id}", quote(run_id, safe=""))
    media = operation.media if status == 200 else _JSON
    return Exchange(operation, path, body, run_id, status, media, content)


def _contents(operation: Operation[Any], status: int, schema: type | None) -> st.SearchStrategy[bytes]:
    if status == 200 and operation.media != _JSON:
        return telemetry_streams()
    bodies: st.SearchStrategy[Any] = st.just({}) if schema is None else _bodies(schema)
    return bodies.map(lambda body: json.dumps(body).encode())


def _bodies(schema: type) -> st.SearchStrategy[dict[str, Any]]:
    """What may stand for a class of the contract, as its table says."""
    keys = {wire.name: wire for _, wire in wire_keys(schema)}
    shape = shape_of(schema)
    either = () if shape is None or shape.either is None else shape.either

    def drawn(chosen: str | None) -> st.SearchStrategy[dict[str, Any]]:
        required = {name: _value(wire) for name, wire in keys.items() if wire.required or name == chosen}
        optional = {name: _value(wire) for name, wire in keys.items() if name not in required and name not in either}
        return st.fixed_dictionaries(required, optional=optional)

    return st.one_of([drawn(chosen) for chosen in either or (None,)])


def _value(wire: WireKey) -> st.SearchStrategy[Any]:
    if wire.enum:
        return st.sampled_from(wire.enum)
    if wire.kind == "integer":
        return integers()
    if wire.kind == "object":
        return st.dictionaries(_words(), json_values(max_leaves=3), max_size=2)
    if wire.pattern is not None:
        return st.from_regex(
            wire.pattern, fullmatch=True, alphabet=st.characters(codec="ascii", exclude_categories=["Cc"])
        )
    if wire.form is not None:
        return _words().map({"uri": "https://example.com/{}", "email": "{}@example.com"}[wire.form].format)
    return _words(wire.shortest or 1, wire.longest or 40)


def _words(shortest: int = 1, longest: int = 40) -> st.SearchStrategy[str]:
    """Text that is visible ASCII, without what URLs quote."""
    return st.text(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._", min_size=shortest, max_size=longest
    )
