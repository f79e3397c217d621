"""The recorder: the one edge of a capture. It turns calls into an append-only log of plain frozen bindings.

Decided here: what may enter the log, and when a capture is over. Never here: what the log means (the
reducer of :mod:`cascades_sdk.graph` decides that).

One ``ContextVar`` holds the scope of the current capture. A recorder knows its thread and is sealed when
the flow returns. A misuse poisons it: a flow that swallows the exception still fails to compile.
"""

import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType, GenericAlias
from typing import Any, Final, Protocol, TypeVar

import attrs

from cascades_sdk.compiler._binder import BindingFault
from cascades_sdk.compiler._contents import (
    TooMuchError,
    awaitable_in,
    decorated_in,
    holds_reference,
    holds_token,
    reference_in,
)
from cascades_sdk.compiler._edges import AnyOf, may_decide, mismatch, parts_taken
from cascades_sdk.compiler._outputs import Collected
from cascades_sdk.compiler._pending import Pending, Said
from cascades_sdk.compiler._places import LineTable, definition_line, place_in_flow, place_of_await, place_of_caller
from cascades_sdk.compiler._reference import Origin, Reference, annotation_of, described
from cascades_sdk.compiler._shapes import UNKNOWN
from cascades_sdk.errors import CaptureCode, CaptureError, CascadesSDKError, InvalidValueError, SourceLine
from cascades_sdk.graph import (
    NO_OPTIONS,
    Binding,
    Branch,
    CallRecorded,
    ChoiceRecorded,
    Event,
    FlowEntered,
    Guard,
    InputReference,
    Literal,
    NodeReference,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
    oversized,
)
from cascades_sdk.graph._literal import sound_literal
from cascades_sdk.values import FrozenValue, Refusal, freeze, is_named_tuple, items_of, shown

__all__ = ["GIVE_ITEMS", "MAX_NESTING", "NO_ITEMS", "SCOPE", "Recorder", "Scope", "outside_capture"]

#: How many flows may be called inside each other. A fixed number, where the stack's would differ by machine.
MAX_NESTING: Final = 64

_AWAIT_IT: Final = "await the call, by itself, through asyncio.gather or in a task group"

_END_IT: Final = "end it sooner, on a parameter bound in flow_inputs, write a loop in its place, or recurse in a task"
#: Why a task is not mapped, and what to do; in a capture and outside of one.
NO_ITEMS: Final = "the task has no first parameter by position, and that is the one that takes the items"
GIVE_ITEMS: Final = "give the task one"

#: What is no container, among what an argument holds.
_SCALARS: Final = (str, int, float, type(None))

_Site = tuple[CodeType, int]

_E = TypeVar("_E", CaptureError, InvalidValueError)


class Callee(Origin, Protocol):
    """What the recorder needs of a task."""

    @property
    def definition(self) -> TaskDefinition:
        """The definition that goes into the graph."""
        ...

    @property
    def function(self) -> Any:
        """The author's function: two of them may not share a name."""
        ...

    @property
    def takes_items(self) -> bool:
        """Whether it can be mapped: it has a first parameter by position."""
        ...

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | BindingFault:
        """The arguments of a call by parameter."""
        ...

    def taken(self, parameter: str) -> Any:
        """The declared type of what a parameter takes."""
        ...

    def default_refusal(self, parameter: str) -> Refusal | None:
        """Why the default of a parameter is no value of the model."""
        ...


@attrs.frozen(eq=False)
class Scope:
    """Where in a capture the running code stands: in which flow, inside how many."""

    recorder: "Recorder"
    flow: str
    code: CodeType
    group: int | None = None
    depth: int = 0
    #: Whether the flow is async, so that something can be awaited in it.
    awaits: bool = False
    #: The groups of the branches around it, outermost first: what is born in them is used in them only.
    branches: tuple[int, ...] = ()


SCOPE: Final[ContextVar[Scope | None]] = ContextVar("cascades_sdk_capture", default=None)


@contextmanager
def outside_capture() -> Iterator[None]:
    """A context in which tasks and flows run plainly, whatever capture is going on around it."""
    token = SCOPE.set(None)
    try:
        yield
    finally:
        SCOPE.reset(token)


