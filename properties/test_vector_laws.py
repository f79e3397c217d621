"""Laws that tie the writers of the golden vectors to the package: what holds of the vectors holds of every graph.

The writers are those of ``contracts/make_vectors.py``: rfc8785, cbor2, and the recipes of digests over the plain
document.
"""

import pytest
from hypothesis import given

import make_vectors
from cascades_sdk import encoding
from cascades_sdk.encoding import dag_digest, dag_to_cbor, dag_to_json
from cascades_sdk.graph import Dag
from strategies_of_dags import alike_dags, dags


@pytest.mark.witness("rfc8785 and cbor2: bytes and digests of random documents")
@given(dags())
def test_both_encodings_and_the_digest_are_those_of_the_writers(dag: Dag) -> None:
    document = make_vectors.plain(dag_to_json(dag))
    assert make_vectors.json_bytes(document) == dag_to_json(dag)
    assert make_vectors.cbor_bytes(document) == dag_to_cbor(dag)
    assert make_vectors.document_digest(document) == dag_digest(dag)


# -- node digests: these wait for cascades_sdk.encoding.node_digests ------------------------------------------

node_digests = getattr(encoding, "node_digests", None)
waits = pytest.mark.skipif(node_digests is None, reason="cascades_sdk.encoding has no node_digests yet")


@waits
@pytest.mark.witness("rfc8785 and the recipe of README.md: node digests of the vectors and of random documents")
class TestNodeDigests:
    @pytest.mark.parametrize("entry", make_vectors.committed()["dags.json"], ids=lambda entry: entry["name"])
    def test_those_of_the_vectors_are_these(self, entry: dict[str, object]) -> None:
        dag = encoding.dag_from_json(bytes.fromhex(str(entry["json"]))).unwrap()
        assert list(node_digests(dag)) == entry["nodes"]

    @given(dags() | alike_dags)
    def test_those_of_every_graph_follow_from_the_recipe(self, dag: Dag) -> None:
        assert list(node_digests(dag)) == make_vectors.node_digests(make_vectors.plain(dag_to_json(dag)))
