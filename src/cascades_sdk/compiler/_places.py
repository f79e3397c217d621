"""Where in the author's code something happened.

Decided here: which frame is the author's. Never here: what happened.

A call is known by ``(code, instruction)``, because decoding a line number walks the line table of the code: done for
each call of a long flow it would be quadratic. So the table of each code object is decoded once.
"""

import ast
import inspect
import sys
from bisect import bisect_right
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Final

from cascades_sdk.errors import SourceLine

__all__ = [
    "LineTable",
    "definition_line",
    "place_in_flow",
    "place_of_await",
    "place_of_caller",
    "place_of_traceback",
    "return_line",
]

_PACKAGE = __name__.partition(".")[0]


def _is_foreign(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__", "")
    return not (module == _PACKAGE or module.startswith(f"{_PACKAGE}."))


def place_of_caller(flow: CodeType | None) -> SourceLine | None:
    """The line that is being run in the file of ``flow``; else the innermost line outside this package.

    Whoever asked for the capture is no part of the flow: where the flow's own frames are gone, the answer is where the
    flow is defined; or, while what it returned is looked at, where it returns.
    """
    nearest: SourceLine | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if _is_foreign(frame):
            here = SourceLine(frame.f_code.co_filename, frame.f_lineno)
            if flow is None or frame.f_code.co_filename == flow.co_filename:
                return here
            nearest = nearest or here
        elif flow is not None and frame.f_code.co_name == "binding_of_return":
            return return_line(flow)
        elif flow is not None and frame.f_code.co_name == "build_dag_from_flow":
            return definition_line(flow)
        frame = frame.f_back
    return nearest


def place_in_flow(flow: CodeType) -> SourceLine:
    """The line that is being run in the file of ``flow``; its first line where nothing of that file is running here.

    So it is in another thread: what stands on its stack is the machinery of threads, and where the flow's own thread is
    meanwhile is chance.
    """
    here = place_of_caller(flow)
    return here if here is not None and here.file == flow.co_filename else definition_line(flow)


def definition_line(function: CodeType) -> SourceLine:
    """The first line of a function, its decorators included."""
    return SourceLine(function.co_filename, function.co_firstlineno)


def return_line(function: CodeType) -> SourceLine:
    """The line of the one statement by which a function returns something; its first line where there are several.

    Read from the source, where that is at hand: the instructions carry another line where a ``with`` or a ``finally``
    stands around the statement.
    """
    try:
        lines, first = inspect.getsourcelines(function)
        whole = ast.parse("".join(["if 1:\n" if lines[0][0].isspace() else "\n", *lines]))
    except Exception:  # noqa: BLE001 - there is no source, or it is not whole: a line is only a help
        return definition_line(function)
    returning = [first - 2 + each.lineno for each in _returns(whole.body[0])]
    return SourceLine(function.co_filename, returning[0]) if len(returning) == 1 else definition_line(function)


_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


def _returns(statement: ast.stmt) -> Iterator[ast.Return]:
    """The statements by which a function returns something; none where it is no def."""
    function = statement.body[0] if isinstance(statement, ast.If) else statement
    pending: list[ast.AST] = [*function.body] if isinstance(function, _FUNCTIONS) else []
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
                yield node
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def place_of_traceback(
    traceback: TracebackType | None, flow: CodeType, otherwise: SourceLine | None = None
) -> SourceLine:
    """The deepest line of a traceback in the file of ``flow``; without one ``otherwise``, or its first line."""
    deepest = otherwise or definition_line(flow)
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == flow.co_filename:
            deepest = SourceLine(flow.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return deepest


def place_of_await(coroutine: object, flow: CodeType) -> SourceLine:
    """The deepest line in the file of ``flow`` at which a coroutine waits; the flow's first line without one."""
    deepest = definition_line(flow)
    while coroutine is not None:
        frame: FrameType | None = getattr(coroutine, "cr_frame", None)
        if frame is not None and frame.f_code.co_filename == flow.co_filename:
            deepest = SourceLine(flow.co_filename, frame.f_lineno)
        coroutine = getattr(coroutine, "cr_await", None)
    return deepest


class LineTable:
    """Lines by ``(code, instruction)``: each code object is decoded once, each line is one shared value."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        # By identity, with the code objects kept alive: hashing one looks at all of it.
        self._known: dict[int, tuple[CodeType, list[int], list[SourceLine]]] = {}

    def line(self, code: CodeType, instruction: int) -> SourceLine:
        """The line of an instruction (``frame.f_lasti``)."""
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = code, *_decoded(code)
        return known[2][bisect_right(known[1], instruction) - 1]


def _decoded(code: CodeType) -> tuple[list[int], list[SourceLine]]:
    """Where each range of instructions begins, and its line."""
    entries = [(start, line or code.co_firstlineno) for start, _, line in code.co_lines()]
    lines = {line: SourceLine(code.co_filename, line) for _, line in entries}
    return [start for start, _ in entries], [lines[line] for _, line in entries]
