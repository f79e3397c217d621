"""The law of the accelerator: with it or without, the same bytes are written and the same bytes are read."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import given

from cascades_sdk.encoding import _fast, dag_from_json, dag_to_json
from cascades_sdk.graph import (
    Call,
    Dag,
    Literal,
    NodeReference,
    Parameter,
    TaskDefinition,
    list_binding,
    object_binding,
)
from cascades_sdk.values import freeze
from loops import rounds, seeded
from strategies_of_dags import dags
from test_reader_laws import JSON_TOKENS, canonical_json_of, inputs


@contextmanager
def without_accelerator() -> Iterator[None]:
    with patch.object(_fast, "orjson", None):
        yield


class TestTheLaw:
    @given(dags())
    def test_the_same_bytes_are_written(self, dag: Dag) -> None:
        with without_accelerator():
            written = dag_to_json(dag)
        assert dag_to_json(dag) == written

    def test_the_same_bytes_are_read(self) -> None:
        source = inputs(seeded(3339), JSON_TOKENS, canonical_json_of)
        for _ in rounds(20_000):
            data = next(source)
            with without_accelerator():
                read = dag_from_json(data)
            assert dag_from_json(data) == read

    def test_numbers_of_every_size_are_written_and_read_alike(self) -> None:
        chance = seeded(754)
        for _ in rounds(2_000):
            numbers = [chance.choice((1, -1)) * chance.random() * 10.0 ** chance.randrange(-30, 30) for _ in range(20)]
            values: Any = freeze([*numbers, 1e-5, 1e-6, 2.0**53, {"n": numbers[0]}])
            dag = Dag("f", returns=Literal(values))
            data = dag_to_json(dag)
            with without_accelerator():
                assert dag_to_json(dag) == data
                assert dag_from_json(data).unwrap() == dag
            assert dag_from_json(data).unwrap() == dag


class TestItsGuard:
    """What it is for, and where it leaves the work to the writer and the reader that need no accelerator."""

    def test_a_plain_graph_is_written_by_it(self) -> None:
        value: Any = freeze({"a": [1, 0.5, "x", None, True], "b": {"c": [0.25]}, "d": 1e-9})
        dag = Dag("f", returns=Literal(value))
        assert _fast.dag_bytes(dag) == dag_to_json(dag)

    @pytest.mark.parametrize("name", ["\ue000", "\uffff", "\U0001f600", "a\U0001f600"])
    def test_names_that_may_sort_otherwise_are_not(self, name: str) -> None:
        task = TaskDefinition("t", "m:t", True, (Parameter("a", default=Literal(1)),))
        named = TaskDefinition(name, "m:t")
        assert _fast.dag_bytes(Dag("f", (), (named,), (Call(name),))) is None
        bound = object_binding({name: NodeReference(0), "a": Literal(1)})
        assert _fast.dag_bytes(Dag("f", (), (task,), (Call("t"), Call("t", (("a", bound),))))) is None
        # In a literal they are written by hand, and the rest is not.
        inside: Any = freeze({name: 1, "\U0001f601": 2})
        dag = Dag("f", returns=Literal(inside))
        with without_accelerator():
            written = dag_to_json(dag)
        assert _fast.dag_bytes(dag) == written

    def test_containers_of_bindings_that_nest_deep_are_not(self) -> None:
        task = TaskDefinition("t", "m:t", True, (Parameter("a", default=Literal(1)),))
        binding: Any = NodeReference(0)
        for depth in range(4):
            dag = Dag("f", (), (task,), (Call("t"), Call("t", (("a", binding),))))
            assert (_fast.dag_bytes(dag) is not None) == (depth < 3)
            assert dag_from_json(dag_to_json(dag)).unwrap() == dag
            binding = list_binding((Literal(1), binding)) if depth % 2 else object_binding({"a": binding})

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            (b"[1,0.5]", [1, 0.5]),
            (b"[1.0]", None),
            (b"1e16", None),
            (b'{"a":1e-7}', None),
            (b'{"b":1,"a":1}', None),
            (b'{"a":1,"a":1}', None),
            (b"[1, 2]", None),
            (b"[", None),
            (b'"\\u0061"', None),
            (b"18446744073709551616", None),
        ],
    )
    def test_only_text_that_is_canonical_beyond_doubt_is_read_by_it(self, text: bytes, value: Any) -> None:
        assert _fast.plain_value(text) == value

    def test_where_it_is_missing_it_has_no_answer(self) -> None:
        try:
            with patch.dict(sys.modules, {"orjson": None}):
                missing = importlib.reload(_fast)
                assert missing.orjson is None
                assert missing.dag_bytes(Dag("f")) is None
                assert missing.plain_value(b"1") is None
        finally:
            importlib.reload(_fast)
        assert _fast.orjson is orjson
