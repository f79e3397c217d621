"""The id of a run in an answer that could not be read: what was accepted must not be lost with it.

Decided here: where an id is looked for in bytes that may be cut short, nested too deep or no JSON behind it, and which
id is taken. Never here: what an error is made of.
"""

import re
from collections.abc import Iterator
from typing import Final

from cascades_sdk.protocol.hiding import hidden
from cascades_sdk.protocol.sendable import is_segment

__all__ = ["run_id_in"]

#: A text, its end (absent where the body is cut) and the colon behind it; or a row of brackets. Nothing is read twice:
#: a text without an end takes all that is left.
_MARKS: Final = re.compile(rb'"((?:[^"\\]|\\(?:.|\Z))*+)(?:(")(\s*:)?|\Z)|[\[{]+|[\]}]+', re.DOTALL)


def run_id_in(body: bytes, secrets: tuple[str, ...] = ()) -> str | None:
    """The text under ``runId`` in the outermost object; None where there is none, or two that differ. Linear.

    An id that could not be followed, or that shows a secret, is none.
    """
    if b'"runId"' not in body:
        return None
    found = set(_texts_under(b"runId", body))
    text = found.pop().decode("utf-8", "replace") if len(found) == 1 else ""
    # An id is a plain word; whatever is written in escapes is none.
    is_plain = is_segment(text) and text.isprintable() and "\\" not in text and "\ufffd" not in text
    return text if is_plain and hidden(text, secrets) == text else None


def _texts_under(name: bytes, body: bytes) -> Iterator[bytes]:
    depth, due = 0, False
    for mark in _MARKS.finditer(body):
        text, end, colon = mark.groups()
        if text is None:
            row = mark.group()
            depth += len(row) if row[:1] in b"[{" else -len(row)
            due = False
        elif colon is not None:
            due = depth == 1 and text == name
        elif due and end is not None:
            yield text
            due = False
