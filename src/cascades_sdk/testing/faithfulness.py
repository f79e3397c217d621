"""The law of evaluation, tried on a user's own flow.

What was compiled, written, read back and evaluated is what calling the flow gives
(:mod:`cascades_sdk.evaluation` says what the law asks of flows and tasks).

Decided here: what is compared, for one choice of inputs, and how a difference is told; hypothesis looks for the inputs.
Never here: what a graph means.
"""

import asyncio
import inspect
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import attrs
from returns.result import Failure

from cascades_sdk.compiler import AsyncFlow, Flow, build_dag_from_flow
from cascades_sdk.encoding import canonical_json, dag_from_cbor, dag_from_json, dag_to_cbor, dag_to_json
from cascades_sdk.errors import CompileError, Outcome, cause_text
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Dag
from cascades_sdk.testing._extras import require
from cascades_sdk.testing._subjects import not_a_flow
from cascades_sdk.values import (
    FrozenDict,
    FrozenValue,
    JSONValue,
    Refusal,
    freeze,
    json_pointer,
    printable,
    same_value,
    shown,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["assert_capture_faithful", "unfaithfulness"]


def assert_capture_faithful(
    flow: Flow[..., Any],
    inputs: "SearchStrategy[Mapping[str, Any]]",
    *,
    bound: Collection[str] = (),
    tasks: Mapping[str, Callable[..., Any]] | None = None,
) -> None:
    """Try the law of evaluation on a flow, with inputs that hypothesis draws and, where it fails, makes small.

    Args:
        flow: a flow, itself and not its name, whose tasks are functions of values: they are called, and more than
            once.
        inputs: draws a mapping of parameters to values, ``st.fixed_dictionaries({"n": st.integers(0, 9)})``. How
            often, the current profile of hypothesis says (``settings(max_examples=…)``); no example is kept in
            its database.
        bound: the parameters that are bound when the flow is compiled, because its Python branches or loops on them;
            to their defaults where nothing is drawn for them.
        tasks: task functions by name, of tasks that cannot be imported.

    An async flow is run by ``asyncio.run``, and so not inside of a running loop.

    Raises:
        AssertionError: the law does not hold; with the inputs, what calling gives, what evaluating gives, and where
            the two part. Or there is no graph of which it could hold, because the flow does not compile. Or nothing
            was tried: this is no flow, what is drawn are no inputs of it, or calling it never gave a value.
        ModuleNotFoundError: hypothesis is missing; the extra ``test`` brings it.
    """
    __tracebackhide__ = True
    require("hypothesis", "assert_capture_faithful")
    from hypothesis import given, settings

    misuse = _misuse(flow, bound)
    if misuse is not None:
        raise AssertionError(misuse)
    seen: dict[bool, str] = {}

    @settings(deadline=None, database=None)
    @given(inputs)
    def capture_is_faithful(inputs: Mapping[str, Any]) -> None:
        __tracebackhide__ = True  # pytest shows the test, and not this line
        trial = _tried(flow, inputs, bound, tasks)
        if trial.problem is not None:
            raise AssertionError(trial.problem)
        seen.setdefault(trial.has_value, trial.told)

    capture_is_faithful()
    if True not in seen:  # hypothesis drew something: where it is told to draw nothing, it has the test skipped
        raise AssertionError(f"nothing was tried of flow {flow.name!r}, as no inputs gave a value: {seen[False]}")


def unfaithfulness(
    flow: Flow[..., Any],
    inputs: Mapping[str, Any],
    *,
    bound: Collection[str] = (),
    tasks: Mapping[str, Callable[..., Any]] | None = None,
) -> str | None:
    """What breaks the law for these inputs, on one printable line; ``None`` where it holds.

    Where calling raises, and where it returns what is no value of the model, evaluating must fail too, and so may
    compiling. What does not even begin breaks it: no flow, or no inputs of it.
    """
    misuse = _misuse(flow, bound)
    return _tried(flow, inputs, bound, tasks).problem if misuse is None else misuse


@attrs.frozen
class _Trial:
    """What breaks the law for some inputs, whether calling gave a value of the model, and how that is told."""

    problem: str | None
    has_value: bool = False
    told: str = ""


def _tried(
    flow: Flow[..., Any],
    inputs: Mapping[str, Any],
    bound: Collection[str],
    tasks: Mapping[str, Callable[..., Any]] | None,
) -> _Trial:
    misfit = _misfit(flow, inputs)
    if misfit is not None:
        return _Trial(printable(f"{shown(inputs)} are no inputs of flow {flow.name!r}: {misfit}"))
    given = {**flow.binder.defaults, **deepcopy(dict(inputs))}
    compiled = build_dag_from_flow(flow, {name: value for name, value in given.items() if name in bound})
    rest = {name: value for name, value in inputs.items() if name not in bound}
    evaluated = compiled if isinstance(compiled, Failure) else _evaluated(compiled.unwrap(), rest, tasks)
    try:
        called = _called(flow, deepcopy(inputs))
    except Exception as raised:  # noqa: BLE001 - the flow is foreign code, and what it raises is what calling gives
        frozen: FrozenValue | Refusal | Exception = raised
        told = f"raises {type(raised).__name__}: {cause_text(raised)}"
    else:
        frozen = freeze(called)
        told = f"gives {shown(called) if isinstance(frozen, Refusal) else _text(frozen)}"
    has_value = not isinstance(frozen, Refusal | Exception)
    problem: str | None
    if not isinstance(evaluated, Failure):
        gives = f"evaluating its graph gives {_text(evaluated.unwrap())}"
        problem = _difference(frozen, freeze(evaluated.unwrap())) if has_value else gives  # type: ignore[arg-type]  # a value
    elif has_value and isinstance(compiled, Failure):
        called_with = f"although calling it with {dict(inputs)!r} {told}"
        return _Trial(printable(f"flow {flow.name!r} does not compile, {called_with}: {compiled.failure()}"))
    else:
        problem = f"evaluating its graph fails: {evaluated.failure()}" if has_value else None
    told = printable(f"with {dict(inputs)!r} calling it {told}")
    if problem is None:
        return _Trial(None, has_value, told)
    return _Trial(printable(f"flow {flow.name!r} is not captured faithfully: {told}, {problem}"))


def _misuse(flow: Flow[..., Any], bound: Collection[str]) -> str | None:
    """Why nothing can be tried, whatever is drawn."""
    problem = not_a_flow(flow)
    if problem is not None:
        return problem
    if isinstance(bound, str):
        return f"bound is the text {bound!r}; give a set of names of parameters"
    unknown = [name for name in bound if name not in flow.binder.kinds]
    return f"bound: {_no_parameter(flow, unknown[0])}" if unknown else None


#: What the values of variadic parameters are drawn as.
_VARIADIC: Final[Mapping[str, tuple[type, ...]]] = {"var_positional": (list, tuple), "var_keyword": (dict,)}


def _misfit(flow: Flow[..., Any], inputs: object) -> str | None:
    """Why these are no inputs of the flow; what its call would raise for them would tell nothing of the law."""
    if not isinstance(inputs, Mapping):
        return "they are no mapping of parameters to values"
    for name, value in inputs.items():
        if name not in flow.binder.kinds:
            return _no_parameter(flow, name)
        wanted = _VARIADIC.get(flow.binder.kinds[name])
        if wanted is not None and type(value) not in wanted:
            return f"{name!r} is variadic, and {shown(value)} is no {wanted[0].__name__}"
    missing = [name for name in flow.binder.required if name not in inputs]
    return f"the parameter {missing[0]!r} has no value" if missing else None


def _no_parameter(flow: Flow[..., Any], name: object) -> str:
    return (
        f"there is no parameter {shown(name)}; the parameters of the flow are: {', '.join(flow.binder.kinds) or 'none'}"
    )


def _evaluated(
    dag: Dag, inputs: Mapping[str, Any], tasks: Mapping[str, Callable[..., Any]] | None
) -> Outcome[JSONValue, CompileError]:
    """What the graph gives when it was written and read back: in JSON, and in CBOR."""
    read = (dag_from_json(dag_to_json(dag)).unwrap(), dag_from_cbor(dag_to_cbor(dag)).unwrap())
    assert read[0] == read[1] == dag  # a promise of this package, which no flow can break
    used = {name: function for name, function in (tasks or {}).items() if name in dag.definitions}
    return evaluate(read[0], deepcopy(inputs), used)


def _called(flow: Flow[..., Any], inputs: Mapping[str, Any]) -> object:
    bound = inspect.BoundArguments(inspect.signature(flow.function), dict(inputs))
    bound.apply_defaults()  # what stands after a parameter that is left out would else be passed by name
    value = flow(*bound.args, **bound.kwargs)
    return asyncio.run(value) if isinstance(flow, AsyncFlow) else value


def _text(value: object) -> str:
    return canonical_json(value).unwrap()


def _difference(called: FrozenValue, evaluated: Any) -> str | None:
    """Where two values part, and how; ``None`` where they are the same."""
    if same_value(called, evaluated):
        return None
    left: Any = called
    right: Any = evaluated
    path: list[str | int] = []
    while (inner := _inner(left, right)) is not None:
        path.append(inner)
        left, right = left[inner], right[inner]
    where = f" ({_text(left)} and {_text(right)} at {json_pointer(path)})" if path else ""
    return f"evaluating its graph gives {_text(evaluated)}{where}"


def _inner(left: Any, right: Any) -> str | int | None:
    """The first part that differs, where both values have the same parts."""
    if type(left) is tuple and type(right) is tuple and len(left) == len(right):
        return next(at for at in range(len(left)) if not same_value(left[at], right[at]))
    if type(left) is FrozenDict and type(right) is FrozenDict and left.keys() == right.keys():
        return next(key for key in left if not same_value(left[key], right[key]))
    return None
