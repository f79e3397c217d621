"""What the extra ``test`` brings, and what is said where it is missing.

Decided here: the text. Never here: imports of it.
"""

from importlib.util import find_spec

__all__ = ["require"]


def require(library: str, wanted_by: str) -> None:
    """Nothing, where the library is there.

    Raises:
        ModuleNotFoundError: it is missing; the text names the extra that brings it.
    """
    if find_spec(library) is None:
        advice = 'pip install "cascades-sdk[test]"'
        raise ModuleNotFoundError(f"{wanted_by} needs {library}, which the extra test brings: {advice}", name=library)
