"""What a checker lets a task be mapped over.

Decided here: a type, and nothing that happens. Never here: what is mapped over when it is called (the recorder looks).
"""

from collections.abc import Iterator
from typing import Protocol, SupportsIndex, TypeVar

__all__ = ["Items"]

_I_co = TypeVar("_I_co", covariant=True)


class Items(Protocol[_I_co]):
    """A list or a tuple, whatever its items are, for a checker.

    A ``Sequence`` would do, were a text not a Sequence of texts, and bytes one of ints. What tells them is that a list
    can be asked whether it contains anything at all, and a text only about texts. A list would be invariant: a
    ``list[int]`` is no ``list[float]``, and may well be mapped over by what takes floats.
    """

    def __contains__(self, item: object, /) -> bool:
        """Whether it is one of them."""
        ...

    def __getitem__(self, index: SupportsIndex, /) -> _I_co:
        """One of them."""
        ...

    def __iter__(self) -> Iterator[_I_co]:
        """Each of them."""
        ...

    def __len__(self) -> int:
        """How many there are."""
        ...
