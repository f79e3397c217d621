"""Laws of the document's schemas: what the writer emits they accept, and what they refuse the readers refuse.

The judges are `jsonschema` and `cddl-verifier`; the mutations are put into CBOR by `cbor2`.
"""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns.result import Success

import make_vectors
from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.encoding import dag_from_json, dag_to_cbor, dag_to_json
from cascades_sdk.graph import Dag
from documents import VECTORS, accepted_by_cddl, accepted_by_json_schema
from loops import rounds, seeded
from programs import flow_of, generate
from strategies_of_dags import dags

pytestmark = [
    pytest.mark.witness("jsonschema: documents of random graphs, programs and mutations"),
    pytest.mark.witness("cddl-verifier: documents of random graphs, programs and mutations"),
]


def accepted(dag: Dag) -> bool:
    """Whether both schemas accept what the writer emits."""
    return accepted_by_json_schema(make_vectors.plain(dag_to_json(dag))) and accepted_by_cddl(dag_to_cbor(dag))


class TestWhatIsWrittenIsAccepted:
    # The CDDL validator takes its time: fewer examples.
    @given(dags())
    @settings(max_examples=60)
    def test_every_graph_has_a_document_of_both_schemas(self, dag: Dag) -> None:
        assert accepted(dag)

    @given(st.integers(0, 2**32))
    @settings(max_examples=60)
    def test_so_has_every_program(self, seed: int) -> None:
        program = generate(Random(seed))
        assert accepted(build_dag_from_flow(flow_of(program), program.bound).unwrap())


class TestWhatIsRefusedIsRefusedByReaders:
    """Seeded mutations of documents: a schema never refuses what a reader accepts."""

    def test_thousands_of_mutations_are_judged_alike(self) -> None:
        chance = seeded(2020_12)
        small = [entry["json"] for entry in VECTORS["dags.json"] if len(entry["json"]) < 2000]
        documents = [make_vectors.plain(bytes.fromhex(data)) for data in small]
        verdicts: Counter[str] = Counter()
        for at in rounds(3000):
            document = mutated(chance.choice(documents), chance)
            read = isinstance(dag_from_json(json.dumps(document).encode(), strict=False), Success)
            judged = [accepted_by_json_schema(document)]
            if at % 3 == 0:  # that judge takes its time
                judged.append(accepted_by_cddl(make_vectors.cbor_bytes(make_vectors.in_model(document))))
            assert all(judged) or not read, document
            verdicts["read" if read else "only readers refuse" if any(judged) else "refused by all"] += 1
        # The mutations are worth something: each verdict is common.
        assert len(verdicts) == 3
        assert min(verdicts.values()) > 150, verdicts


def parts(value: Any) -> Iterator[Any]:
    """Every container in a plain value, itself included."""
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, (dict, list)):
            yield part
            stack.extend(part.values() if isinstance(part, dict) else part)


_WORDS = (
    *("after", "arguments", "cache", "call", "cascades/dag@1", "default", "extra", "groups", "id", "importable"),
    *("input", "inputs", "keyword_only", "kind", "labels", "list", "literal", "name", "node", "nodes", "object"),
    *("options", "parameters", "parent", "path", "reference", "retries", "returns", "task", "tasks", "timeout"),
    *("branch", "choice", "condition", "group", "guard", "map", "otherwise", "then"),
    *("var_keyword", "var_positional", "version", "node-0", "node-1", "node-01", "a", "t", "m:t", ""),
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    0.5,
    2.0**53,
    [],
    {},
    [0],
    [{}],
    {"literal": 1},
    {"node": "node-0"},
)


def mutated(document: Any, chance: Random) -> Any:
    """A copy with one to three changes: a part dropped, repeated, replaced, renamed, or moved."""
    changed = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        part = chance.choice(list(parts(changed)))
        if isinstance(part, dict):
            mutate_object(part, changed, chance)
        else:
            mutate_list(part, changed, chance)
    return changed


def replacement(document: Any, chance: Random) -> Any:
    """A word, a value, or a copy of some part of the document."""
    source = chance.randrange(4)
    if source == 0:
        return chance.choice(_WORDS)
    if source == 1:
        return copy.deepcopy(chance.choice(list(parts(document))))
    return copy.deepcopy(chance.choice(_VALUES))


def mutate_object(part: dict[str, Any], document: Any, chance: Random) -> None:
    kind = chance.randrange(4)
    if kind == 0 or not part:
        part[chance.choice(_WORDS)] = replacement(document, chance)
        return
    name = chance.choice(list(part))
    if kind == 1:
        del part[name]
    elif kind == 2:
        part[name] = replacement(document, chance)
    else:
        part[chance.choice(_WORDS)] = part.pop(name)


def mutate_list(part: list[Any], document: Any, chance: Random) -> None:
    kind = chance.randrange(4)
    if kind == 0 or not part:
        part.insert(chance.randint(0, len(part)), replacement(document, chance))
        return
    at = chance.randrange(len(part))
    if kind == 1:
        del part[at]
    elif kind == 2:
        part[at] = replacement(document, chance)
    else:
        part.append(copy.deepcopy(part[at]))
