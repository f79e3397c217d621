"""CBOR by example: what is written, what is read, and every refusal with the offset of its byte."""

import json
import threading
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from returns.result import Failure, Success

from cascades_sdk.encoding import (
    MAX_DOCUMENT_DEPTH,
    canonical_cbor,
    canonical_json,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
)
from cascades_sdk.errors import InvalidDocumentError, InvalidValueError
from cascades_sdk.graph import Dag, Literal
from cascades_sdk.values import freeze
from test_encoding import GRAPH

EMPTY = bytes.fromhex(
    "a6"  # six entries; names of fewer bytes come first
    "646b696e64 6e63617363616465732f6461674031"  # kind: cascades/dag@1
    "646e616d65 6166"  # name: f
    "656e6f646573 80"  # nodes: []
    "657461736b73 a0"  # tasks: {}
    "66696e70757473 80"  # inputs: []
    "6772657475726e73 a1 676c69746572616c f6"  # returns: {literal: null}
)


class TestWriting:
    def test_a_graph_has_these_bytes(self) -> None:
        assert dag_to_cbor(Dag("f")) == EMPTY

    def test_they_hold_the_value_that_its_json_holds(self) -> None:
        assert cbor2.loads(dag_to_cbor(GRAPH)) == json.loads(dag_to_json(GRAPH))

    @pytest.mark.parametrize(
        ("value", "encoded"),
        [
            (None, "f6"),
            (False, "f4"),
            (True, "f5"),
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (255, "18ff"),
            (256, "190100"),
            (65535, "19ffff"),
            (65536, "1a00010000"),
            (2**32 - 1, "1affffffff"),
            (2**32, "1b0000000100000000"),
            (2**53 - 1, "1b001fffffffffffff"),
            (-1, "20"),
            (-24, "37"),
            (-25, "3818"),
            (-(2**53) + 1, "3b001ffffffffffffe"),
            (1.0, "01"),
            (-0.0, "00"),
            (0.5, "f93800"),
            (1.1, "fb3ff199999999999a"),
            (2.0**53, "fa5a000000"),
            (5e-324, "fb0000000000000001"),
            (2.0**-24, "f90001"),
            ("", "60"),
            ("ü", "62c3bc"),
            ("x" * 24, "7818" + "78" * 24),
            ("x" * 300, "79012c" + "78" * 300),
            ([], "80"),
            ((1, [2]), "82018102"),
            ({}, "a0"),
            ({"b": 1, "aa": 2, "a": 3}, "a361610361620162616102"),
        ],
    )
    def test_any_value_of_the_model_has_one_form(self, value: Any, encoded: str) -> None:
        assert canonical_cbor(value) == Success(bytes.fromhex(encoded))

    def test_what_is_not_in_the_model_is_refused_with_its_pointer(self) -> None:
        error = canonical_cbor({"a": [{1}]}).failure()
        assert type(error) is InvalidValueError
        assert (error.pointer, error.advice) == ("/a/0", "pass sorted(...) of it, so that its order is yours")

    def test_a_graph_is_a_value_too(self) -> None:
        assert canonical_cbor(GRAPH) == Success(dag_to_cbor(GRAPH))
        assert canonical_json(GRAPH) == Success(dag_to_json(GRAPH).decode())


def refused(data: Any, **settings: Any) -> InvalidDocumentError:
    outcome = dag_from_cbor(data, **settings)
    assert isinstance(outcome, Failure), outcome
    error = outcome.failure()
    assert type(error) is InvalidDocumentError
    assert str(error).encode()
    return error


