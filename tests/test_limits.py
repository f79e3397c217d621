"""The limits of the DAG document: the recipes of ``contracts/README.md``, just within and just over.

What is small stands among the golden vectors; these documents are large, and so are told as recipes. They are built
here as the contract tells them, with nothing of the package.
"""

import json
import re
from typing import Any

import cbor2
import pytest
import rfc8785
from returns.result import Failure, Success

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENT_DEPTH,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
)
from cascades_sdk.errors import InvalidValueError
from cascades_sdk.graph import MAX_CHARACTERS, MAX_GUARDS, MAX_LITERAL_BYTES, MAX_PARTS
from cascades_sdk.values import MAX_DEPTH, MAX_SAFE_INTEGER
from documents import CONTRACTS, JSON_SCHEMA, VECTORS, accepted_by_cddl, accepted_by_json_schema

README = (CONTRACTS / "README.md").read_text(encoding="utf-8")


def document(returns: Any, **parts: Any) -> Any:
    """The empty document with another return; with an input ``x``."""
    inputs = [{"name": "x"}]
    return {
        "inputs": inputs,
        "kind": "cascades/dag@1",
        "name": "f",
        "nodes": [],
        "returns": returns,
        "tasks": {},
        **parts,
    }


def literal_of(size: int) -> Any:
    """A document whose literal has so many bytes of canonical JSON."""
    return document({"literal": "a" * (size - 2)})


def default_of(size: int) -> Any:
    return document({"literal": None}, inputs=[{"default": "a" * (size - 2), "name": "x"}])


def with_parts(parts: int) -> Any:
    """A document whose return holds so many parts: itself, its items, and those of its literals."""
    full = 131_071
    count = parts // full
    rest = parts - 2 - (count + 1) - count * full
    if rest < 0:
        count, rest = count - 1, rest + 1 + full
    lists = [{"literal": [0] * full}] * count + [{"literal": [0] * rest}]
    return document({"list": [{"input": "x"}, *lists]})


def with_characters(characters: int) -> Any:
    """A document whose return holds so many characters of texts."""
    full = 262_142
    whole, rest = divmod(characters, full)
    texts = [{"literal": "a" * full}] * whole + [{"literal": "a" * rest}]
    return document({"list": [{"input": "x"}, *texts]})


RECIPES = {
    "literal": (literal_of, 262_144, "/returns/literal", "larger than 262144"),
    "default": (default_of, 262_144, "/inputs/0/default", "larger than 262144"),
    "parts": (with_parts, 1_048_576, "/returns", "holds more than 1048576 parts"),
    "characters": (with_characters, 16_777_216, "/returns", "or 16777216 characters"),
}


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_just_within_a_limit_is_read_from_both_encodings(name: str) -> None:
    make, limit, _, _ = RECIPES[name]
    plain = make(limit)
    text, packed = rfc8785.dumps(plain), cbor2.dumps(plain, canonical=True)
    graph = dag_from_json(text).unwrap()
    assert dag_from_cbor(packed) == Success(graph)
    assert (dag_to_json(graph), dag_to_cbor(graph)) == (text, packed)
    assert dag_digest(graph).startswith("sha256:")


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_just_over_it_is_refused_where_it_stands(name: str) -> None:
    make, limit, pointer, problem = RECIPES[name]
    plain = make(limit + 1)
    for outcome in (dag_from_json(rfc8785.dumps(plain)), dag_from_cbor(cbor2.dumps(plain, canonical=True))):
        error = outcome.failure()
        assert error.problem.startswith(problem) or problem in error.problem
        assert (error.pointer or "").startswith(pointer)


def test_the_schemas_refuse_what_is_surely_too_large_by_its_length_alone() -> None:
    within, over = literal_of(262_144), literal_of(262_145)
    assert accepted_by_json_schema(within)
    assert not accepted_by_json_schema(over)
    assert accepted_by_cddl(cbor2.dumps(within, canonical=True))
    assert not accepted_by_cddl(cbor2.dumps(over, canonical=True))


def test_no_length_that_the_schema_bounds_is_that_of_a_literal_that_fits() -> None:
    """Judging so long a list takes the judges a minute; so what they would say is worked out."""
    text, many, entries = JSON_SCHEMA["$defs"]["value"]["anyOf"][1:2] + JSON_SCHEMA["$defs"]["value"]["anyOf"][3:]
    assert 2 + text["maxLength"] == 262_144
    assert len("[" + "0," * many["maxItems"]) <= 262_144 < len("[" + "0," * (many["maxItems"] + 1))
    assert (
        len("{" + '"":0,' * entries["maxProperties"]) <= 262_144 < len("{" + '"":0,' * (entries["maxProperties"] + 1))
    )
    for kind, key, word in (("listBinding", "list", "maxItems"), ("objectBinding", "object", "maxProperties")):
        assert JSON_SCHEMA["$defs"][kind]["properties"][key][word] == 1_048_576 - 1


def test_the_contract_tells_every_limit_that_the_code_has() -> None:
    section = README.partition("## Limits")[2].partition("\n## ")[0]
    told = {int(number.replace(",", "")) for number in re.findall(r"\b[0-9][0-9,]*\b", section)}
    limits = {MAX_LITERAL_BYTES, MAX_PARTS, MAX_CHARACTERS, MAX_GUARDS, MAX_DEPTH}
    assert limits | {MAX_SAFE_INTEGER, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH} <= told
    for name in re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", section):
        assert any(name == entry["name"] for entries in VECTORS.values() for entry in entries)


def test_a_flow_meets_the_same_limits_when_it_is_compiled() -> None:
    @task
    def keep(value: Any) -> Any: ...

    def body(make: Any) -> Any:
        return build_dag_from_flow(flow(name="f")(make))

    full = [0] * 131_071
    cases = {
        "literal": lambda x: keep("a" * 262_143),
        "parts": lambda x: keep([x, *[full] * 8]),
        "characters": lambda x: keep([x, *["a" * 262_142] * 65]),
    }
    for make in cases.values():
        outcome = body(make)
        assert isinstance(outcome, Failure)
        assert type(outcome.failure()) is InvalidValueError
    assert json.loads(dag_to_json(body(lambda x: keep("a" * 262_142)).unwrap()))
