"""The two schemas of the DAG document: what they accept, what they refuse, and what they leave to readers.

The damages are those of the golden vectors (``contracts/vectors_of_damages.py``); each says which of the
schemas can tell it.
"""

import json
from typing import Any

import pytest
from cddl_verifier import schema_diagnostics
from jsonschema import Draft202012Validator

import make_vectors
from cascades_sdk.encoding import dag_from_cbor, dag_from_json
from cascades_sdk.graph import OPTION_NAMES
from cascades_sdk.values import MAX_DEPTH, MAX_SAFE_INTEGER
from documents import (
    CONTRACTS,
    JSON_SCHEMA,
    TOO_DEEP_FOR_CDDL,
    VECTORS,
    accepted_by_cddl,
    accepted_by_json_schema,
)
from vectors_of_dags import DAGS, binding, document
from vectors_of_damages import DAMAGES, Damage

by_json_schema = pytest.mark.witness("jsonschema: dag.schema.json, its metaschema and every damage")
by_cddl = pytest.mark.witness("cddl-verifier: dag.cddl and every damage")


def refused_by_readers(damage: Damage) -> None:
    """The canonical bytes of a damaged document are refused, however strict a reader is, with the pointer."""
    data = make_vectors.json_bytes(damage.document)
    refusals = (
        dag_from_json(data),
        dag_from_json(data, strict=False),
        dag_from_cbor(make_vectors.cbor_bytes(damage.document)),
    )
    assert [refusal.failure().pointer for refusal in refusals] == [damage.pointer] * 3


class TestTheSchemas:
    @by_json_schema
    def test_the_json_schema_is_valid_2020_12(self) -> None:
        Draft202012Validator.check_schema(JSON_SCHEMA)
        assert JSON_SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]

    @by_cddl
    def test_the_cddl_is_valid(self) -> None:
        assert schema_diagnostics(CONTRACTS / "dag.cddl") == ()

    def test_every_definition_of_the_json_schema_is_used(self) -> None:
        text = json.dumps(JSON_SCHEMA)
        assert [name for name in JSON_SCHEMA["$defs"] if f'"#/$defs/{name}"' not in text] == []

    def test_every_object_is_closed_and_every_key_is_described_by_the_writer(self) -> None:
        closed = [JSON_SCHEMA, *(each for each in JSON_SCHEMA["$defs"].values() if "properties" in each)]
        assert all(each["additionalProperties"] is False for each in closed)
        assert len(closed) == 16

    def test_its_words_and_bounds_are_those_of_the_package(self) -> None:
        definitions = JSON_SCHEMA["$defs"]
        assert set(definitions["options"]["properties"]) == set(OPTION_NAMES)
        assert definitions["position"]["maximum"] == MAX_SAFE_INTEGER
        assert definitions["path"]["maxItems"] == MAX_DEPTH
        # The order of the kinds is that of a signature; readers keep it.
        assert definitions["parameter"]["properties"]["kind"]["enum"] == [
            *("positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword")
        ]


class TestDocuments:
    @pytest.mark.parametrize("entry", DAGS, ids=lambda entry: entry[0])
    def test_every_document_of_the_vectors_is_accepted_by_both(self, entry: tuple[str, str, Any]) -> None:
        name, _, plain = entry
        assert accepted_by_json_schema(plain)
        assert name in TOO_DEEP_FOR_CDDL or accepted_by_cddl(make_vectors.cbor_bytes(plain))

    @pytest.mark.parametrize(
        "number", [0, 0.5, 2**53 - 1, 1 - 2**53, 2.0**53, -(2.0**60), 5e-324, 1.7976931348623157e308]
    )
    def test_every_number_of_the_model_is_accepted_by_both(self, number: float) -> None:
        plain = document(returns=binding([number]))
        assert accepted_by_json_schema(plain)
        assert accepted_by_cddl(make_vectors.cbor_bytes(plain))

    @pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 10**400])
    def test_what_is_no_number_of_the_model_is_refused_by_the_cddl(self, number: float) -> None:
        assert not accepted_by_cddl(make_vectors.cbor_bytes(document(returns=binding([number]))))

    @pytest.mark.parametrize("number", [2**53, -(2**53), 2**63])
    def test_an_integer_beyond_the_safe_ones_is_refused_by_the_cddl(self, number: int) -> None:
        assert not accepted_by_cddl(make_vectors.cbor_bytes(document(returns=binding(number))))

    @pytest.mark.parametrize("value", [b"", [b"a"], {1: 2}, {"a": {b"b": 1}}])
    def test_byte_strings_and_keys_that_are_no_text_are_refused_by_the_cddl(self, value: Any) -> None:
        assert not accepted_by_cddl(make_vectors.cbor_bytes(document(returns=binding(value))))

    @pytest.mark.parametrize("timeout", [1, 0.5, 5e-324, 1e300, 2**53 - 1])
    def test_a_positive_number_of_seconds_is_accepted_by_both(self, timeout: float) -> None:
        plain = document(
            {"kind": "call", "options": {"timeout": timeout}, "task": "t"},
            tasks={"t": {"importable": True, "parameters": [], "reference": "m:t"}},
        )
        assert accepted_by_json_schema(plain)
        assert accepted_by_cddl(make_vectors.cbor_bytes(plain))


