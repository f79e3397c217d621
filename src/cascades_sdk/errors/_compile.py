"""What authoring, documents and evaluation can answer instead of a value.

Decided here: the closed union :data:`CompileError` and the line of text of each member.
Never here: when an error arises.
"""

from typing import Final, Literal, TypeAlias, Union

import attrs
from returns.primitives.exceptions import UnwrapFailedError

from cascades_sdk.errors._base import CascadesSDKError, error

__all__ = [
    "CaptureCode",
    "CaptureError",
    "CompileError",
    "EvaluationError",
    "FlowRaisedError",
    "InvalidDagError",
    "InvalidDocumentError",
    "InvalidValueError",
    "SourceLine",
    "TaskRaisedError",
]


@attrs.frozen
class SourceLine:
    """A place in the author's code: a file and a line, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


#: What went wrong while a flow was captured. One word for each way of using a reference as a value, then
#: the ways of calling wrongly, then what a capture itself can refuse.
CaptureCode: TypeAlias = Literal[
    "truth",
    "comparison",
    "iteration",
    "length",
    "containment",
    "number_conversion",
    "string_conversion",
    "arithmetic",
    "formatting",
    "hashing",
    "pickling",
    "type_check",
    "attribute",
    "assignment",
    "calling",
    "awaiting",
    "waiting",
    "context_manager",
    "selector",
    "text_of_reference",
    "foreign_reference",
    "missing_argument",
    "unknown_argument",
    "repeated_argument",
    "type_mismatch",
    "ordering",
    "mapping",
    "condition",
    "empty_branch",
    "branch_reference",
    "name_conflict",
    "options",
    "other_thread",
    "finished_capture",
    "recursion",
    "not_a_flow",
    "not_a_function",
    "unknown_input",
    "unbound_parameters",
]


def _line(where: str, problem: str, advice: str) -> str:
    text = f"{where}: {problem}" if where else problem
    return f"{text}; {advice}" if advice else text


def _at(source: SourceLine | None, *parts: str | None) -> str:
    named = [part for part in parts if part]
    return ", ".join([str(source), *named] if source is not None else named)


@error
class InvalidValueError(CascadesSDKError):
    """A value outside of the value model (:mod:`cascades_sdk.values`), or too large for a literal.

    ``pointer`` is a JSON Pointer (RFC 6901); ``subject`` names what it points into
    (``task 'add'``, ``input of flow 'report'``).
    """

    pointer: str
    problem: str
    advice: str
    subject: str = ""
    source: SourceLine | None = None

    def message(self) -> str:
        where = _at(self.source, self.subject)
        pointer = self.pointer or "(the value itself)"
        return _line(f"{where} {pointer}" if where else pointer, self.problem, self.advice)


@error
class CaptureError(CascadesSDKError):
    """The flow did what cannot be captured: a reference used as a value, a call that does not bind, …"""

    code: CaptureCode
    problem: str
    advice: str
    source: SourceLine | None = None
    flow: str | None = None
    task: str | None = None

    def message(self) -> str:
        flow = f"flow {self.flow!r}" if self.flow else None
        task = f"task {self.task!r}" if self.task else None
        return _line(_at(self.source, flow, task), self.problem, self.advice)


@error
class FlowRaisedError(CascadesSDKError):
    """The flow's own Python raised. ``__cause__`` is the exception where it is still at hand."""

    flow: str
    cause_type: str
    cause_text: str
    source: SourceLine | None = None

    def message(self) -> str:
        where = _at(self.source, f"flow {self.flow!r}")
        return (
            f"{where}: raised {self.cause_type}: {self.cause_text}"
            if self.cause_text
            else (f"{where}: raised {self.cause_type}")
        )


@error
class InvalidDagError(CascadesSDKError):
    """A ``Dag`` that cannot be: raised by its constructor. ``pointer`` leads to the part of the document."""

    pointer: str
    problem: str
    advice: str = ""

    def message(self) -> str:
        return _line(self.pointer or "(the DAG itself)", self.problem, self.advice)


@error
class InvalidDocumentError(CascadesSDKError):
    """Bytes that are no canonical document.

    ``pointer`` leads to the fault where there is a document to point into; otherwise it is ``None`` and
    ``offset`` counts bytes from the start.
    """

    problem: str
    advice: str = ""
    pointer: str | None = None
    offset: int | None = None

    def message(self) -> str:
        where = f"byte {self.offset}" if self.offset is not None else (self.pointer or "(the document)")
        return _line(where, self.problem, self.advice)


@error
class EvaluationError(CascadesSDKError):
    """A ``Dag`` could not be evaluated. ``node`` and ``task`` are ``None`` where the inputs are at fault."""

    problem: str
    advice: str = ""
    pointer: str = ""
    node: str | None = None
    task: str | None = None

    def message(self) -> str:
        task = f"task {self.task!r}" if self.task else None
        where = " ".join(filter(None, [_at(None, self.node, task), self.pointer]))
        return _line(where, self.problem, self.advice)


@error
class TaskRaisedError(CascadesSDKError):
    """A task's own Python raised while a ``Dag`` was evaluated. ``__cause__`` is the exception.

    ``pointer`` leads to the item of the list that was mapped over; it is empty where the task was called once.
    """

    node: str
    task: str
    cause_type: str
    cause_text: str
    pointer: str = ""

    def message(self) -> str:
        text = f": {self.cause_text}" if self.cause_text else ""
        where = f"{self.node}, task {self.task!r}" + (f" {self.pointer}" if self.pointer else "")
        return f"{where}: raised {self.cause_type}{text}"


CompileError: TypeAlias = Union[  # noqa: UP007 - a union that isinstance() accepts and texts can name
    InvalidValueError,
    CaptureError,
    FlowRaisedError,
    InvalidDagError,
    InvalidDocumentError,
    EvaluationError,
    TaskRaisedError,
]

#: How much of an exception's own text is repeated; one line is meant for people.
CAUSE_TEXT_LIMIT: Final = 300


def cause_text(cause: BaseException) -> str:
    """The text of a foreign exception on one line, cut where it is long; never raises.

    ``Failure(error).unwrap()`` raises an exception without a text; what it says is the error that it holds.
    """
    try:
        text = " ".join((_held(cause) if isinstance(cause, UnwrapFailedError) else str(cause)).split())
    except Exception:  # noqa: BLE001 - a broken __str__ must not hide the failure that it describes
        return "(its text cannot be shown)"
    return text if len(text) <= CAUSE_TEXT_LIMIT else text[: CAUSE_TEXT_LIMIT - 1] + "…"


def _held(unwrapped: UnwrapFailedError) -> str:
    inner = unwrapped.__cause__
    return str(unwrapped.halted_container) if inner is None else f"{type(inner).__name__}: {inner}"