class TestReading:
    def test_what_was_written_is_read_back(self) -> None:
        assert dag_from_cbor(dag_to_cbor(GRAPH)) == Success(GRAPH)
        assert dag_from_cbor(EMPTY) == Success(Dag("f"))

    def test_long_texts_long_names_and_numbers_of_all_sizes_are_read_back(self) -> None:
        sizes = [size + off for size in (24, 2**8, 2**16, 2**32) for off in (-1, 0)]
        value = dict.fromkeys(("n" * 23, "n" * 24, "n" * 300), sizes) | {
            "texts": ["x" * 23, "x" * 24, "ü" * 200, "x" * 70_000],
            "negative": [-1 - size for size in sizes],
            "floats": [0.5, 1.1, 2.0**-24, 3.4e38, 5e-324, 2.0**53, -(2.0**60)],
        }
        graph = Dag("f", returns=Literal(freeze(value)))  # type: ignore[arg-type]  # it has a frozen form
        assert dag_from_cbor(dag_to_cbor(graph)) == Success(graph)
        assert cbor2.loads(dag_to_cbor(graph))["returns"]["literal"] == value

    def test_a_graph_has_one_digest_whatever_it_was_read_from(self) -> None:
        read = dag_from_cbor(dag_to_cbor(GRAPH)).unwrap()
        assert dag_digest(read) == dag_digest(dag_from_json(dag_to_json(GRAPH)).unwrap())

    @pytest.mark.parametrize(
        ("data", "problem", "offset"),
        [
            ("", "ends in the middle", 0),
            ("18", "ends in the middle", 1),
            ("1901", "ends in the middle", 2),
            ("6261", "ends in the middle", 2),
            ("62c3", "ends in the middle", 2),
            ("781861", "ends in the middle", 3),
            ("8101" + "00", "bytes follow", 2),
            ("82 01", "ends in the middle", 2),
            ("a1 6161", "ends in the middle", 3),
            ("a1 7818", "ends in the middle", 3),
            ("f938", "ends in the middle", 2),
            ("9bffffffffffffffff 00", "ends in the middle", 10),
            ("bbffffffffffffffff", "ends in the middle", 9),
            ("1817", "more bytes than it needs", 0),
            ("1900ff", "more bytes than it needs", 0),
            ("1a0000ffff", "more bytes than it needs", 0),
            ("1b00000000ffffffff", "more bytes than it needs", 0),
            ("81 3817", "more bytes than it needs", 1),
            ("780161", "more bytes than it needs", 0),
            ("980101", "more bytes than it needs", 0),
            ("b80161 6101", "more bytes than it needs", 0),
            ("a1 78016101", "more bytes than it needs", 1),
            ("1b0020000000000000", "beyond 2**53 - 1 is written as a float", 0),
            ("3b001fffffffffffff", "beyond 2**53 - 1 is written as a float", 0),
            ("fb3ff199999999999a00", "bytes follow", 9),
            ("f93c00", "is not written as a float", 0),
            ("f98000", "is not written as a float", 0),
            ("fa3f000000", "a float takes more bytes", 0),
            ("fb3fe0000000000000", "a float takes more bytes", 0),
            ("f97e00", "nan is not a finite number", 0),
            ("f97c00", "inf is not a finite number", 0),
            ("fbfff0000000000000", "-inf is not a finite number", 0),
            ("61ff", "not UTF-8", 1),
            ("81 63616180", "not UTF-8", 4),
            ("63eda080", "not UTF-8", 1),
            ("a1 61ff 00", "not UTF-8", 2),
            ("a2 6161 01 6161 02", "the name 'a' is repeated", 4),
            ("a2 6162 01 6161 02", "names are not in order", 4),
            ("a2 626161 01 6162 02", "names are not in order", 5),
            ("a1 01 02", "a name is not text", 1),
            ("a1 4161 02", "a name is not text", 1),
            ("a1 7f6161ff 02", "a name is not text", 1),
            ("4161", "a byte string is no value", 0),
            ("5f4161ff", "a length is not told", 0),
            ("7f6161ff", "a length is not told", 0),
            ("9fff", "a length is not told", 0),
            ("bfff", "a length is not told", 0),
            ("ff", "a simple value other than", 0),
            ("c000", "a tag is no value", 0),
            ("d81c80", "a tag is no value", 0),
            ("f7", "a simple value other than", 0),
            ("e0", "a simple value other than", 0),
            ("f820", "a simple value other than", 0),
            ("1c", "a reserved length", 0),
            ("3d", "a reserved length", 0),
            ("7e", "a reserved length", 0),
            ("fc", "a reserved length", 0),
        ],
    )
    def test_what_is_not_canonical_is_refused_at_its_byte(self, data: str, problem: str, offset: int) -> None:
        error = refused(bytes.fromhex(data))
        assert problem in error.problem
        assert (error.offset, error.pointer) == (offset, None)

    def test_content_is_checked_as_that_of_json_is(self) -> None:
        document: Any = json.loads(dag_to_json(GRAPH))
        document["returns"] = {"node": "node-3"}
        error = refused(cbor2.dumps(document, canonical=True))
        assert (error.pointer, error.problem) == ("/returns/node", "must refer to an earlier node")

    @pytest.mark.parametrize("data", ["", bytearray(EMPTY), None])
    def test_what_is_no_bytes_is_refused(self, data: Any) -> None:
        assert refused(data).advice == "give bytes"

    def test_a_larger_input_than_the_limit_is_refused_unread(self) -> None:
        assert refused(b"\xff" * 11, max_bytes=10).advice == "raise max_bytes"
        assert isinstance(dag_from_cbor(EMPTY, max_bytes=len(EMPTY)), Success)

    def test_a_document_that_nests_too_deep_is_refused_where_it_does(self) -> None:
        assert refused(b"\x81" * 10_000).offset == MAX_DOCUMENT_DEPTH
        assert "nested deeper than 144" in refused(b"\xa1\x61a" * 10_000).problem
        assert "expected an object" in refused(b"\x81" * MAX_DOCUMENT_DEPTH + b"\x00").problem


