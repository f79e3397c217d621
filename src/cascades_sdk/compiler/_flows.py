"""Flows, and compiling one into a ``Dag``.

Decided here: what a flow's parameters become, and how a capture begins and ends. Never here: what the record
means.
"""

import inspect
import sys
from collections.abc import Callable, Coroutine, Mapping
from functools import cached_property, partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, Protocol, TypeVar, overload

import attrs
from returns.result import Failure, Success

from cascades_sdk.compiler._binder import Binder, BindingFault, binder_of
from cascades_sdk.compiler._contents import Decorated
from cascades_sdk.compiler._decorating import refuse_methods, refuse_references
from cascades_sdk.compiler._identity_tests import IdentityTest, identity_tests_of
from cascades_sdk.compiler._naming import check_name, described_function
from cascades_sdk.compiler._places import definition_line, place_of_caller
from cascades_sdk.compiler._raised import error_of
from cascades_sdk.compiler._recorder import Recorder
from cascades_sdk.compiler._reference import Reference, described
from cascades_sdk.compiler._scope import SCOPE, Scope
from cascades_sdk.compiler._shapes import UNKNOWN, hints_of
from cascades_sdk.encoding import dag_to_json
from cascades_sdk.errors import (
    STACK_ADVICE,
    STACK_PROBLEM,
    CaptureCode,
    CaptureError,
    CompileError,
    FlowRaisedError,
    InvalidValueError,
    Outcome,
    stack_safe,
)
from cascades_sdk.graph import Binding, Dag, FlowInput, Literal, Log, dag_from_log, oversized
from cascades_sdk.values import Refusal, freeze, shown

__all__ = ["AsyncFlow", "Flow", "build_dag_from_flow", "build_dag_from_flow_json", "flow"]

P = ParamSpec("P")
R = TypeVar("R")


@attrs.frozen(eq=False, slots=False, repr=False)
class Flow(Decorated, Generic[P, R]):
    """A function as a flow: it can be compiled, and otherwise it is the function that it was.

    Made by :func:`flow`. Called inside a flow that is being compiled, it is captured in place, as a group.
    """

    function: FunctionType
    name: str
    binder: Binder

    def __attrs_post_init__(self) -> None:
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            object.__setattr__(self, name, getattr(self.function, name))
        object.__setattr__(self, "__wrapped__", self.function)

    @property
    def reference(self) -> str:
        """``module:qualname``."""
        return described_function(self.function)[0]

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the flow as the function that it is; in a capture, record its calls in place.

        Raises:
            CaptureError: in a capture, where the arguments do not bind or flows nest too deep.
        """
        outer = SCOPE.get()
        if outer is None:
            return self.function(*args, **kwargs)  # type: ignore[no-any-return]
        self._check_binds(outer, args, kwargs)
        token = SCOPE.set(outer.recorder.enter(self.name, self.function.__code__, outer))
        try:
            return self.function(*args, **kwargs)  # type: ignore[no-any-return]
        finally:
            SCOPE.reset(token)

    def _check_binds(self, outer: Scope, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        bound = self.binder.bind(args, kwargs)
        if type(bound) is BindingFault:
            raise outer.recorder.unbound(self.name, bound)
        self.check_decides_nothing(outer.recorder, bound)  # type: ignore[arg-type]  # no fault is left

    def check_decides_nothing(self, recorder: Recorder, bound: Mapping[str, Any]) -> None:
        """Refuse to run a body that asks whether a reference is None: Python would answer, and wrongly."""
        for test in self._identity_tests:
            value = bound.get(test.parameter)
            if type(value) is Reference:
                raise recorder.refused(
                    "comparison",
                    f"{described(value)} has no value yet; whether it is {test.constant} cannot be seen",
                    f"bind {test.parameter!r} in flow_inputs, or decide in a task",
                    flow=self.name,
                    source=test.place,
                )

    @cached_property
    def _identity_tests(self) -> tuple[IdentityTest, ...]:
        return identity_tests_of(self.function.__code__)

    if TYPE_CHECKING:
        pass
    else:  # no checker shall believe that a flow has any attribute

        def __getattr__(self, name: str) -> Any:
            # Asked for what is not there. Many try the one that tasks have.
            if name != "map":
                raise AttributeError(f"a flow has no attribute {name!r}")
            scope, advice = SCOPE.get(), "map a task, or call the flow for each item of a list that is bound"
            if scope is None:
                raise AttributeError(f"a flow is not mapped: {advice}")
            raise scope.recorder.refused("mapping", "a flow is not mapped", advice, flow=self.name)

    def __repr__(self) -> str:
        return f"<flow {self.name!r}, {self.reference}>"

    def __reduce__(self) -> str:
        return self.function.__qualname__


@attrs.frozen(eq=False, slots=False, repr=False)
class AsyncFlow(Flow[P, Coroutine[object, None, R]], Generic[P, R]):
    """An async function as a flow. Made by :func:`flow`.

    Outside a capture it is the function that it was. Compiled, it is driven by a private loop that runs what is ready
    and nothing else, so ``await``, ``asyncio.gather``, ``asyncio.TaskGroup``, ``asyncio.create_task``,
    ``asyncio.timeout`` and ``asyncio.sleep(0)`` work, in one order everywhere; waiting for time, I/O or threads is an
    error, and so is returning before what was started is done. The loop is one of asyncio: what needs trio is not
    driven.
    """

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[object, None, R]:
        """The coroutine of the function; in a capture, what awaits the capture of its calls in place, as a group.

        Raises:
            CaptureError: in a capture, where the arguments do not bind, flows nest too deep, or the flow around it is
                not async.
        """
        outer = SCOPE.get()
        if outer is None:
            return self.function(*args, **kwargs)  # type: ignore[no-any-return]
        self._check_binds(outer, args, kwargs)
        frame = sys._getframe(1)
        start = partial(self.function, *args, **kwargs)
        return outer.recorder.enter_async(
            self.name, self.function.__code__, outer, (frame.f_code, frame.f_lasti), start
        )


class _Decorator(Protocol):
    """What ``@flow(…)`` decorates with."""

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncFlow[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Flow[P, R]: ...


@overload
def flow(function: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncFlow[P, R]: ...
@overload
def flow(function: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(*, name: str | None = None) -> _Decorator: ...


def flow(function: Callable[..., Any] | None = None, /, *, name: str | None = None) -> Any:
    """Mark a function, plain or async, as a flow: ``@flow`` or ``@flow(name=…)``. Its signature stays.

    Raises:
        CaptureError: not a def, or a generator (``not_a_function``), or the name is not text (``options``).
    """

    refuse_references(name)

    def decorate(function: Callable[..., Any]) -> Flow[..., Any]:
        refuse_methods(function)
        if not isinstance(function, FunctionType) or _yields(function):
            raise CaptureError(
                "not_a_function",
                f"{shown(function)} is no def, or a generator",
                "decorate a def or an async def that yields nothing",
                place_of_caller(None),
            )
        check_name(name)
        kind = AsyncFlow if inspect.iscoroutinefunction(function) else Flow
        return kind(function, function.__name__ if name is None else name, binder_of(function))

    return decorate if function is None else decorate(function)


def _yields(function: FunctionType) -> bool:
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


@attrs.frozen
class _InputOrigin:
    """The declared type of a flow's input."""

    declared: Any

    def annotation(self) -> Any:
        return self.declared


