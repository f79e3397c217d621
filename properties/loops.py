"""How long the plain seeded loops are.

Each loop is short enough for every push; ``CASCADES_LOOPS=20`` makes all of them twenty times as long, for the night.
"""

import os
from random import Random

__all__ = ["rounds", "seeded"]

_FACTOR = int(os.environ.get("CASCADES_LOOPS", "1"))


def rounds(count: int) -> range:
    """So many rounds, times what the environment asks for."""
    return range(count * _FACTOR)


def seeded(seed: int) -> Random:
    """Chance that repeats, and that is another in longer runs than in short ones."""
    return Random(seed * _FACTOR)
