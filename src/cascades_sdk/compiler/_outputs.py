"""What the output of a map, or of a choice, is declared to be.

Decided here: types from types. Where one is unknown, so is the other. Never here: values.
"""

from types import GenericAlias
from typing import Any, Union

import attrs

from cascades_sdk.compiler._reference import Origin
from cascades_sdk.compiler._shapes import UNKNOWN

__all__ = ["Collected", "Merged"]


@attrs.frozen
class Collected:
    """The list of what a task returns for each item."""

    each: Origin

    def annotation(self) -> Any:
        """The declared type of the list."""
        inner = self.each.annotation()
        return UNKNOWN if inner is UNKNOWN else GenericAlias(list, (inner,))


@attrs.frozen
class Merged:
    """What one of several branches answers, each declared so."""

    declared: tuple[Any, ...]

    def annotation(self) -> Any:
        """The declared type where it is one, else the union of all of them; unknown where one of them is."""
        if any(each is UNKNOWN for each in self.declared):
            return UNKNOWN
        try:
            return Union[self.declared]  # noqa: UP007 - of a tuple
        except TypeError:  # a type that cannot be hashed, or is none
            return UNKNOWN
