"""The literal, and what is known about it beside its value.

Decided here: its equality, and who may say that a literal needs no check any more. Never here: that check.

A literal may be *sound*: known to hold a value in its frozen form that is small enough. Nothing that is immutable
needs a second look, and those who have looked say so here: the check of a ``Dag``, the recorder, the readers. This is
a door around that check, so it is for the rooms of this package alone: no public name leads to it, what is known
counts for one object, and no copy and no pickle carries it on.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import attrs

from cascades_sdk.values import FrozenValue, same_value

__all__ = ["Literal", "is_sound", "mark_sound", "sound_literal"]


@attrs.frozen(eq=False, getstate_setstate=False)
class Literal:
    """A value of the model. Equality is type-strict: ``Literal(1) != Literal(True)``."""

    value: FrozenValue
    _sound: bool = attrs.field(default=False, init=False, repr=False)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Literal:
            return NotImplemented
        return same_value(self.value, other.value)

    def __hash__(self) -> int:
        return hash(("Literal", self.value))

    def __reduce__(self) -> tuple[Any, ...]:
        # The value alone: what a pickle says of itself proves nothing.
        return Literal, (self.value,)


_mark_sound: Final = vars(Literal)["_sound"].__set__
_set_value: Final = vars(Literal)["value"].__set__


#: Whether a literal is known to hold a frozen value that is small enough: asked of each, so in native code.
is_sound: Final[Callable[[Literal], bool]] = attrgetter("_sound")


def mark_sound(literal: Literal) -> None:
    """Know it of a literal from now on."""
    _mark_sound(literal, True)


def sound_literal(value: FrozenValue) -> Literal:
    """The literal of a value that :func:`~cascades_sdk.values.freeze` has just answered, and that is small enough."""
    literal: Literal = object.__new__(Literal)
    _set_value(literal, value)
    _mark_sound(literal, True)
    return literal
