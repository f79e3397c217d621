"""A ``Dag`` run in this process, node by node, in order: what compiling is checked against.

Decided here: what a graph means. For tasks that are functions of values of the model, evaluating what was
compiled, written and read back gives what calling the flow gives:
``canonical(evaluate(read(write(compile(flow, bound))), rest)) == canonical(flow(**bound, **rest))``.
Never here: scheduling, retries, timeouts, caches; declared options are not acted on.

The law asks of flows that they leave alone what they passed on (in a plain call the task may have kept the very list),
and of tasks that they are functions of values: that they change no argument that somebody else holds, look at no order
of keys, and return what their annotations say.

Of the last: ``a, b = pair()`` is one document with ``x = pair(); a, b = x[0], x[1]``, because unpacking is selecting.
So where a task that is annotated ``tuple[int, int]`` returns three parts, the call of the first raises, the call of the
second does not, and evaluating gives what the second gives. Refusing such a result would be the worse end: passing it
on whole, or selecting from it, is fine in Python, and a flow that a plain call runs would not evaluate.

A choice is decided once, by exactly a bool. The nodes of the branch that is not taken are not run, and so are not told
of; like a condition in the flow, one that cannot be decided ends the evaluation where it first matters.

Evaluating is synchronous. An async task is run to its end before the next node, in an event loop of its own, as
``asyncio.run`` would: what it leaves behind is cancelled, and nothing that is bound to a loop passes from one task to
another. Inside a running loop, which stands still meanwhile, it is the same; give ``evaluate`` to ``asyncio.to_thread``
where that is not wanted.

A result may be of any size. A container that stands in it many times is frozen once and kept once; thawed for a
task, or as the answer, it is written out everywhere, as it is in its JSON.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, Union

import attrs
from returns.result import Failure, Success

from cascades_sdk.errors import (
    STACK_ADVICE,
    STACK_PROBLEM,
    CompileError,
    EvaluationError,
    Outcome,
    TaskRaisedError,
    cause_text,
    stack_safe,
)
from cascades_sdk.evaluation._functions import functions_for, outcome_of
from cascades_sdk.evaluation._thawing import Thaw, thawings_of
from cascades_sdk.graph import (
    Binding,
    Call,
    Choice,
    Dag,
    InputReference,
    ListBinding,
    Literal,
    Map,
    Node,
    NodeReference,
    ObjectBinding,
    Parameter,
    node_id,
)
from cascades_sdk.values import FrozenDict, FrozenValue, JSONValue, Refusal, freeze, json_pointer, shown, thaw

__all__ = ["Evaluated", "NodeFinished", "NodeStarted", "Step", "evaluate", "steps"]


@attrs.frozen
class NodeStarted:
    """The function of a node is about to be called."""

    node: int


@attrs.frozen
class NodeFinished:
    """The function of a node returned a value of the model."""

    node: int
    value: FrozenValue


@attrs.frozen
class Evaluated:
    """The end: what the flow returned, or why there is nothing. Always the last step, and the only one of its kind."""

    outcome: Outcome[FrozenValue, CompileError]


Step: TypeAlias = Union[NodeStarted, NodeFinished, Evaluated]  # noqa: UP007


@stack_safe(EvaluationError(STACK_PROBLEM, STACK_ADVICE))
def evaluate(
    dag: Dag,
    inputs: Mapping[str, Any] | None = None,
    tasks: Mapping[str, Callable[..., Any]] | None = None,
) -> Outcome[JSONValue, CompileError]:
    """The value of a graph.

    Args:
        dag: the graph.
        inputs: values of its inputs by name; those left out take their defaults.
        tasks: task functions by name, of tasks that the graph has; those left out are imported by the references of
            the document.

    Returns:
        ``Success(value)``, plain and fresh, or ``Failure`` of :class:`EvaluationError` (an input, a task function, a
        selector, a condition, what is mapped over, or a returned value is at fault; with the node and the pointer) or
        :class:`TaskRaisedError` (the exception is its ``__cause__``). Each node runs once, in the order of the
        document; those of a branch that is not taken do not.
    """
    last: Any = deque(steps(dag, inputs, tasks), maxlen=1).pop()  # an Evaluated, always
    return last.outcome.map(thaw)  # type: ignore[no-any-return]


def steps(
    dag: Dag,
    inputs: Mapping[str, Any] | None = None,
    tasks: Mapping[str, Callable[..., Any]] | None = None,
) -> Iterator[Step]:
    """The evaluation of a graph as it happens: two steps for each node that runs, then :class:`Evaluated`.

    Lazy: a node runs when the step that finishes it is asked for. To stop early, stop asking.
    """
    ready = _prepared(dag, inputs or {}, tasks or {})
    if isinstance(ready, Failure):
        yield Evaluated(ready)
        return
    run = ready.unwrap()
    for ordinal, node in enumerate(dag.nodes):
        taken = run.takes(ordinal)
        if isinstance(taken, EvaluationError):
            yield Evaluated(Failure(taken))
            return
        if not taken:
            run.values.append(None)  # nothing sees it: only the choice does, and it looks at the other branch
            continue
        yield NodeStarted(ordinal)
        outcome = run.value_of(ordinal, node)
        if isinstance(outcome, Failure):
            yield Evaluated(outcome)
            return
        run.values.append(outcome.unwrap())
        yield NodeFinished(ordinal, run.values[-1])
    yield Evaluated(run.returned())


#: The choices around a node, outermost first, and the branch of each that the node is in.
_Way: TypeAlias = tuple[tuple[int, bool], ...]

#: Parameters of a task and their values, in order.
_Bound: TypeAlias = list[tuple[Parameter, FrozenValue]]


@attrs.frozen(eq=False)
class _Run:
    """One evaluation. ``values`` grows by one for each node; it lives and dies with the generator.

    ``ways`` has for each node the choices around it, outermost first, and the branch of each that it is in;
    ``decided`` has the choices that are decided.
    """

    dag: Dag
    inputs: Mapping[str, FrozenValue]
    functions: Mapping[str, Callable[..., Any]]
    parameters: Mapping[str, tuple[Parameter, ...]]
    thawings: Mapping[str, Mapping[str, Thaw]]
    ways: Sequence[_Way]
    values: list[FrozenValue]
    decided: dict[int, bool]

    def takes(self, ordinal: int) -> bool | EvaluationError:
        """Whether a node is in no branch but such as are taken."""
        for choice, branch in self.ways[ordinal]:
            decided = self.decision(choice)
            if decided is not branch:
                return False if type(decided) is bool else decided
        return True

    def decision(self, ordinal: int) -> bool | EvaluationError:
        """What decides a choice: looked up once, and exactly a bool."""
        if ordinal in self.decided:
            return self.decided[ordinal]
        choice = self.dag.nodes[ordinal]
        assert type(choice) is Choice  # ways lead to choices only
        try:
            value = self.resolved(self.dag.condition_of(choice), ("condition",))
        except _Absent as absent:
            return _node_error(ordinal, choice, absent.problem, absent.advice, absent.pointer)
        if type(value) is not bool:
            problem = f"the condition is {_kind_of(value)}"
            return _node_error(ordinal, choice, problem, "let a task answer exactly a bool", "/condition")
        self.decided[ordinal] = value
        return value

    def value_of(self, ordinal: int, node: Node) -> Outcome[FrozenValue, CompileError]:
        """The output of a node."""
        try:
            if type(node) is Choice:
                return self.chosen(ordinal, node)
            bound = self._bound(node)  # type: ignore[arg-type]  # no choice
        except _Absent as absent:
            return Failure(_node_error(ordinal, node, absent.problem, absent.advice, absent.pointer))
        return self.mapped(ordinal, node, bound) if type(node) is Map else self.called(ordinal, node, bound, ())  # type: ignore[arg-type]

    def chosen(self, ordinal: int, choice: Choice) -> Outcome[FrozenValue, EvaluationError]:
        """What a choice answers.

        Raises:
            _Absent: as for :meth:`complete`.
        """
        decided = self.decision(ordinal)
        if isinstance(decided, EvaluationError):
            return Failure(decided)
        if decided:
            return Success(self.complete(choice.then.returns, ("then",)))
        otherwise = choice.otherwise
        return Success(None if otherwise is None else self.complete(otherwise.returns, ("otherwise",)))

    def mapped(self, ordinal: int, node: Map, bound: _Bound) -> Outcome[FrozenValue, CompileError]:
        """What the node's function returns for each item, as a list."""
        (first, items), *others = bound  # the first parameter is bound, and no other argument stands before it
        if type(items) is not tuple:
            problem, pointer = f"what is mapped over is {_kind_of(items)}", json_pointer((first.name,))
            return Failure(_node_error(ordinal, node, problem, "map over a list", pointer))
        results: list[FrozenValue] = []
        for index, item in enumerate(items):
            outcome = self.called(ordinal, node, [(first, item), *others], (index,))
            if isinstance(outcome, Failure):
                return outcome
            results.append(outcome.unwrap())
        return _whole(ordinal, node, freeze(results), ())

    def called(
        self, ordinal: int, node: Call | Map, bound: _Bound, path: tuple[int, ...]
    ) -> Outcome[FrozenValue, CompileError]:
        """What the node's function returns, frozen; ``path`` leads to the item that it is called with."""
        args, kwargs = self._thawed(node.task, bound)
        try:
            returned = outcome_of(self.functions[node.task], args, kwargs)
        except Exception as raised:  # noqa: BLE001 - the task is foreign code, and what it raises is an answer
            where = json_pointer(path)
            error = TaskRaisedError(node_id(ordinal), node.task, type(raised).__name__, cause_text(raised), where)
            error.__cause__ = raised
            return Failure(error)
        return _whole(ordinal, node, freeze(returned), path)

    def _bound(self, node: Call | Map) -> _Bound:
        """The value of each parameter that has one; variadic ones that got nothing have none.

        Raises:
            _Absent: as for :meth:`complete`.
        """
        given = dict(node.arguments)
        return [
            (parameter, self.complete(binding, (parameter.name,)))
            for parameter in self.parameters[node.task]
            if (binding := given.get(parameter.name, parameter.default)) is not None
        ]

    def _thawed(self, task: str, bound: _Bound) -> tuple[list[Any], dict[str, Any]]:
        thawings = self.thawings[task]
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for parameter, value in bound:
            thawed = thawings.get(parameter.name, thaw)
            if parameter.kind == "var_positional":
                args.extend(map(thawed, value))  # type: ignore[arg-type]  # a Dag binds it to a list
            elif parameter.kind == "var_keyword":
                kwargs.update({key: thawed(item) for key, item in value.items()})  # type: ignore[union-attr]
            elif parameter.kind == "keyword_only":
                kwargs[parameter.name] = thawed(value)
            else:
                args.append(thawed(value))
        return args, kwargs

    def returned(self) -> Outcome[FrozenValue, CompileError]:
        """What the flow returned."""
        try:
            return Success(self.complete(self.dag.returns, ()))
        except _Absent as absent:
            return Failure(EvaluationError(absent.problem, absent.advice, absent.pointer))

    def complete(self, binding: Binding, path: tuple[str | int, ...]) -> FrozenValue:
        """The value of a whole argument or return.

        Raises:
            _Absent: a selector leads to nothing, or what containers and outputs make together is too deep.
        """
        value = self.resolved(binding, path)
        if type(binding) is ListBinding or type(binding) is ObjectBinding:
            checked = freeze(value)
            if isinstance(checked, Refusal):
                raise _Absent(json_pointer(path) + checked.pointer, checked.problem, checked.advice)
        return value

    def resolved(self, binding: Binding, path: tuple[str | int, ...]) -> FrozenValue:
        """The value of a binding.

        Raises:
            _Absent: a selector leads to nothing.
        """
        if type(binding) is Literal:
            return binding.value
        if type(binding) is NodeReference:
            return _selected(self.values[binding.node], binding.path, path, node_id(binding.node))
        if type(binding) is InputReference:
            return _selected(self.inputs[binding.name], binding.path, path, f"input {binding.name!r}")
        if type(binding) is ListBinding:
            return tuple([self.resolved(item, (*path, at)) for at, item in enumerate(binding.items)])
        return FrozenDict.of_frozen(
            {key: self.resolved(entry, (*path, key)) for key, entry in binding.entries}  # type: ignore[union-attr]
        )


