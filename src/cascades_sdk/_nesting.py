"""How deep a JSON text nests, found before a parser sees it: parsers in native code recurse.

Decided here: how brackets are counted. Never here: how deep is too deep, and whether the text is JSON.
"""

import re
from itertools import accumulate
from typing import Final

__all__ = ["nesting_of"]

_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_TEXT: Final = re.compile(rb'"[^"]*+"?')
_ALL_BUT_MARKS: Final = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_STEPS: Final = [1 if byte in b"[{" else -1 for byte in range(256)]


def nesting_of(data: bytes) -> int:
    """How many brackets enclose each other at most, texts aside. Linear, in native code.

    Unbalanced brackets are the parser's business: it goes no deeper than they nest.
    """
    if b"\\" in data:
        data = _ESCAPE.sub(b"", data)  # an escaped quote ends no text
    marks = data.translate(None, _ALL_BUT_MARKS)
    brackets = marks.replace(b'""', b"")
    if b'"' in brackets:  # a text holds a bracket, or has no end
        brackets = _TEXT.sub(b"", marks)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)
