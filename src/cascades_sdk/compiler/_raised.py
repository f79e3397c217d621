"""What the flow's own Python raised, as an error.

Decided here: which exception is told, and which of Python's own TypeErrors mean that a reference stood where a value
must. Never here: what the recorder refuses; that is an error before it is raised.
"""

import dis
import re
from types import CodeType
from typing import Final

from cascades_sdk.compiler._places import place_of_traceback
from cascades_sdk.compiler._reference import TEXT_IN_A_TASK, VALUE_IN_A_TASK, Reference
from cascades_sdk.errors import CaptureError, FlowRaisedError, cause_text

__all__ = ["error_of"]

#: Python names the class of what it cannot take, where it has no hook to ask first: `",".join([x])`, `x in "text"`.
_GOT_A_REFERENCE: Final = re.compile(rf"\b{Reference.__name__}\b")

_TAKES_TEXT: Final = re.compile(r"\bstr(ing)?\b")


def error_of(raised: Exception, flow: str, code: CodeType) -> CaptureError | FlowRaisedError:
    """The error for a flow that raised. Of a group, as task groups raise them, the first exception in it is told."""
    first: BaseException = raised
    place = place_of_traceback(raised.__traceback__, code)
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
        place = place_of_traceback(first.__traceback__, code, place)
    if isinstance(first, CaptureError):
        # What poisons nothing: a task that was declared wrongly inside of the flow.
        return CaptureError(first.code, first.problem, first.advice, first.source, first.flow or flow, first.task)
    text = cause_text(first)
    error: CaptureError | FlowRaisedError
    if isinstance(first, TypeError) and _GOT_A_REFERENCE.search(text) and _is_pythons_own(first):
        of_text = _TAKES_TEXT.search(text) is not None
        error = CaptureError(
            "string_conversion" if of_text else "type_check",
            f"a reference has no value yet, and Python needs one ({text})",
            TEXT_IN_A_TASK if of_text else VALUE_IN_A_TASK,
            place,
            flow,
        )
    else:
        whole = text if first is raised else f"{cause_text(raised)}: {type(first).__name__}: {text}".removesuffix(": ")
        error = FlowRaisedError(flow, type(raised).__name__, whole, place)
    error.__cause__ = raised
    return error


def _is_pythons_own(raised: BaseException) -> bool:
    """Whether no code of Python's raised it by a statement: then its text is Python's, and tells classes by name."""
    traceback = raised.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return (
        traceback is not None and dis.opname[traceback.tb_frame.f_code.co_code[traceback.tb_lasti]] != "RAISE_VARARGS"
    )
