"""How a key stands in the contract, and whether a value may stand under it: one table per class, one check for all.

Decided here: kinds, enums, patterns, limits, which keys are required, which exclude each other, and what is wrong
with a body that breaks one of these. Requests are checked where they are made, responses where they are read.
Never here: bytes, statuses, sending, and which keys there are.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze

__all__ = ["Shape", "WireKey", "WireRequest", "fault_of", "frozen_body", "key", "refusal_text", "shape_of", "wire_keys"]

#: What a key of the contract looks like, or a slip of one.
_KEY: Final = re.compile("[A-Za-z_][A-Za-z0-9_]{0,31}")

Kind = Literal["string", "integer", "boolean", "object"]
Form = Literal["uri", "email"]


@attrs.frozen
class WireKey:
    """How one key stands in the contract. ``shortest`` and ``longest`` are in characters.

    An empty ``enum`` allows everything. What is ``secret`` is in no text. ``own`` names what of this is a check of
    ours, which the document does not state.
    """

    name: str
    kind: Kind = "string"
    required: bool = True
    enum: tuple[str | bool, ...] = ()
    shortest: int | None = None
    longest: int | None = None
    pattern: str | None = None
    form: Form | None = None
    secret: bool = False
    own: tuple[str, ...] = ()


@attrs.frozen
class Shape:
    """What holds for a request's body as a whole.

    ``operation`` is who says so in an error. ``closed``: keys outside of the table are refused. ``either``: exactly
    one of these two keys is given.
    """

    operation: str
    closed: bool
    either: tuple[str, str] | None = None


def key(name: str, kind: Kind = "string", *enum: str | bool, **more: Any) -> dict[str, WireKey]:
    """The metadata of a field that stands under ``name`` on the wire."""
    return {"wire": WireKey(name, kind, enum=enum, **more)}


def wire_keys(schema: type) -> tuple[tuple[str, WireKey], ...]:
    """The wire keys of a class of this package, each with the name of its field, in the order of the class."""
    return _wire_keys(schema)


@cache
def _wire_keys(schema: Any) -> tuple[tuple[str, WireKey], ...]:
    return tuple((field.name, field.metadata["wire"]) for field in attrs.fields(schema) if "wire" in field.metadata)


def shape_of(schema: type) -> Shape | None:
    """The shape of a request's class; None for a response."""
    return schema.SHAPE if issubclass(schema, WireRequest) else None


class WireRequest:
    """What all requests have: they are checked where they are made, and know their form on the wire."""

    __slots__ = ()

    SHAPE: ClassVar[Shape]

    def __attrs_post_init__(self) -> None:
        wire = frozen_body(self._given())
        refusal = wire if isinstance(wire, Refusal) else fault_of(type(self), wire)
        if refusal is not None:
            raise ValidationError(self.SHAPE.operation, refusal_text(refusal), pointer=refusal.pointer)

    @property
    def wire(self) -> FrozenDict:
        """The body in wire case, credentials included; what is None is absent."""
        return FrozenDict(self._given())

    def _given(self) -> dict[str, Any]:
        named = ((wire.name, getattr(self, field)) for field, wire in wire_keys(type(self)))
        return {name: value for name, value in named if value is not None}


def refusal_text(refusal: Refusal) -> str:
    """What an error says of a refusal, beside its pointer."""
    return f"{refusal.problem}; {refusal.advice}" if refusal.advice else refusal.problem


def frozen_body(body: object) -> FrozenValue | Refusal:
    """A request's body, frozen; or what in it is no JSON, without showing it: it may be a credential."""
    if type(body) is FrozenDict:
        return body
    frozen = freeze(dict(body) if isinstance(body, Mapping) else body)
    return attrs.evolve(frozen, problem="not a value of JSON") if isinstance(frozen, Refusal) else frozen


