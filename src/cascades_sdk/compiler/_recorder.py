"""The recorder: the one edge of a capture. It turns calls into an append-only log of plain frozen bindings.

Decided here: what may enter the log, and when a capture is over. Never here: what the log means (the
reducer of :mod:`cascades_sdk.graph` decides that).

One ``ContextVar`` holds the scope of the current capture. A recorder knows its thread and is sealed when
the flow returns. A misuse poisons it: a flow that swallows the exception still fails to compile.
"""

from collections.abc import Callable, Coroutine
from types import CodeType
from typing import Any, Final

import attrs

from cascades_sdk.compiler._arguments import Arguments
from cascades_sdk.compiler._binder import BindingFault
from cascades_sdk.compiler._callee import Callee
from cascades_sdk.compiler._door import AWAIT_IT
from cascades_sdk.compiler._edges import may_decide
from cascades_sdk.compiler._outputs import Collected
from cascades_sdk.compiler._pending import Pending, Said
from cascades_sdk.compiler._places import LineTable
from cascades_sdk.compiler._reference import Origin, Reference, annotation_of, described
from cascades_sdk.compiler._scope import SCOPE, Scope
from cascades_sdk.errors import CaptureError, CascadesSDKError
from cascades_sdk.graph import (
    NO_OPTIONS,
    Branch,
    CallRecorded,
    ChoiceRecorded,
    Event,
    FlowEntered,
    Guard,
    InputReference,
    NodeReference,
    TaskOptions,
)

__all__ = ["GIVE_ITEMS", "MAX_NESTING", "NO_ITEMS", "Recorder"]

#: How many flows may be called inside each other. A fixed number, where the stack's would differ by machine.
MAX_NESTING: Final = 64

_END_IT: Final = "end it sooner, on a parameter bound in flow_inputs, write a loop in its place, or recurse in a task"
#: Why a task is not mapped, and what to do; in a capture and outside of one.
NO_ITEMS: Final = "the task has no first parameter by position, and that is the one that takes the items"
GIVE_ITEMS: Final = "give the task one"

_Site = tuple[CodeType, int]


async def _answering(output: Reference) -> Reference:
    return output


