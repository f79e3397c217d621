"""Which call of one graph is which call of the other.

Decided here: the partner of each node, in linear time and without regard to how the graphs are numbered. Never
here: what differs between partners.

A call is never the partner of a map or of a choice. Nodes are matched from three sides, each of which stays the same
under edits elsewhere. From above: node digests say what a call computes. From below: what a call says by itself, and
what is made of it. Where an edit is both above and below, one sweep in the order of the nodes looks at what a call says
with its references led through the partners that are known so far. What is left is paired by kind and task, so that a
task has added or removed calls, never both.
"""

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import itemgetter

import attrs

from cascades_sdk.diff._nodes import Said, sayings
from cascades_sdk.encoding import dag_digest, node_digests
from cascades_sdk.graph import Binding, Dag, ListBinding, NodeReference, ObjectBinding, references_of

__all__ = ["Partners", "partners"]


@attrs.frozen
class Partners:
    """For each node of each graph the position of its partner in the other, or ``None``; and the node digests.

    ``turned`` says which of the two a comparison goes along where it has to choose: it is one graph for
    ``partners(a, b)`` and for ``partners(b, a)``, so that whatever is chosen has no direction.
    """

    of_old: tuple[int | None, ...]
    of_new: tuple[int | None, ...]
    old_digests: tuple[str, ...]
    new_digests: tuple[str, ...]
    turned: bool


def partners(old: Dag, new: Dag, new_names: dict[str, str]) -> Partners:
    """The partners of the nodes of two graphs; ``new_names`` has the new names of the tasks that were renamed.

    ``partners(b, a)`` says of the nodes what ``partners(a, b)`` says. Linear in the size of the two graphs.
    """
    kinds: dict[Hashable, int] = {}
    left = _side(old, new_names, kinds)
    right = _side(new, {}, kinds)
    # Graphs whose nodes compute the same differ in their groups, inputs or definitions, if they differ.
    turned = right.digests < left.digests or (right.digests == left.digests and dag_digest(new) < dag_digest(old))
    there, back = _matched(right, left) if turned else _matched(left, right)
    of_old, of_new = (back, there) if turned else (there, back)
    return Partners(tuple(of_old), tuple(of_new), left.digests, right.digests, turned)


@attrs.frozen
class _Side:
    """A graph as it is matched. ``alone`` and ``below`` are numbers of equal keys, the same on both sides.

    ``alone`` is what a call says without its options, what it comes after, and where its references lead; ``below``
    is that and how its output is used, all the way down.
    """

    nodes: tuple[Said, ...]
    sorts: Sequence[Hashable]
    digests: tuple[str, ...]
    alone: Sequence[int]
    below: Sequence[int]


def _side(dag: Dag, new_names: dict[str, str], kinds: dict[Hashable, int]) -> _Side:
    def kind(key: Hashable) -> int:
        return kinds.setdefault(key, len(kinds))

    nodes = tuple(each.renamed(new_names) for each in sayings(dag))
    alone = [kind((node.sort, _arguments(node, lambda _: -1))) for node in nodes]
    uses: list[list[tuple[int, int]]] = [[] for _ in nodes]
    _note_uses(uses, dag.returns, -1)
    below = [0] * len(nodes)
    for at in range(len(nodes) - 1, -1, -1):
        below[at] = kind((alone[at], tuple(sorted(uses[at]))))
        for _, binding in nodes[at].arguments:
            _note_uses(uses, binding, below[at])
        for upstream in nodes[at].after:
            uses[upstream].append((below[at], -1))
    return _Side(nodes, [node.sort for node in nodes], node_digests(dag), alone, below)


def _note_uses(uses: list[list[tuple[int, int]]], binding: Binding, user: int) -> None:
    for slot, reference in enumerate(references_of(binding)):
        if isinstance(reference, NodeReference):
            uses[reference.node].append((user, slot))


def _arguments(call: Said, place: Callable[[int], int]) -> Hashable:
    """The arguments as a key, with each reference led elsewhere."""
    placed = [(name, _placed(binding, place)) for name, binding in call.arguments]
    # Another order of the parameters is another definition, and not another call.
    return tuple(sorted(placed, key=itemgetter(0)))