@attrs.frozen
class _Absent(Exception):
    pointer: str
    problem: str
    advice: str


def _selected(
    value: FrozenValue, selectors: tuple[str | int, ...], path: tuple[str | int, ...], source: str
) -> FrozenValue:
    for depth, token in enumerate(selectors):
        if type(token) is str and type(value) is FrozenDict and token in value:
            value = value[token]
        elif type(token) is int and (type(value) is tuple or type(value) is str) and token < len(value):
            # A part of a text is a character, a code point, as it is where the flow is called.
            value = value[token]
        else:
            whole = source + json_pointer(selectors[:depth])
            found = "an object" if type(value) is FrozenDict else "a list" if type(value) is tuple else "no container"
            raise _Absent(json_pointer(path), f"{whole} is {found} without {token!r}", "select a part that is there")
    return value


def _kind_of(value: FrozenValue) -> str:
    return "an object" if type(value) is FrozenDict else "a list" if type(value) is tuple else shown(value)


def _node_error(ordinal: int, node: Node, problem: str, advice: str, pointer: str) -> EvaluationError:
    task = None if type(node) is Choice else node.task  # type: ignore[union-attr]  # a call or a map
    return EvaluationError(problem, advice, pointer, node_id(ordinal), task)


def _whole(
    ordinal: int, node: Call | Map, frozen: FrozenValue | Refusal, path: tuple[int, ...]
) -> Outcome[FrozenValue, EvaluationError]:
    if isinstance(frozen, Refusal):
        pointer = json_pointer(path) + frozen.pointer
        problem = f"returned what is no value: {frozen.problem}"
        return Failure(_node_error(ordinal, node, problem, frozen.advice, pointer))
    return Success(frozen)