def fault_of(schema: type, value: FrozenValue, cover: Callable[[str], str] = str) -> Refusal | None:
    """The first thing that keeps a value from being a body of ``schema``; None if nothing does.

    A text that is wrong is shown as ``cover`` leaves it. Where a body may hold a credential, no value of it is shown
    at all: the credential is easily put under another key, or is given in place of the body. In a response, null under
    an optional key counts as absent: the contract calls no key nullable, and an answer must not be lost for it.
    """
    keys = wire_keys(schema)
    shown = _measured if any(wire.secret for _, wire in keys) else partial(_shown, cover=cover)
    if type(value) is not FrozenDict:
        return Refusal("", f"expected an object, found {shown(value)}")
    shape = shape_of(schema)
    return (shape and _misshapen(schema, shape, value)) or next(
        (refusal for _, wire in keys if (refusal := _wrong(wire, value, shown, shape is None)) is not None), None
    )


def _misshapen(schema: type, shape: Shape, value: FrozenDict) -> Refusal | None:
    if shape.closed:
        known = sorted(wire.name for _, wire in wire_keys(schema))
        unknown = next((name for name in value if name not in known), None)
        if unknown is not None:
            refusal = Refusal("", "an unknown key", f"known are {', '.join(known)}")
            # A slip of the pen looks like a key; anything else may be a credential in the wrong place.
            return refusal.under(unknown) if _KEY.fullmatch(unknown) else refusal
    if shape.either is not None and sum(name in value for name in shape.either) != 1:
        return Refusal("", f"exactly one of {' and '.join(shape.either)} must be given")
    return None


#: A value as an error tells of it.
Shown = Callable[[FrozenValue], str]


def _wrong(wire: WireKey, value: FrozenDict, shown: Shown, lenient: bool) -> Refusal | None:
    if wire.name not in value:
        return Refusal("", "a required key is missing").under(wire.name) if wire.required else None
    if value[wire.name] is None and lenient and not wire.required:
        return None
    problem = _problem(wire, value[wire.name], shown)
    return None if problem is None else Refusal("", problem).under(wire.name)


_KINDS: Final[Mapping[Kind, tuple[type, str]]] = {
    "string": (str, "a string"),
    "integer": (int, "an integer"),
    "boolean": (bool, "a boolean"),
    "object": (FrozenDict, "an object"),
}


def _problem(wire: WireKey, value: FrozenValue, shown: Shown) -> str | None:
    kind, article = _KINDS[wire.kind]
    if type(value) is not kind:
        return f"expected {article}, found {shown(value)}"
    if wire.enum and value not in wire.enum:
        expected = " or ".join("true" if word is True else repr(word) for word in wire.enum)
        return f"expected {expected}, found {shown(value)}"
    return _misspelt(wire, value, shown) if type(value) is str else None


def _misspelt(wire: WireKey, text: str, shown: Shown) -> str | None:
    shortest, longest = wire.shortest or 0, wire.longest
    if len(text) < shortest or (longest is not None and len(text) > longest):
        bounds = f"at most {longest}" if not shortest else f"{shortest} to {longest}"
        return f"expected {bounds} characters, found {len(text)}"
    if wire.pattern is not None and not re.fullmatch(wire.pattern, text):
        return f"expected text that matches {wire.pattern}, found {shown(text)}"
    if wire.form is not None and not _FORMS[wire.form](text):
        return f"expected {_FORM_NAMES[wire.form]}, found {shown(text)}"
    return None


def _is_uri(text: str) -> bool:
    # RFC 3986 §3: a scheme, and none of the characters that have to be quoted.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\xa0\"<>\\^`{|}]+", text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _is_email(text: str) -> bool:
    # A look for slips, no more: only the mail server knows its addresses.
    return re.fullmatch(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+", text) is not None


_FORMS: Final = {"uri": _is_uri, "email": _is_email}
_FORM_NAMES: Final = {"uri": "an absolute URL", "email": "an email address"}


def _measured(value: FrozenValue) -> str:
    """The value by its kind, and a text by its length: nothing of what it says."""
    if value is None:
        return "null"
    if type(value) is str:
        return f"a string of {len(value)} characters"
    return next((article for kind, article in _KINDS.values() if type(value) is kind), "another kind of value")


def _shown(value: FrozenValue, cover: Callable[[str], str]) -> str:
    """The value as a short text; a container by its kind only."""
    if type(value) is FrozenDict:
        return "an object"
    if type(value) is tuple:
        return "a list"
    # Covered first: of a text that is quoted or cut, a part of a secret could stand.
    text = json.dumps(cover(value)) if type(value) is str else cover(json.dumps(value))
    return text if len(text) <= 60 else text[:57] + "..."