def _about_calls(refusal: Refusal, value: Any) -> Refusal:
    """The refusal with the way out of it where a task or a flow is refused: what is meant is what a call answers."""
    found = decorated_in(value)
    if found is None or f" {type(found).__name__} is not a value" not in refusal.problem:
        return refusal
    return attrs.evolve(refusal, advice="call it, and pass on what the call answers")


async def _answering(output: Reference) -> Reference:
    return output


class Recorder:
    """The mutable record of one capture."""

    __slots__ = (
        *("_births", "_called", "_code", "_edges", "_events", "_flow", "_groups", "_lines", "_none_by_default"),
        *("_pending", "_poison", "_sealed", "_tasks", "_thread", "unfinished"),
    )

    def __init__(self, flow: str, code: CodeType) -> None:
        self._flow = flow
        self._code = code
        self._thread = threading.get_ident()
        self._events: list[tuple[Any, ...] | Event] = []
        self._lines = LineTable()
        self._tasks: dict[str, Callee] = {}
        # By node: the name of its task, where it has one, and the branches in which it was born.
        self._called: list[str | None] = []
        self._births: list[tuple[int, ...]] = []
        self._groups = 0
        self._pending: dict[Pending, None] = {}
        self._none_by_default: set[str] = set()
        # By identity, with the annotations kept alive: not every annotation can be hashed.
        self._edges: dict[tuple[int, int], tuple[Any, Any, str | None]] = {}
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

    @property
    def unawaited_call(self) -> CaptureError | None:
        """The error for a flow that made a call and never awaited it: Python would not have run what was recorded."""
        for pending in self._pending:
            said = pending.said
            return CaptureError(
                "awaiting",
                f"{said.subject} was called and never awaited",
                _AWAIT_IT,
                self._lines.line(*said.site),
                said.flow,
                said.task,
            )
        return None

    def seal(self) -> tuple[Event, ...]:
        """End the capture; what happened in it."""
        self._sealed = True
        line = self._lines.line
        return tuple(
            CallRecorded(*event[:-1], source=line(*event[-1])) if type(event) is tuple else event  # type: ignore[misc]
            for event in self._events
        )

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
        arguments = tuple(
            [(name, self.binding(value, f"task {definition.name!r}", name)) for name, value in bound.items()]  # type: ignore[union-attr]
        )
        self._check_edges(task, definition.name, bound, arguments, mapped)  # type: ignore[arg-type]
        if len(arguments) < len(definition.parameters):
            self._check_defaults(task, definition, bound)  # type: ignore[arg-type]
        if options is not NO_OPTIONS:
            self._check_texts(options, definition.name)
        ordered = self._ordered(after, definition.name) if after else ()
        output = Reference(self, NodeReference(len(self._called)), Collected(task) if mapped else task)
        self._called.append(definition.name)
        self._births.append(scope.branches)
        call = definition, arguments, ordered, options, scope.group
        # The line of a plain call is worked out at the end: of the other events there are few.
        self._events.append(CallRecorded(*call, self._lines.line(*site), mapped=True) if mapped else (*call, site))
        self.unfinished -= 1
        return output

    def _check_items(self, definition: TaskDefinition, bound: dict[str, Any]) -> None:
        """Whether something can be mapped over: a list, or a reference to what may be one."""
        items = bound[definition.parameters[0].name]
        if type(items) is Reference:
            fits, found = mismatch(annotation_of(items), list) is None, described(items)
        else:
            fits, found = type(items) in (list, tuple) or is_named_tuple(type(items)), shown(items)
        if not fits:
            raise self.refused(
                "mapping",
                f"{found} is no list to map over",
                "map over a list, or over the output of a task that returns one",
                task=definition.name,
            )

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
        return self.refused("awaiting", problem, _AWAIT_IT, task=said.task)

    def within(self, scope: Scope, step: Callable[[Any], Any], sent: Any) -> Any:
        """One step of a coroutine, taken in its scope: whatever its task of asyncio does between two steps."""
        token = SCOPE.set(scope)
        try:
            return step(sent)
        finally:
            SCOPE.reset(token)

    def unready(self, code: CaptureCode, problem: str, advice: str, coroutine: object) -> CascadesSDKError:
        """The error for a flow that waits for what is not ready, where the coroutine does."""
        place = place_of_caller(self._here()[1]) if coroutine is None else place_of_await(coroutine, self._code)
        return self._poisoned(CaptureError(code, problem, advice, place, self._here()[0]))

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

    # -- the door: from what a flow holds to what the log holds -------------------------------------------

    def binding(self, value: Any, subject: str, name: str | None = None) -> Binding:
        """The binding of an argument or a return value.

        Raises:
            InvalidValueError, CaptureError: after remembering it.
        """
        if type(value) is Reference:
            return self._own(value)
        path = () if name is None else (name,)
        try:
            symbolic = holds_reference(value)
        except TooMuchError as stopped:
            raise self._poisoned(self._value_error(stopped.refusal.under(*path), subject)) from None
        return self._container(value, subject, path) if symbolic else self._literal(value, subject, path)

    def _literal(self, value: Any, subject: str, path: tuple[str | int, ...]) -> Literal:
        literal = Literal(self._frozen(value, subject, path))
        self._check_size(literal, subject, path)
        return sound_literal(literal.value)

    def _frozen(self, value: Any, subject: str, path: tuple[str | int, ...]) -> FrozenValue:
        frozen = freeze(value)
        if isinstance(frozen, Refusal):
            self._check_awaited(value, subject)
            frozen = _about_calls(frozen, value)
            raise self._poisoned(self._value_error(frozen.under(*path), subject))
        if holds_token(frozen):
            raise self._text_of_reference(subject)
        return frozen

    def _check_size(self, binding: Binding, subject: str, path: tuple[str | int, ...]) -> None:
        refusal = oversized(binding.value) if type(binding) is Literal else None
        if refusal is not None:
            raise self._poisoned(self._value_error(refusal.under(*path), subject))

    def _container(self, value: Any, subject: str, path: tuple[str | int, ...]) -> Binding:
        """A container that holds a reference somewhere: walked once, in which literals collapse."""
        kind = type(value)
        if kind is Reference:
            return self._own(value)
        if kind is dict:
            # The keys by themselves, so that what is wrong with them is told the usual way.
            self._frozen(dict.fromkeys(value), subject, path)
            entries = {key: self._container(value[key], subject, (*path, key)) for key in value}
            whole = object_binding(entries)
            if type(whole) is not Literal:
                for key, entry in entries.items():
                    self._check_size(entry, subject, (*path, key))
            return whole
        if kind is list or kind is tuple or is_named_tuple(kind):
            items = tuple([self._container(inner, subject, (*path, i)) for i, inner in enumerate(items_of(value))])
            # Only a literal that ends here, inside something symbolic, is measured: so each is measured once.
            joined = list_binding(items)
            if type(joined) is not Literal:
                for i, item in enumerate(items):
                    self._check_size(item, subject, (*path, i))
            return joined
        return Literal(self._frozen(value, subject, path))

    def _own(self, reference: Reference) -> NodeReference | InputReference:
        if reference._cascades_recorder is not self:
            raise self.refused(
                "foreign_reference",
                f"{described(reference)} belongs to another capture",
                "pass values between flows by calling one inside the other",
            )
        binding = reference._cascades_binding
        if type(binding) is NodeReference:
            birth = self._births[binding.node]
            if birth and not self._is_inside(birth):
                raise self.refused(
                    "branch_reference",
                    f"{described(reference)} was made in a branch, and has a value only where that is taken",
                    "return it from the branch, and use what when() answers",
                    task=self._called[binding.node],
                )
        return binding

    def _is_inside(self, birth: tuple[int, ...]) -> bool:
        """Whether the code that is running stands in a branch, and so in all those around it."""
        scope = SCOPE.get()
        return scope is not None and scope.branches[len(birth) - 1 : len(birth)] == birth[-1:]

    def _ordered(self, after: tuple[Any, ...], task: str) -> tuple[int, ...]:
        nodes: set[int] = set()
        for upstream in after:
            self._check_awaited(upstream, f"after() of task {task!r}")
            own = self._own(upstream) if type(upstream) is Reference else None
            if type(own) is not NodeReference:
                found = described(upstream) if type(upstream) is Reference else shown(upstream)
                raise self.refused(
                    "ordering",
                    f"after() takes outputs of tasks, not {found}",
                    "pass what a task call returned",
                    task=task,
                )
            nodes.add(own.node)
        return tuple(sorted(nodes))

    def _check_awaited(self, value: Any, subject: str) -> None:
        """A call that is not awaited is no value, and what is meant is its output."""
        pending = awaitable_in(value)
        if pending is not None:
            what = f"call of {pending.said.subject}" if type(pending) is Pending else type(pending).__name__
            raise self.refused("awaiting", f"{subject} got a {what} that is not awaited", _AWAIT_IT)

    def _check_edges(
        self, task: Callee, name: str, bound: dict[str, Any], arguments: tuple[tuple[str, Binding], ...], mapped: bool
    ) -> None:
        """No output goes to a parameter whose annotation says that it takes nothing of the kind."""
        for (parameter, binding), value in zip(arguments, bound.values(), strict=True):
            if type(binding) is not Literal:
                taken = task.taken(parameter)
                if mapped and taken is not UNKNOWN:
                    taken = GenericAlias(list, (taken,))  # the first takes one item for each call
                self._check_place(value, taken, parameter, name)
            mapped = False

    def _check_place(self, value: Any, taken: Any, place: str, task: str) -> None:
        # It recurses no deeper than a value may be.
        if taken is UNKNOWN:
            return
        if type(value) is Reference:
            self._check_edge(value, taken, place, task)
        elif not isinstance(value, _SCALARS):
            part_taken = parts_taken(taken)
            for token, part in value.items() if type(value) is dict else enumerate(items_of(value)):
                self._check_place(part, part_taken(token), f"{place}[{token!r}]", task)

    def _check_edge(self, reference: Reference, taken: Any, place: str, task: str) -> None:
        produced, source = annotation_of(reference), reference._cascades_binding
        if type(source) is InputReference and not source.path and source.name in self._none_by_default:
            produced = AnyOf((produced, None))
        known = self._edges.get((id(produced), id(taken)))
        if known is None:
            known = self._edges[id(produced), id(taken)] = produced, taken, mismatch(produced, taken)
        if known[2] is not None:
            called = self._called[source.node] if type(source) is NodeReference else None
            output = f" of task {called!r}" if called is not None else ""
            raise self.refused(
                "type_mismatch",
                f"parameter {place} cannot take {described(reference)}{output}: {known[2]}",
                "convert it in a task between the two, or correct the annotation that is wrong",
                task=task,
            )

    def _check_defaults(self, task: Callee, definition: TaskDefinition, bound: dict[str, Any]) -> None:
        for parameter in definition.parameters:
            if parameter.name not in bound:
                refusal = task.default_refusal(parameter.name)
                if refusal is not None:
                    subject = f"task {definition.name!r}, default of {parameter.name!r}"
                    raise self._poisoned(self._value_error(refusal.under(parameter.name), subject))

    def _check_texts(self, options: TaskOptions, task: str, *defaults: Literal | None) -> None:
        """What a document holds of a task besides its arguments is no way in for the text of a reference either."""
        literals = [default.value for default in defaults if default is not None]
        if any(map(holds_token, [*options.declared().values(), *literals])):
            raise self._text_of_reference(f"task {task!r}")

    def _check_surroundings(self, task: Callee) -> None:
        """A task that is defined in a flow sees the flow's variables; a dependency that way is in no document."""
        for cell in getattr(task.function, "__closure__", None) or ():
            try:
                reference = reference_in(cell.cell_contents)
            except ValueError:
                continue  # nothing is assigned to the variable yet
            if reference is not None:
                raise self.refused(
                    "foreign_reference",
                    f"the task takes {described(reference)} from the flow around it",
                    "pass it to the task as an argument",
                    task=task.definition.name,
                )

    # -- errors --------------------------------------------------------------------------------------

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

    def _poisoned(self, error: _E) -> _E:
        if self._poison is None:
            self._poison = error
        return error
