"""Seeded defects: what a slip in the reducer, the binder or the evaluator would look like.

Each is a patch of behaviour, applied for the time of a check and taken back; files are never touched. A property
that does not notice one of them is too weak.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import attrs

import cascades_sdk.evaluation as evaluation
from cascades_sdk.compiler import _arguments, _binder, _door, _loop, _outputs, _recorder
from cascades_sdk.graph import (
    CallRecorded,
    Choice,
    ChoiceRecorded,
    FlowEntered,
    Guard,
    ListBinding,
    Literal,
    NodeReference,
    ObjectBinding,
    _log,
)
from cascades_sdk.values import FrozenDict, FrozenValue

__all__ = ["DEFECTS", "Defect"]


@attrs.frozen
class Defect:
    """A slip: where it sits, and how it behaves instead."""

    name: str
    owner: Any
    attribute: str
    instead: Callable[[Any], Any]

    @contextmanager
    def seeded(self) -> Iterator[None]:
        """The code with the slip in it."""
        sound = getattr(self.owner, self.attribute)
        with patch.object(self.owner, self.attribute, self.instead(sound)):
            yield


# -- the reducer, and the door of the recorder ------------------------------------------------------------


def _changing_calls(**changes: Any) -> Callable[[Any], Any]:
    def instead(step: Any) -> Any:
        def slipped(seen: Any, event: Any) -> Any:
            return step(seen, attrs.evolve(event, **changes) if type(event) is CallRecorded else event)

        return slipped

    return instead


def _exchanging_answers(step: Any) -> Any:
    def slipped(seen: Any, event: Any) -> Any:
        if type(event) is ChoiceRecorded and event.otherwise is not None:
            then, otherwise = event.then, event.otherwise
            event = attrs.evolve(
                event,
                then=attrs.evolve(then, returns=otherwise.returns),
                otherwise=attrs.evolve(otherwise, returns=then.returns),
            )
        return step(seen, event)

    return slipped


def _hanging_groups_at_the_top(step: Any) -> Any:
    def slipped(seen: Any, event: Any) -> Any:
        return step(seen, attrs.evolve(event, parent=None) if type(event) is FlowEntered else event)

    return slipped


def _losing_the_otherwise(choose: Any) -> Any:
    def slipped(recorder: Any, then: Any, otherwise: Any, *rest: Any) -> Any:
        return choose(recorder, then, None, *rest)

    return slipped


def _forgetting_the_part_that_decides(condition: Any) -> Any:
    return lambda recorder, reference: attrs.evolve(condition(recorder, reference), path=())


def _recording_beside_the_branch(enter_branch: Any) -> Any:
    def slipped(recorder: Any, name: str, guard: Guard, scope: Any) -> Any:
        return attrs.evolve(enter_branch(recorder, name, guard, scope), group=scope.group)

    return slipped


def _mapping_by_a_call(call: Any) -> Any:
    def slipped(*args: Any, mapped: bool = False) -> Any:
        return call(*args)

    return slipped


def _awaiting_a_map_as_a_call(call_async: Any) -> Any:
    def slipped(*args: Any, mapped: bool = False) -> Any:
        return call_async(*args)

    return slipped


def _declaring_a_list_as_its_item(_: Any) -> Any:
    return lambda collected: collected.each.annotation()


def _counting_groups_as_nodes(step: Any) -> Any:
    def slipped(seen: Any, event: Any) -> Any:
        after, emitted = step(seen, event)
        return (attrs.evolve(after, nodes=after.nodes + (after.groups > seen.groups)), emitted)

    return slipped


def _forgetting_paths(own: Any) -> Any:
    return lambda recorder, reference: attrs.evolve(own(recorder, reference), path=())


def _dropping_repeats(list_binding: Any) -> Any:
    return lambda items: list_binding(tuple(dict.fromkeys(items)))


def _losing_references_in_objects(object_binding: Any) -> Any:
    def slipped(entries: Mapping[str, Any]) -> Any:
        hides = (NodeReference, ListBinding, ObjectBinding)
        return object_binding({k: Literal(None) if isinstance(b, hides) else b for k, b in entries.items()})

    return slipped


def _forgetting_order_of_async_calls(call_async: Any) -> Any:
    def slipped(recorder: Any, task: Any, args: Any, kwargs: Any, after: Any, options: Any, *place: Any) -> Any:
        return call_async(recorder, task, args, kwargs, (), options, *place)

    return slipped


def _running_the_latest_first(call_soon: Any) -> Any:
    def slipped(loop: Any, *args: Any, **kwargs: Any) -> Any:
        handle = call_soon(loop, *args, **kwargs)
        loop._ready.rotate(1)
        return handle

    return slipped


def _taking_only_what_is_annotated_the_same(_: Any) -> Any:
    return lambda produced, taken: None if produced is taken or produced is Any else "not the same"


# -- the binder ---------------------------------------------------------------------------------------


def _swapping_positions(bind: Any) -> Any:
    return lambda binder, args, kwargs: bind(binder, args[::-1], kwargs)


def _losing_surplus_keywords(bind: Any) -> Any:
    def slipped(binder: Any, args: Any, kwargs: Any) -> Any:
        return bind(binder, args, {k: v for k, v in kwargs.items() if k in binder.by_keyword})

    return slipped


def _preferring_defaults(bind: Any) -> Any:
    def slipped(binder: Any, args: Any, kwargs: Any) -> Any:
        bound = bind(binder, args, kwargs)
        return {k: v for k, v in bound.items() if k not in binder.defaults} if type(bound) is dict else bound

    return slipped


# -- the evaluator --------------------------------------------------------------------------------------


def _ignoring_annotations(_: Any) -> Any:
    return lambda function: {}


def _taking_defaults_of_inputs(inputs: Any) -> Any:
    def slipped(dag: Any, given: Mapping[str, Any]) -> Any:
        defaulted = {entry.name for entry in dag.inputs if entry.default is not None}
        return inputs(dag, {k: v for k, v in given.items() if k not in defaulted})

    return slipped


def _selecting_the_first(selected: Any) -> Any:
    def slipped(value: FrozenValue, selectors: Any, path: Any, source: str) -> Any:
        return selected(value, tuple(0 if type(token) is int else token for token in selectors), path, source)

    return slipped


def _reading_the_latest(resolved: Any) -> Any:
    def slipped(run: Any, binding: Any, path: Any) -> Any:
        if type(binding) is NodeReference:
            binding = attrs.evolve(binding, node=len(run.values) - 1)
        return resolved(run, binding, path)

    return slipped


def _emptying_objects(thaw: Any) -> Any:
    return lambda value: {} if type(value) is FrozenDict else thaw(value)


def _taking_the_other_branch(decision: Any) -> Any:
    def slipped(run: Any, ordinal: int) -> Any:
        decided = decision(run, ordinal)
        return not decided if type(decided) is bool else decided

    return slipped


def _taking_both_branches(_: Any) -> Any:
    return lambda run, ordinal: True


def _looking_at_the_innermost(ways: Any) -> Any:
    return lambda dag: [way[-1:] for way in ways(dag)]


def _answering_then(chosen: Any) -> Any:
    def slipped(run: Any, ordinal: int, choice: Choice) -> Any:
        return chosen(run, ordinal, attrs.evolve(choice, otherwise=choice.then))

    return slipped


def _leaving_the_last_item_out(mapped: Any) -> Any:
    def slipped(run: Any, ordinal: int, node: Any, bound: Any) -> Any:
        (first, items), *others = bound
        return mapped(run, ordinal, node, [(first, items[:-1]), *others])

    return slipped


def _mapping_from_the_end(mapped: Any) -> Any:
    def slipped(run: Any, ordinal: int, node: Any, bound: Any) -> Any:
        (first, items), *others = bound
        return mapped(run, ordinal, node, [(first, items[::-1]), *others])

    return slipped


def _mapping_the_item_alone(mapped: Any) -> Any:
    return lambda run, ordinal, node, bound: mapped(run, ordinal, node, bound[:1])


_RUN = evaluation._Run

DEFECTS = (
    Defect("the reducer forgets what a call comes after", _log, "step", _changing_calls(after=())),
    Defect("the reducer forgets the arguments of a call", _log, "step", _changing_calls(arguments=())),
    Defect("the reducer counts groups as nodes", _log, "step", _counting_groups_as_nodes),
    Defect("the reducer takes maps for calls", _log, "step", _changing_calls(mapped=False)),
    Defect("the reducer exchanges what branches answer", _log, "step", _exchanging_answers),
    Defect("the reducer hangs all groups at the top", _log, "step", _hanging_groups_at_the_top),
    Defect("the recorder loses otherwise", _recorder.Recorder, "choose", _losing_the_otherwise),
    Defect(
        "the recorder forgets which part decides", _recorder.Recorder, "condition", _forgetting_the_part_that_decides
    ),
    Defect("the recorder records beside the branch", _recorder.Recorder, "enter_branch", _recording_beside_the_branch),
    Defect("the recorder takes a map for a call", _recorder.Recorder, "call", _mapping_by_a_call),
    Defect(
        "the recorder takes a map that is awaited for a call",
        _recorder.Recorder,
        "call_async",
        _awaiting_a_map_as_a_call,
    ),
    Defect(
        "the output of a map is declared as an item", _outputs.Collected, "annotation", _declaring_a_list_as_its_item
    ),
    Defect("the recorder forgets selectors", _recorder.Recorder, "_own", _forgetting_paths),
    Defect("the recorder drops repeated items", _door, "list_binding", _dropping_repeats),
    Defect("the recorder loses references in dicts", _door, "object_binding", _losing_references_in_objects),
    Defect(
        "the recorder forgets what an async call comes after",
        _recorder.Recorder,
        "call_async",
        _forgetting_order_of_async_calls,
    ),
    Defect(
        "the recorder compares annotations as texts", _arguments, "mismatch", _taking_only_what_is_annotated_the_same
    ),
    Defect("the private loop runs the latest first", _loop._ReadyLoop, "call_soon", _running_the_latest_first),
    Defect("the binder swaps positions", _binder.Binder, "bind", _swapping_positions),
    Defect("the binder loses surplus keywords", _binder.Binder, "bind", _losing_surplus_keywords),
    Defect("the binder prefers defaults", _binder.Binder, "bind", _preferring_defaults),
    Defect("the evaluator ignores annotations", evaluation, "thawings_of", _ignoring_annotations),
    Defect("the evaluator takes the defaults of inputs", evaluation, "_inputs", _taking_defaults_of_inputs),
    Defect("the evaluator selects the first item", evaluation, "_selected", _selecting_the_first),
    Defect("the evaluator reads the latest output", _RUN, "resolved", _reading_the_latest),
    Defect("the evaluator takes the other branch", _RUN, "decision", _taking_the_other_branch),
    Defect("the evaluator takes both branches", _RUN, "takes", _taking_both_branches),
    Defect("the evaluator looks at the innermost branch only", evaluation, "_ways", _looking_at_the_innermost),
    Defect("the evaluator answers what then answers", _RUN, "chosen", _answering_then),
    Defect("the evaluator leaves the last item out", _RUN, "mapped", _leaving_the_last_item_out),
    Defect("the evaluator maps from the end", _RUN, "mapped", _mapping_from_the_end),
    Defect("the evaluator maps the item alone", _RUN, "mapped", _mapping_the_item_alone),
    Defect("the evaluator empties objects", evaluation, "thaw", _emptying_objects),
)
