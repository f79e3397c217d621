"""The free interpretation of random programs: what the laws of capture are judged by.

A program is text, and is executed three ways: with real tasks, called (run by asyncio, where the flow is async); with
real tasks, compiled; and under the *free interpretation*, in which each task returns the term of its own call and a log
keeps what was called with what. The free interpretation shares nothing with the recorder.

What writes a program counts the features that it has; the laws fail when one of :data:`FEATURES` becomes rare.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any, Final

import attrs

from cascades_sdk.compiler import AsyncTask, Flow, Task
from cascades_sdk.encoding import canonical_json
from cascades_sdk.testing.strategies import PROGRAM_FEATURES, Program, program_from
from cascades_sdk.testing.strategies._program_tasks import ALL, TASKS, heard

__all__ = ["FEATURES", "TASKS", "FreeCall", "FreeRun", "Program", "called", "flow_of", "free_run", "generate", "heard"]

FEATURES: Final = PROGRAM_FEATURES
generate = program_from


def flow_of(program: Program) -> Flow[..., Any]:
    """The program's flow, with real tasks."""
    return program.flow()


def called(program: Program) -> Any:
    """What calling the program's flow gives, with real tasks."""
    return program.called()


#: The names of NamedTuple fields that programs select by, and their positions.
_FIELDS: Final = {"x": 0, "y": 1}


class _Term:
    """A part of an input or of the result of a call."""

    def __init__(self, whole: Any, path: tuple[str | int, ...] = ()) -> None:
        self.whole, self.path = whole, path

    def __getitem__(self, token: str | int) -> "_Term":
        return _Term(self.whole, (*self.path, token))

    def __getattr__(self, name: str) -> "_Term":
        return self[_FIELDS[name]]

    def __iter__(self) -> Any:
        return iter([self[0], self[1]])  # programs unpack pairs only


@attrs.frozen
class _FreeTask:
    task: Task[..., Any]
    log: list[Mapping[str, Any]]
    upstream: tuple[_Term, ...] = ()
    overrides: Mapping[str, Any] = {}

    def after(self, *upstream: _Term) -> "_FreeTask":
        return attrs.evolve(self, upstream=(*self.upstream, *upstream))

    def with_options(self, **options: Any) -> "_FreeTask":
        return attrs.evolve(self, overrides={**self.overrides, **options})

    def map(self, items: Any, /, *args: Any, **kwargs: Any) -> Any:
        return self(items, *args, **kwargs, _mapped=True)

    def __call__(self, /, *args: Any, _mapped: bool = False, **kwargs: Any) -> Any:
        bound = inspect.signature(self.task.function).bind(*args, **kwargs).arguments
        declared: Mapping[str, Mapping[str, Any]] = {
            "another name": {"version": "7"},
            "declared": {"retries": 2, "labels": {"team": "a"}},
        }
        name = self.task.definition.name
        self.log.append(
            {
                "task": name,
                "mapped": _mapped,
                "branches": _BRANCHES.get(),
                "arguments": {parameter: _described(value) for parameter, value in bound.items()},
                "after": sorted({term.whole for term in self.upstream}),
                "options": {**declared.get(name, {}), **self.overrides},
            }
        )
        term = _Term(len(self.log) - 1)
        return _answering(term) if type(self.task) is AsyncTask else term


async def _answering(answer: Any) -> Any:
    return answer


#: The branches around the code that is running, outermost first, by their numbers in order of entry.
_BRANCHES: ContextVar[tuple[int, ...]] = ContextVar("branches around", default=())