def _ways(dag: Dag) -> list[_Way]:
    """The choices around each node, outermost first, and the branch of each that it is in."""
    ways: list[_Way] = [()] * len(dag.nodes)
    choices = {
        branch.group: ordinal
        for ordinal, node in enumerate(dag.nodes)
        if type(node) is Choice
        for branch in node.branches
    }
    inside: list[_Way] = []
    for position, group in enumerate(dag.groups):
        around = () if group.parent is None else inside[group.parent]
        inside.append(around if group.guard is None else (*around, (choices[position], group.guard.branch)))
        for node in group.nodes:
            ways[node] = inside[-1]
    return ways


def _prepared(
    dag: Dag, given: Mapping[str, Any], tasks: Mapping[str, Callable[..., Any]]
) -> Outcome[_Run, EvaluationError]:
    inputs = _inputs(dag, given)
    if isinstance(inputs, EvaluationError):
        return Failure(inputs)
    functions = functions_for(dag.tasks, tasks)
    if isinstance(functions, Failure):
        return functions
    found = functions.unwrap()
    return Success(
        _Run(
            dag,
            inputs,
            found,
            {task.name: task.parameters for task in dag.tasks},
            {name: thawings_of(function) for name, function in found.items()},
            _ways(dag),
            [],
            {},
        )
    )


def _inputs(dag: Dag, given: Mapping[str, Any]) -> dict[str, FrozenValue] | EvaluationError:
    known = {entry.name for entry in dag.inputs}
    for name in given:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            return EvaluationError(f"there is no input {shown(name)}", f"the inputs are: {names}")
    values: dict[str, FrozenValue] = {}
    for entry in dag.inputs:
        if entry.name in given:
            frozen = freeze(given[entry.name])
            if isinstance(frozen, Refusal):
                pointer = frozen.under(entry.name).pointer
                return EvaluationError(f"an input is no value: {frozen.problem}", frozen.advice, pointer)
            values[entry.name] = frozen
        elif entry.default is not None:
            values[entry.name] = entry.default.value
        else:
            pointer = json_pointer((entry.name,))
            return EvaluationError("the input is missing", "give it in inputs=", pointer)
    return values
