"""Laws of the two encodings side by side: one value, one form in each, and both say the same."""

import json
from typing import Any

import cbor2
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from cascades_sdk.encoding import (
    canonical_cbor,
    canonical_json,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
)
from cascades_sdk.graph import Dag
from cascades_sdk.values import FrozenDict, freeze, same_value, thaw
from strategies_of_dags import alike_dags, dags
from strategies_of_values import alike_values, foreign_values, frozen_values


class TestRoundTrip:
    @given(dags())
    def test_a_written_graph_reads_back_as_itself(self, dag: Dag) -> None:
        assert dag_from_cbor(dag_to_cbor(dag)) == Success(dag)

    @given(dags())
    def test_json_and_cbor_read_to_the_same_graph(self, dag: Dag) -> None:
        assert dag_from_cbor(dag_to_cbor(dag)) == dag_from_json(dag_to_json(dag))
        assert dag_digest(dag_from_cbor(dag_to_cbor(dag)).unwrap()) == dag_digest(dag)

    @given(frozen_values)
    def test_a_value_reads_back_as_itself_type_strictly(self, value: Any) -> None:
        assert same_value(frozen(cbor2.loads(canonical_cbor(value).unwrap())), value)
        # Every number of JSON is binary64, whatever its token looks like.
        assert same_value(frozen(json.loads(canonical_json(value).unwrap(), parse_int=float)), value)


class TestUniqueness:
    @given(alike_dags, alike_dags)
    def test_graphs_are_equal_exactly_when_their_bytes_are(self, left: Dag, right: Dag) -> None:
        assert (left == right) == (dag_to_cbor(left) == dag_to_cbor(right))

    @given(alike_values, alike_values)
    def test_values_are_the_same_exactly_when_their_bytes_are(self, left: Any, right: Any) -> None:
        same = same_value(left, right)
        assert same == (canonical_cbor(left) == canonical_cbor(right))
        assert same == (canonical_json(left) == canonical_json(right))

    @given(foreign_values, st.randoms(use_true_random=False))
    def test_the_order_of_keys_lists_or_tuples_and_1_or_1_0_are_irrelevant(self, value: Any, random: Any) -> None:
        other = otherwise(value, random)
        assert canonical_json(other) == canonical_json(value)
        assert canonical_cbor(other) == canonical_cbor(value)

    @given(foreign_values)
    def test_normalising_twice_is_normalising_once(self, value: Any) -> None:
        once = frozen(value)
        assert same_value(frozen(once), once)
        assert same_value(frozen(thaw(once)), once)


class TestWitnesses:
    @pytest.mark.witness("cbor2: canonical CBOR of random values")
    @given(frozen_values)
    def test_cbor2_writes_the_same_bytes(self, value: Any) -> None:
        assert canonical_cbor(value) == Success(cbor2.dumps(thaw(value), canonical=True))

    @given(dags())
    def test_so_for_graphs(self, dag: Dag) -> None:
        plain = thaw(frozen(json.loads(dag_to_json(dag), parse_int=float)))
        assert dag_to_cbor(dag) == cbor2.dumps(plain, canonical=True)

    @pytest.mark.witness("rfc8785: canonical JSON of random values")
    @given(frozen_values)
    def test_rfc8785_writes_the_same_text(self, value: Any) -> None:
        assert canonical_json(value) == Success(rfc8785.dumps(floating(value)).decode())


def frozen(value: Any) -> Any:
    """The frozen form of what is known to have one."""
    return freeze(value)


def floating(value: Any) -> Any:
    """A value with all numbers as floats: the integers of the witness end below some of those of the model."""
    if type(value) is tuple:
        return [floating(item) for item in value]
    if type(value) is FrozenDict:
        return {name: floating(item) for name, item in value.items()}
    return float(value) if type(value) is int else value


def otherwise(value: Any, random: Any) -> Any:
    """The same value, given another way."""
    if type(value) in (list, tuple):
        return random.choice((list, tuple))([otherwise(item, random) for item in value])
    if type(value) is dict:
        names = random.sample(list(value), len(value))
        return {name: otherwise(value[name], random) for name in names}
    return float(value) if type(value) is int and random.random() < 0.5 else value