def _placed(binding: Binding, place: Callable[[int], int]) -> Hashable:
    if isinstance(binding, NodeReference):
        return NodeReference(place(binding.node), binding.path)
    if isinstance(binding, ListBinding):
        return ("list", *(_placed(item, place) for item in binding.items))
    if isinstance(binding, ObjectBinding):
        return ("object", *((key, _placed(item, place)) for key, item in binding.entries))
    return binding


def _matched(left: _Side, right: _Side) -> tuple[list[int | None], list[int | None]]:
    """The partners of the nodes of either side."""
    pairs = _Pairs([None] * len(left.nodes), [None] * len(right.nodes))
    # Of calls that compute the same, those are paired first whose outputs are used alike.
    _pair_equal(pairs, zip(left.digests, left.below, strict=True), zip(right.digests, right.below, strict=True))
    _pair_equal(pairs, left.digests, right.digests)
    _sweep(pairs, left, right)
    _pair_equal(pairs, left.sorts, right.sorts)
    return pairs.of_left, pairs.of_right


@attrs.frozen
class _Pairs:
    """What is paired so far: two lists that grow together, inside one call of :func:`_matched`."""

    of_left: list[int | None]
    of_right: list[int | None]

    def add(self, left: int, right: int) -> None:
        self.of_left[left], self.of_right[right] = right, left

    def waiting(self, keys: Iterable[Hashable]) -> dict[Hashable, deque[int]]:
        """The left nodes without a partner, in order, by their keys."""
        queues: dict[Hashable, deque[int]] = {}
        for at, key in enumerate(keys):
            if self.of_left[at] is None:
                queues.setdefault(key, deque()).append(at)
        return queues


def _pair_equal(pairs: _Pairs, left: Iterable[Hashable], right: Iterable[Hashable]) -> None:
    """Pairs what is left: of each key the first with the first, the second with the second, and so on."""
    queues = pairs.waiting(left)
    for at, key in enumerate(right):
        if pairs.of_right[at] is None and queues.get(key):
            pairs.add(queues[key].popleft(), at)


def _sweep(pairs: _Pairs, left: _Side, right: _Side) -> None:
    """Pairs what is left, in the order of the right side, so that the references of a node are looked at before it."""
    lost = [at for at, partner in enumerate(pairs.of_left) if partner is None]
    found = [at for at, partner in enumerate(pairs.of_right) if partner is None]
    exact = {at: _exact(left, at, _itself) for at in lost}
    queues = (
        pairs.waiting(exact.get(at) for at in range(len(left.nodes))),
        pairs.waiting(left.below),
        pairs.waiting(left.alone),
        pairs.waiting(left.sorts),
    )
    # How many more nodes of a key are left over than will be asked for: what is spare is free to be taken otherwise.
    spare_below = Counter(left.below[at] for at in lost)
    spare_below.subtract(right.below[at] for at in found)
    spare_alone = Counter(left.alone[at] for at in lost)
    spare_alone.subtract(right.alone[at] for at in found)

    def place(node: int) -> int:
        partner = pairs.of_right[node]
        return -1 if partner is None else partner

    def unpaired(at: int) -> bool:
        return pairs.of_left[at] is None

    def unwanted(at: int) -> bool:
        return unpaired(at) and spare_below[left.below[at]] > 0

    def free(at: int) -> bool:
        return unwanted(at) and spare_alone[left.alone[at]] > 0

    for at in found:
        keys = (_exact(right, at, place), right.below[at], right.alone[at], right.sorts[at])
        spare_below[right.below[at]] += 1
        spare_alone[right.alone[at]] += 1
        partner = None
        for queue, key, allowed in zip(queues, keys, (unpaired, unpaired, unwanted, free), strict=True):
            partner = _first(queue.get(key), allowed)
            if partner is not None:
                pairs.add(partner, at)
                spare_below[left.below[partner]] -= 1
                spare_alone[left.alone[partner]] -= 1
                break


def _exact(side: _Side, at: int, place: Callable[[int], int]) -> Hashable:
    """All that a call says, with each reference led elsewhere."""
    node = side.nodes[at]
    guards = tuple((_placed(guard.condition, place), guard.branch) for guard in node.guards)
    return node.sort, _arguments(node, place), tuple(sorted(map(place, node.after))), node.options, guards


def _itself(node: int) -> int:
    return node


def _first(queue: deque[int] | None, allowed: Callable[[int], bool]) -> int | None:
    """The first in a queue that may be taken; what may not be is not looked at again."""
    while queue:
        at = queue.popleft()
        if allowed(at):
            return at
    return None