class TestDamages:
    @by_json_schema
    @pytest.mark.parametrize("damage", [each for each in DAMAGES if "json" in each.schemas], ids=lambda each: each.name)
    def test_the_json_schema_and_the_reader_refuse(self, damage: Damage) -> None:
        assert not accepted_by_json_schema(damage.document)
        refused_by_readers(damage)

    @by_cddl
    @pytest.mark.parametrize("damage", [each for each in DAMAGES if "cddl" in each.schemas], ids=lambda each: each.name)
    def test_the_cddl_and_the_reader_refuse(self, damage: Damage) -> None:
        assert not accepted_by_cddl(make_vectors.cbor_bytes(damage.document))
        refused_by_readers(damage)

    @pytest.mark.parametrize("damage", [each for each in DAMAGES if len(each.schemas) < 2], ids=lambda each: each.name)
    def test_what_a_schema_cannot_say_only_the_reader_refuses(self, damage: Damage) -> None:
        refused_by_readers(damage)
        assert accepted_by_json_schema(damage.document) == ("json" not in damage.schemas)
        if damage.name not in TOO_DEEP_FOR_CDDL:
            data = make_vectors.cbor_bytes(damage.document)
            assert accepted_by_cddl(data) == ("cddl" not in damage.schemas)

    def test_both_tables_are_long(self) -> None:
        assert sum(each.schemas == ("json", "cddl") for each in DAMAGES) >= 100
        assert sum(each.schemas == () for each in DAMAGES) >= 20


class TestGrowth:
    """README.md, "How the document may grow": what is not known is refused, with the pointer to it."""

    @pytest.mark.parametrize(
        ("pointer", "name"),
        [
            ("/kind", "kind-other-version"),
            ("/unknown~1key", "unknown-key"),
            ("/inputs/0/unknown", "input-unknown-key"),
            ("/tasks/join/unknown", "task-unknown-key"),
            ("/tasks/join/parameters/0/unknown", "parameter-unknown-key"),
            ("/tasks/join/parameters/0/kind", "parameter-kind-unknown"),
            ("/tasks/join/options/unknown", "option-unknown"),
            ("/nodes/0/unknown", "node-unknown-key"),
            ("/nodes/0/kind", "node-unknown-kind"),
            ("/groups/0/unknown", "group-unknown-key"),
            ("/returns", "binding-unknown-word"),
        ],
    )
    def test_a_reader_that_does_not_know_a_word_refuses_the_document_and_says_where(
        self, pointer: str, name: str
    ) -> None:
        damage = next(each for each in DAMAGES if each.name == name)
        assert damage.pointer == pointer
        assert damage.schemas == ("json", "cddl")
        refused_by_readers(damage)

    def test_a_later_version_is_another_kind_whatever_else_it_holds(self) -> None:
        later = {**document(), "kind": "cascades/dag@2", "more": 1}
        assert not accepted_by_json_schema(later)
        assert not accepted_by_cddl(make_vectors.cbor_bytes(later))
        assert dag_from_json(make_vectors.json_bytes(later)).failure().pointer == "/kind"
        assert dag_from_cbor(make_vectors.cbor_bytes(later)).failure().pointer == "/kind"

    def test_every_key_of_the_document_occurs_in_the_vectors(self) -> None:
        """What is frozen covers the whole document: a key without a vector could change unseen."""
        told = {key for each in (JSON_SCHEMA, *JSON_SCHEMA["$defs"].values()) for key in each.get("properties", ())}
        seen: set[str] = set()
        stack: list[Any] = [make_vectors.plain(bytes.fromhex(entry["json"])) for entry in VECTORS["dags.json"]]
        while stack:
            part = stack.pop()
            if isinstance(part, dict):
                seen.update(part)
                stack.extend(part.values())
            elif isinstance(part, list):
                stack.extend(part)
        assert told <= seen
