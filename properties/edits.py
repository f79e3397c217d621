"""Graphs with much to change, and edits: nodes renumbered, inserted, removed, doubled, and every kind of small change.

A change answers ``None`` where a graph has nothing that it could change.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

import attrs

from cascades_sdk.errors import InvalidDagError
from cascades_sdk.graph import (
    NO_OPTIONS,
    Binding,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    Map,
    Node,
    NodeReference,
    ObjectBinding,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
)
from cascades_sdk.values import FrozenDict, sorted_names
from strategies_of_dags import Growing, Place, branches_of

__all__ = ["CHANGES", "Change", "doubled", "home_of", "inserted", "removed", "renumbered", "shuffled", "some_dag"]

Change = Callable[[Dag, Random], Dag | None]


def renumbered(dag: Dag, order: Sequence[int]) -> Dag:
    """The graph with its nodes in another order (their old positions are given); those left out are gone.

    References lead to the same nodes, and a definition that nobody calls any more is gone, too.
    """
    place = {old: new for new, old in enumerate(order)}
    return _rebuilt(dag, [_moved_node(dag.nodes[old], place) for old in order], place)


def inserted(
    dag: Dag, at: int, node: Call | Map, definition: TaskDefinition | None = None, home: int | None = None
) -> Dag:
    """The graph with one more node at a position, in a group or none; those from there on have one higher numbers."""
    place = {old: old + (old >= at) for old in range(len(dag.nodes))}
    nodes = [_moved_node(each, place) for each in dag.nodes]
    nodes.insert(at, node)
    return _rebuilt(dag, nodes, place, () if definition is None else (definition,), {} if home is None else {home: at})


def removed(dag: Dag, at: int) -> Dag:
    """The graph without a node to which nothing refers."""
    return renumbered(dag, [old for old in range(len(dag.nodes)) if old != at])


def doubled(dag: Dag, at: int) -> Dag:
    """The graph with a second call beside a node that is no choice, equal to it, to which nothing refers."""
    node = dag.nodes[at]
    assert not isinstance(node, Choice)
    return inserted(dag, at + 1, node, home=home_of(dag, at))


def home_of(dag: Dag, at: int) -> int | None:
    """The group that a node is in."""
    return next((position for position, group in enumerate(dag.groups) if at in group.nodes), None)


def shuffled(dag: Dag, random: Random) -> Dag:
    """The graph with its nodes in some other order in which references point backwards."""
    return renumbered(dag, _some_order(dag, random))


def inside(dag: Dag, group: int) -> set[int]:
    """The nodes of a group and of the groups in it."""
    found = {group}
    for position, each in enumerate(dag.groups):
        if each.parent in found:
            found.add(position)
    return {node for position in found for node in dag.groups[position].nodes}


def _some_order(dag: Dag, random: Random) -> list[int]:
    order: list[int] = []
    left = list(range(len(dag.nodes)))
    before = [
        {*upstream, *(other for branch in branches_of(node) for other in inside(dag, branch.group))}
        for upstream, node in zip(dag.upstream, dag.nodes, strict=True)
    ]
    while left:
        ready = [node for node in left if not before[node] & set(left)]
        order.append(random.choice(ready))
        left.remove(order[-1])
    return order


def _rebuilt(
    dag: Dag,
    nodes: Sequence[Node],
    place: Mapping[int, int],
    more: tuple[TaskDefinition, ...] = (),
    homes: Mapping[int, int] = FrozenDict(),
) -> Dag:
    known = {task.name: task for task in (*more, *dag.tasks)}
    claimed = {branch.group for node in nodes for branch in branches_of(node)}
    return attrs.evolve(
        dag,
        tasks=tuple(
            known[name] for name in sorted_names({node.task for node in nodes if not isinstance(node, Choice)})
        ),
        nodes=tuple(nodes),
        groups=tuple(
            attrs.evolve(
                group,
                nodes=tuple(
                    sorted(
                        [
                            *(place[node] for node in group.nodes if node in place),
                            *[homes[at] for at in homes if at == position],
                        ]
                    )
                ),
                # A branch whose choice is gone is a group like any other.
                guard=_moved_guard(group.guard, place) if position in claimed else None,
            )
            for position, group in enumerate(dag.groups)
        ),
        returns=_moved(dag.returns, place),
    )


def _moved_guard(guard: Guard | None, place: Mapping[int, int]) -> Guard | None:
    condition: Any = None if guard is None else _moved(guard.condition, place)
    return None if guard is None else Guard(condition, guard.branch)


def _moved_node(node: Node, place: Mapping[int, int]) -> Node:
    if isinstance(node, Choice):
        then, *rest = [attrs.evolve(branch, returns=_moved(branch.returns, place)) for branch in node.branches]
        return Choice(then, rest[0] if rest else None, node.source)
    return attrs.evolve(
        node,
        arguments=tuple((name, _moved(binding, place)) for name, binding in node.arguments),
        after=tuple(sorted(place[upstream] for upstream in node.after)),
    )


def _moved(binding: Binding, place: Mapping[int, int]) -> Binding:
    if isinstance(binding, NodeReference):
        return NodeReference(place[binding.node], binding.path)
    if isinstance(binding, ListBinding):
        return ListBinding(tuple(_moved(item, place) for item in binding.items))
    if isinstance(binding, ObjectBinding):
        return ObjectBinding(tuple((key, _moved(item, place)) for key, item in binding.entries))
    return binding


# -- graphs to change ----------------------------------------------------------------------------------

_VALUES: Final[tuple[Any, ...]] = (None, True, 1, 0.5, "", "a", (), (1,), (1, True, "a"))


def some_dag(random: Random, calls: int = 8) -> Dag:
    """A graph with much to change: few tasks and values, so that many of its calls are alike, and some are equal."""
    inputs = tuple(FlowInput(name, _some_default(random)) for name in ("x", "y")[: random.randrange(3)])
    kinds: Any = ("positional_or_keyword", "positional_or_keyword", "keyword_only")
    known = [
        TaskDefinition(
            name,
            f"m:{name}",
            random.random() < 0.8,
            (
                *(Parameter(each, kind, _some_default(random)) for each, kind in zip("abc", kinds, strict=True)),
                Parameter("more", "var_keyword"),
            )[random.randrange(2) :],
            TaskOptions(random.choice((None, "1")), random.choice((None, None, 2))),
        )
        for name in ("load", "join")
    ]
    growing = Growing()
    while len(growing.nodes) < calls and (not growing.nodes or random.random() < 0.8):
        place = random.choice(growing.places)
        seen = growing.seen(place)
        kind = random.random()
        if kind < 0.1 and seen:
            condition = NodeReference(random.choice(seen), random.choice(((), ("k",))))
            sides = random.choice(((True,), (True, False)))
            branches = tuple(growing.open(random.choice("gh"), place, Guard(condition, side)) for side in sides)
            growing.choices.append((place, branches))
        elif kind < 0.2 and growing.choices:
            _close(growing, random, inputs)
        elif kind < 0.3:
            growing.open(random.choice("gh"), place)
        elif kind < 0.5 and any(not isinstance(growing.nodes[at], Choice) for at in seen):
            growing.put(
                growing.nodes[random.choice([at for at in seen if not isinstance(growing.nodes[at], Choice)])], place
            )
        else:
            growing.put(_some_call(random, seen, inputs, random.choice(known)), place)
    while growing.choices:
        _close(growing, random, inputs)
    used = {node.task for node in growing.nodes if not isinstance(node, Choice)}
    return Dag(
        "f",
        inputs,
        tuple(sorted((task for task in known if task.name in used), key=lambda task: task.name)),
        tuple(growing.nodes),
        tuple(growing.groups),
        _some_binding(random, growing.seen(Place()), inputs),
    )


def _close(growing: Growing, random: Random, inputs: tuple[FlowInput, ...]) -> None:
    choice = random.choice(growing.closable())
    growing.close(choice, [_some_binding(random, growing.seen(branch), inputs) for branch in choice[1]])


def _some_call(random: Random, seen: Sequence[int], inputs: tuple[FlowInput, ...], task: TaskDefinition) -> Call | Map:
    arguments = {
        each.name: _some_binding(random, seen, inputs) if each.kind != "var_keyword" else _some_more(random, seen)
        for each in task.parameters
        if random.random() < 0.5 or (each.default is None and each.kind != "var_keyword")
    }
    after = tuple(sorted({random.choice(seen) for _ in range(random.randrange(3))})) if seen else ()
    overrides = TaskOptions(cache=True) if random.random() < 0.2 else NO_OPTIONS
    kind: type[Call | Map] = Call
    if random.random() < 0.2 and task.parameters[0].kind == "positional_or_keyword":
        kind = Map
        arguments[task.parameters[0].name] = NodeReference(random.choice(seen)) if seen else Literal((1, 2))
    ordered = tuple((each.name, arguments[each.name]) for each in task.parameters if each.name in arguments)
    return kind(task.name, ordered, after, overrides)


def _some_default(random: Random) -> Literal | None:
    return random.choice((None, Literal(random.choice(_VALUES))))


def _some_more(random: Random, seen: Sequence[int]) -> Binding:
    return object_binding({"k": _some_binding(random, seen, ())})


def _some_binding(random: Random, seen: Sequence[int], inputs: tuple[FlowInput, ...], depth: int = 0) -> Binding:
    kind = random.randrange(8)
    if kind < 4 and seen:
        return NodeReference(random.choice(seen), random.choice(((), (), ("k", 0))))
    if kind == 4 and inputs:
        return InputReference(random.choice(inputs).name, random.choice(((), ("k",))))
    if kind > 5 and depth < 2:
        items = [_some_binding(random, seen, inputs, depth + 1) for _ in range(random.randrange(1, 3))]
        return list_binding(tuple(items)) if kind == 6 else object_binding(dict(zip("kz", items, strict=False)))
    return Literal(random.choice(_VALUES))


# -- small changes -------------------------------------------------------------------------------------


def _with(dag: Dag, **parts: Any) -> Dag | None:
    """The graph with other parts, or ``None`` where they do not fit."""
    try:
        return attrs.evolve(dag, **parts)
    except InvalidDagError:
        return None


def _replaced(items: tuple[Any, ...], at: int, *new: Any) -> tuple[Any, ...]:
    return (*items[:at], *new, *items[at + 1 :])


def _position(items: Sequence[Any], random: Random) -> int | None:
    return random.randrange(len(items)) if items else None


def _call_changed(dag: Dag, random: Random, change: Callable[[int, Call | Map], Call | Map | None]) -> Dag | None:
    at = _position(dag.nodes, random)
    node = None if at is None else dag.nodes[at]
    call = None if at is None or node is None or isinstance(node, Choice) else change(at, node)
    return None if at is None or call is None else _with(dag, nodes=_replaced(dag.nodes, at, call))


def _task_changed(dag: Dag, random: Random, change: Callable[[TaskDefinition], TaskDefinition | None]) -> Dag | None:
    at = _position(dag.tasks, random)
    task = None if at is None else change(dag.tasks[at])
    return None if at is None or task is None else _with(dag, tasks=_replaced(dag.tasks, at, task))


def _another(literal: Literal | None, random: Random) -> Literal:
    values = [value for value in (None, True, 1, "1", (1,), 0.5) if literal is None or literal != Literal(value)]
    return Literal(random.choice(values))


def _another_binding(binding: Binding, ordinal: int, dag: Dag, random: Random) -> Binding | None:
    """The binding with one thing in it changed."""
    if isinstance(binding, ListBinding):
        at = random.randrange(len(binding.items))
        if random.random() < 0.3:
            return ListBinding((*binding.items, Literal(None)))
        inner = _another_binding(binding.items[at], ordinal, dag, random)
        return None if inner is None else ListBinding(_replaced(binding.items, at, inner))
    if isinstance(binding, ObjectBinding):
        at = random.randrange(len(binding.entries))
        key, old = binding.entries[at]
        changed = _another_binding(old, ordinal, dag, random)
        return None if changed is None else ObjectBinding(_replaced(binding.entries, at, (key, changed)))
    choices: list[Binding] = [_another(binding if isinstance(binding, Literal) else None, random)]
    choices += [NodeReference(node, getattr(binding, "path", ())) for node in range(ordinal)]
    choices += [InputReference(entry.name, getattr(binding, "path", ())) for entry in dag.inputs]
    choices += [attrs.evolve(binding, path=(*binding.path, 0)) for _ in "x" if not isinstance(binding, Literal)]
    return random.choice([choice for choice in choices if choice != binding])


def _flow_renamed(dag: Dag, random: Random) -> Dag | None:
    return _with(dag, name=dag.name + "!")


def _input_added(dag: Dag, random: Random) -> Dag | None:
    at = random.randint(0, len(dag.inputs))
    name = max((entry.name for entry in dag.inputs), default="") + "+"
    return _with(dag, inputs=(*dag.inputs[:at], FlowInput(name), *dag.inputs[at:]))


def _input_removed(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.inputs, random)
    return None if at is None else _with(dag, inputs=_replaced(dag.inputs, at))


def _input_default_changed(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.inputs, random)
    if at is None:
        return None
    entry = dag.inputs[at]
    default = None if entry.default is not None and random.random() < 0.3 else _another(entry.default, random)
    return _with(dag, inputs=_replaced(dag.inputs, at, FlowInput(entry.name, default)))


def _inputs_reversed(dag: Dag, random: Random) -> Dag | None:
    return _with(dag, inputs=dag.inputs[::-1]) if len(dag.inputs) > 1 else None


def _reference_changed(dag: Dag, random: Random) -> Dag | None:
    return _task_changed(dag, random, lambda task: attrs.evolve(task, reference=task.reference + "x"))


def _importable_changed(dag: Dag, random: Random) -> Dag | None:
    return _task_changed(dag, random, lambda task: attrs.evolve(task, importable=not task.importable))


def _other_options(options: TaskOptions, random: Random) -> TaskOptions:
    if options.retries is not None and random.random() < 0.5:
        return attrs.evolve(options, retries=None)
    return random.choice(
        [
            attrs.evolve(options, retries=7 if options.retries is None else options.retries + 1),
            attrs.evolve(options, version=(options.version or "") + "1"),
            attrs.evolve(options, cache=None if options.cache else True),
        ]
    )


def _declared_options_changed(dag: Dag, random: Random) -> Dag | None:
    return _task_changed(dag, random, lambda task: attrs.evolve(task, options=_other_options(task.options, random)))


def _parameter_changed(
    dag: Dag, random: Random, change: Callable[[Parameter, Random], Sequence[Parameter]]
) -> Dag | None:
    def changed(task: TaskDefinition) -> TaskDefinition | None:
        at = _position(task.parameters, random)
        if at is None:
            return None
        return attrs.evolve(task, parameters=_replaced(task.parameters, at, *change(task.parameters[at], random)))

    return _task_changed(dag, random, changed)


def _default_changed(dag: Dag, random: Random) -> Dag | None:
    return _parameter_changed(
        dag, random, lambda each, random: (attrs.evolve(each, default=_another(each.default, random)),)
    )


def _default_dropped(dag: Dag, random: Random) -> Dag | None:
    changed = _parameter_changed(dag, random, lambda each, random: (attrs.evolve(each, default=None),))
    return None if changed == dag else changed


def _kind_changed(dag: Dag, random: Random) -> Dag | None:
    kinds: Any = ("positional_only", "positional_or_keyword", "keyword_only")
    return _parameter_changed(
        dag,
        random,
        lambda each, random: (attrs.evolve(each, kind=random.choice([kind for kind in kinds if kind != each.kind])),),
    )


def _parameter_added(dag: Dag, random: Random) -> Dag | None:
    return _parameter_changed(
        dag, random, lambda each, random: (each, Parameter(each.name + "'", each.kind, Literal(None)))
    )


def _parameter_removed(dag: Dag, random: Random) -> Dag | None:
    return _parameter_changed(dag, random, lambda each, random: ())


def _parameters_swapped(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.tasks, random)
    if at is None or len(dag.tasks[at].parameters) < 2:
        return None
    first, second, *others = dag.tasks[at].parameters
    task = attrs.evolve(dag.tasks[at], parameters=(second, first, *others))
    place = {each.name: position for position, each in enumerate(task.parameters)}
    nodes = tuple(
        attrs.evolve(node, arguments=tuple(sorted(node.arguments, key=lambda pair: place[pair[0]])))
        if not isinstance(node, Choice) and node.task == task.name
        else node
        for node in dag.nodes
    )
    return _with(dag, tasks=_replaced(dag.tasks, at, task), nodes=nodes)


def _task_renamed(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.tasks, random)
    if at is None:
        return None
    old = dag.tasks[at].name
    tasks = {task.name: task for task in _replaced(dag.tasks, at, attrs.evolve(dag.tasks[at], name=old + "~"))}
    nodes = tuple(
        attrs.evolve(node, task=old + "~") if not isinstance(node, Choice) and node.task == old else node
        for node in dag.nodes
    )
    return _with(dag, tasks=tuple(tasks[name] for name in sorted_names(tasks)), nodes=nodes)


def _argument_changed(dag: Dag, random: Random) -> Dag | None:
    def changed(at: int, call: Call | Map) -> Call | Map | None:
        which = _position(call.arguments, random)
        if which is None:
            return None
        name, old = call.arguments[which]
        new = _another_binding(old, at, dag, random)
        return None if new is None else attrs.evolve(call, arguments=_replaced(call.arguments, which, (name, new)))

    return _call_changed(dag, random, changed)


def _argument_left_out(dag: Dag, random: Random) -> Dag | None:
    def changed(at: int, call: Call | Map) -> Call | Map | None:
        which = _position(call.arguments, random)
        return None if which is None else attrs.evolve(call, arguments=_replaced(call.arguments, which))

    return _call_changed(dag, random, changed)


def _default_written_out(dag: Dag, random: Random) -> Dag | None:
    def changed(at: int, call: Call | Map) -> Call | Map | None:
        given = dict(call.arguments)
        parameters = dag.definitions[call.task].parameters
        left = [each.name for each in parameters if each.default is not None and each.name not in given]
        if not left:
            return None
        chosen = random.choice(left)
        values = {**given, **{each.name: each.default for each in parameters if each.name == chosen}}
        return attrs.evolve(
            call, arguments=tuple((each.name, values[each.name]) for each in parameters if each.name in values)
        )

    return _call_changed(dag, random, changed)


def _after_changed(dag: Dag, random: Random) -> Dag | None:
    def changed(at: int, call: Call | Map) -> Call | Map | None:
        return attrs.evolve(call, after=tuple(sorted(set(call.after) ^ {random.randrange(at)}))) if at else None

    return _call_changed(dag, random, changed)


def _overrides_changed(dag: Dag, random: Random) -> Dag | None:
    return _call_changed(dag, random, lambda at, call: attrs.evolve(call, options=_other_options(call.options, random)))


def _call_inserted(dag: Dag, random: Random) -> Dag | None:
    name = max((task.name for task in dag.tasks), default="") + "+"
    return inserted(dag, random.randint(0, len(dag.nodes)), Call(name), TaskDefinition(name, "m:more"))


def _call_doubled(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.nodes, random)
    return None if at is None or isinstance(dag.nodes[at], Choice) else doubled(dag, at)


def _call_removed(dag: Dag, random: Random) -> Dag | None:
    used = {node for upstream in dag.upstream for node in upstream} | set(
        Call("returns", (("value", dag.returns),)).upstream
    )
    free = [node for node in range(len(dag.nodes)) if node not in used]
    try:
        return removed(dag, random.choice(free)) if free else None
    except InvalidDagError:  # a choice that nothing uses, with choices in its branches
        return None


def _calls_shuffled(dag: Dag, random: Random) -> Dag | None:
    changed = shuffled(dag, random)
    return None if changed == dag else changed


def _group_added(dag: Dag, random: Random) -> Dag | None:
    if random.random() < 0.5:
        return _with(dag, groups=(*dag.groups, Group("more")))
    # Around everything: the groups inside have one higher numbers, and what stood at the top stands in the new one.
    inside = {node for group in dag.groups for node in group.nodes}
    loose = tuple(node for node in range(len(dag.nodes)) if node not in inside)
    shifted = [attrs.evolve(each, parent=0 if each.parent is None else each.parent + 1) for each in dag.groups]
    return _with(dag, groups=(Group("around", None, loose), *shifted))


def _group_removed(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.groups, random)
    if at is None:
        return None
    gone = dag.groups[at]

    def place(parent: int | None) -> int | None:
        parent = gone.parent if parent == at else parent
        return None if parent is None else parent - (parent > at)

    kept = [attrs.evolve(group, parent=place(group.parent)) for group in _replaced(dag.groups, at)]
    if gone.parent is not None and random.random() < 0.7:
        kept[gone.parent] = attrs.evolve(
            kept[gone.parent], nodes=tuple(sorted((*kept[gone.parent].nodes, *gone.nodes)))
        )
    return _with(dag, groups=tuple(kept))


def _group_renamed(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.groups, random)
    if at is None:
        return None
    group = dag.groups[at]
    return _with(dag, groups=_replaced(dag.groups, at, attrs.evolve(group, name=group.name + "!")))


def _group_reparented(dag: Dag, random: Random) -> Dag | None:
    at = _position(dag.groups, random)
    if at is None:
        return None
    others = [parent for parent in (None, *range(at)) if parent != dag.groups[at].parent]
    if not others:
        return None
    return _with(dag, groups=_replaced(dag.groups, at, attrs.evolve(dag.groups[at], parent=random.choice(others))))


def _groups_swapped(dag: Dag, random: Random) -> Dag | None:
    if len(dag.groups) < 2:
        return None
    at = random.randrange(len(dag.groups) - 1)
    place = {at: at + 1, at + 1: at}
    groups = list(dag.groups)
    groups[at], groups[at + 1] = groups[at + 1], groups[at]
    moved = [
        attrs.evolve(each, parent=None if each.parent is None else place.get(each.parent, each.parent))
        for each in groups
    ]
    changed = _with(dag, groups=tuple(moved))
    return None if changed == dag else changed


def _members_changed(dag: Dag, random: Random) -> Dag | None:
    if not (dag.groups and dag.nodes):
        return None
    node, home = random.randrange(len(dag.nodes)), random.choice((None, *range(len(dag.groups))))
    groups = tuple(
        attrs.evolve(group, nodes=tuple(sorted({*group.nodes, node} if at == home else {*group.nodes} - {node})))
        for at, group in enumerate(dag.groups)
    )
    return None if groups == dag.groups else _with(dag, groups=groups)


def _homes_swapped(dag: Dag, random: Random) -> Dag | None:
    """Two nodes, equal ones where there are any, change places in the groups."""
    if len(dag.nodes) < 2:
        return None
    left = random.randrange(len(dag.nodes))
    twins = [node for node in range(len(dag.nodes)) if node != left and dag.nodes[node] == dag.nodes[left]]
    right = random.choice(twins or [node for node in range(len(dag.nodes)) if node != left])
    place = {left: right, right: left}
    groups = tuple(
        attrs.evolve(group, nodes=tuple(sorted(place.get(node, node) for node in group.nodes))) for group in dag.groups
    )
    return None if groups == dag.groups else _with(dag, groups=groups)


def _twins_swapped(dag: Dag, random: Random) -> Dag | None:
    """One reference (in an argument, in ``after`` or in the return) leads to an equal call instead."""
    twins = [
        (left, right)
        for left in range(len(dag.nodes))
        for right in range(len(dag.nodes))
        if left != right and dag.nodes[left] == dag.nodes[right]
    ]
    random.shuffle(twins)
    for left, right in twins:
        place = {node: node for node in range(len(dag.nodes))} | {left: right}
        changed: list[Dag | None] = [_with(dag, returns=_moved(dag.returns, place))]
        changed += [
            _with(dag, nodes=_replaced(dag.nodes, at, attrs.evolve(call, **part)))
            for at, call in enumerate(dag.nodes)
            if at > max(left, right) and not isinstance(call, Choice)
            for part in (
                {"arguments": tuple((name, _moved(binding, place)) for name, binding in call.arguments)},
                {"after": tuple(sorted({place[node] for node in call.after}))},
            )
        ]
        others = [other for other in changed if other is not None and other != dag]
        if others:
            return random.choice(others)
    return None


def _choice_changed(dag: Dag, random: Random, change: Callable[[int, Choice], Choice | None]) -> Dag | None:
    choices = [(at, node) for at, node in enumerate(dag.nodes) if isinstance(node, Choice)]
    if not choices:
        return None
    at, choice = random.choice(choices)
    changed = change(at, choice)
    return None if changed is None else _with(dag, nodes=_replaced(dag.nodes, at, changed))


def _answer_changed(dag: Dag, random: Random) -> Dag | None:
    def changed(at: int, choice: Choice) -> Choice | None:
        new = _another_binding(choice.then.returns, at, dag, random)
        return None if new is None else attrs.evolve(choice, then=attrs.evolve(choice.then, returns=new))

    return _choice_changed(dag, random, changed)


def _otherwise_dropped(dag: Dag, random: Random) -> Dag | None:
    choices = [(at, node) for at, node in enumerate(dag.nodes) if isinstance(node, Choice) and node.otherwise]
    if not choices:
        return None
    at, choice = random.choice(choices)
    gone = -1 if choice.otherwise is None else choice.otherwise.group
    groups = _replaced(dag.groups, gone, attrs.evolve(dag.groups[gone], guard=None))
    return _with(dag, nodes=_replaced(dag.nodes, at, attrs.evolve(choice, otherwise=None)), groups=groups)


def _condition_changed(dag: Dag, random: Random) -> Dag | None:
    choices = [(at, node) for at, node in enumerate(dag.nodes) if isinstance(node, Choice)]
    if not choices:
        return None
    at, choice = random.choice(choices)
    new: Any = _another_binding(dag.condition_of(choice), at, dag, random)
    branches = {branch.group for branch in choice.branches}
    groups = tuple(
        attrs.evolve(group, guard=Guard(new, group.guard.branch)) if group.guard and position in branches else group
        for position, group in enumerate(dag.groups)
    )
    return _with(dag, groups=groups)


def _branches_swapped(dag: Dag, random: Random) -> Dag | None:
    """What was done if the condition holds is done otherwise, and the other way round."""
    choices = [(at, node) for at, node in enumerate(dag.nodes) if isinstance(node, Choice) and node.otherwise]
    if not choices:
        return None
    at, choice = random.choice(choices)
    otherwise, then = choice.branches
    branches = {then.group, otherwise.group}
    groups = tuple(
        attrs.evolve(group, guard=attrs.evolve(group.guard, branch=not group.guard.branch))
        if group.guard and position in branches
        else group
        for position, group in enumerate(dag.groups)
    )
    return _with(dag, groups=groups, nodes=_replaced(dag.nodes, at, Choice(then, otherwise)))


def _mapped(dag: Dag, random: Random) -> Dag | None:
    """A call becomes a map, or the other way round."""

    def changed(at: int, call: Call | Map) -> Call | Map | None:
        other = Map if isinstance(call, Call) else Call
        return other(call.task, call.arguments, call.after, call.options)

    return _call_changed(dag, random, changed)


def _returns_changed(dag: Dag, random: Random) -> Dag | None:
    new = _another_binding(dag.returns, len(dag.nodes), dag, random)
    return None if new is None else _with(dag, returns=new)


#: Every kind of small change, by name.
CHANGES: Final[Mapping[str, Change]] = {
    each.__name__[1:].replace("_", " "): each
    for each in (
        _flow_renamed,
        _input_added,
        _input_removed,
        _input_default_changed,
        _inputs_reversed,
        _reference_changed,
        _importable_changed,
        _declared_options_changed,
        _default_changed,
        _default_dropped,
        _kind_changed,
        _parameter_added,
        _parameter_removed,
        _parameters_swapped,
        _task_renamed,
        _argument_changed,
        _argument_left_out,
        _default_written_out,
        _after_changed,
        _overrides_changed,
        _call_inserted,
        _call_doubled,
        _call_removed,
        _calls_shuffled,
        _group_added,
        _group_removed,
        _group_renamed,
        _group_reparented,
        _groups_swapped,
        _members_changed,
        _homes_swapped,
        _twins_swapped,
        _answer_changed,
        _otherwise_dropped,
        _condition_changed,
        _branches_swapped,
        _mapped,
        _returns_changed,
    )
}
