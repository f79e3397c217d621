"""Laws of documents: one graph has one canonical text, and no bytes break the reader."""

import copy
import json
import pickle
import random
from collections.abc import Iterator
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.encoding import canonical_json, dag_digest, dag_from_json, dag_to_json
from cascades_sdk.errors import InvalidDocumentError
from cascades_sdk.graph import (
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Literal,
    Map,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    deployed_document,
    list_binding,
    object_binding,
    oversized,
)
from cascades_sdk.graph._limits import canonical_size
from cascades_sdk.values import FrozenDict
from strategies_of_dags import alike_dags, ascii_dags, dags, plain_dags
from strategies_of_values import alike_values, frozen_values


class TestRoundTrip:
    @given(dags())
    def test_a_written_graph_reads_back_as_itself(self, dag: Dag) -> None:
        assert dag_from_json(dag_to_json(dag)) == Success(dag)

    @given(dags())
    def test_a_graph_that_was_read_writes_the_same_bytes(self, dag: Dag) -> None:
        data = dag_to_json(dag)
        assert dag_to_json(dag_from_json(data).unwrap()) == data

    @given(dags(), st.integers(0, 4), st.randoms(use_true_random=False))
    def test_the_lenient_reader_forgives_order_and_white_space_only(
        self, dag: Dag, indent: int, random: random.Random
    ) -> None:
        relaxed = json.dumps(shuffled(json.loads(dag_to_json(dag)), random), indent=indent).encode()
        assert dag_from_json(relaxed, strict=False) == Success(dag)

    @given(dags())
    def test_pickles_and_copies_are_equal(self, dag: Dag) -> None:
        assert pickle.loads(pickle.dumps(dag)) == dag == copy.deepcopy(dag)
        assert hash(dag) == hash(copy.deepcopy(dag))


class TestIdentity:
    @given(alike_dags, alike_dags)
    def test_graphs_are_equal_exactly_when_their_bytes_are(self, left: Dag, right: Dag) -> None:
        assert (left == right) == (dag_to_json(left) == dag_to_json(right)) == (dag_digest(left) == dag_digest(right))

    @given(alike_values, alike_values)
    def test_so_where_they_differ_in_one_literal_only(self, left: Any, right: Any) -> None:
        one, other = Dag("f", returns=Literal(left)), Dag("f", returns=Literal(right))
        assert (one == other) == (dag_to_json(one) == dag_to_json(other))
        assert (hash(one) == hash(other)) or one != other


class TestCanonicalForm:
    @pytest.mark.witness("rfc8785: canonical JSON of random documents")
    @given(dags())
    def test_the_bytes_are_those_of_another_implementation(self, dag: Dag) -> None:
        data = dag_to_json(dag)
        # Every number is read as binary64, whatever its token looks like.
        assert rfc8785.dumps(json.loads(data, parse_int=float)) == data

    @given(ascii_dags)
    def test_an_ascii_document_is_what_the_standard_library_writes_sorted(self, dag: Dag) -> None:
        data = dag_to_json(dag)
        assert json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == data

    @given(frozen_values)
    def test_the_size_of_a_literal_is_the_number_of_its_bytes(self, value: Any) -> None:
        assert canonical_size(value) == len(canonical_json(value).unwrap().encode())
        assert oversized(value) is None


class TestTotality:
    @given(st.binary(max_size=60), st.booleans())
    def test_any_bytes_get_an_answer(self, data: bytes, strict: bool) -> None:
        assert isinstance(dag_from_json(data, strict=strict), Success | Failure)

    @given(st.text(st.sampled_from('[]{}",:\\ u0de19.-+ntf'), max_size=60).map(str.encode), st.booleans())
    def test_so_for_bytes_that_look_like_json(self, data: bytes, strict: bool) -> None:
        assert isinstance(dag_from_json(data, strict=strict), Success | Failure)

    @given(dags(), st.integers(0), st.binary(max_size=3), st.integers(0, 3))
    def test_changed_bytes_are_refused_or_another_canonical_document(
        self, dag: Dag, at: int, inserted: bytes, removed: int
    ) -> None:
        data = dag_to_json(dag)
        at %= len(data)
        judge(data, data[:at] + inserted + data[at + removed :])

    @pytest.mark.parametrize("dag", ["EVERYTHING", "BRANCHING"])
    def test_thousands_of_changes_to_one_document_are_judged_alike(self, dag: str) -> None:
        chance = random.Random(8785)
        data = dag_to_json(globals()[dag])
        verdicts = [judge(data, changed) for changed in changes(data, chance, 3000)]
        # The changes are worth something: some of them lead to other documents.
        assert {True, False} <= set(verdicts)


def judge(original: bytes, changed: bytes) -> bool:
    """Whether the changed bytes are a document; where they are, they are that of another graph."""
    read = dag_from_json(changed)
    lenient = dag_from_json(changed, strict=False)
    if isinstance(read, Failure):
        error = read.failure()
        assert type(error) is InvalidDocumentError
        assert error.problem
        assert str(error).encode()
        return False
    assert lenient == read
    assert dag_to_json(read.unwrap()) == changed
    assert (read == dag_from_json(original)) == (changed == original)
    return True


