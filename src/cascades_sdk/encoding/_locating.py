"""Where in a JSON text a fault stands that a parser refuses without saying where.

Decided here: the place of what is JSON by its grammar and no value all the same: a name that is repeated, a number that
is none, half of a surrogate pair, one bracket too many inside of others. A text is looked at only once it is known to
be at fault, in one pass and without recursion. Never here: whether it is.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from cascades_sdk.values import shown

__all__ = ["faults", "lone_surrogate", "too_deep_bracket"]

_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_TOKEN: Final = re.compile(rf"{_STRING}|[{{}}\[\],]|NaN|-?Infinity", re.DOTALL)
# In bytes that may be no JSON a backslash takes the next byte with it wherever it stands.
_BRACKET: Final = re.compile(rf"\\.|{_STRING}|[{{}}\[\]]".encode(), re.DOTALL)

#: A pair of surrogates, or one without the other, or any other escape.
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(u[dD][89a-fA-F])|\\.", re.DOTALL
)


def faults(text: str) -> Iterator[tuple[str, int]]:
    """The names that are repeated, and the numbers that are no JSON; and where they stand, in characters.

    As long as what stands before is JSON otherwise.
    """
    names: list[set[str] | None] = []  # of the objects that are open; a list has none
    is_name = False
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found[0] == '"':
            seen = names[-1] if is_name else None
            if seen is not None:
                name: str = json.loads(found)
                if name in seen:
                    yield f"the name {shown(name)} is repeated", token.start()
                seen.add(name)
            is_name = False
        elif found in "[{":
            is_name = found == "{"
            names.append(set() if is_name else None)
        elif found in "]}":
            names.pop()
        elif found == ",":
            is_name = names[-1] is not None
        else:
            yield f"{found} is no JSON", token.start()


def lone_surrogate(text: str) -> int | None:
    """Where the first escape stands, in characters, that is half of a surrogate pair; ``None`` where none is."""
    return next((escape.start() for escape in _ESCAPE.finditer(text) if escape[1]), None)


def too_deep_bracket(data: bytes, limit: int) -> int | None:
    """Where the first bracket opens that has so many around it, in bytes."""
    return next((start for start, depth in _depths(data) if depth > limit), None)


def _depths(data: bytes) -> Iterator[tuple[int, int]]:
    """How many brackets are open from each token on."""
    depth = 0
    for token in _BRACKET.finditer(data):
        depth += _STEPS.get(token[0], 0)
        yield token.start(), depth


_STEPS: Final = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
