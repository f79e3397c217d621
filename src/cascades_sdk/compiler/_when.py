"""``when``: a choice that the graph makes, where Python's ``if`` would need a value that does not exist yet.

Decided here: how the branches of a choice are called, in a capture and outside of one. Never here: what is recorded
(the recorder decides that), and what a choice means when it is evaluated.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable, Coroutine
from types import CoroutineType
from typing import Any, Final, TypeVar, overload

from cascades_sdk.compiler._contents import reference_in
from cascades_sdk.compiler._outputs import Merged
from cascades_sdk.compiler._places import place_of_caller
from cascades_sdk.compiler._reference import Reference, annotation_of
from cascades_sdk.compiler._scope import SCOPE, Scope
from cascades_sdk.compiler._shapes import UNKNOWN
from cascades_sdk.errors import CaptureCode, CaptureError, CascadesSDKError
from cascades_sdk.graph import Branch, Guard
from cascades_sdk.values import shown

__all__ = ["when"]

A = TypeVar("A")
B = TypeVar("B")


@overload
def when(
    condition: bool, then: Callable[[], Coroutine[Any, Any, A]], otherwise: Callable[[], Coroutine[Any, Any, B]]
) -> Coroutine[Any, Any, A | B]: ...
@overload
def when(
    condition: bool, then: Callable[[], Coroutine[Any, Any, A]], otherwise: None = None
) -> Coroutine[Any, Any, A | None]: ...
@overload
def when(condition: bool, then: Callable[[], A], otherwise: Callable[[], B]) -> A | B: ...
@overload
def when(condition: bool, then: Callable[[], A], otherwise: None = None) -> A | None: ...


def when(condition: Any, then: Any, otherwise: Any = None) -> Any:
    """What ``then()`` answers where the condition is true, what ``otherwise()`` answers where it is false.

    In a flow that is compiled, with a condition that has no value yet, both are called, once each: their calls are
    recorded as two branches, of which a run takes one, and the answer is one reference to what that one answers.
    What is made in a branch is used in it, or through that answer. With a condition that is known (outside of a
    compile, or bound in ``flow_inputs``) only the branch that it takes is called, as by Python's ``if``.

    Where the branches are async, the answer is to be awaited.

    Args:
        condition: exactly a bool, or a reference to one: ``1`` and ``"yes"`` decide nothing.
        then: called without arguments.
        otherwise: the same; ``None`` is answered where it is left out.

    Raises:
        CaptureError: the condition is no bool, or a branch cannot be called (``condition``); the condition is not
            awaited (``awaiting``); a branch does nothing and answers nothing (``empty_branch``).
    """
    scope = SCOPE.get()
    for name, branch in (("then", then), ("otherwise", otherwise)):
        if type(branch) is Reference or not (callable(branch) or (branch is None and name == "otherwise")):
            found = "a reference" if type(branch) is Reference else shown(branch)
            problem = f"{name} is to be called, and {found} cannot be"
            raise _refused(
                scope, "condition", problem, "give a function without parameters: a lambda, or a def in the flow"
            )
    if type(condition) is Reference and scope is not None:
        _check_needs_nothing(scope, then=then, otherwise=otherwise)
        frame = sys._getframe(1)
        return _Choice(scope, condition, (frame.f_code, frame.f_lasti)).between(then, otherwise)
    outlived = reference_in((condition,))
    if outlived is not None:
        raise outlived._cascades_recorder.outlived(outlived)
    if hasattr(type(condition), "__await__"):
        raise _refused(
            scope, "awaiting", "the condition is not awaited, and what is meant is its output", "write when(await …)"
        )
    if type(condition) is not bool:
        raise _refused(
            scope,
            "condition",
            f"{shown(condition)} is no bool, and a condition is exactly one",
            "compare, or use bool()",
        )
    if condition:
        _check_needs_nothing(scope, then=then)
        return then()
    if otherwise is not None:
        _check_needs_nothing(scope, otherwise=otherwise)
        return otherwise()
    return _nothing() if _is_async(then) else None


def _check_needs_nothing(scope: Scope | None, **branches: Callable[..., Any] | None) -> None:
    """Whether branches that are called now can be called without arguments."""
    for name, branch in branches.items():
        parameter = _needed_by(branch)
        if parameter is not None:
            problem = f"{name} is called without arguments, and needs {parameter!r}"
            raise _refused(scope, "condition", problem, "a branch sees the variables of the flow around it")


def _needed_by(branch: Callable[..., Any] | None) -> str | None:
    """A parameter that a branch cannot be called without; none where Python cannot tell."""
    try:
        parameters = () if branch is None else inspect.signature(branch).parameters.values()
    except (ValueError, TypeError):
        return None
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    for parameter in parameters:
        if parameter.default is inspect.Parameter.empty and parameter.kind not in optional:
            return parameter.name
    return None


async def _nothing() -> None:
    return None


def _is_async(branch: Callable[[], Any]) -> bool:
    return inspect.iscoroutinefunction(branch) or inspect.iscoroutinefunction(getattr(branch, "__wrapped__", None))


def _refused(scope: Scope | None, code: CaptureCode, problem: str, advice: str) -> CascadesSDKError:
    if scope is None:
        return CaptureError(code, problem, advice, place_of_caller(None))
    return scope.recorder.refused(code, problem, advice)


class _Choice:
    """One choice of a capture, while its branches are called."""

    def __init__(self, scope: Scope, condition: Reference, site: Any) -> None:
        self.scope = scope
        self.recorder = scope.recorder
        self.condition = self.recorder.condition(condition)
        self.site = site

    def between(self, then: Callable[[], Any], otherwise: Callable[[], Any] | None) -> Any:
        """The reference to what the branch that is taken answers; where branches are awaited, what awaits it."""
        begun = [_Begun(self, "then", True, then)]
        if otherwise is not None:
            begun.append(_Begun(self, "otherwise", False, otherwise))
        if not any(branch.is_awaited for branch in begun):
            return self.merge([branch.ended(branch.returned) for branch in begun])
        if otherwise is None and not _is_async(then):
            raise self.recorder.refused(
                "condition",
                "then answers what is awaited, and otherwise is left out: called plainly, nobody knows what to await",
                "make then an async def, or give otherwise",
            )
        return self.recorder.awaiting(self.scope, lambda: self.awaited(begun), self.site)

    async def awaited(self, begun: list["_Begun"]) -> Any:
        """The same, once the branches are awaited, one after the other."""
        return self.merge([branch.ended(await branch.output()) for branch in begun])

    def merge(self, ended: list[tuple[Branch, Any]]) -> Reference:
        """The reference to what the branch that is taken answers."""
        then, *others = [branch for branch, _ in ended]
        declared = [each for _, each in ended]
        if others:
            return self.recorder.choose(then, others[0], Merged(tuple(declared)), self.scope, self.site)
        return self.recorder.choose(then, None, Merged((*declared, None)), self.scope, self.site)


class _Begun:
    """A branch that was called, or, where it is a coroutine function, that will be when it is awaited."""

    def __init__(self, choice: _Choice, name: str, taken: bool, branch: Callable[[], Any]) -> None:
        self.choice = choice
        self.name = name
        self.branch = branch
        self.recorder = choice.recorder
        self.scope = self.recorder.enter_branch(name, Guard(choice.condition, taken), choice.scope)
        self.events = self.recorder.events
        self.deferred = inspect.iscoroutinefunction(branch)
        self.returned: Any = None if self.deferred else self.recorder.within(self.scope, lambda _: branch(), None)

    @property
    def is_awaited(self) -> bool:
        """Whether what the branch answers comes by awaiting."""
        return self.deferred or (type(self.returned) is not Reference and isinstance(self.returned, Awaitable))

    async def output(self) -> Any:
        """What the branch answers; its coroutine runs in its scope."""
        if self.deferred:
            return await self.recorder.awaiting(self.scope, self.branch, self.choice.site)
        if type(self.returned) is CoroutineType:
            coroutine = self.returned
            return await self.recorder.awaiting(self.scope, lambda: coroutine, self.choice.site)
        # A call of a task or of a flow knows its scope.
        return await self.returned if self.is_awaited else self.returned

    def ended(self, returned: Any) -> tuple[Branch, Any]:
        """The branch with what it answers, and the declared type of that."""
        if returned is None and self.recorder.events == self.events:
            raise self.recorder.empty_branch(self.name)
        subject = f"return of the branch {self.name!r}"
        binding = self.recorder.within(self.scope, lambda value: self.recorder.binding(value, subject), returned)
        assert self.scope.group is not None  # a branch has one
        return Branch(self.scope.group, binding), _declared(returned)


def _declared(returned: Any) -> Any:
    if type(returned) is Reference:
        return annotation_of(returned)
    return type(returned) if type(returned) in _SCALARS else UNKNOWN


_SCALARS: Final = (str, int, float, bool, type(None))