def changes(data: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    """A document with some bytes changed, or with one part replaced by another and written again."""
    tokens = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"0",
        b"1",
        b"-",
        b"e9",
        b"\\",
        b"\\ud800",
        b"\xff",
        b" ",
        b"null",
    ]
    for number in range(count):
        if number % 2:
            at, until = sorted(chance.choices(range(len(data)), k=2))
            yield (
                data[:at] + chance.choice([*tokens, data[at:until], b""]) + data[min(until, at + chance.randrange(4)) :]
            )
            continue
        document = json.loads(data)
        places = list(places_in(document))
        holder, key = chance.choice(places)
        source, name = chance.choice(places)
        donor = copy.deepcopy(source[name])
        strange: list[Any] = [None, True, 0, 1, -1, 0.5, 2**53, "", "node-0", "node-9", [], {}, {"literal": 1}]
        holder[key] = chance.choice([donor, donor, *strange])
        if chance.random() < 0.2 and type(holder) is dict:
            del holder[key]
        yield rfc8785.dumps(json.loads(json.dumps(document), parse_int=float))


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    entries = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    for key, inner in entries:
        yield value, key
        yield from places_in(inner)


def shuffled(value: Any, random: random.Random) -> Any:
    if type(value) is list:
        return [shuffled(item, random) for item in value]
    if type(value) is not dict:
        return value
    names = list(value)
    random.shuffle(names)
    return {name: shuffled(value[name], random) for name in names}


#: A graph in which every key of a document occurs.
EVERYTHING = Dag(
    "report",
    (FlowInput("day"), FlowInput("limit", Literal(10))),
    (
        TaskDefinition(
            "join",
            "reports:join",
            False,
            (Parameter("parts", "var_positional"), Parameter("by", "keyword_only", Literal(0.5))),
            TaskOptions("2", 3, 0.5, True, FrozenDict({"team": "data"})),
        ),
        TaskDefinition("load", "reports:load", True, (Parameter("day"), Parameter("more", "var_keyword"))),
    ),
    (
        Call("load", (("day", InputReference("day")),)),
        Call(
            "load", (("day", Literal(FrozenDict({"é": [1, None, "x\n"]}))), ("more", Literal(FrozenDict({"a": True}))))
        ),
        Call(
            "join",
            (("parts", list_binding((NodeReference(0, ("rows", 0)), Literal(1)))), ("by", InputReference("limit"))),
            (1,),
            TaskOptions(retries=0, cache="daily"),
        ),
    ),
    (Group("outer", None, (0,)), Group("inner", 0, (1, 2))),
    object_binding({"total": NodeReference(2), "day": InputReference("day", ("name",))}),
)


_ITEM = TaskDefinition("item", "m:item", True, (Parameter("x"), Parameter("y", "keyword_only", Literal(1))))

#: A graph in which every key occurs that maps, choices and guards have brought, nested and with what may be left out.
BRANCHING = Dag(
    "choosing",
    (FlowInput("quick", Literal(False)), FlowInput("rows")),
    (TaskDefinition("check", "m:check", True, (Parameter("x"),)), _ITEM),
    (
        Call("check", (("x", InputReference("rows")),)),
        Map("item", (("x", InputReference("rows", ("all",))),), (0,), TaskOptions(retries=1)),
        Map("item", (("x", Literal((1, "a"))), ("y", NodeReference(0)))),
        Call("item", (("x", NodeReference(1, (0,))),)),
        Map("item", (("x", list_binding((NodeReference(2), Literal(1)))),)),
        Choice(Branch(2, object_binding({"k": NodeReference(4)})), Branch(3, NodeReference(1))),
        Choice(Branch(0, NodeReference(5, ("k",))), Branch(1)),
        Call("check", (("x", NodeReference(6)),)),
        Choice(Branch(4, NodeReference(7))),
    ),
    (
        Group("then", None, (2, 5), Guard(NodeReference(0, ("ok", 0)), True)),
        Group("otherwise", None, (3,), Guard(NodeReference(0, ("ok", 0)), False)),
        Group("then", 0, (), Guard(InputReference("quick"), True)),
        Group("otherwise", 0, (), Guard(InputReference("quick"), False)),
        Group("then", None, (7,), Guard(NodeReference(0, ("more",)), True)),
        Group("inner", 2, (4,)),
    ),
    list_binding((NodeReference(8), NodeReference(6))),
)


class TestTheDeployedDocument:
    @given(dags())
    def test_maps_and_choices_have_no_place_in_it(self, dag: Dag) -> None:
        kinds = [type(node) for node in dag.nodes]
        document = deployed_document(dag)
        if isinstance(document, Success):
            assert set(kinds) <= {Call}
        else:
            first = next(at for at, kind in enumerate(kinds) if kind is not Call)
            assert document.failure().pointer == f"/nodes/{first}"

    @given(plain_dags)
    def test_it_says_what_the_graph_says(self, dag: Dag) -> None:
        document: Any = deployed_document(dag).unwrap()
        assert [node["id"] for node in document["nodes"]] == [f"node-{at}" for at in range(len(dag.nodes))]
        pairs = [(edge["from"], edge["to"]) for edge in document["edges"]]
        assert len(set(pairs)) == len(pairs)
        # An edge for each dependency, once, in order.
        implied = [(before, node["id"]) for node in document["nodes"] for before in node["dependencies"]]
        assert pairs == list(dict.fromkeys(implied))

    @given(plain_dags)
    def test_it_has_a_canonical_text(self, dag: Dag) -> None:
        document = deployed_document(dag).unwrap()
        assert json.loads(canonical_json(document).unwrap()).keys() == document.keys()
