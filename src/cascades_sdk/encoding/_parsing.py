"""JSON text to plain values, strictly.

Decided here: which bytes are JSON at all: UTF-8 without a BOM, no duplicate names, no NaN, no lone surrogates, no
trailing bytes, bounded size and depth. Both bounds are checked before a parser in native code sees the text: those
recurse. Never here: what a document holds.

A text that is canonical, as nearly all are that come to a strict reader, needs no look at each name and number:
:func:`canonically_parsed` writes what it parsed once more, in native code, and compares. Where that proves nothing it
answers :data:`UNPROVEN`, and :func:`parsed_json` finds out what is wrong, or that nothing is.
"""

import json
from typing import Any, Final

from returns.result import Failure, Success

from cascades_sdk._nesting import nesting_of
from cascades_sdk.encoding import _fast
from cascades_sdk.encoding._locating import faults, lone_surrogate, too_deep_bracket
from cascades_sdk.errors import InvalidDocumentError, Outcome
from cascades_sdk.values import number_text

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "MAX_DOCUMENT_DEPTH",
    "UNPROVEN",
    "canonically_parsed",
    "parsed_json",
    "unreadable",
    "unreadable_json",
]

#: 64 MiB, the default of the readers' setting.
MAX_DOCUMENT_BYTES: Final = 64 * 1024 * 1024

#: No setting: the value model bounds it. What a graph binds is at most 64 deep, each level of it two containers of the
#: document, and no graph has a document deeper than 134; so there is nothing that more depth would let in.
MAX_DOCUMENT_DEPTH: Final = 2 * 64 + 16

#: The answer where a text is not known to be canonical; every plain value means that it is.
UNPROVEN: Final = object()

#: So many digits are safe in every integer; longer tokens are read as binary64, which is what a number is, and
#: costs no big int.
_SAFE_DIGITS: Final = 15


def unreadable(data: object, max_bytes: int) -> InvalidDocumentError | None:
    """Why something is not even looked at: it is no bytes, or too many of them."""
    if type(data) is not bytes:
        return InvalidDocumentError(f"a {type(data).__name__} was given", "give bytes")
    if len(data) > max_bytes:
        return InvalidDocumentError(f"{len(data)} bytes are more than the limit of {max_bytes}", "raise max_bytes")
    return None


def unreadable_json(data: bytes) -> InvalidDocumentError | None:
    """Why bytes must not reach a parser: their brackets nest too deep."""
    if nesting_of(data) > MAX_DOCUMENT_DEPTH:
        offset = too_deep_bracket(data, MAX_DOCUMENT_DEPTH)
        return InvalidDocumentError(f"nested deeper than {MAX_DOCUMENT_DEPTH}", offset=offset)
    return None


class _Refused(ValueError):
    """Raised where a hook of the parser is given what is no value; the hook does not know where it stands."""


def canonically_parsed(data: bytes) -> Any:
    """Plain Python of canonical JSON (RFC 8785), or :data:`UNPROVEN`.

    For bytes that :func:`unreadable_json` has let pass.
    """
    # §3.2.3: names above U+FFFF are in another order than the code points' beside names from U+E000 on.
    if len(data.translate(None, _FOUR_BYTE_LEADS)) < len(data):
        return UNPROVEN
    proven = _fast.plain_value(data)
    if proven is not None:
        return proven
    try:
        text = data.decode()
        value = _CANONICAL_DECODER.decode(text)
    except ValueError:  # not UTF-8, no JSON, a float in another form, an integer of thousands of digits
        return UNPROVEN
    return value if _ENCODER.encode(value) == text else UNPROVEN


def _canonical_float(token: str) -> float:
    number = float(token)
    if number.is_integer() or number_text(number) != token:
        raise _Refused
    return number


_FOUR_BYTE_LEADS: Final = bytes(range(0xF0, 0x100))
_CANONICAL_DECODER: Final = json.JSONDecoder(parse_float=_canonical_float)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parsed_json(data: bytes) -> Outcome[Any, InvalidDocumentError]:
    """Plain Python of a JSON text: lists, dicts, numbers as binary64 or int.

    Returns:
        ``Success(value)``, or ``Failure(InvalidDocumentError)`` with the offset of the byte at fault.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        return _failed("not UTF-8", "", fault.start)
    if text.startswith("\ufeff"):
        return _failed("starts with a byte order mark", "remove it", 0)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as fault:
        return _failed(f"not JSON: {fault.msg}", "", _bytes_before(text, fault.pos))
    except _Refused:
        problem, at = next(faults(text))
        return _failed(problem, "", _bytes_before(text, at))
    lone = lone_surrogate(text) if "\\u" in text else None
    if lone is not None:
        return _failed("a text has a lone surrogate and no UTF-8 form", "", _bytes_before(text, lone))
    return Success(value)


def _bytes_before(text: str, at: int) -> int:
    return len(text[:at].encode())


def _failed(problem: str, advice: str, offset: int) -> Failure[InvalidDocumentError]:
    return Failure(InvalidDocumentError(problem, advice, offset=offset))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise _Refused
    return entries


def _integer(token: str) -> int | float:
    return int(token) if len(token) <= _SAFE_DIGITS else float(token)


def _constant(_token: str) -> Any:
    raise _Refused


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_constant=_constant)
