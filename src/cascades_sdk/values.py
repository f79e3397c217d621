"""The closed value model: what may cross a task boundary, a document, or a response body.

Decided here: which Python objects are values, their one frozen form, and when two of them are equal.
Never here: bytes, files, sockets.

The model is ``None | bool | number | str | list | object`` with one number type, finite binary64
(the number type of RFC 8785 §3.2.2.3). Each value has exactly one frozen form:

========================================  =====================================
foreign value                             frozen form
========================================  =====================================
``None``, ``bool``, ``str``               itself
``int`` with ``|x| <= 2**53 - 1``         itself
``float``, integral and within that       the ``int`` (``1.0`` is ``1``, ``-0.0`` is ``0``)
any other finite ``float``                itself
``list``, ``tuple``, a NamedTuple         ``tuple``
``dict`` with ``str`` keys                :class:`FrozenDict`, keys in RFC 8785 order
========================================  =====================================

Everything else is refused with a :class:`Refusal` that tells where it stood and what to do instead.
Types are compared exactly: a subclass (``IntEnum``, a numpy scalar) is refused, because what it
would become on the other side is not what it was here.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from math import isfinite
from reprlib import Repr
from typing import Any, Final, Generic, NoReturn, TypeAlias, Union

import attrs

__all__ = [
    "MAX_DEPTH",
    "MAX_SAFE_INTEGER",
    "FrozenDict",
    "FrozenValue",
    "JSONValue",
    "Refusal",
    "RefusedValueError",
    "freeze",
    "is_named_tuple",
    "items_of",
    "json_pointer",
    "number_text",
    "printable",
    "same_value",
    "shown",
    "sorted_names",
    "thaw",
    "utf16_order",
]

#: 2**53 - 1, the largest integer n such that n and n + 1 are both exact in binary64 (RFC 8259 §6).
MAX_SAFE_INTEGER: Final = 2**53 - 1

#: How many containers may enclose each other in one value.
MAX_DEPTH: Final = 64

JSONValue: TypeAlias = Union[None, bool, int, float, str, "list[JSONValue]", "dict[str, JSONValue]"]
FrozenValue: TypeAlias = Union[None, bool, int, float, str, "tuple[FrozenValue, ...]", "FrozenDict"]


@attrs.frozen
class Refusal:
    """Why a foreign value is not in the model: where it stood, what it was, what to do instead.

    ``pointer`` is a JSON Pointer (RFC 6901) from the value given; the empty string is that value itself.
    """

    pointer: str
    problem: str
    advice: str = ""

    def __str__(self) -> str:
        text = f"{self.pointer or '(the value itself)'}: {self.problem}"
        return printable(f"{text}; {self.advice}" if self.advice else text)

    def under(self, *tokens: str | int) -> "Refusal":
        """The same refusal seen from further out."""
        return attrs.evolve(self, pointer=json_pointer(tokens) + self.pointer)


class RefusedValueError(ValueError):
    """Raised only by constructors of frozen values (:class:`FrozenDict`); :func:`freeze` answers a value."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal

    def __reduce__(self) -> tuple[type["RefusedValueError"], tuple[Refusal]]:
        return RefusedValueError, (self.refusal,)


def json_pointer(tokens: Iterable[str | int]) -> str:
    """The JSON Pointer of a path of keys and indexes (RFC 6901 §3: ``~`` is ``~0``, ``/`` is ``~1``)."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


_BEGINNINGS: Final = Repr()
_BEGINNINGS.maxlevel = 3


def shown(value: object) -> str:
    """A foreign value as a text repeats it: its ``repr``, cut where it is long. Never raises.

    A ``repr`` may raise: that of an ``int`` of many thousand digits does, and so may an author's own. Of a container
    only the beginnings are asked: the ``repr`` of a list that holds another many times over may never end.
    """
    try:
        text = _BEGINNINGS.repr(value) if type(value) in (list, tuple, dict, set, frozenset) else repr(value)
    except Exception:  # noqa: BLE001 - whatever a foreign __repr__ raises
        return _instance_of(type(value))
    return text[:80]


def printable(text: str) -> str:
    """The text with everything that a terminal could act on, or not show, written as a Python escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _instance_of(kind: type) -> str:
    return f"{'an' if kind.__name__[:1] in 'AEIOaeio' else 'a'} {kind.__name__}"


def utf16_order(name: str) -> bytes:
    """The sort key of an object's names: their UTF-16 code units (RFC 8785 §3.2.3)."""
    return name.encode("utf-16-be", "surrogatepass")


def number_text(number: int | float) -> str:
    """A number of the model as ECMAScript prints it (RFC 8785 §3.2.2.3, ECMA-262 Number::toString).

    Python and ECMAScript agree on the shortest digits that read back to the same binary64; they differ
    in where they switch to an exponent and in how they write it.
    """
    text = repr(number)
    if "e" not in text:
        return text.removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction.removesuffix("0")  # repr writes one digit before the point, so no leading zero
    point = int(exponent) + 1  # where the decimal point stands, counted from the first digit
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def sorted_names(names: Iterable[str]) -> list[str]:
    """Names in RFC 8785 order. Code-point order is the same unless something above U+FFFF occurs."""
    ordered = sorted(names)
    text = "".join(ordered)
    if not text.isascii() and max(text) > "\uffff":
        ordered.sort(key=utf16_order)
    return ordered