_STACK_ENDS: Final = CaptureError("recursion", STACK_PROBLEM, STACK_ADVICE)


@stack_safe(_STACK_ENDS)
def build_dag_from_flow(
    flow: Flow[..., Any], flow_inputs: Mapping[str, Any] | None = None
) -> Outcome[Dag, CompileError]:
    """The graph of a flow. The flow's body runs once, in capture mode; no task's body runs.

    Parameters bound by ``flow_inputs`` are concrete: the flow's Python may branch and loop on them. All
    others become inputs of the graph, with their defaults, so that one graph serves every run.
    The cost is linear in the number of calls. Safe in threads, inside another capture, and inside a running loop of
    asyncio (which stands still meanwhile), for async flows too: compiles do not see each other.

    Returns:
        ``Success(Dag)``, or ``Failure`` of :class:`CaptureError` (a reference used as a value, a call that
        does not bind, an unknown input, …), :class:`InvalidValueError` (a value outside of the model) or
        :class:`FlowRaisedError` (the flow's own Python raised; the exception is its ``__cause__``). The first thing
        that went wrong is told, also where the flow swallowed it. ``KeyboardInterrupt`` and its like pass.
    """
    if type(flow) not in (Flow, AsyncFlow):
        return _failed("not_a_flow", f"{shown(flow)} is not a flow", "decorate the function with @flow")
    given = {} if flow_inputs is None else flow_inputs
    fault = _input_fault(flow, given)
    if fault is not None:
        return Failure(fault)
    inputs = _symbolic_inputs(flow, given)
    if isinstance(inputs, InvalidValueError):
        return Failure(inputs)
    code = flow.function.__code__
    recorder = Recorder(flow.name, code)
    hints = hints_of(flow.function)
    bound = {
        **given,
        **{
            entry.name: recorder.input(
                entry.name,
                _InputOrigin(hints.get(entry.name, UNKNOWN)),
                entry.default is not None and entry.default.value is None,
            )
            for entry in inputs
        },
    }
    args, kwargs = _arguments(flow.binder, bound)
    failure: FlowRaisedError | CaptureError | None = None
    returns: Binding = Literal(None)
    token = SCOPE.set(Scope(recorder, flow.name, code, awaits=type(flow) is AsyncFlow))
    try:
        flow.check_decides_nothing(recorder, bound)
        returned = flow.function(*args, **kwargs)
        if type(flow) is AsyncFlow:
            returned = _driven(returned, recorder)
        returns = binding_of_return(returned, recorder, flow.name)
    except Exception as raised:  # noqa: BLE001 - the flow is foreign code, and what it raises is an answer
        failure = error_of(raised, flow.name, code)
    finally:
        SCOPE.reset(token)
        events = recorder.seal()
    if recorder.poison is not None:
        return Failure(recorder.poison)
    failure = failure or recorder.lost_call or recorder.unawaited_call
    if failure is not None:
        return Failure(failure)
    return dag_from_log(Log(flow.name, inputs, events, returns, inspect.getdoc(flow.function)))


