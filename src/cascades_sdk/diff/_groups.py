"""What changed in the groups of a graph, given which nodes of the two graphs are the same call.

Decided here: which group is which, and that a group which came or went tells what is or was in it, so that its
members need not. Never here: what the calls in a group do.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence

import attrs

from cascades_sdk.diff._alignment import Partners
from cascades_sdk.diff._changes import (
    CallsRegrouped,
    Change,
    GroupAdded,
    GroupPlace,
    GroupRemoved,
    GroupRenamed,
    GroupReordered,
    GroupReparented,
)
from cascades_sdk.diff._order import moved
from cascades_sdk.graph import Choice, Dag, Group

__all__ = ["group_changes"]

Groups = tuple[Group, ...]


def group_changes(old: Groups, new: Groups, matched: Partners, before: Sequence[int | None]) -> Iterator[Change]:
    """Groups removed, then, in their new order, added and changed; then calls that went from one to another.

    ``before`` has the old position of each new group. The guard of a group is told by the choice that has it.
    """
    after = _inverse(before, len(old))
    yield from _removed(old, after)
    kept = [now if was is not None else None for now, was in enumerate(before)]
    homes = _Homes(_nearest(old, after), _nearest(new, kept), _places(old, after), _places(new, before))
    elsewhere = moved(before, matched.turned)
    inner = _children(new)
    for now, group in enumerate(new):
        was = before[now]
        if was is None:
            yield GroupAdded(now, group.name, group.parent, group.nodes, inner[now])
            continue
        if old[was].name != group.name:
            yield GroupRenamed(was, now, old[was].name, group.name)
        if homes.differ(old[was].parent, group.parent):
            yield GroupReparented(was, now, group.name, *homes.places(old[was].parent, group.parent))
        if now in elsewhere:
            yield GroupReordered(was, now, group.name)
    yield from _regrouped(old, new, matched.of_new, homes)


def _inverse(places: Sequence[int | None], size: int) -> list[int | None]:
    """For each of so many places the one that leads to it, or ``None``."""
    back: list[int | None] = [None] * size
    for at, place in enumerate(places):
        if place is not None:
            back[place] = at
    return back


def _removed(old: Groups, after: Sequence[int | None]) -> Iterator[Change]:
    inner = _children(old)
    for was, group in enumerate(old):
        if after[was] is None:
            yield GroupRemoved(was, group.name, group.parent, group.nodes, inner[was])


def _children(groups: Groups) -> list[tuple[int, ...]]:
    inner: list[list[int]] = [[] for _ in groups]
    for at, group in enumerate(groups):
        if group.parent is not None:
            inner[group.parent].append(at)
    return list(map(tuple, inner))


def _home_of_each(groups: Groups) -> dict[int, int]:
    """The group of each node that is in one."""
    return {node: at for at, group in enumerate(groups) for node in group.nodes}


def branches_around(dag: Dag) -> list[tuple[int, ...]]:
    """For each node the groups with guards around it, outermost first."""
    inside: list[tuple[int, ...]] = []
    around: list[tuple[int, ...]] = [()] * len(dag.nodes)
    for at, group in enumerate(dag.groups):
        outer = () if group.parent is None else inside[group.parent]
        inside.append(outer if group.guard is None else (*outer, at))
        for node in group.nodes:
            around[node] = inside[-1]
    return around


def partner_groups(old: Dag, new: Dag, matched: Partners) -> list[int | None]:
    """For each new group the old one that it is, or ``None``; the same pairs whichever graph is the new one.

    A branch is that of the partner of its choice; any other group is found by its first call and its name, or one of
    these and its place.
    """
    if matched.turned:
        return _inverse(_found_along(new, old, matched.of_old), len(new.groups))
    return _found_along(old, new, matched.of_new)


def _found_along(old: Dag, new: Dag, partners: Sequence[int | None]) -> list[int | None]:
    """The same, where it is the groups of ``new`` that look for theirs."""
    found: list[int | None] = [None] * len(new.groups)
    for node, was in zip(new.nodes, partners, strict=True):
        partner = None if was is None else old.nodes[was]
        if isinstance(node, Choice) and isinstance(partner, Choice):
            for branch, other in zip(node.branches, partner.branches, strict=False):
                found[branch.group] = other.group
    return _plain_partners(old.groups, new.groups, partners, found)


def _plain_partners(
    old: Groups, new: Groups, partners: Sequence[int | None], found: list[int | None]
) -> list[int | None]:
    """The same for groups without guards, given those with."""
    first = _first_guess(old, new, partners)
    left = {was: group for was, group in enumerate(old) if group.guard is None}

    def take(now: int, was: int | None) -> None:
        if found[now] is None and new[now].guard is None and was in left:
            found[now] = was
            del left[was]

    for now, group in enumerate(new):
        was = first[now]
        if was is not None and old[was].name == group.name:
            take(now, was)
    places = _queues(((group.name, group.parent), was) for was, group in left.items())
    for now, group in enumerate(new):
        # Parents stand before their groups, so that it is known which one this is; -1 where it is none of the old.
        parent = None if group.parent is None else found[group.parent]
        key = (group.name, -1 if group.parent is not None and parent is None else parent)
        if found[now] is None and places.get(key):
            take(now, places[key].popleft())
    for now in range(len(new)):
        take(now, first[now])
    names = _queues((group.name, was) for was, group in left.items())
    for now, group in enumerate(new):
        if found[now] is None and names.get(group.name):
            take(now, names[group.name].popleft())
    return found


def _queues(keyed: Iterable[tuple[Hashable, int]]) -> dict[Hashable, deque[int]]:
    queues: dict[Hashable, deque[int]] = {}
    for key, was in keyed:
        queues.setdefault(key, deque()).append(was)
    return queues


def _first_guess(old: Groups, new: Groups, partners: Sequence[int | None]) -> list[int | None]:
    """For each new group the old group of its first call that was in one; or what its first group suggests."""
    homes = _home_of_each(old)
    guesses: list[int | None] = [None] * len(new)
    for now in range(len(new) - 1, -1, -1):
        group = new[now]
        was = (partners[node] for node in group.nodes)
        own = next((homes[node] for node in was if node is not None and node in homes), None)
        guesses[now] = guesses[now] if own is None else own
        guess = guesses[now]
        if guess is not None and group.parent is not None and old[guess].parent is not None:
            guesses[group.parent] = old[guess].parent  # the first group comes last in this order
    return guesses


@attrs.frozen
class _Homes:
    """For each group of either graph the new number of the nearest around it, or itself, that both graphs have.

    And how a change tells of it.
    """

    of_old: Sequence[int | None]
    of_new: Sequence[int | None]
    old_places: Sequence[GroupPlace]
    new_places: Sequence[GroupPlace]

    def differ(self, was: int | None, now: int | None) -> bool:
        """Whether what went from one group to another did more than follow from groups that came or went."""
        return (None if was is None else self.of_old[was]) != (None if now is None else self.of_new[now])

    def places(self, was: int | None, now: int | None) -> tuple[GroupPlace | None, GroupPlace | None]:
        """The two groups, as a change tells of them."""
        return (None if was is None else self.old_places[was]), (None if now is None else self.new_places[now])


def _places(groups: Groups, others: Sequence[int | None]) -> list[GroupPlace]:
    return [GroupPlace(at, group.name, other) for at, (group, other) in enumerate(zip(groups, others, strict=True))]


def _nearest(groups: Groups, kept: Sequence[int | None]) -> list[int | None]:
    """For each group its number among the ``kept``, or that of the nearest group around it that has one."""
    nearest: list[int | None] = []
    for at, group in enumerate(groups):
        around = None if group.parent is None else nearest[group.parent]
        nearest.append(around if kept[at] is None else kept[at])
    return nearest


def _regrouped(old: Groups, new: Groups, partners: Sequence[int | None], homes: _Homes) -> Iterator[Change]:
    before, after = _home_of_each(old), _home_of_each(new)
    gone: dict[tuple[int | None, int | None], list[int]] = {}
    for node, partner in enumerate(partners):
        if partner is not None:
            way = (before.get(partner), after.get(node))
            if homes.differ(*way):
                gone.setdefault(way, []).append(node)
    yield from (CallsRegrouped(tuple(nodes), *homes.places(*way)) for way, nodes in gone.items())