def in_a_small_stack(work: Callable[[], object]) -> list[object]:
    """What some work gives in a thread whose stack has 64 KiB."""
    given: list[object] = []
    before = threading.stack_size(64 * 1024)
    try:
        thread = threading.Thread(target=lambda: given.append(work()))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return given


class TestStackSafety:
    def test_values_of_the_greatest_depth_are_written_and_read_in_a_small_stack(self) -> None:
        value: Any = 0
        for _ in range(32):
            value = [{"a": value}]
        graph = Dag("f", returns=Literal(freeze(value)))

        def whole_way() -> bool:
            return dag_from_cbor(dag_to_cbor(graph)) == dag_from_json(dag_to_json(graph)) == Success(graph)

        assert in_a_small_stack(whole_way) == [True]

    @pytest.mark.parametrize("data", [b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"0" + b"}" * 10_000])
    def test_ten_thousand_brackets_are_refused_before_native_code_sees_them(self, data: bytes) -> None:
        (outcome,) = in_a_small_stack(lambda: dag_from_json(data))
        assert isinstance(outcome, Failure)
        assert "nested deeper" in outcome.failure().problem

    @pytest.mark.parametrize("data", [b"\x81" * 10_000, b"\xa1\x61a" * 10_000])
    def test_so_for_cbor(self, data: bytes) -> None:
        (outcome,) = in_a_small_stack(lambda: dag_from_cbor(data))
        assert isinstance(outcome, Failure)
        assert "nested deeper" in outcome.failure().problem

    @pytest.mark.parametrize("write", [canonical_json, canonical_cbor])
    def test_so_for_values(self, write: Callable[[object], Any]) -> None:
        value: Any = 0
        for _ in range(5_000):
            value = [{"a": value}]
        (outcome,) = in_a_small_stack(lambda: write(value))
        assert isinstance(outcome, Failure)
        assert "nested deeper than 64" in outcome.failure().problem
        while value:  # taken apart by hand: the interpreter would recurse
            value = value[0].pop("a")

    def test_a_reader_called_at_the_end_of_the_stack_answers_a_value(self) -> None:
        deep: Any = 0
        for _ in range(60):
            deep = [deep]
        graph = Dag("f", returns=Literal(freeze(deep)))
        data, packed = dag_to_json(graph), dag_to_cbor(graph)

        def at_the_end(read: Callable[[], Any], answers: list[Any]) -> None:
            try:
                at_the_end(read, answers)
            except RecursionError:
                if len(answers) < 40:
                    answers.append(read())

        for read in (lambda: dag_from_json(data), lambda: dag_from_cbor(packed)):
            answers: list[Any] = []
            at_the_end(read, answers)
            told = [str(answer.failure()) for answer in answers if isinstance(answer, Failure)]
            assert told
            assert all("recursion limit" in text for text in told)
