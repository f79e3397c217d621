"""What changed in a flow's inputs and in the definitions of its tasks.

Decided here: when a task counts as renamed, and what a change of a definition tells. Never here: calls.
"""

from collections import Counter
from collections.abc import Iterator

from cascades_sdk.diff._changes import (
    Change,
    DefinitionAdded,
    DefinitionChanged,
    DefinitionRemoved,
    DefinitionRenamed,
    Difference,
    InputAdded,
    InputDefaultChanged,
    InputRemoved,
    InputReordered,
)
from cascades_sdk.diff._comparison import option_differences
from cascades_sdk.diff._order import moved
from cascades_sdk.diff._text import literal_text, names_text
from cascades_sdk.graph import Choice, Dag, FlowInput, Parameter, TaskDefinition

__all__ = ["definition_changes", "input_changes", "renamed_tasks"]


def input_changes(old: tuple[FlowInput, ...], new: tuple[FlowInput, ...], turned: bool) -> Iterator[Change]:
    """Inputs removed, then, in their new order, added, with other defaults, and moved."""
    places = {entry.name: at for at, entry in enumerate(old)}
    names = {entry.name for entry in new}
    yield from (InputRemoved(entry.name) for entry in old if entry.name not in names)
    elsewhere = moved([places.get(entry.name) for entry in new], turned)
    for at, entry in enumerate(new):
        place = places.get(entry.name)
        if place is None:
            yield InputAdded(entry.name, literal_text(entry.default))
            continue
        was = old[place]
        if was.default != entry.default:
            yield InputDefaultChanged(entry.name, literal_text(was.default), literal_text(entry.default))
        if at in elsewhere:
            yield InputReordered(entry.name, place, at)


def renamed_tasks(old: Dag, new: Dag) -> dict[str, str]:
    """The new names, by the old ones, of tasks that have another name.

    A task that is gone and one that came are the same under another name where their function is the same (its
    reference), or else where their signatures, options and numbers of calls are; and no third one is so.
    """
    known, wanted = old.definitions, new.definitions
    gone = [task for task in old.tasks if task.name not in wanted]
    came = [task for task in new.tasks if task.name not in known]
    by_reference = _only_pairs(
        {task.name: task.reference for task in gone}, {task.name: task.reference for task in came}
    )
    taken = set(by_reference.values())
    calls = (_numbers_of_calls(old), _numbers_of_calls(new))
    by_signature = _only_pairs(
        {task.name: _signature(task, calls[0]) for task in gone if task.name not in by_reference},
        {task.name: _signature(task, calls[1]) for task in came if task.name not in taken},
    )
    return {**by_reference, **by_signature}


def _numbers_of_calls(dag: Dag) -> Counter[str]:
    return Counter(node.task for node in dag.nodes if not isinstance(node, Choice))


def _signature(task: TaskDefinition, calls: Counter[str]) -> object:
    return task.parameters, task.options, task.importable, calls[task.name]


def _only_pairs(left: dict[str, object], right: dict[str, object]) -> dict[str, str]:
    """Names of the two sides that have the same key, where nobody else has it."""
    counts = (Counter(left.values()), Counter(right.values()))
    names = {key: name for name, key in right.items() if counts[1][key] == 1}
    return {name: names[key] for name, key in left.items() if counts[0][key] == 1 and key in names}


def definition_changes(old: Dag, new: Dag, renamed: dict[str, str]) -> Iterator[Change]:
    """Definitions removed, then, in their new order, added, renamed and changed."""
    before, after = old.definitions, new.definitions
    former = {name: was for was, name in renamed.items()}
    for task in old.tasks:
        if task.name not in after and task.name not in renamed:
            yield DefinitionRemoved(task.name, task.reference)
    for task in new.tasks:
        was = before.get(former.get(task.name, task.name))
        if was is None:
            yield DefinitionAdded(task.name, task.reference)
            continue
        if was.name != task.name:
            yield DefinitionRenamed(was.name, task.name)
        differences = tuple(_differences(was, task))
        if differences:
            yield DefinitionChanged(task.name, differences)


def _differences(old: TaskDefinition, new: TaskDefinition) -> Iterator[Difference]:
    if old.reference != new.reference:
        yield Difference("reference", old.reference, new.reference)
    if old.importable != new.importable:
        yield Difference("importable", _word(old.importable), _word(new.importable))
    yield from _parameter_differences(old.parameters, new.parameters)
    yield from option_differences(old.options.declared(), new.options.declared())


def _word(truth: bool) -> str:
    return "true" if truth else "false"


def _parameter_differences(old: tuple[Parameter, ...], new: tuple[Parameter, ...]) -> Iterator[Difference]:
    before, after = ({each.name: each for each in side} for side in (old, new))
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Difference(f"parameter {name}", _parameter_text(was), _parameter_text(now))
            continue
        if was.kind != now.kind:
            yield Difference(f"kind of {name}", was.kind, now.kind)
        if was.default != now.default:
            yield Difference(f"default of {name}", literal_text(was.default), literal_text(now.default))
    orders = [name for name in before if name in after], [name for name in after if name in before]
    if orders[0] != orders[1]:
        yield Difference("order of parameters", names_text(orders[0]), names_text(orders[1]))


def _parameter_text(parameter: Parameter | None) -> str | None:
    if parameter is None:
        return None
    return parameter.kind + ("" if parameter.default is None else f" = {literal_text(parameter.default)}")
