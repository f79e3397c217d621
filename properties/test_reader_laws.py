"""Laws of the readers on bytes that nobody wrote: an answer, always; and a graph for the canonical bytes of one alone.

Long seeded loops, in which documents are damaged as bytes and as structures; ``CASCADES_LOOPS`` makes them longer.
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import cbor2
import pytest
import rfc8785
from returns.result import Failure

from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.encoding import dag_from_cbor, dag_from_json, dag_to_cbor, dag_to_json
from cascades_sdk.errors import InvalidDocumentError, Outcome
from cascades_sdk.graph import Dag
from loops import rounds, seeded
from programs import flow_of, generate
from test_encoding_laws import BRANCHING, EVERYTHING, places_in

JSON_TOKENS = [
    *(
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
        b".",
        b"e9",
        b"1e400",
        b"NaN",
        b"\\",
        b"\\ud800",
        b"\\u001b",
        b"\\n",
    ),
    *(
        b"\\u0061",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xf0\x9f\x98\x80",
        b" ",
        b"\n",
        b"null",
        b"true",
        b"1.0",
        b"9007199254740993",
    ),
]
CBOR_TOKENS = [
    *(
        b"\x00",
        b"\x18\x17",
        b"\x19\x00\xff",
        b"\x1b\x00\x20\x00\x00\x00\x00\x00\x00",
        b"\x20",
        b"\x40",
        b"\x60",
        b"\x61a",
        b"\x1b",
    ),
    *(b"\x78\x01a", b"\x7f", b"\x80", b"\x9f", b"\xa0", b"\xa1\x61a", b"\xbf", b"\xc0", b"\xd8\x1c", b"\xd8\x1d\x00"),
    *(b"\xf4", b"\xf6", b"\xf7", b"\xf9\x3c\x00", b"\xf9\x7e\x00", b"\xfb\x3f\xe0", b"\xff", b"\x9b\xff\xff\xff\xff"),
]

Reader = Callable[[bytes], Outcome[Dag, InvalidDocumentError]]


def documents(chance: Random) -> list[Dag]:
    """A graph with everything in it, and some of random programs."""
    programs = [generate(chance, small=True) for _ in range(20)]
    compiled = [build_dag_from_flow(flow_of(program), program.bound).unwrap() for program in programs]
    return [EVERYTHING, BRANCHING, *compiled]


def random_bytes(chance: Random, tokens: list[bytes]) -> bytes:
    """Bytes at random, or tokens of the format at random."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(40))
    return b"".join(chance.choices(tokens, k=chance.randrange(1, 12)))


def cut_up(data: bytes, chance: Random, tokens: list[bytes]) -> bytes:
    """A document with some bytes gone, doubled, swapped or put in."""
    at, until = sorted(chance.choices(range(len(data) + 1), k=2))
    match chance.randrange(5):
        case 0:
            return data[:at] + chance.choice(tokens) + data[at + chance.randrange(3) :]
        case 1:
            return data[:at] + data[min(until, at + chance.randrange(8)) :]
        case 2:
            return data[:until] + data[at:]
        case 3:
            changed = bytearray(data)
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case _:
            return data[:at]


STRANGE: list[Any] = [None, True, 0, 1, -1, 0.5, 1.5e300, 2.0**53, "", "node-0", "node-9", [], {}, {"literal": 1}]


def restructured(plain: Any, chance: Random, write: Callable[[Any], bytes]) -> bytes:
    """A document in which one part is replaced by another, or gone, in canonical bytes."""
    document = {"": json.loads(json.dumps(plain))}
    places = list(places_in(document))
    holder, key = chance.choice(places)
    source, name = chance.choice(places)
    if chance.random() < 0.2 and type(holder) is dict and key:
        del holder[key]
    else:
        donor = json.loads(json.dumps(source[name]))
        holder[key] = chance.choice([donor, donor, *STRANGE])
    return write(document[""])


