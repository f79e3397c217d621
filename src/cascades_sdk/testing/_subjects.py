"""What is said where a flow is wanted, and something else is given.

Decided here: the text. Never here: what is done with flows.
"""

from cascades_sdk.compiler import Flow
from cascades_sdk.values import shown

__all__ = ["not_a_flow", "require_flow"]


def not_a_flow(given: object) -> str | None:
    """That this is no flow, and what to do; ``None`` for a flow."""
    if isinstance(given, Flow):
        return None
    return f"{shown(given)} is not a flow; give a function that is decorated with @flow, and not its name"


def require_flow(given: object) -> None:
    """Nothing, for a flow.

    Raises:
        AssertionError: it is none.
    """
    __tracebackhide__ = True  # pytest shows the test, and not this line
    problem = not_a_flow(given)
    if problem is not None:
        raise AssertionError(problem)
