"""The sources of `vectors/values.json`: a name, what it shows, and the value as JSON text."""

import json
from typing import Any, Final

__all__ = ["VALUES"]


def _deep(opening: str, closing: str, innermost: str, levels: int = 64) -> str:
    return opening * levels + innermost + closing * levels


def _text(value: Any) -> str:
    return json.dumps(value)


_WORDS: Final = (
    ("null", "the word", "null"),
    ("true", "the word", "true"),
    ("false", "the word", "false"),
)

#: RFC 8785 appendix B, as far as it is in the model, which is all but NaN and Infinity.
_APPENDIX_B: Final = (
    ("number-zero", "0000000000000000 of RFC 8785 appendix B", "0"),
    ("number-minus-zero", "8000000000000000 of RFC 8785 appendix B: there is one zero", "-0"),
    ("number-min-positive", "0000000000000001 of RFC 8785 appendix B: the smallest subnormal", "5e-324"),
    ("number-min-negative", "8000000000000001 of RFC 8785 appendix B", "-5e-324"),
    ("number-max-positive", "7fefffffffffffff of RFC 8785 appendix B", "1.7976931348623157e308"),
    ("number-max-negative", "ffefffffffffffff of RFC 8785 appendix B", "-1.7976931348623157e308"),
    ("number-2-53", "4340000000000000 of RFC 8785 appendix B: no safe integer, so a float", "9007199254740992"),
    ("number-minus-2-53", "c340000000000000 of RFC 8785 appendix B: so is its negative", "-9007199254740992"),
    ("number-2-68", "4430000000000000 of RFC 8785 appendix B: shortest digits, then zeros", "295147905179352830000"),
    ("number-below-1e23", "44b52d02c7e14af5 of RFC 8785 appendix B", "9.999999999999997e+22"),
    ("number-1e23", "44b52d02c7e14af6 of RFC 8785 appendix B", "1e+23"),
    ("number-above-1e23", "44b52d02c7e14af7 of RFC 8785 appendix B", "1.0000000000000001e+23"),
    ("number-2-below-1e21", "444b1ae4d6e2ef4e of RFC 8785 appendix B", "999999999999999700000"),
    (
        "number-below-1e21",
        "444b1ae4d6e2ef4f of RFC 8785 appendix B: the last without an exponent",
        "999999999999999900000",
    ),
    ("number-1e21", "444b1ae4d6e2ef50 of RFC 8785 appendix B: the first with an exponent", "1e+21"),
    ("number-below-1e-6", "3eb0c6f7a0b5ed8c of RFC 8785 appendix B: an exponent", "9.999999999999997e-7"),
    ("number-1e-6", "3eb0c6f7a0b5ed8d of RFC 8785 appendix B: no exponent", "0.000001"),
    ("number-third-1", "41b3de4355555553 of RFC 8785 appendix B", "333333333.3333332"),
    ("number-third-2", "41b3de4355555554 of RFC 8785 appendix B", "333333333.33333325"),
    ("number-third-3", "41b3de4355555555 of RFC 8785 appendix B", "333333333.3333333"),
    ("number-third-4", "41b3de4355555556 of RFC 8785 appendix B", "333333333.3333334"),
    ("number-third-5", "41b3de4355555557 of RFC 8785 appendix B", "333333333.33333343"),
    ("number-small-negative", "becbf647612f3696 of RFC 8785 appendix B", "-0.0000033333333333333333"),
    ("number-even", "43143ff3c1cb0959 of RFC 8785 appendix B: round to even", "1424953923781206.2"),
)

_INTEGERS: Final = (
    ("integer-1", "one byte of CBOR", "1"),
    ("integer-23", "the last that fits into the first byte of CBOR", "23"),
    ("integer-24", "the first with a second byte of CBOR", "24"),
    ("integer-255", "the last with a second byte of CBOR", "255"),
    ("integer-256", "the first with two more bytes of CBOR", "256"),
    ("integer-65535", "the last with two more bytes of CBOR", "65535"),
    ("integer-65536", "the first with four more bytes of CBOR", "65536"),
    ("integer-4294967295", "the last with four more bytes of CBOR", "4294967295"),
    ("integer-4294967296", "the first with eight more bytes of CBOR", "4294967296"),
    ("integer-largest-safe", "2^53 - 1: the last integer of the model", "9007199254740991"),
    ("integer-minus-1", "a negative integer of CBOR is -1 - n", "-1"),
    ("integer-minus-24", "the last negative that fits into the first byte of CBOR", "-24"),
    ("integer-minus-25", "the first negative with a second byte of CBOR", "-25"),
    ("integer-minus-256", "the last negative with a second byte of CBOR", "-256"),
    ("integer-minus-257", "the first negative with two more bytes of CBOR", "-257"),
    ("integer-smallest-safe", "-(2^53 - 1)", "-9007199254740991"),
)

