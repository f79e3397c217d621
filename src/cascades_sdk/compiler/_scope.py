"""Where in a capture the running code stands.

Decided here: the one ``ContextVar`` of the package. Never here: what is recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from cascades_sdk.compiler._recorder import Recorder

__all__ = ["SCOPE", "Scope", "outside_capture"]


@attrs.frozen(eq=False)
class Scope:
    """Where in a capture the running code stands: in which flow, inside how many."""

    recorder: "Recorder"
    flow: str
    code: CodeType
    group: int | None = None
    depth: int = 0
    #: Whether the flow is async, so that something can be awaited in it.
    awaits: bool = False
    #: The groups of the branches around it, outermost first: what is born in them is used in them only.
    branches: tuple[int, ...] = ()


SCOPE: Final[ContextVar[Scope | None]] = ContextVar("cascades_sdk_capture", default=None)


@contextmanager
def outside_capture() -> Iterator[None]:
    """A context in which tasks and flows run plainly, whatever capture is going on around it."""
    token = SCOPE.set(None)
    try:
        yield
    finally:
        SCOPE.reset(token)
