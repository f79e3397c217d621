"""What has moved, where the order of some things has changed.

Decided here: that as few things as possible are said to have moved, and the same ones in both directions.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["moved", "out_of_order"]


def moved(before: Sequence[int | None], turned: bool) -> set[int]:
    """The new places of what stands in another order. ``before`` has the old place for each new one, or ``None``.

    Which of two things has moved past the other is a choice; it is made in the new order, or, ``turned``, in the old.
    """
    places = {now: was for now, was in enumerate(before) if was is not None}
    if not turned:
        kept = list(places)
        return {kept[index] for index in out_of_order([*places.values()])}
    kept = sorted(places, key=places.__getitem__)
    return {kept[index] for index in out_of_order(kept)}


def out_of_order(places: Sequence[int]) -> list[int]:
    """The indexes of those places that stand outside of a longest ascending run of them.

    The places are distinct. Without these, the others are in order, and no smaller choice does that. The cost is
    linear where the places ascend already, and ``n log n`` otherwise.
    """
    if all(left < right for left, right in pairwise(places)):
        return []
    ends: list[int] = []  # the smallest end of a run of each length,
    holders: list[int] = []  # the index of that end,
    before: list[int] = []  # and for each index the one before it in its run, or -1
    for index, place in enumerate(places):
        length = bisect_left(ends, place)
        before.append(holders[length - 1] if length else -1)
        if length == len(ends):
            ends.append(place)
            holders.append(index)
        else:
            ends[length], holders[length] = place, index
    staying: set[int] = set()
    index = holders[-1]
    while index >= 0:
        staying.add(index)
        index = before[index]
    return [index for index in range(len(places)) if index not in staying]
