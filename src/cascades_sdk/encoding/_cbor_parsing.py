"""Canonical CBOR to plain values, in one pass.

Decided here: which bytes are canonical CBOR (RFC 8949 §4.2.1) of a value of the model: each production has one form,
so nothing is written again to compare. Every fault is told with the offset of the byte at which the item begins.
Never here: what a document holds.

The decoder of cbor2 accepts long heads, names in any order, tags and trailing bytes; it is what tests compare with.
"""

import struct
from math import isfinite
from typing import Any, Final

from returns.result import Failure, Success

from cascades_sdk.encoding._cbor import float_item
from cascades_sdk.encoding._parsing import MAX_DOCUMENT_DEPTH
from cascades_sdk.errors import InvalidDocumentError, Outcome
from cascades_sdk.values import MAX_SAFE_INTEGER

__all__ = ["parsed_cbor"]


class _Refused(Exception):
    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.problem, self.offset = problem, offset


def parsed_cbor(data: bytes) -> Outcome[Any, InvalidDocumentError]:
    """Plain Python of canonical CBOR: lists, dicts, numbers as binary64 or int. Linear; bounded in depth.

    Returns:
        ``Success(value)``, or ``Failure(InvalidDocumentError)`` with the offset of the first fault.
    """
    # Functions that share how far the bytes are read: two thirds of the time of methods that share an object.
    at = 0
    known_names: dict[bytes, str] = {}

    def argument(head: int) -> int:
        """§3: what a head announces, in the fewest bytes that hold it."""
        low = head & 0x1F
        if low < 24:
            return low
        start = at
        advance(1 << (low - 24))
        number = int.from_bytes(data[start:at], "big")
        if number < _LEAST[low]:
            raise _Refused("a number takes more bytes than it needs", start - 1)
        return number

    def advance(size: int) -> None:
        nonlocal at
        at += size
        if at > len(data):
            raise IndexError

    def item(depth: int) -> Any:
        """The item that begins here; ``depth`` containers are around it."""
        nonlocal at
        start = at
        head = data[start]
        at = start + 1
        if 0x60 <= head < 0x78:
            at += head - 0x60  # behind the end where the bytes end too early: the next look at them tells
            return str(data[start + 1 : at], "utf-8")
        if 0xA0 <= head < 0xBC:
            return entries(head, depth)
        if head < 0x18:
            return head
        if 0x80 <= head < 0x9C:
            count, inner = counted(head, depth), depth + 1
            return [item(inner) for _ in range(count)]
        if head < 0x1C or 0x20 <= head < 0x3C:
            return integer(head, start)
        if 0x78 <= head < 0x7C:
            return long_text(head)
        if head in _SIMPLE:
            return _SIMPLE[head]
        if head in _FLOATS:
            return floating(_FLOATS[head], start)
        raise _Refused(_unknown(head), start)

    def entries(head: int, depth: int) -> dict[str, Any]:
        nonlocal at
        count, inner = counted(head, depth), depth + 1
        made: dict[str, Any] = {}
        previous = b""
        for _ in range(count):
            start = at
            head = data[start]
            if 0x60 <= head < 0x78:
                at = start + head - 0x5F
                encoded = data[start:at]
                name = known_names.get(encoded)
                if name is None:
                    name = known_names[encoded] = str(encoded[1:], "utf-8")
            elif 0x78 <= head < 0x7C:
                at = start + 1
                name = long_text(head)
                encoded = data[start:at]
            else:
                raise _Refused("a name is not text", start)
            if encoded <= previous:
                problem = f"the name {name[:40]!r} is repeated" if name in made else "names are not in order"
                raise _Refused(problem, start)
            previous = encoded
            made[name] = item(inner)
        return made

    def counted(head: int, depth: int) -> int:
        if depth >= MAX_DOCUMENT_DEPTH:
            raise _Refused(f"nested deeper than {MAX_DOCUMENT_DEPTH}", at - 1)
        return argument(head)

    def long_text(head: int) -> str:
        size = argument(head)
        start = at
        advance(size)
        return str(data[start:at], "utf-8")

    def integer(head: int, start: int) -> int:
        number = argument(head)
        if number > MAX_SAFE_INTEGER - (head >= 0x20):
            raise _Refused("an integer beyond 2**53 - 1 is written as a float", start)
        return number if head < 0x20 else -1 - number

    def floating(packed: struct.Struct, start: int) -> float:
        advance(packed.size)
        (number,) = packed.unpack(data[start + 1 : at])
        if not isfinite(number):
            raise _Refused(f"{number} is not a finite number", start)
        if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER:
            raise _Refused("an integer within 2**53 - 1 is not written as a float", start)
        if float_item(number) != data[start:at]:
            raise _Refused("a float takes more bytes than it needs", start)
        return number  # type: ignore[no-any-return]  # what struct unpacks

    try:
        value = item(0)
    except _Refused as refused:
        return _failed(refused.problem, refused.offset)
    except UnicodeDecodeError as fault:
        if at <= len(data):
            return _failed("a text is not UTF-8", at - len(fault.object) + fault.start)
        return _failed("ends in the middle of an item", len(data))
    except IndexError:
        return _failed("ends in the middle of an item", len(data))
    if at > len(data):
        return _failed("ends in the middle of an item", len(data))
    if at < len(data):
        return _failed("bytes follow the document", at)
    return Success(value)


def _failed(problem: str, offset: int) -> Failure[InvalidDocumentError]:
    return Failure(InvalidDocumentError(problem, offset=offset))


_SIMPLE: Final = {0xF4: False, 0xF5: True, 0xF6: None}
_FLOATS: Final = {0xF9: struct.Struct(">e"), 0xFA: struct.Struct(">f"), 0xFB: struct.Struct(">d")}

#: The least argument that needs the bytes that a head announces.
_LEAST: Final = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}


def _unknown(head: int) -> str:
    major, low = head >> 5, head & 0x1F
    if low == 31 and 2 <= major <= 5:
        return "a length is not told"
    if 28 <= low <= 30:
        return "a head has a reserved length"
    return _NOT_IN_THE_MODEL.get(major, "a simple value other than false, true and null is no value")


_NOT_IN_THE_MODEL: Final = {
    2: "a byte string is no value",
    6: "a tag is no value",
}