class Recorder(Arguments):
    """The mutable record of one capture."""

    __slots__ = ("_events", "_groups", "_lines", "_pending", "_tasks")

    def __init__(self, flow: str, code: CodeType) -> None:
        super().__init__(flow, code)
        self._events: list[Event] = []
        self._lines = LineTable()
        self._tasks: dict[str, Callee] = {}
        self._groups = 0
        self._pending: dict[Pending, None] = {}

    @property
    def unawaited_call(self) -> CaptureError | None:
        """The error for a flow that made a call and never awaited it: Python would not have run what was recorded."""
        for pending in self._pending:
            said = pending.said
            return CaptureError(
                "awaiting",
                f"{said.subject} was called and never awaited",
                AWAIT_IT,
                self._lines.line(*said.site),
                said.flow,
                said.task,
            )
        return None

    def seal(self) -> tuple[Event, ...]:
        """End the capture; what happened in it."""
        self._sealed = True
        return tuple(self._events)

    # -- what flows do ---------------------------------------------------------------------------------

    def call(
        self,
        task: Callee,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        after: tuple[Any, ...],
        options: TaskOptions,
        scope: Scope,
        site: _Site,
        mapped: bool = False,
    ) -> Reference:
        """Record a call of a task, or one for each item of a list; the reference to its output."""
        self.unfinished += 1
        self._check_open("a task was called")
        definition = task.definition
        known = self._tasks.get(definition.name)
        if known is None:
            self._check_texts(definition.options, definition.name, *(entry.default for entry in definition.parameters))
            self._check_surroundings(task)
            self._tasks[definition.name] = task
        elif known.definition is not definition and (
            known.function is not task.function or known.definition != definition
        ):
            raise self.refused(
                "name_conflict",
                f"two different functions or declarations are tasks named {definition.name!r}",
                "give one of them @task(name=…), or the options to its calls by with_options(…)",
                task=definition.name,
            )
        if mapped and not task.takes_items:
            raise self.refused("mapping", NO_ITEMS, GIVE_ITEMS, task=definition.name)
        bound = task.bound(args, kwargs)
        if type(bound) is BindingFault:
            raise self.refused(bound.code, bound.problem, "call it as its signature says", task=definition.name)
        if mapped:
            self._check_items(definition, bound)  # type: ignore[arg-type]
        subject = f"task {definition.name!r}"
        arguments = tuple([(name, self.binding(value, subject, name)) for name, value in bound.items()])  # type: ignore[union-attr]
        self._check_edges(task, definition.name, bound, arguments, mapped)  # type: ignore[arg-type]
        if len(arguments) < len(definition.parameters):
            self._check_defaults(task, definition, bound)  # type: ignore[arg-type]
        if options is not NO_OPTIONS:
            self._check_texts(options, definition.name)
        ordered = self._ordered(after, definition.name) if after else ()
        output = Reference(self, NodeReference(len(self._called)), Collected(task) if mapped else task)
        self._called.append(definition.name)
        self._births.append(scope.branches)
        self._events.append(
            CallRecorded(definition, arguments, ordered, options, scope.group, self._lines.line(*site), mapped)
        )
        self.unfinished -= 1
        return output

    def call_async(
        self,
        task: Callee,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        after: tuple[Any, ...],
        options: TaskOptions,
        scope: Scope,
        site: _Site,
        mapped: bool = False,
    ) -> Pending:
        """Record a call of an async task, now; the call, whose awaiting answers the reference to its output."""
        name = task.definition.name
        self._check_awaits(scope, "the task", task=name)
        output = self.call(task, args, kwargs, after, options, scope, site, mapped)
        return self._to_be_awaited(scope, lambda: _answering(output), Said(f"task {name!r}", site, scope.flow, name))

    def enter_async(
        self,
        flow: str,
        code: CodeType,
        scope: Scope,
        site: _Site,
        start: Callable[[], Coroutine[Any, Any, Any]],
    ) -> Pending:
        """Record that an async flow was called inside another, now; the call, whose awaiting runs its body."""
        self._check_awaits(scope, "the flow", flow=flow)
        inside = attrs.evolve(self.enter(flow, code, scope), awaits=True)
        return self._to_be_awaited(inside, start, Said(f"flow {flow!r}", site, scope.flow))

    def _to_be_awaited(self, scope: Scope, start: Callable[[], Coroutine[Any, Any, Any]], said: Said) -> Pending:
        pending = Pending(self, scope, start, said, len(self._events))
        self._pending[pending] = None
        return pending

    def _check_awaits(self, scope: Scope, subject: str, *, task: str | None = None, flow: str | None = None) -> None:
        if not scope.awaits:
            self._check_open("an async call was made")
            raise self.refused(
                "awaiting",
                f"{subject} is async, and flow {scope.flow!r}, which calls it, is not: nothing can be awaited there",
                "make that flow an async def, and await the call",
                task=task,
                flow=flow,
            )

    def awaited(self, pending: Pending) -> None:
        """A call is awaited, for the first time."""
        self._check_open("a call was awaited")
        del self._pending[pending]

    def unawaited_use(self, pending: Pending, attempt: str) -> CascadesSDKError:
        """The error for a call that is used in the place of its output."""
        said = pending.said
        problem = f"the call of {said.subject} is not awaited; {attempt} needs its output"
        return self.refused("awaiting", problem, AWAIT_IT, task=said.task)

    def within(self, scope: Scope, step: Callable[[Any], Any], sent: Any) -> Any:
        """One step of a coroutine, taken in its scope: whatever its task of asyncio does between two steps."""
        token = SCOPE.set(scope)
        try:
            return step(sent)
        finally:
            SCOPE.reset(token)

    def enter(self, flow: str, code: CodeType, scope: Scope) -> Scope:
        """Record that a flow was called inside another; the scope of its body."""
        self.unfinished += 1
        self._check_open("a flow was called")
        if scope.depth >= MAX_NESTING:
            raise self.refused(
                "recursion",
                f"flow {flow!r} was called inside {MAX_NESTING} other flows and branches, and that is the limit",
                _END_IT,
                flow=flow,
            )
        group = self._entered(FlowEntered(flow, scope.group))
        inside = Scope(self, flow, code, group, scope.depth + 1, branches=scope.branches)
        self.unfinished -= 1
        return inside

    def _entered(self, event: FlowEntered) -> int:
        group = self._groups
        self._groups = group + 1
        self._events.append(event)
        return group

    # -- what when() does --------------------------------------------------------------------------------

    def condition(self, reference: Reference) -> NodeReference | InputReference:
        """What a choice may depend on: a reference to what may be a bool."""
        self._check_open("a choice was made")
        own = self._own(reference)
        if not may_decide(annotation_of(reference)):
            raise self.refused(
                "condition",
                f"{described(reference)} is no bool, and a condition is exactly one",
                "let a task that returns a bool decide",
            )
        return own

    def enter_branch(self, name: str, guard: Guard, scope: Scope) -> Scope:
        """Record that a branch begins; the scope of its calls."""
        if scope.depth >= MAX_NESTING:
            raise self.refused(
                "recursion",
                f"a branch stands inside {MAX_NESTING} other flows and branches, and that is the limit",
                _END_IT,
            )
        group = self._entered(FlowEntered(name, scope.group, guard))
        return attrs.evolve(scope, group=group, depth=scope.depth + 1, branches=(*scope.branches, group))

    @property
    def events(self) -> int:
        """How many events there are so far."""
        return len(self._events)

    def empty_branch(self, name: str) -> CascadesSDKError:
        """The error for a branch that does nothing and answers nothing."""
        return self.refused(
            "empty_branch",
            f"the branch {name!r} calls no task and returns nothing",
            "leave `otherwise` out where nothing is to be done, and turn the condition round where `then` has nothing",
        )

    def choose(self, then: Branch, otherwise: Branch | None, origin: Origin, scope: Scope, site: _Site) -> Reference:
        """Record a choice between two branches; the reference to what it answers."""
        output = Reference(self, NodeReference(len(self._called)), origin)
        self._called.append(None)
        self._births.append(scope.branches)
        self._events.append(ChoiceRecorded(then, otherwise, scope.group, self._lines.line(*site)))
        return output

    def awaiting(self, scope: Scope, start: Callable[[], Coroutine[Any, Any, Any]], site: _Site) -> Pending:
        """What awaits a branch, or the choice between branches that are awaited."""
        self._check_awaits(scope, "a branch of when()")
        return self._to_be_awaited(scope, start, Said("when()", site, scope.flow))

    def unbound(self, flow: str, fault: BindingFault) -> CascadesSDKError:
        """The error for a flow that was called inside another with arguments that do not bind."""
        return self.refused(fault.code, fault.problem, "call it as its signature says", flow=flow)

    def input(self, name: str, origin: Origin, or_none: bool = False) -> Reference:
        """The reference to a symbolic input; ``or_none`` where its default is None, whatever it declares."""
        if or_none:
            self._none_by_default.add(name)
        return Reference(self, InputReference(name), origin)
