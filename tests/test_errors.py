"""Errors as values: equal, hashable, picklable, fresh when raised; and the line of text of each."""

import copy
import pickle
from typing import get_args

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk.errors import (
    CaptureError,
    CascadeSDKError,
    CascadesSDKError,
    CompileError,
    EvaluationError,
    FlowRaisedError,
    InvalidDagError,
    InvalidDocumentError,
    InvalidValueError,
    SourceLine,
    TaskRaisedError,
    cause_text,
    error,
    fresh,
    raise_on_failure,
)

LINE = SourceLine("flows.py", 7)

#: One of each, and the line that it shows.
EXAMPLES: list[tuple[CascadesSDKError, str]] = [
    (InvalidValueError("/a/0", "a set is refused", "pass sorted(...)"), "/a/0: a set is refused; pass sorted(...)"),
    (
        InvalidValueError("", "a set is refused", "pass sorted(...)", "task 'add'", LINE),
        "flows.py:7, task 'add' (the value itself): a set is refused; pass sorted(...)",
    ),
    (
        CaptureError("truth", "a reference has no truth", "compare in a task"),
        "a reference has no truth; compare in a task",
    ),
    (
        CaptureError("length", "a reference has no length", "", LINE, "report", "load"),
        "flows.py:7, flow 'report', task 'load': a reference has no length",
    ),
    (FlowRaisedError("report", "KeyError", "'a'", LINE), "flows.py:7, flow 'report': raised KeyError: 'a'"),
    (FlowRaisedError("report", "KeyError", ""), "flow 'report': raised KeyError"),
    (InvalidDagError("/nodes/0", "must be a Call"), "/nodes/0: must be a Call"),
    (InvalidDagError("", "is no graph", "make one"), "(the DAG itself): is no graph; make one"),
    (InvalidDocumentError("not UTF-8", offset=3), "byte 3: not UTF-8"),
    (InvalidDocumentError("expected a list", pointer="/nodes"), "/nodes: expected a list"),
    (InvalidDocumentError("too long", "raise max_bytes"), "(the document): too long; raise max_bytes"),
    (EvaluationError("the input 'day' is missing", "give it"), "the input 'day' is missing; give it"),
    (
        EvaluationError("a set is refused", "", "/0", "node-3", "load"),
        "node-3, task 'load' /0: a set is refused",
    ),
    (TaskRaisedError("node-3", "load", "ValueError", "no"), "node-3, task 'load': raised ValueError: no"),
    (TaskRaisedError("node-3", "load", "ValueError", ""), "node-3, task 'load': raised ValueError"),
]
ERRORS = [example for example, _ in EXAMPLES]


@error
class Refused(CascadesSDKError):
    reason: str
    secret: str = attrs.field(default="", repr=False)


@pytest.mark.parametrize(("example", "text"), EXAMPLES)
def test_an_error_is_one_line_that_says_what_where_and_what_to_do(example: CascadesSDKError, text: str) -> None:
    assert str(example) == example.message() == text


def test_every_compile_error_has_an_example_here() -> None:
    assert {type(example) for example in ERRORS} == set(get_args(CompileError))
    assert all(isinstance(example, CompileError) for example in ERRORS)  # type: ignore[arg-type]


@pytest.mark.parametrize("example", ERRORS)
def test_an_error_is_equal_by_value_and_hashes(example: CascadesSDKError) -> None:
    twin = attrs.evolve(example)  # type: ignore[misc]
    assert twin == example
    assert twin is not example
    assert hash(twin) == hash(example)


@pytest.mark.parametrize("example", ERRORS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling_and_copying(example: CascadesSDKError, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(example, protocol)) == example
    assert copy.copy(example) == copy.deepcopy(example) == example


def test_errors_that_differ_in_one_field_or_in_their_class_are_different() -> None:
    assert InvalidDagError("/a", "no") != InvalidDagError("/b", "no")
    assert InvalidDagError("/a", "no") != InvalidValueError("/a", "no", "")
    assert len(set(ERRORS)) == len(ERRORS)


def test_the_fields_of_an_error_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        InvalidDagError("/a", "no").pointer = "/b"  # type: ignore[misc]


@pytest.mark.parametrize("kind", get_args(CompileError))
def test_what_a_terminal_could_act_on_is_an_escape_in_the_text_of_an_error(kind: type[CascadesSDKError]) -> None:
    # Whatever a document, a name of a task or the text of an exception brings along.
    strange = "a\x1b[2J\nb\u202e\ud800"
    given = {field.name: strange for field in attrs.fields(kind) if field.name != "offset"}
    if "source" in given:
        given |= {"source": SourceLine(strange, 1)}  # type: ignore[dict-item]
    made = kind(**given)
    assert str(made).isprintable()
    assert r"\x1b[2J\nb\u202e\ud800" in str(made)
    assert copy.copy(made) == made


def test_an_error_without_a_text_of_its_own_shows_its_name() -> None:
    assert str(Refused("late", "hush")) == "Refused"
    assert "hush" not in repr(Refused("late", "hush"))


def test_the_base_class_is_an_exception_like_any_other() -> None:
    assert CascadeSDKError is CascadesSDKError
    assert str(CascadesSDKError()) == "CascadesSDKError"
    assert type(pickle.loads(pickle.dumps(CascadesSDKError()))) is CascadesSDKError


def test_a_success_gives_its_value() -> None:
    assert raise_on_failure(Success(3)) == 3


def test_a_failure_raises_a_fresh_copy_each_time() -> None:
    refused = InvalidDagError("/a", "no")
    for _ in range(2):
        with pytest.raises(InvalidDagError) as raised:
            raise_on_failure(Failure(refused))
        assert raised.value == refused
        assert raised.value is not refused
    assert refused.__traceback__ is None


def test_a_fresh_copy_has_no_cause_and_no_traceback() -> None:
    try:
        raise InvalidDagError("/a", "no") from ValueError("why")
    except InvalidDagError as caught:
        copied = fresh(caught)
    assert copied == InvalidDagError("/a", "no")
    assert (copied.__cause__, copied.__context__, copied.__traceback__) == (None, None, None)


def test_a_source_line_reads_as_file_and_line() -> None:
    assert str(LINE) == "flows.py:7"


class TestTheTextOfACause:
    def test_it_stands_on_one_line(self) -> None:
        assert cause_text(ValueError("one\n  two")) == "one two"

    def test_it_is_cut_where_it_is_long(self) -> None:
        text = cause_text(ValueError("x" * 1000))
        assert len(text) == 300
        assert text.endswith("x…")

    def test_a_cause_that_cannot_say_its_text_does_not_hide_the_failure(self) -> None:
        class Mute(Exception):
            def __str__(self) -> str:
                raise RuntimeError

        assert cause_text(Mute()) == "(its text cannot be shown)"
