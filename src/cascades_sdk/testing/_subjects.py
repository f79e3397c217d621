"""What is said where a flow is wanted, and something else is given.

Decided here: the text. Never here: whether that is a failure, or an answer.
"""

from cascades_sdk.values import shown

__all__ = ["not_a_flow"]


def not_a_flow(given: object) -> str:
    """That this is no flow, and what to do."""
    return f"{shown(given)} is not a flow; give a function that is decorated with @flow, and not its name"