_FLOATS: Final = (
    ("float-half", "half precision keeps it", "0.5"),
    ("float-half-smallest-normal", "2^-14", "0.00006103515625"),
    ("float-half-smallest", "2^-24: a subnormal of half precision, and an exponent", "5.960464477539063e-8"),
    ("float-half-precise", "1 + 2^-10: the last bit of half precision", "1.0009765625"),
    ("float-single-precise", "1 + 2^-11: one bit more than half precision has", "1.00048828125"),
    ("float-single", "single precision keeps it", "100000.5"),
    ("float-single-smallest", "2^-149: a subnormal of single precision", "1.401298464324817e-45"),
    ("float-single-largest", "the largest of single precision", "3.4028234663852886e38"),
    ("float-2-60", "no safe integer; shortest digits, then zeros; single precision keeps it", "1152921504606846976"),
    ("float-double", "double precision only", "0.1"),
    ("float-double-2-minus-150", "half of the smallest of single precision", "7.006492321624085e-46"),
    ("float-largest-subnormal", "the largest subnormal", "2.225073858507201e-308"),
    ("float-smallest-normal", "the smallest normal", "2.2250738585072014e-308"),
    ("float-1e-7", "an exponent of one digit", "1e-7"),
    ("float-1e22", "an exact power of ten beyond the safe integers", "1e22"),
    ("float-above-2-53", "2^53 + 2", "9007199254740994"),
)

_SPELLINGS: Final = (
    ("spelled-1.0", "an integral number is an integer however it is written", "1.0"),
    ("spelled-1e2", "an exponent alone makes no float", "1E2"),
    ("spelled-minus-zero-point-zero", "there is one zero", "-0.0"),
    ("spelled-0.10", "a zero at the end is not kept", "0.10"),
    ("spelled-2-53-plus-1", "a number token is read as binary64: this one is 2^53", "9007199254740993"),
    ("spelled-underflow", "a token below the smallest subnormal is zero", "1e-400"),
)

_TEXTS: Final = (
    ("text-empty", "no character", '""'),
    ("text-ascii", "as it is", '"a task"'),
    (
        "text-short-escapes",
        "the five controls with a short form, the quotation mark and the backslash",
        r'"\b\t\n\f\r\"\\"',
    ),
    ("text-long-escapes", "controls without a short form, in lower case", r'"\u0000\u0001\u000b\u000e\u001f"'),
    ("text-not-escaped", "what other writers escape: / DEL < & U+2028 U+2029", r'"\/\u007f<&\u2028\u2029"'),
    ("text-spelled-otherwise", "an escape that is not needed is not kept", r'"\u0041\u00e9\ud83d\ude00"'),
    ("text-composed", "U+00E9", r'"\u00e9"'),
    ("text-decomposed", "U+0065 U+0301: another text, nothing is normalised", r'"e\u0301"'),
    ("text-highest", "U+FFFF and U+10FFFF", r'"\uffff\udbff\udfff"'),
    ("text-byte-order-mark", "U+FEFF is a character like others", r'"\ufeff"'),
    ("text-23-bytes", "the last length that fits into the first byte of CBOR", _text("a" * 23)),
    ("text-24-bytes", "the length counts bytes of UTF-8: 12 characters", _text("\u00e9" * 12)),
    ("text-256-bytes", "a length in two bytes of CBOR", _text("0123456789abcdef" * 16)),
    ("text-number", "no number", '"1"'),
)

_CONTAINERS: Final = (
    ("list-empty", "no item", "[]"),
    ("object-empty", "no entry", "{}"),
    ("list-of-empties", "empty containers in one", "[[],{},[[]],[{}]]"),
    ("list-of-each", "one of each kind", '[null,true,0,0.5,"",[],{}]'),
    ("list-keeps-order", "a list is not sorted", "[3,1,2]"),
    ("list-24", "a length with a second byte of CBOR", _text(list(range(24)))),
    ("object-24", "a size with a second byte of CBOR", _text({f"k{at}": at for at in range(24)})),
    ("object-order", "names are sorted", '{"b":1,"a":2}'),
    ("object-order-length", "JSON: aa, b, by code units; CBOR: b, aa, by encoded bytes, of which length is the first",
     '{"b":1,"aa":2}'),
    ("object-order-case", "upper case before lower case, digits before both, a prefix before the longer name",
     '{"a":1,"B":2,"10":3,"9":4,"":5,"ab":6}'),
    ("object-order-surrogates", "U+1F600 is D83D DE00 in UTF-16: before U+E000 and U+FFFF in JSON, after them in CBOR",
     r'{"\uffff":1,"\ud83d\ude00":2,"\ue000":3,"\ud7ff":4}'),
    ("object-order-controls", "RFC 8785 §3.2.3: carriage return, 1, control, o-umlaut, euro, emoji, hebrew",
     r'{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
     r'"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}'),
    ("object-order-nested", "every level is sorted", '{"b":[{"d":1,"c":2}],"a":{"f":3,"e":4}}'),
    ("object-escaped-names", "names are escaped like texts", r'{"\u0000":1,"\"":2,"\\":3,"\/":4,"\n":5}'),
    ("object-composed-names", "U+00E9 and U+0065 U+0301 are two names", r'{"\u00e9":1,"e\u0301":2}'),
    ("rfc8785-sample", "RFC 8785 §3.2.2",
     r'{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
     r'"string":"\u20ac$\u000F\u000aA' "'" r'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}'),
    ("looks-like-a-binding", "a value is a value, whatever its names", '{"node":"node-0","path":[0]}'),
    ("depth-64-lists", "the greatest depth", _deep("[", "]", "")),
    ("depth-64-objects", "the greatest depth", _deep('{"a":', "}", "0")),
    ("depth-64-both", "the greatest depth, a list in an object 32 times", _deep('{"":[', "]}", "null", 32)),
)  # fmt: skip

VALUES: Final[tuple[tuple[str, str, str], ...]] = (
    *(*_WORDS, *_APPENDIX_B, *_INTEGERS, *_FLOATS),
    *(*_SPELLINGS, *_TEXTS, *_CONTAINERS),
)