def binding_of_return(returned: Any, recorder: Recorder, flow: str) -> Binding:
    """The binding of what a flow returned. Whoever looks for a line knows by this name that the flow is over."""
    return recorder.binding(returned, f"return of flow {flow!r}")


def _driven(coroutine: Coroutine[Any, Any, Any], recorder: Recorder) -> Any:
    # Loaded where it is needed: asyncio takes as long to load as all the rest of the compiler.
    from cascades_sdk.compiler._loop import driven

    return driven(coroutine, recorder.unready)


@stack_safe(_STACK_ENDS)
def build_dag_from_flow_json(
    flow: Flow[..., Any], flow_inputs: Mapping[str, Any] | None = None
) -> Outcome[str, CompileError]:
    """The canonical JSON of :func:`build_dag_from_flow`: the full document, as text.

    Returns:
        ``Success(text)``, whose UTF-8 bytes are those of :func:`cascades_sdk.encoding.dag_to_json`; or the ``Failure``
        of the compile.
    """
    compiled = build_dag_from_flow(flow, flow_inputs)
    return compiled if isinstance(compiled, Failure) else Success(dag_to_json(compiled.unwrap()).decode())


def _input_fault(flow: Flow[..., Any], given: Any) -> CaptureError | None:
    def refused(code: CaptureCode, problem: str, advice: str) -> CaptureError:
        return CaptureError(code, problem, advice, definition_line(flow.function.__code__), flow.name)

    if not isinstance(given, Mapping):
        return refused("unknown_input", "flow_inputs is no mapping", "give a dict of parameter names to values")
    kinds = flow.binder.kinds
    for name in given:
        if name not in kinds:
            known = ", ".join(kinds) or "none"
            return refused("unknown_input", f"there is no parameter {shown(name)}", f"the parameters are: {known}")
    for name, kind in kinds.items():
        if kind == "var_positional" and type(given.get(name)) not in (list, tuple):
            return refused("unbound_parameters", f"*{name} is not bound", f"give flow_inputs a list for {name!r}")
        if kind == "var_keyword" and not _is_keywords(given.get(name)):
            return refused("unbound_parameters", f"**{name} is not bound", f"give flow_inputs a dict for {name!r}")
    for name, kind in kinds.items():
        taken = flow.binder.by_keyword.intersection(given[name]) if kind == "var_keyword" else ()
        if taken:
            return refused("repeated_argument", f"**{name} holds {min(taken)!r}, a parameter", "bind it by itself")
    return None


def _is_keywords(value: object) -> bool:
    return type(value) is dict and all(type(key) is str for key in value)


def _symbolic_inputs(flow: Flow[..., Any], given: Mapping[str, Any]) -> tuple[FlowInput, ...] | InvalidValueError:
    inputs: list[FlowInput] = []
    for name in flow.binder.kinds:
        if name in given:
            continue
        if name not in flow.binder.defaults:
            inputs.append(FlowInput(name))
            continue
        frozen = freeze(flow.binder.defaults[name])
        refusal = frozen if isinstance(frozen, Refusal) else oversized(frozen)
        if refusal is not None:
            return InvalidValueError(
                refusal.under(name).pointer,
                refusal.problem,
                f"{refusal.advice}, or bind {name!r} in flow_inputs",
                f"default of flow {flow.name!r}",
                definition_line(flow.function.__code__),
            )
        inputs.append(FlowInput(name, Literal(frozen)))  # type: ignore[arg-type]  # no Refusal is left
    return tuple(inputs)


def _arguments(binder: Binder, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """How to call the function so that each parameter gets its value; values exist for all of them."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, kind in binder.kinds.items():
        if kind == "var_positional":
            args.extend(values[name])
        elif kind == "var_keyword":
            kwargs.update(values[name])
        elif kind == "keyword_only":
            kwargs[name] = values[name]
        else:
            args.append(values[name])
    return args, kwargs


def _failed(code: CaptureCode, problem: str, advice: str) -> Failure[CaptureError]:
    return Failure(CaptureError(code, problem, advice, place_of_caller(None)))
