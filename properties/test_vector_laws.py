"""Laws that tie the writers of the golden vectors to the package: what holds of the vectors holds of every graph.

The writers are those of ``contracts/make_vectors.py``: rfc8785, cbor2, and the recipes of digests over the plain
document.
"""

from typing import Any

import pytest
from hypothesis import given

import make_vectors
from cascades_sdk.encoding import dag_digest, dag_from_json, dag_to_cbor, dag_to_json, node_digests
from cascades_sdk.graph import Dag
from strategies_of_dags import alike_dags, dags


@pytest.mark.witness("rfc8785 and cbor2: bytes and digests of random documents")
@given(dags())
def test_both_encodings_and_the_digest_are_those_of_the_writers(dag: Dag) -> None:
    document = make_vectors.plain(dag_to_json(dag))
    assert make_vectors.json_bytes(document) == dag_to_json(dag)
    assert make_vectors.cbor_bytes(document) == dag_to_cbor(dag)
    assert make_vectors.document_digest(document) == dag_digest(dag)


@pytest.mark.witness("rfc8785 and the recipe of README.md: node digests of the vectors and of random documents")
class TestNodeDigests:
    @pytest.mark.parametrize("entry", make_vectors.committed()["dags.json"], ids=lambda entry: entry["name"])
    def test_those_of_the_vectors_are_these(self, entry: dict[str, Any]) -> None:
        dag = dag_from_json(bytes.fromhex(entry["json"])).unwrap()
        assert list(node_digests(dag)) == entry["nodes"]

    @given(dags() | alike_dags)
    def test_those_of_every_graph_follow_from_the_recipe(self, dag: Dag) -> None:
        assert list(node_digests(dag)) == make_vectors.node_digests(make_vectors.plain(dag_to_json(dag)))
