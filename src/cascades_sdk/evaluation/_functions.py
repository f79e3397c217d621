"""The functions that a document's task references name.

Decided here: how ``module:qualname`` becomes a function in this process, and how an async one is run to its end. Never
here: what it is called with.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from returns.result import Failure, Success

from cascades_sdk.compiler import AsyncTask, Task, outside_capture, runs_as_main
from cascades_sdk.errors import EvaluationError, Outcome, cause_text
from cascades_sdk.graph import TaskDefinition
from cascades_sdk.values import shown

__all__ = ["functions_for", "outcome_of"]


def functions_for(
    definitions: tuple[TaskDefinition, ...], given: Mapping[str, Callable[..., Any]]
) -> Outcome[dict[str, Callable[..., Any]], EvaluationError]:
    """The function of each task by name: the one given, else the one that the reference names.

    Importing a module runs it; a reference is followed only to what the document names.
    """
    known = {definition.name: definition for definition in definitions}
    for name in given:
        if name not in known:
            advice = f"the tasks of the graph are: {', '.join(known) or 'none'}"
            return Failure(EvaluationError(f"tasks= names {shown(name)}, which is no task of the graph", advice))
    found: dict[str, Callable[..., Any]] = {}
    for definition in definitions:
        function = _function(definition, given)
        if isinstance(function, Failure):
            return function
        found[definition.name] = function.unwrap()
    return Success(found)


def _function(
    definition: TaskDefinition, given: Mapping[str, Callable[..., Any]]
) -> Outcome[Callable[..., Any], EvaluationError]:
    candidate: Any = given.get(definition.name)
    if definition.name not in given:
        if not definition.importable:
            return _failed(definition, f"{definition.reference} cannot be imported", "give it in tasks=")
        try:
            candidate = _imported(definition.reference)
        except Exception as fault:  # noqa: BLE001 - importing runs foreign code
            problem = f"{definition.reference} cannot be imported: {type(fault).__name__}: {cause_text(fault)}"
            return _failed(definition, problem, "make its module importable, or give it in tasks=")
    function = candidate.function if type(candidate) in (Task, AsyncTask) else candidate
    if not callable(function):
        if definition.name in given:
            return _failed(definition, f"tasks= gives it {shown(function)}, which is no function", "give a function")
        return _failed(definition, f"{definition.reference} is a {type(function).__name__}", "name a function")
    return Success(function)


def _imported(reference: str) -> Any:
    module_name, _, qualname = reference.partition(":")
    with outside_capture():
        if runs_as_main(module_name):
            found: Any = sys.modules["__main__"]
        else:
            found = importlib.import_module(module_name)
    for name in qualname.split("."):
        found = getattr(found, name)
    return found


def _failed(definition: TaskDefinition, problem: str, advice: str) -> Failure[EvaluationError]:
    return Failure(EvaluationError(problem, advice, task=definition.name))


def outcome_of(function: Callable[..., Any], args: list[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a function returns outside of any capture; an async one is run to its end, in an event loop of its own."""
    with outside_capture():
        returned = function(*args, **kwargs)
        return _awaited(returned) if inspect.iscoroutine(returned) else returned


def _awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    # Loaded where it is needed: asyncio takes as long to load as all the rest that evaluating needs.
    import asyncio

    from cascades_sdk.compiler._loop import apart_from_running_loop

    try:
        # With a factory the runner leaves the loop alone that is set for this thread.
        with apart_from_running_loop(), asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(coroutine)
    except asyncio.CancelledError as cancelled:
        # It would pass for the cancelling of whoever evaluates, and is no Exception.
        raise RuntimeError("the task was cancelled") from cancelled
