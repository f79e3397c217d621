"""Tasks: ordinary functions that a capture records instead of running.

Decided here: what ``@task`` makes of a function. Never here: what a captured call becomes.
"""

import inspect
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypedDict, TypeVar, Unpack, overload

import attrs

from cascades_sdk.compiler._binder import BindingFault
from cascades_sdk.compiler._contents import Decorated, reference_in
from cascades_sdk.compiler._core import Core
from cascades_sdk.compiler._decorating import binder_of_task, checked_options, refuse_references
from cascades_sdk.compiler._items import Items
from cascades_sdk.compiler._naming import check_name
from cascades_sdk.compiler._places import place_of_caller
from cascades_sdk.compiler._recorder import GIVE_ITEMS, NO_ITEMS
from cascades_sdk.compiler._scope import SCOPE
from cascades_sdk.compiler._shapes import UNKNOWN
from cascades_sdk.errors import CaptureError, CascadesSDKError
from cascades_sdk.graph import NO_OPTIONS, TaskDefinition, TaskOptions
from cascades_sdk.values import Refusal, same_value, shown

__all__ = ["AsyncTask", "Task", "task"]

P = ParamSpec("P")
R = TypeVar("R")

# Of map(): the item, the other parameters, the result.
_I = TypeVar("_I")
_Q = ParamSpec("_Q")
_S = TypeVar("_S")


class Options(TypedDict, total=False):
    """The options that a task may declare; see :class:`cascades_sdk.graph.TaskOptions`."""

    version: str | None
    retries: int | None
    timeout: float | None
    cache: bool | str | None
    labels: Mapping[str, str] | None


def _listed(items: Any, core: Core) -> Sequence[Any]:
    """What is mapped over. A text or a dict would iterate, too, and is no list of the value model."""
    if not core.takes_items:
        raise _unmapped(NO_ITEMS, GIVE_ITEMS, core)
    if isinstance(items, list | tuple):
        return items
    raise _unmapped(f"{shown(items)} is no list to map over", "map over a list", core)


def _unmapped(problem: str, advice: str, core: Core) -> CascadesSDKError:
    scope = SCOPE.get()
    if scope is None:
        return CaptureError("mapping", problem, advice, place_of_caller(None), None, core.name)
    return scope.recorder.refused("mapping", problem, advice, task=core.name)


_M = TypeVar("_M", bound=Callable[..., Any])


def _given_items(method: _M) -> _M:
    """A method map() that says so where the items are not given, or not by position."""

    @wraps(method)
    def checked(self: "Task[..., Any]", /, *args: Any, **kwargs: Any) -> Any:
        if not args:
            raise _unmapped(
                "map() is not given the items by position", "give the list as the first argument", self._core
            )
        return method(self, *args, **kwargs)

    return checked  # type: ignore[return-value]


