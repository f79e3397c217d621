"""What a strategy is asked for.

Decided here: that what no strategy knows is refused where the strategy is made, and not in the middle of a draw.
Never here: what is drawn.
"""

from collections.abc import Iterable, Sequence

from cascades_sdk.errors import InvalidValueError
from cascades_sdk.values import shown

__all__ = ["refuse_strangers", "refused"]


def refuse_strangers(
    strategy: str, argument: str, given: Iterable[object], known: Sequence[object], advice: str
) -> None:
    """Nothing, where all that is given is known.

    Raises:
        InvalidValueError: something is not.
    """
    for at, each in enumerate(given):
        if each not in known:
            raise refused(strategy, f"/{argument}/{at}", f"{shown(each)} is not known", advice)


def refused(strategy: str, pointer: str, problem: str, advice: str) -> InvalidValueError:
    """The refusal of an argument."""
    return InvalidValueError(pointer, problem, advice, f"the arguments of {strategy}")