@attrs.frozen
class _FreeWhen:
    """``when`` of the free interpretation: both branches are gone through, and what they answer is kept."""

    log: list[Mapping[str, Any]]
    #: For each branch that was entered: its condition, and which side of it.
    entered: list[tuple[Any, bool]]

    def __call__(self, condition: Any, then: Callable[[], Any], otherwise: Callable[[], Any] | None = None) -> Any:
        if not isinstance(condition, _Term):
            taken = then if condition else otherwise
            return taken() if taken else _answering(None) if inspect.iscoroutinefunction(then) else None
        sides = [self.side(condition, True, then)]
        if otherwise:
            sides.append(self.side(condition, False, otherwise))
        if any(isinstance(answer, Awaitable) for _, answer in sides):
            return self.awaited(sides)
        return self.merged(sides)

    def side(self, condition: _Term, taken: bool, branch: Callable[[], Any]) -> tuple[int, Any]:
        number = len(self.entered)
        self.entered.append((_described(condition), taken))
        around = (*_BRANCHES.get(), number)
        if inspect.iscoroutinefunction(branch):
            return number, _inside(around, branch)
        token = _BRANCHES.set(around)
        answer = branch()
        _BRANCHES.reset(token)
        return number, _inside(around, lambda: answer) if isinstance(answer, Awaitable) else answer

    async def awaited(self, sides: list[tuple[int, Any]]) -> _Term:
        return self.merged(
            [(number, await answer if isinstance(answer, Awaitable) else answer) for number, answer in sides]
        )

    def merged(self, sides: list[tuple[int, Any]]) -> _Term:
        answers = [[number, _described(answer)] for number, answer in sides]
        self.log.append({"answers": answers, "branches": _BRANCHES.get()})
        return _Term(len(self.log) - 1)


async def _inside(around: tuple[int, ...], branch: Callable[[], Awaitable[Any]]) -> Any:
    token = _BRANCHES.set(around)
    answer = await branch()
    _BRANCHES.reset(token)
    return answer


def _described(value: Any) -> dict[str, Any]:
    if isinstance(value, _Term):
        return {"reference": [value.whole, list(value.path)]}
    if isinstance(value, (list, tuple)):
        return {"list": [_described(item) for item in value]}
    if isinstance(value, dict):
        return {"object": {key: _described(item) for key, item in value.items()}}
    return {"literal": value}


def _calls_in(description: Any) -> list[int]:
    """The calls that a description refers to, repeats kept."""
    if "reference" in description:
        whole = description["reference"][0]
        return [whole] if type(whole) is int else []
    inside = description.get("list", description.get("object", ()))
    return [call for item in (inside.values() if isinstance(inside, dict) else inside) for call in _calls_in(item)]


@attrs.frozen
class FreeCall:
    """A call, a map, or a choice (which has no task), as the free interpretation saw it."""

    task: str | None
    mapped: bool
    #: The calls that it refers to, ascending, repeats kept, and then what it comes after.
    upstream: tuple[int, ...]
    #: The conditions under which it is reached, outermost first: the call or input, the path, and which side.
    guards: tuple[tuple[int | str, tuple[str | int, ...], bool], ...]


@attrs.frozen
class FreeRun:
    """What the free interpretation saw: canonical text of everything, and each call."""

    text: str
    calls: tuple[FreeCall, ...]


def free_run(program: Program) -> FreeRun:
    """The program under the free interpretation, with the bound inputs bound and the others as terms."""
    log: list[Mapping[str, Any]] = []
    entered: list[tuple[Any, bool]] = []
    tasks = {each.function.__name__: _FreeTask(each, log) for each in ALL}
    main = program.executed(tasks, lambda function: function, _FreeWhen(log, entered))
    parameters = inspect.signature(main).parameters.values()
    symbolic = {each.name: _Term(each.name) for each in parameters if each.name not in program.bound}
    returned = main(**program.bound, **symbolic)
    if isinstance(returned, Coroutine):
        returned = asyncio.run(returned)
    inputs = [
        [each.name, [] if each.default is each.empty else [each.default]]
        for each in parameters
        if each.name in symbolic
    ]
    everything = {"log": log, "branches": entered, "returns": _described(returned), "inputs": inputs}
    return FreeRun(canonical_json(everything).unwrap(), tuple(_free_call(entry, entered) for entry in log))


def _free_call(entry: Mapping[str, Any], entered: list[tuple[Any, bool]]) -> FreeCall:
    guards = []
    for number in entry["branches"]:
        condition, taken = entered[number]
        whole, path = condition["reference"]
        guards.append((whole, tuple(path), taken))
    if "answers" in entry:
        used = [call for _, answer in entry["answers"] for call in _calls_in(answer)]
        return FreeCall(None, False, tuple(sorted(used)), tuple(guards))
    used = [call for each in entry["arguments"].values() for call in _calls_in(each)]
    return FreeCall(entry["task"], entry["mapped"], (*sorted(used), *entry["after"]), tuple(guards))
