"""What is recorded of a task, seen from the recorder.

Decided here: what a recorder asks of a task. Never here: what a task is.
"""

from typing import Any, Protocol

from cascades_sdk.compiler._binder import BindingFault
from cascades_sdk.compiler._reference import Origin
from cascades_sdk.graph import TaskDefinition
from cascades_sdk.values import Refusal

__all__ = ["Callee"]


class Callee(Origin, Protocol):
    """What the recorder needs of a task."""

    @property
    def definition(self) -> TaskDefinition:
        """The definition that goes into the graph."""
        ...

    @property
    def function(self) -> Any:
        """The author's function: two of them may not share a name."""
        ...

    @property
    def takes_items(self) -> bool:
        """Whether it can be mapped: it has a first parameter by position."""
        ...

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | BindingFault:
        """The arguments of a call by parameter."""
        ...

    def taken(self, parameter: str) -> Any:
        """The declared type of what a parameter takes."""
        ...

    def default_refusal(self, parameter: str) -> Refusal | None:
        """Why the default of a parameter is no value of the model."""
        ...
