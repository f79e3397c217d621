"""Bytes that are no document: sources of `vectors/refused-json.json` and `vectors/refused-cbor.json`.

Decided here: what must be refused in each of the two encodings, and why. Each entry is a name, the reason, the bytes,
and what a vector says beside them. Never here: damages that both encodings share, and how a reader finds out.
"""

from typing import Any, Final

import cbor2
import rfc8785

from vectors_of_dags import document

__all__ = ["CBOR", "JSON"]

# -- JSON ----------------------------------------------------------------------------------------------

_EMPTY: Final = rfc8785.dumps(document())


def _literal(text: bytes) -> bytes:
    """The document that returns what is spelled so."""
    return _EMPTY.replace(b"null", text)


def _not_canonical(name: str, reason: str, spelled: str, canonical: str) -> tuple[str, str, bytes, dict[str, Any]]:
    """A spelling that a lenient reader reads; the offset is that of the first byte that differs."""
    data, wanted = _literal(spelled.encode()), _literal(canonical.encode())
    offset = next(at for at, (ours, theirs) in enumerate(zip(wanted, data, strict=False)) if ours != theirs)
    return name, reason, data, {"offset": offset, "lenient": True}


_AT: Final = _EMPTY.index(b"null")

JSON: Final[tuple[tuple[str, str, bytes, dict[str, Any]], ...]] = (
    ("no-bytes", "no value", b"", {"offset": 0}),
    ("white-space", "no value", b" \n", {}),
    ("truncated", "the last byte is missing", _EMPTY[:-1], {"offset": len(_EMPTY) - 1}),
    ("half", "half of a document", _EMPTY[: len(_EMPTY) // 2], {}),
    ("line-feed-after", "a line feed at the end", _EMPTY + b"\n", {"offset": len(_EMPTY), "lenient": True}),
    ("space-before", "a space at the start", b" " + _EMPTY, {"offset": 0, "lenient": True}),
    ("space-inside", "a space after a colon", _EMPTY.replace(b":", b": ", 1), {"offset": 10, "lenient": True}),
    ("trailing-byte", "more than one value", _EMPTY + b"0", {"offset": len(_EMPTY)}),
    ("two-documents", "more than one value", _EMPTY * 2, {"offset": len(_EMPTY)}),
    ("nul-after", "a byte of 0 at the end", _EMPTY + b"\x00", {"offset": len(_EMPTY)}),
    ("byte-order-mark", "a byte order mark", b"\xef\xbb\xbf" + _EMPTY, {"offset": 0}),
    ("utf-16", "not UTF-8", b"\xff\xfe" + _EMPTY.decode().encode("utf-16-le"), {"offset": 0}),
    ("utf-16-without-mark", "not JSON in UTF-8", _EMPTY.decode().encode("utf-16-be"), {"offset": 0}),
    ("utf-8-stray", "not UTF-8", _literal(b'"\xff"'), {"offset": _AT + 1}),
    ("utf-8-cut", "a character of two bytes without the second", _literal(b'"\xc3"'), {"offset": _AT + 1}),
    ("utf-8-overlong", "a slash in two bytes", _literal(b'"\xc0\xaf"'), {"offset": _AT + 1}),
    ("utf-8-surrogate", "a surrogate in UTF-8", _literal(b'"\xed\xa0\x80"'), {"offset": _AT + 1}),
    ("utf-8-beyond", "beyond U+10FFFF", _literal(b'"\xf4\x90\x80\x80"'), {"offset": _AT + 1}),
    ("surrogate-high", "half of a pair, escaped", _literal(rb'"\ud83d"'), {}),
    ("surrogate-low", "half of a pair, escaped", _literal(rb'"\ude00"'), {}),
    ("surrogates-swapped", "a pair in the wrong order", _literal(rb'"\ude00\ud83d"'), {}),
    ("surrogate-in-a-name", "half of a pair, escaped", _literal(rb'{"\ud83d":1}'), {}),
    ("names-unsorted", "the names are not sorted",
     b'{"kind":"cascades/dag@1","inputs":[],"name":"f","nodes":[],"returns":{"literal":null},"tasks":{}}',
     {"offset": 2, "lenient": True}),
    ("name-repeated", "a name is repeated", _EMPTY.replace(b'"inputs":[]', b'"inputs":[],"inputs":[]'), {}),
    ("name-repeated-in-a-value", "a name is repeated", _literal(b'{"a":1,"b":2,"a":1}'), {}),
    ("name-repeated-by-escape", "a name is repeated, spelled otherwise", _literal(rb'{"a":1,"\u0061":1}'), {}),
    _not_canonical("names-by-code-points", "sorted by code points, not by UTF-16 code units",
                   '{"\uffff":1,"😀":2}', '{"😀":2,"\uffff":1}'),
    _not_canonical("names-by-length", "sorted by length, as CBOR does", '{"b":1,"aa":2}', '{"aa":2,"b":1}'),
    ("nan", "no JSON", _literal(b"NaN"), {}),
    ("infinity", "no JSON", _literal(b"Infinity"), {}),
    ("minus-infinity", "no JSON", _literal(b"-Infinity"), {}),
    ("overflow", "beyond binary64", _literal(b"1e400"), {"pointer": "/returns/literal"}),
    ("overflow-of-digits", "beyond binary64", _literal(b"9" * 400), {"pointer": "/returns/literal"}),
    ("leading-zero", "no JSON", _literal(b"01"), {}),
    ("plus-sign", "no JSON", _literal(b"+1"), {}),
    ("no-digit-before-the-point", "no JSON", _literal(b".5"), {}),
    ("no-digit-after-the-point", "no JSON", _literal(b"1."), {}),
    ("hexadecimal", "no JSON", _literal(b"0x1"), {}),
    ("minus-alone", "no JSON", _literal(b"-"), {}),
    ("word-in-upper-case", "no JSON", _literal(b"True"), {}),
    ("single-quotes", "no JSON", _literal(b"'a'"), {}),
    ("trailing-comma", "no JSON", _literal(b"[1,]"), {}),
    ("comment", "no JSON", _literal(b"null/**/"), {}),
    ("control-unescaped", "a line feed in a text", _literal(b'"\n"'), {}),
    ("escape-unknown", "no JSON", _literal(rb'"\x41"'), {}),
    ("escape-short", "no JSON", _literal(rb'"\u41"'), {}),
    ("text-without-end", "no JSON", _literal(b'"a'), {}),
    ("brackets-mixed", "no JSON", _literal(b"[}"), {}),
    _not_canonical("escape-not-needed", "an escape that is not needed", r'"\u0041"', '"A"'),
    _not_canonical("escape-of-a-slash", "an escape that is not needed", r'"\/"', '"/"'),
    _not_canonical("escape-not-ascii", "an escape that is not needed", r'"\u00e9"', '"é"'),
    _not_canonical("escape-long", "a short form exists", r'"\u000a"', r'"\n"'),
    _not_canonical("escape-upper-case", "hexadecimal digits are in lower case", r'"\u001F"', r'"\u001f"'),
    _not_canonical("number-1.0", "an integer has no fraction", "1.0", "1"),
    _not_canonical("number-1e2", "an exponent is not needed", "1e2", "100"),
    _not_canonical("number-minus-zero", "there is one zero", "-0", "0"),
    _not_canonical("number-0.10", "a zero at the end", "0.10", "0.1"),
    _not_canonical("number-1e-7", "an exponent has no leading zero", "1e-07", "1e-7"),
    _not_canonical("number-1e21", "a positive exponent has a sign", "1e21", "1e+21"),
    _not_canonical("number-more-digits", "the shortest digits", "0.1000000000000000055", "0.1"),
    _not_canonical("number-2-53-plus-1", "no binary64 is this integer", "9007199254740993", "9007199254740992"),
    _not_canonical("number-2-60", "the shortest digits, then zeros", "1152921504606846976", "1152921504606847000"),
    _not_canonical("number-underflow", "below the smallest subnormal is zero", "1e-400", "0"),
    ("value-65-deep", "a value is at most 64 deep", _literal(b"[" * 65 + b"]" * 65),
     {"pointer": "/returns/literal" + "/0" * 64}),
    ("nested-1000", "a document is at most 144 deep", _literal(b"[" * 1000 + b"]" * 1000), {}),
    ("nested-10000", "a document is at most 144 deep", b"[" * 10_000 + b"]" * 10_000, {}),
    ("nested-1000-open", "a document is at most 144 deep", b'{"a":' * 1000, {}),
    ("nested-144", "no document, as deep as one may be", b"[" * 144 + b"]" * 144, {"pointer": ""}),
    ("nested-145", "a document is at most 144 deep", b"[" * 145 + b"]" * 145, {"offset": 144}),
)  # fmt: skip


# -- CBOR ----------------------------------------------------------------------------------------------

#: `returns` is the last key of an empty document, and its value the last byte.
_CBOR_EMPTY: Final = cbor2.dumps(document(), canonical=True)
_LAST: Final = len(_CBOR_EMPTY) - 1


def _cbor_literal(spelled: str, at: int = 0) -> tuple[bytes, dict[str, Any]]:
    """The document that returns what is spelled so, in hex; the fault stands at this byte of it."""
    return _CBOR_EMPTY[:-1] + bytes.fromhex(spelled), {"offset": _LAST + at}


CBOR: Final[tuple[tuple[str, str, bytes, dict[str, Any]], ...]] = (
    ("no-bytes", "no item", b"", {"offset": 0}),
    ("truncated", "the last byte is missing", _CBOR_EMPTY[:-1], {"offset": _LAST}),
    ("half", "half of a document", _CBOR_EMPTY[: len(_CBOR_EMPTY) // 2], {}),
    ("trailing-byte", "more than one item", _CBOR_EMPTY + b"\x00", {"offset": len(_CBOR_EMPTY)}),
    ("two-documents", "more than one item", _CBOR_EMPTY * 2, {"offset": len(_CBOR_EMPTY)}),
    ("json", "JSON is no CBOR", _EMPTY, {}),
    ("self-described", "a tag (55799) before the document", b"\xd9\xd9\xf7" + _CBOR_EMPTY, {"offset": 0}),
    ("map-indefinite", "the document as a map of indefinite length", b"\xbf" + _CBOR_EMPTY[1:] + b"\xff",
     {"offset": 0}),
    ("map-long-size", "the size of the document in a second byte", b"\xb8\x06" + _CBOR_EMPTY[1:], {"offset": 0}),
    ("map-too-large", "one entry more than there is", b"\xa7" + _CBOR_EMPTY[1:], {"offset": len(_CBOR_EMPTY)}),
    ("keys-in-the-order-of-json", "keys are sorted by their encoded bytes",
     b"\xa6" + b"".join(cbor2.dumps(part) for pair in sorted(document().items()) for part in pair), {}),
    *((name, reason, *_cbor_literal(*spelled)) for name, reason, *spelled in (
        ("integer-0-long", "0 in two bytes", "1800"),
        ("integer-23-long", "23 in two bytes", "1817"),
        ("integer-24-long", "24 in three bytes", "190018"),
        ("integer-255-long", "255 in three bytes", "1900ff"),
        ("integer-1-in-five", "1 in five bytes", "1a00000001"),
        ("integer-1-in-nine", "1 in nine bytes", "1b0000000000000001"),
        ("integer-minus-1-long", "-1 in two bytes", "3800"),
        ("integer-2-53", "2^53 as an integer; it is a float", "1b0020000000000000"),
        ("integer-minus-2-53", "-2^53 as an integer; it is a float", "3b001fffffffffffff"),
        ("integer-2-64-minus-1", "no integer of the model", "1bffffffffffffffff"),
        ("integer-minus-2-64", "no integer of the model", "3bffffffffffffffff"),
        ("text-long-length", "a length of 1 in a second byte", "780161"),
        ("text-length-in-nine", "a length of 1 in nine bytes", "7b000000000000000161"),
        ("list-long-length", "a length of 0 in a second byte", "9800"),
        ("map-long-length", "a size of 0 in a second byte", "b800"),
        ("list-indefinite", "a list of indefinite length", "9fff"),
        ("map-indefinite-inside", "a map of indefinite length", "bfff"),
        ("text-indefinite", "a text of indefinite length", "7f6161ff"),
        ("bytes-indefinite", "bytes of indefinite length", "5f4161ff"),
        ("break-alone", "a break where no length is indefinite", "ff"),
        ("bytes-empty", "a byte string", "40"),
        ("bytes", "a byte string", "4161"),
        ("tag-date", "a tag (0)", "c074323032362d31312d30315430303a30303a30305a"),
        ("tag-time", "a tag (1)", "c101"),
        ("tag-bignum", "a tag (2): a bignum of 1", "c24101"),
        ("tag-decimal", "a tag (4)", "c4820001"),
        ("tag-shareable", "a tag (28)", "d81c80"),
        ("tag-shared-reference", "tags (28, 29): a list in itself", "d81c81d81d00"),
        ("tag-string-reference", "tags (256, 25)", "d9010082616ad81900"),
        ("tag-regex", "a tag (35)", "d8236161"),
        ("tag-set", "a tag (258)", "d90102820102"),
        ("undefined", "a simple value", "f7"),
        ("simple-0", "a simple value", "e0"),
        ("simple-255", "a simple value", "f8ff"),
        ("false-in-two-bytes", "not well-formed", "f814"),
        ("nan-half", "no number of the model", "f97e00"),
        ("nan-payload", "no number of the model", "f97e01"),
        ("nan-double", "no number of the model", "fb7ff8000000000000"),
        ("infinity", "no number of the model", "f97c00"),
        ("minus-infinity", "no number of the model", "f9fc00"),
        ("float-0", "an integer is no float", "f90000"),
        ("float-minus-0", "there is one zero", "f98000"),
        ("float-1-half", "an integer is no float", "f93c00"),
        ("float-1-double", "an integer is no float", "fb3ff0000000000000"),
        ("float-largest-safe", "2^53 - 1 is an integer", "fb433fffffffffffff"),
        ("float-half-in-single", "half precision keeps 0.5", "fa3f000000"),
        ("float-half-in-double", "half precision keeps 0.5", "fb3fe0000000000000"),
        ("float-single-in-double", "single precision keeps 100000.5", "fb40f86a0800000000"),
        ("float-subnormal-in-single", "half precision keeps 2^-24", "fa33800000"),
        ("float-2-53-in-double", "single precision keeps 2^53", "fb4340000000000000"),
        ("key-repeated", "a key is repeated", "a2616100616100", 4),
        ("keys-unsorted", "keys are sorted by their encoded bytes", "a2616200616100", 4),
        ("keys-by-code-units", "the shorter key stands first", "a262616100616200", 5),
        ("key-number", "a key is a text", "a10000", 1),
        ("key-bytes", "a key is a text", "a1416100", 1),
        ("key-list", "a key is a text", "a18000", 1),
        ("key-long-length", "a length of 1 in a second byte", "a178016100", 1),
        ("utf-8-stray", "not UTF-8", "61ff", 1),
        ("utf-8-cut", "not UTF-8", "61c3", 1),
        ("utf-8-overlong", "not UTF-8", "62c0af", 1),
        ("utf-8-surrogate", "not UTF-8", "63eda080", 1),
        ("reserved-28", "not well-formed", "1c"),
        ("reserved-30", "not well-formed", "1e"),
        ("text-reserved-29", "not well-formed", "7d"),
        ("integer-indefinite", "not well-formed", "1f"),
        ("text-cut", "a text shorter than its length", "6261", 2),
        ("text-of-4-gib", "a length beyond the input", "7affffffff61", 6),
        ("text-of-2-64", "a length beyond the input", "7bffffffffffffffff61", 10),
        ("list-of-4-gib", "a length beyond the input", "9affffffff00", 6),
        ("list-of-2-64", "a length beyond the input", "9bffffffffffffffff00", 10),
        ("map-of-2-64", "a size beyond the input", "bbffffffffffffffff616100", 12),
        ("head-cut", "a head without its bytes", "19", 1),
        ("float-cut", "a float without its bytes", "fb3fe0", 3),
    )),
    ("value-65-deep", "a value is at most 64 deep", _CBOR_EMPTY[:-1] + b"\x81" * 64 + b"\x80",
     {"pointer": "/returns/literal" + "/0" * 64}),
    ("nested-1000", "a document is at most 144 deep", _CBOR_EMPTY[:-1] + b"\x81" * 1000 + b"\x00", {}),
    ("nested-10000", "a document is at most 144 deep", b"\x81" * 10_000 + b"\x00", {}),
    ("nested-1000-open", "a document is at most 144 deep", b"\xa1\x61\x61" * 1000, {}),
    ("nested-10000-tags", "a tag", b"\xc1" * 10_000 + b"\x00", {"offset": 0}),
    ("nested-144", "no document, as deep as one may be", b"\x81" * 143 + b"\x80", {"pointer": ""}),
    ("nested-145", "a document is at most 144 deep", b"\x81" * 144 + b"\x80", {"offset": 144}),
)  # fmt: skip
