"""JSON text to plain values, strictly.

Decided here: which bytes are JSON at all: UTF-8 without a BOM, no duplicate names, no NaN, no lone surrogates, no
trailing bytes, bounded size and depth. Both bounds are checked before the parser of the standard library sees the
text, which recurses. Never here: what a document holds.
"""

import json
import re
from typing import Any, Final

from returns.result import Failure, Success

from cascades_sdk.errors import InvalidDocumentError, Outcome
from cascades_sdk.values import shown

__all__ = ["MAX_DOCUMENT_BYTES", "MAX_DOCUMENT_DEPTH", "parsed_json"]

#: 64 MiB, the default of the readers' setting.
MAX_DOCUMENT_BYTES: Final = 64 * 1024 * 1024

#: A value of depth 64 stands deeper in the document.
MAX_DOCUMENT_DEPTH: Final = 2 * 64 + 16

#: All that is no bracket: texts, and what is neither. A text without an end reaches to the end of the input:
#: without that, each of its quotes would start another search, at a cost that is quadratic.
_NO_BRACKETS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[^][{}"]++', re.DOTALL)

#: The escapes that may leave half of a surrogate pair.
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")

#: So many digits are safe in every integer; longer tokens are read as binary64, which is what a number is, and
#: costs no big int.
_SAFE_DIGITS: Final = 15


class _Refused(ValueError):
    pass


def parsed_json(data: bytes, max_bytes: int) -> Outcome[Any, InvalidDocumentError]:
    """Plain Python of a JSON text: lists, dicts, numbers as binary64 or int.

    Returns:
        ``Success(value)``, or ``Failure(InvalidDocumentError)`` with the offset where one is known.
    """
    if len(data) > max_bytes:
        return _failed(f"{len(data)} bytes are more than the limit of {max_bytes}", "raise max_bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        return _failed("not UTF-8", "", fault.start)
    if text.startswith("\ufeff"):
        return _failed("starts with a byte order mark", "remove it", 0)
    if _is_deep(text):
        return _failed(f"nested deeper than {MAX_DOCUMENT_DEPTH}", "")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as fault:
        return _failed(f"not JSON: {fault.msg}", "", len(text[: fault.pos].encode()))
    except _Refused as fault:
        return _failed(str(fault), "")
    if _SURROGATE_ESCAPE.search(text) and _has_lone_surrogate(value):
        return _failed("a text has a lone surrogate and no UTF-8 form", "")
    return Success(value)


def _failed(problem: str, advice: str, offset: int | None = None) -> Failure[InvalidDocumentError]:
    return Failure(InvalidDocumentError(problem, advice, offset=offset))


def _is_deep(text: str) -> bool:
    """Whether brackets nest too deep, texts aside. Unbalanced brackets are the parser's business."""
    depth = 0
    for bracket in _NO_BRACKETS.sub("", text):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DOCUMENT_DEPTH:
            return True
    return False


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        seen: set[str] = set()
        repeated = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _Refused(f"the name {shown(repeated)} is repeated")
    return entries


def _integer(token: str) -> int | float:
    return int(token) if len(token) <= _SAFE_DIGITS else float(token)


def _constant(token: str) -> Any:
    raise _Refused(f"{token} is no JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_constant=_constant)
