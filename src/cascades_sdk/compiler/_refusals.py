"""How a capture refuses: what an error says of where it happened, and that it is remembered.

Decided here: which flow and which line an error names, and that a capture in which something was refused fails, also
where the flow swallows the error. Never here: what is refused.
"""

import threading
from types import CodeType
from typing import TypeVar

from cascades_sdk.compiler._places import definition_line, place_in_flow, place_of_await, place_of_caller
from cascades_sdk.compiler._reference import Reference, described
from cascades_sdk.compiler._scope import SCOPE
from cascades_sdk.errors import CaptureCode, CaptureError, CascadesSDKError, InvalidValueError, SourceLine
from cascades_sdk.graph import NodeReference
from cascades_sdk.values import Refusal

__all__ = ["Refusals"]

_E = TypeVar("_E", CaptureError, InvalidValueError)


class Refusals:
    """What went wrong in one capture. It knows the thread of the capture, and when it is over."""

    __slots__ = ("_called", "_code", "_flow", "_poison", "_sealed", "_thread", "unfinished")

    def __init__(self, flow: str, code: CodeType) -> None:
        self._flow = flow
        self._code = code
        self._thread = threading.get_ident()
        # By node: the name of its task, where it has one.
        self._called: list[str | None] = []
        self._sealed = False
        self._poison: CaptureError | InvalidValueError | None = None
        # Counted up where a recording begins and down where it ends, so that what breaks off in between (the stack ran
        # out, or somebody pressed Ctrl-C) is known, also where the flow swallows it.
        self.unfinished = 0

    @property
    def poison(self) -> CaptureError | InvalidValueError | None:
        """The first thing that went wrong."""
        return self._poison

    @property
    def lost_call(self) -> CaptureError | None:
        """The error for a flow that went on after a call in it could not be recorded."""
        if not self.unfinished:
            return None
        return CaptureError(
            "recursion",
            "the flow went on although a call in it could not be recorded to its end",
            "call tasks less deep in the Python of the flow, and let RecursionError and KeyboardInterrupt pass",
            definition_line(self._code),
            self._flow,
        )

    def misuse(self, code: CaptureCode, reference: Reference, attempt: str, advice: str) -> CascadesSDKError:
        """The error for a reference used as a value."""
        self.unfinished += 1  # here, too: near the end of the stack nothing more may be called
        return self.misused(code, reference, f"{described(reference)} has no value yet; {attempt} needs one", advice)

    def misused(self, code: CaptureCode, reference: Reference, problem: str, advice: str) -> CascadesSDKError:
        """The error for what may not be done with a reference.

        It fails the capture that the reference belongs to, and the one that is going on where it was used.
        """
        self.unfinished += 1
        binding = reference._cascades_binding
        error = self.refused(
            code,
            problem,
            advice,
            task=self._called[binding.node] if type(binding) is NodeReference else None,
        )
        scope = SCOPE.get()
        if scope is not None:
            scope.recorder._poisoned(error)
        return error

    def outlived(self, reference: Reference) -> CascadesSDKError:
        """The error for running a task, outside of any capture, with a reference."""
        if self._thread == threading.get_ident():
            return self.misuse(
                "finished_capture", reference, "running a task with it", "keep references inside their flow"
            )
        return self.misuse(
            "other_thread",
            reference,
            "running a task in another thread with it",
            "call tasks in the flow's own thread; they are recorded, not run",
        )

    def unready(self, code: CaptureCode, problem: str, advice: str, coroutine: object) -> CascadesSDKError:
        """The error for a flow that waits for what is not ready, where the coroutine does."""
        place = place_of_caller(self._here()[1]) if coroutine is None else place_of_await(coroutine, self._code)
        return self._poisoned(CaptureError(code, problem, advice, place, self._here()[0]))

    def refused(
        self,
        code: CaptureCode,
        problem: str,
        advice: str,
        *,
        task: str | None = None,
        flow: str | None = None,
        source: SourceLine | None = None,
    ) -> CaptureError:
        """The error for what a flow may not do, remembered; without a line it is told with the one that is running."""
        running, its_code = self._here()
        place = source or (place_of_caller if self._thread == threading.get_ident() else place_in_flow)(its_code)
        return self._poisoned(CaptureError(code, problem, advice, place, flow or running, task))

    def _text_of_reference(self, subject: str) -> CascadesSDKError:
        return self.refused(
            "text_of_reference",
            f"{subject}: a text holds the text of a reference",
            "pass the reference itself as an argument of a task that builds the text",
        )

    def _check_open(self, happened: str) -> None:
        if self._thread != threading.get_ident():
            raise self.refused(
                "other_thread",
                f"{happened} from another thread than the one that captures the flow",
                "call tasks in the flow's own thread; they are recorded, not run",
            )
        if self._sealed:
            raise self.refused(
                "finished_capture", f"{happened} after the flow had returned", "call tasks inside the flow"
            )

    def _value_error(self, refusal: Refusal, subject: str) -> InvalidValueError:
        source = place_of_caller(self._here()[1])
        return InvalidValueError(refusal.pointer, refusal.problem, refusal.advice, subject, source)

    def _here(self) -> tuple[str, CodeType]:
        """The flow that is running: the innermost, where flows are called inside each other."""
        scope = SCOPE.get()
        return (self._flow, self._code) if scope is None else (scope.flow, scope.code)

    def _poisoned(self, error: _E) -> _E:
        if self._poison is None:
            self._poison = error
        return error
