"""Canonical JSON of a frozen value (RFC 8785).

Decided here: the bytes of values, one production each. Never here: what a document holds.
"""

from json.encoder import encode_basestring
from typing import Final

from cascades_sdk.values import FrozenDict, FrozenValue, number_text

__all__ = ["frozen_text", "string_text"]

#: §3.2.2.2: only ``"``, ``\\`` and the controls are escaped, with the short forms where there are any. The
#: encoder of the standard library without ``ensure_ascii`` writes exactly that; a property compares.
string_text: Final = encode_basestring

_WORDS: Final = {None: "null", True: "true", False: "false"}


def frozen_text(value: FrozenValue) -> str:
    """The canonical JSON text of a frozen value; total."""
    kind = type(value)
    if kind is str:
        return string_text(value)  # type: ignore[arg-type]  # by kind
    if kind is int:
        return repr(value)
    if kind is float:
        return number_text(value)  # type: ignore[arg-type]
    if kind is tuple:
        return f"[{','.join([frozen_text(item) for item in value])}]"  # type: ignore[union-attr]
    if kind is FrozenDict:
        # §3.2.3: a FrozenDict is in the order of its names' UTF-16 code units already.
        entries = [f"{string_text(name)}:{frozen_text(inner)}" for name, inner in value.items()]  # type: ignore[union-attr]
        return "{" + ",".join(entries) + "}"
    return _WORDS[value]  # type: ignore[index]  # None and the two bools are left