class FrozenDict(Mapping[str, FrozenValue]):
    """An immutable object of the value model: a ``Mapping`` that hashes, pickles and compares type-strictly.

    Iteration is in RFC 8785 order of the keys, whatever the order they were given in.
    ``FrozenDict({"a": 1}) != FrozenDict({"a": True})``, although ``1 == True``; and it equals no ``dict``.

    Raises:
        RefusedValueError: something in the mapping is not in the value model.
    """

    __slots__ = ("_content", "_hash")

    _content: dict[str, FrozenValue]
    _hash: int | None

    def __new__(cls, mapping: Mapping[str, Any] | None = None) -> "FrozenDict":
        frozen = freeze({} if mapping is None else dict(mapping))
        if isinstance(frozen, Refusal):
            raise RefusedValueError(frozen)
        assert isinstance(frozen, FrozenDict)
        return frozen

    @classmethod
    def of_frozen(cls, content: dict[str, FrozenValue]) -> "FrozenDict":
        """Wrap a dict that is frozen inside and in order already, and that nobody else holds."""
        new: FrozenDict = object.__new__(cls)
        object.__setattr__(new, "_content", content)
        object.__setattr__(new, "_hash", None)
        return new

    def __getitem__(self, key: str) -> FrozenValue:
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    # The views of a dict are read only, and need no call for each entry as those of Mapping do.

    def keys(self) -> KeysView[str]:
        return self._content.keys()

    def values(self) -> ValuesView[FrozenValue]:
        return self._content.values()

    def items(self) -> ItemsView[str, FrozenValue]:
        return self._content.items()

    def __contains__(self, key: object) -> bool:
        return key in self._content

    def __eq__(self, other: object) -> bool:
        if type(other) is not FrozenDict:
            return NotImplemented
        return same_value(self, other)

    def __hash__(self) -> int:
        known = self._hash
        if known is None:
            known = hash(tuple(self._content.items()))
            object.__setattr__(self, "_hash", known)
        return known

    def __repr__(self) -> str:
        return f"FrozenDict({self._content!r})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"FrozenDict is immutable; .{name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"FrozenDict is immutable; .{name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, tuple[dict[str, FrozenValue]]]:
        return FrozenDict.of_frozen, (dict(self._content),)

    def __copy__(self) -> "FrozenDict":
        return self

    def __deepcopy__(self, memo: object) -> "FrozenDict":
        return self


def freeze(value: object) -> FrozenValue | Refusal:
    """The frozen form of a foreign value, or why it has none.

    Idempotent: what is frozen already is walked again only where it holds containers. A value deeper than
    :data:`MAX_DEPTH` (a cycle is infinitely deep) is refused before anything deeper is looked at. Cost is linear in
    what is there in memory: a container that stands in many places is frozen once for each depth at which it stands,
    and its frozen form is shared. (As text, and thawed, it is as large as if it were written out everywhere.)
    """
    return _freeze(value, (), 0, {})


def _freeze(
    value: Any, path: tuple[Any, ...], depth: int, known: dict[tuple[int, int], FrozenValue]
) -> FrozenValue | Refusal:
    # `path` is a linked list (outer, token): no copy per level, and it is only read when something is wrong.
    # `known` are the containers that are frozen, by identity and depth: all of them live as long as the whole does.
    kind = type(value)
    if kind is str:
        return value if value.isascii() or _is_utf8(value) else _refused_text(value, path)
    if kind is int:
        return value if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER else _refused_integer(path)
    if value is None or kind is bool:
        return value  # type: ignore[no-any-return]  # narrowed by the two tests
    if kind is float:
        if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER:
            return int(value)
        return value if isfinite(value) else _refused_float(value, path)
    if kind is list or kind is tuple or is_named_tuple(kind):
        freeze_inside: Any = _freeze_items
    elif kind is dict or kind is FrozenDict:
        freeze_inside = _freeze_object
    else:
        return _refused_type(value, path)
    if depth >= MAX_DEPTH:
        return _refused_depth(path)
    place = (id(value), depth)
    if place not in known:
        frozen: FrozenValue | Refusal = freeze_inside(value, path, depth + 1, known)
        if isinstance(frozen, Refusal):
            return frozen
        known[place] = frozen
    return known[place]


def _freeze_items(
    value: Any, path: tuple[Any, ...], depth: int, known: dict[tuple[int, int], FrozenValue]
) -> FrozenValue | Refusal:
    frozen: list[FrozenValue] = []
    for index, item in enumerate(items_of(value)):
        inner = item if type(item) is str and item.isascii() else _freeze(item, (path, index), depth, known)
        if isinstance(inner, Refusal):
            return inner
        frozen.append(inner)
    return tuple(frozen)


def _freeze_object(
    value: Mapping[Any, Any], path: tuple[Any, ...], depth: int, known: dict[tuple[int, int], FrozenValue]
) -> FrozenValue | Refusal:
    for key in value:
        if type(key) is not str:
            return _refusal(path, f"the key {shown(key)} is {_instance_of(type(key))}", "use str keys")
        if not (key.isascii() or _is_utf8(key)):
            return _refused_text(key, path)
    frozen: dict[str, FrozenValue] = {}
    for key in sorted_names(value):
        item = value[key]
        inner = item if type(item) is str and item.isascii() else _freeze(item, (path, key), depth, known)
        if isinstance(inner, Refusal):
            return inner
        frozen[key] = inner
    return FrozenDict.of_frozen(frozen)


def is_named_tuple(kind: type) -> bool:
    """Whether a class is a NamedTuple, generic or not: the one subclass whose instances are values (as lists)."""
    return kind.__bases__ in ((tuple,), (tuple, Generic)) and isinstance(getattr(kind, "_fields", None), tuple)


def items_of(value: list[Any] | tuple[Any, ...]) -> list[Any] | tuple[Any, ...]:
    """What a list or tuple holds. A NamedTuple may iterate over what it makes up; that is not what it holds."""
    kind = type(value)
    return value if kind is list or kind is tuple else tuple(tuple.__iter__(value))  # type: ignore[arg-type]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(path: tuple[Any, ...], problem: str, advice: str) -> Refusal:
    tokens: list[str | int] = []
    while path:
        path, token = path
        tokens.append(token)
    return Refusal(json_pointer(reversed(tokens)), problem, advice)


def _refused_text(text: str, path: tuple[Any, ...]) -> Refusal:
    return _refusal(
        path,
        f"the text {text[:40]!a} has a lone surrogate and no UTF-8 form",
        "decode bytes with errors='replace', or pass them as base64 text",
    )


def _refused_integer(path: tuple[Any, ...]) -> Refusal:
    return _refusal(
        path,
        "an integer beyond 2**53 - 1 is not exact on the wire",
        "pass it as a str (nanosecond stamps and 64-bit ids are the usual cases)",
    )


def _refused_float(value: float, path: tuple[Any, ...]) -> Refusal:
    return _refusal(path, f"{value} is not a finite number", "pass None, or a str that names the case")


def _refused_depth(path: tuple[Any, ...]) -> Refusal:
    return _refusal(path, f"nested deeper than {MAX_DEPTH} (or a cycle)", "flatten the value")


#: What to pass instead, by the name of a type or of one of its bases.
_WAYS_OUT: Final[Mapping[str, str]] = {
    "set": "pass sorted(...) of it, so that its order is yours",
    "frozenset": "pass sorted(...) of it, so that its order is yours",
    "bytes": "pass text, or base64 text",
    "bytearray": "pass text, or base64 text",
    "datetime": "pass its isoformat()",
    "date": "pass its isoformat()",
    "time": "pass its isoformat()",
    "timedelta": "pass its total_seconds()",
    "Decimal": "pass str(...) of it, or a float if rounding is acceptable",
    "Fraction": "pass str(...) of it",
    "UUID": "pass str(...) of it",
    "PurePath": "pass str(...) of it",
    "Enum": "pass its .value",
    "complex": "pass a list of its two parts",
    "range": "pass list(...) of it",
    "generator": "pass list(...) of it",
    "function": "a task cannot take a function; name it by a str and look it up inside the task",
    "ndarray": "pass its tolist()",
    "generic": "pass its item()",
    "_IOBase": "pass the path or the text of the file",
}


def _refused_type(value: object, path: tuple[Any, ...]) -> Refusal:
    kind = type(value)
    advice = next(
        (_WAYS_OUT[base.__name__] for base in kind.__mro__ if base.__name__ in _WAYS_OUT),
        "pass None, a bool, a number, a str, or a list or dict of these",
    )
    if attrs.has(kind) or hasattr(kind, "__dataclass_fields__"):
        advice = "pass a dict of its fields"
    problem = f"{_instance_of(kind)} is not a value of the model"
    plain = next((base for base in (int, float, str, list, tuple, dict) if base in kind.__mro__), None)
    if plain is not None and advice.startswith("pass None"):
        advice = f"pass {plain.__name__}(...) of it: subclasses are refused"
    return _refusal(path, problem, advice)


def thaw(value: FrozenValue) -> JSONValue:
    """A fresh plain value (lists and dicts) that nobody else holds: the inverse of :func:`freeze`."""
    if type(value) is tuple:
        return [thaw(item) for item in value]
    if type(value) is FrozenDict:
        return {key: thaw(item) for key, item in value.items()}
    return value  # type: ignore[return-value]  # the two containers are gone


def same_value(left: FrozenValue, right: FrozenValue) -> bool:
    """Type-strict structural equality of frozen values: ``1`` is not ``True``.

    Two frozen values are the same exactly when their canonical bytes are.
    """
    if left is right:
        return True  # the model has no NaN
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same_value, left, right))
    if isinstance(left, FrozenDict) and isinstance(right, FrozenDict):
        return (
            len(left) == len(right)
            and all(map(str.__eq__, left, right))
            and all(map(same_value, left.values(), right.values()))
        )
    return left == right
