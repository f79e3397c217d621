"""A graph while it is made, as a capture makes it.

Decided here: what may refer to what. Never here: chance.
"""

from collections.abc import Sequence

import attrs

from cascades_sdk.graph import Binding, Branch, Choice, Group, Guard, Node

__all__ = ["Growing", "Place"]


@attrs.frozen
class Place:
    """Where a node may be put: a group or none, inside of these branches, by the positions of their groups."""

    group: int | None = None
    branches: tuple[int, ...] = ()


@attrs.define
class Growing:
    """A graph while it is drawn, as a capture makes it: places open, nodes come, choices close."""

    nodes: list[Node] = attrs.Factory(list)
    births: list[tuple[int, ...]] = attrs.Factory(list)
    groups: list[Group] = attrs.Factory(list)
    places: list[Place] = attrs.Factory(lambda: [Place()])
    #: The choices that are open: where they stand, and the places of their branches.
    choices: list[tuple[Place, tuple[Place, ...]]] = attrs.Factory(list)

    def seen(self, place: Place) -> list[int]:
        """The nodes to which something in a place may refer."""
        return [node for node, birth in enumerate(self.births) if place.branches[: len(birth)] == birth]

    def put(self, node: Node, place: Place) -> None:
        """One more node."""
        if place.group is not None:
            group = self.groups[place.group]
            self.groups[place.group] = attrs.evolve(group, nodes=(*group.nodes, len(self.nodes)))
        self.nodes.append(node)
        self.births.append(place.branches)

    def open(self, name: str, around: Place, guard: Guard | None = None) -> Place:
        """One more group."""
        position = len(self.groups)
        self.groups.append(Group(name, around.group, (), guard))
        self.places.append(Place(position, around.branches if guard is None else (*around.branches, position)))
        return self.places[-1]

    def close(self, choice: tuple[Place, tuple[Place, ...]], answers: Sequence[Binding]) -> None:
        """The choice of an open one, which answers this; nothing is put into its branches any more."""
        place, branches = choice
        self.choices.remove(choice)
        closed = {branch.group for branch in branches}
        self.places = [each for each in self.places if closed.isdisjoint(each.branches)]
        then, *rest = [
            Branch(branch.group, answer)
            for branch, answer in zip(branches, answers, strict=True)
            if branch.group is not None
        ]
        self.put(Choice(then, rest[0] if rest else None), place)

    def closable(self) -> list[tuple[Place, tuple[Place, ...]]]:
        """The open choices inside of which none is open."""
        return [
            (place, branches)
            for place, branches in self.choices
            if not any(
                other.branches[: len(each.branches)] == each.branches for other, _ in self.choices for each in branches
            )
        ]