def inputs(chance: Random, tokens: list[bytes], write: Callable[[Any], bytes]) -> Iterator[bytes]:
    """Endless inputs for a reader."""
    plains = [json.loads(dag_to_json(dag)) for dag in documents(chance)]
    written = [write(plain) for plain in plains]
    while True:
        yield random_bytes(chance, tokens)
        which = chance.randrange(len(plains))
        yield cut_up(written[which], chance, tokens)
        yield restructured(plains[which], chance, write)


def canonical_json_of(plain: Any) -> bytes:
    return rfc8785.dumps(json.loads(json.dumps(plain), parse_int=float))


def canonical_cbor_of(plain: Any) -> bytes:
    return cbor2.dumps(plain, canonical=True)


def is_refused(read: Reader, write: Callable[[Dag], bytes], data: bytes) -> bool:
    """Whether bytes are refused; where they are not, they are the canonical bytes of what was read."""
    outcome = read(data)
    if isinstance(outcome, Failure):
        error = outcome.failure()
        assert type(error) is InvalidDocumentError
        assert error.problem
        assert str(error).isprintable()
        # The place is told, as one of the two.
        assert (error.pointer is None) != (error.offset is None)
        assert error.offset is None or 0 <= error.offset <= len(data)
        return True
    assert write(outcome.unwrap()) == data
    return False


@pytest.mark.parametrize("part", range(4))
def test_any_json_gets_an_answer_and_only_canonical_bytes_a_graph(part: int) -> None:
    chance = seeded(8785 + part)
    source = inputs(chance, JSON_TOKENS, canonical_json_of)
    verdicts = [is_refused(dag_from_json, dag_to_json, next(source)) for _ in rounds(25_000)]
    # The inputs are worth something: a share of them are documents.
    assert 0.02 < verdicts.count(False) / len(verdicts) < 0.5


@pytest.mark.parametrize("part", range(4))
def test_any_cbor_gets_an_answer_and_only_canonical_bytes_a_graph(part: int) -> None:
    chance = seeded(8949 + part)
    source = inputs(chance, CBOR_TOKENS, canonical_cbor_of)
    verdicts = [is_refused(dag_from_cbor, dag_to_cbor, next(source)) for _ in rounds(25_000)]
    assert 0.02 < verdicts.count(False) / len(verdicts) < 0.5


def test_the_lenient_reader_takes_what_the_strict_one_takes_and_normalises_the_rest() -> None:
    chance = seeded(4627)
    source = inputs(chance, JSON_TOKENS, canonical_json_of)
    for _ in rounds(10_000):
        data = next(source)
        strict, lenient = dag_from_json(data), dag_from_json(data, strict=False)
        if isinstance(lenient, Failure):
            assert isinstance(strict, Failure)
            continue
        canonical = dag_to_json(lenient.unwrap())
        assert isinstance(strict, Failure) == (canonical != data)
        assert dag_from_json(canonical) == lenient


def test_where_brackets_nest_too_deep_is_the_first_byte_that_must_not_be_there() -> None:
    chance = seeded(144)
    marks = [b"[", b"[", b'{"a":', b'{"[":', b'"', b'"[{"', b'"\\"[",', b"]", b"}", b"\\", b"x"]
    told = 0
    for _ in rounds(2_000):
        data = b"".join(chance.choices(marks, k=chance.randrange(1_200)))
        outcome = dag_from_json(data, strict=chance.random() < 0.5)
        assert isinstance(outcome, Failure)
        error = outcome.failure()
        if "nested deeper" in error.problem:
            told += 1
            assert data[error.offset :][:1] in b"[{"
            assert "nested deeper" not in str(dag_from_json(data[: error.offset]).failure())
            assert "nested deeper" in str(dag_from_json(data[: (error.offset or 0) + 1]).failure())
    assert told > 100


@pytest.mark.witness("cbor2: strict reading of CBOR")
def test_what_cbor2_reads_otherwise_is_no_canonical_document() -> None:
    chance = seeded(7049)
    source = inputs(chance, CBOR_TOKENS, canonical_cbor_of)
    for _ in rounds(10_000):
        data = next(source)
        outcome = dag_from_cbor(data)
        if not isinstance(outcome, Failure):
            # An independent decoder finds the same document in it.
            assert canonical_json_of(cbor2.loads(data)) == dag_to_json(outcome.unwrap())