@attrs.frozen(eq=False, slots=False, repr=False)
class Task(Decorated, Generic[P, R]):
    """A function as a task: calling it outside a capture runs it, calling it in a flow that is compiled records it.

    Made by :func:`task`. A task is immutable; :meth:`after` and :meth:`with_options` answer variants of it.
    """

    function: Callable[P, R]
    _core: Core
    _after: tuple[object, ...] = ()
    _overrides: TaskOptions = NO_OPTIONS

    def __attrs_post_init__(self) -> None:
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            object.__setattr__(self, name, getattr(self.function, name, None))
        object.__setattr__(self, "__wrapped__", self.function)

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function; in a capture, record the call and answer a reference to its output.

        Raises:
            CaptureError, InvalidValueError: in a capture, where the call cannot be recorded; and outside of
                one, where an argument is a reference that outlived its capture.
        """
        scope = SCOPE.get()
        if scope is None:
            self._check_outlived(*args, *kwargs.values())
            return self.function(*args, **kwargs)
        frame = sys._getframe(1)
        return scope.recorder.call(  # type: ignore[return-value]  # a reference stands for the value
            self, args, kwargs, self._after, self._overrides, scope, (frame.f_code, frame.f_lasti)
        )

    def _check_outlived(self, *arguments: object) -> None:
        reference = reference_in((*arguments, *self._after))
        if reference is not None:
            raise reference._cascades_recorder.outlived(reference)

    def after(self, *upstream: object) -> Self:
        """This task, to be called once all of ``upstream`` (outputs of tasks) are done, whatever it takes of them.

        ``mytask.after(x, y)(a, b)`` is captured as ``mytask(a, b)`` with two more dependencies. Outside a capture it
        is ``mytask(a, b)``: Python runs in order anyway.
        """
        return type(self)(self.function, self._core, (*self._after, *upstream), self._overrides)

    def with_options(self, **options: Unpack[Options]) -> Self:
        """This task with other options for the calls made through the answer.

        ``None`` leaves an option as it was, a declared one too: ``retries=None`` of a task that declares ``retries=3``
        is three retries. To ask for none, say ``retries=0``.

        Raises:
            CaptureError: an option is unknown or of the wrong type (code ``options``).
        """
        merged = {
            **self._overrides.declared(),
            **checked_options(self._core.name, options).declared(),
        }
        declared = self._core.options.declared()
        # An override that says what the definition says is none: one program, one form.
        overrides = {
            name: value
            for name, value in merged.items()
            if name not in declared or not same_value(value, declared[name])
        }
        return type(self)(self.function, self._core, self._after, TaskOptions(**overrides))  # type: ignore[arg-type]

    @_given_items
    def map(
        self: "Task[Concatenate[_I, _Q], _S]", items: Items[_I], /, *args: _Q.args, **kwargs: _Q.kwargs
    ) -> list[_S]:
        """What the task returns for each item of a list: its first parameter takes the item, the others are the same.

        ``mytask.map(items, 2)`` is ``[mytask(item, 2) for item in items]``. In a capture it is recorded as one node,
        whose output is the list; so ``items`` may be a reference, and nothing to map gives ``[]``.

        Raises:
            CaptureError: ``items`` is no list or tuple, or the task has no first parameter by position (``mapping``);
                and as for a call.
        """
        scope = SCOPE.get()
        if scope is None:
            self._check_outlived(items, *args, *kwargs.values())
            return [self.function(item, *args, **kwargs) for item in _listed(items, self._core)]
        frame = sys._getframe(2)  # around the check of map() itself
        return scope.recorder.call(  # type: ignore[return-value]  # a reference stands for the value
            *(self, (items, *args), kwargs, self._after, self._overrides, scope, (frame.f_code, frame.f_lasti)),
            mapped=True,
        )

    @property
    def definition(self) -> TaskDefinition:
        """The definition that stands in the graph of every flow that calls this task."""
        return self._core.definition

    @property
    def takes_items(self) -> bool:
        """Whether the task can be mapped: it has a first parameter by position."""
        return self._core.takes_items

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | BindingFault:
        """The arguments of a call by parameter, in their order, without defaults; or why it does not bind."""
        return self._core.binder.bind(args, kwargs)

    def default_refusal(self, parameter: str) -> Refusal | None:
        """Why the default of a parameter is no value of the model; ``None`` where it is one."""
        default = self._core.defaults.get(parameter)
        return default if type(default) is Refusal else None

    def taken(self, parameter: str) -> Any:
        """The declared type of what a parameter takes."""
        return self._core.taken.get(parameter, UNKNOWN)

    def annotation(self) -> Any:
        """The declared type of what the task returns."""
        return self._core.result

    def __repr__(self) -> str:
        return f"<task {self._core.name!r}, {self._core.definition.reference}>"

    def __reduce__(self) -> str:
        # By name, as functions are; the name leads to this very object where the decorator was used on it.
        return self.function.__qualname__


@attrs.frozen(eq=False, slots=False, repr=False)
class AsyncTask(Task[P, Coroutine[object, None, R]], Generic[P, R]):
    """An async function as a task: its calls are awaited, outside a capture and in a flow that is compiled.

    Made by :func:`task`. A call is recorded when it is made, so that ``asyncio.gather(a(), b())`` and task groups
    record in the order of the text; a call that nobody awaits is an error.
    """

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[object, None, R]:
        """The coroutine of the function; in a capture, record the call, and answer what awaits a reference.

        Raises:
            CaptureError, InvalidValueError: as with :class:`Task`, and in a flow that is not async.
        """
        scope = SCOPE.get()
        if scope is None:
            self._check_outlived(*args, *kwargs.values())
            return self.function(*args, **kwargs)
        frame = sys._getframe(1)
        callee: Any = self  # a Callee, as a Task is; pyright reads its property `function` as a method
        return scope.recorder.call_async(
            callee, args, kwargs, self._after, self._overrides, scope, (frame.f_code, frame.f_lasti)
        )

    @_given_items
    def map(  # type: ignore[override]  # the list is awaited, not each part of it
        self: "AsyncTask[Concatenate[_I, _Q], _S]", items: Items[_I], /, *args: _Q.args, **kwargs: _Q.kwargs
    ) -> Coroutine[Any, Any, list[_S]]:
        """What awaits the results of the task for each item of a list, one after the other; see :meth:`Task.map`."""
        scope = SCOPE.get()
        if scope is None:
            self._check_outlived(items, *args, *kwargs.values())
            return _each_awaited(self.function, _listed(items, self._core), args, kwargs)
        frame = sys._getframe(2)  # around the check of map() itself
        callee: Any = self
        return scope.recorder.call_async(
            *(callee, (items, *args), kwargs, self._after, self._overrides, scope, (frame.f_code, frame.f_lasti)),
            mapped=True,
        )


async def _each_awaited(
    function: Any, items: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Any]:
    return [await function(item, *args, **kwargs) for item in items]


class _Decorator(Protocol):
    """What ``@task(…)`` decorates with."""

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncTask[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Task[P, R]: ...


@overload
def task(function: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncTask[P, R]: ...
@overload
def task(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(*, name: str | None = None, **options: Unpack[Options]) -> _Decorator: ...


def task(function: Callable[..., Any] | None = None, /, *, name: str | None = None, **options: Any) -> Any:
    """Mark a function as a task: ``@task``, or ``@task(name=…, version=…, retries=…, timeout=…, cache=…, labels=…)``.

    The decorated task keeps the function's signature. Options are declared metadata: they stand in the
    document for whoever runs it, and change nothing here.

    Args:
        function: a function, plain or async (not a generator function).
        name: what the task is called in documents; the function's own name by default. Two different
            functions under one name are refused where a flow calls both.
        options: see :class:`cascades_sdk.graph.TaskOptions` for types and units.

    Raises:
        CaptureError: not a function (``not_a_function``), or an option is refused (``options``).
    """

    refuse_references(name)

    def decorate(function: Callable[..., Any]) -> Task[..., Any]:
        binder = binder_of_task(function)
        check_name(name)
        own_name = function.__name__ if name is None else name
        kind = AsyncTask if inspect.iscoroutinefunction(function) else Task
        return kind(function, Core(function, own_name, checked_options(own_name, options), binder))

    return decorate if function is None else decorate(function)
