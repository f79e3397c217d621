"""A frozen mapping that grows: what a long wait remembers.

Decided here: how entries are added without copying them all, and which are forgotten at the bound.
Never here: what is remembered, and why.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

import attrs

__all__ = ["Ledger"]

_K = TypeVar("_K")
_V = TypeVar("_V")


@attrs.frozen
class Ledger(Generic[_K, _V]):
    """An insertion-ordered mapping whose ``plus`` answers a new one, in amortised O(log n).

    The entries lie in layers whose sizes fall from the oldest to the newest; layers of like size are merged,
    as in a binary counter. With more than ``capacity`` entries the oldest layer, about half of them, is forgotten.
    """

    capacity: int
    # Plain dicts, which nobody else holds and nobody changes.
    layers: tuple[Mapping[_K, _V], ...] = ()

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self.layers)

    def get(self, key: _K) -> _V | None:
        """The newest value of ``key``, or None."""
        return next((layer[key] for layer in reversed(self.layers) if key in layer), None)

    def plus(self, key: _K, value: _V) -> "Ledger[_K, _V]":
        """These entries, and ``value`` under ``key``; a key that is known keeps its place."""
        layers: tuple[Mapping[_K, _V], ...] = self.layers
        layer: Mapping[_K, _V] = {key: value}
        while layers and len(layers[-1]) <= len(layer) <= self.capacity // 4:
            layers, layer = layers[:-1], {**layers[-1], **layer}
        layers = (*layers, layer)
        if sum(map(len, layers)) > self.capacity:
            layers = layers[1:]
        return Ledger(self.capacity, layers)

    def values(self) -> tuple[_V, ...]:
        """All values in the order of their keys' first insertion. Linear."""
        merged: dict[_K, _V] = {}
        for layer in self.layers:
            merged.update(layer)
        return tuple(merged.values())
