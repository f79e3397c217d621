"""Which output cannot be what a parameter takes: the rules of the checked edges.

Decided here: when two annotations have no value of the model in common. Never here: which output meets which
parameter, and which of them are selected from, or decide.

Only what cannot be is told. An annotation is read as the *forms* that its values have in the model, where a tuple or a
NamedTuple is a list, a TypedDict is an object, and 1.0 is 1; what says nothing, or has no form there (``Any``,
``object``, a type variable, a protocol, a class of the author's), may be anything. Two forms meet as this table says:

==================  ==============================================================================================
two scalars         where they share a kind of value: a bool is an int, an int is a float, and a float may be integral
a literal           where the other is a scalar of its kind, or a literal of the same value
two lists           always, if one of any length is among them on both sides: ``[]`` is both; a part that must be there
                    must meet the items of the other; two of fixed length must be as long and meet in each part
two objects         where each key that one of them requires, and both declare, meets; TypedDicts are open, so a key
                    that only one declares may be there
any other two       never; but a str is a Sequence, and a str or a dict a Collection and an Iterable
a union             where one of its members does
==================  ==============================================================================================
"""

import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, Union

import attrs

from cascades_sdk.compiler._shapes import (
    DICTS,
    LISTS,
    UNKNOWN,
    hints_of,
    is_open_part,
    named_tuple_fields,
    plain_annotation,
    required_keys,
)
from cascades_sdk.values import same_value

__all__ = ["AnyOf", "may_decide", "may_hold", "mismatch", "parts_taken", "text_of"]


@attrs.frozen(eq=False)
class AnyOf:
    """An annotation of our own: one of several, which need not be hashable, as the members of a Union must be."""

    members: tuple[Any, ...]


@attrs.frozen
class _Scalar:
    kinds: frozenset[type]


@attrs.frozen
class _Exactly:
    value: Any


@attrs.frozen(eq=False)
class _Items:
    """A list of any length."""

    each: Any


@attrs.frozen(eq=False)
class _Parts:
    """A list of fixed length."""

    parts: tuple[Any, ...]


@attrs.frozen(eq=False)
class _Entries:
    """An object with any keys."""

    each: Any


@attrs.frozen(eq=False)
class _Record:
    """An object with declared keys, and perhaps others."""

    declared: Mapping[str, Any]
    required: frozenset[str]


_Form: TypeAlias = Union[_Scalar, _Exactly, _Items, _Parts, _Entries, _Record]  # noqa: UP007

#: What the model writes for the values of a builtin: by identity, because not every annotation can be hashed.
_SCALARS: Final[tuple[tuple[Any, frozenset[type]], ...]] = (
    (None, frozenset({types.NoneType})),
    (types.NoneType, frozenset({types.NoneType})),
    (bool, frozenset({bool})),
    (int, frozenset({bool, int})),
    (float, frozenset({bool, int, float})),
    (str, frozenset({str})),
)

#: What is a str besides, and what is a dict.
_OF_TEXT: Final = frozenset({Sequence, Collection, Iterable})
_OF_KEYS: Final = frozenset({Collection, Iterable})

_Meet: TypeAlias = Callable[[Any, Any], bool]


def mismatch(produced: Any, taken: Any) -> str | None:
    """Why no value that is annotated in one way is annotated rightly in the other; ``None`` where one may be.

    It ends for types that contain themselves: what is being looked at already may meet.
    """
    return None if _Meeting().may_be(produced, taken) else f"{text_of(produced)} is never {text_of(taken)}"


def parts_taken(annotation: Any) -> Callable[[str | int], Any]:
    """What a parameter takes at each key or index of the container that it is given, as far as it is known."""
    forms = _forms_of(annotation) or ()

    def part_taken(token: str | int) -> Any:
        parts = (
            _part(forms[0], token) if len(forms) == 1 else tuple(part for form in forms for part in _part(form, token))
        )
        return UNKNOWN if not parts else parts[0] if len(parts) == 1 else AnyOf(parts)

    return part_taken


def may_hold(annotation: Any, token: str | int) -> bool:
    """Whether some value that is annotated so has a part at a key or an index; a part of a text is its character."""
    forms = _forms_of(annotation)
    return forms is None or any(_may_hold(form, token) for form in forms)


def _may_hold(form: _Form, token: str | int) -> bool:
    if isinstance(token, str):
        return type(form) in (_Record, _Entries)  # a TypedDict may hold more than it declares
    if type(form) is _Parts:
        return token < len(form.parts)
    if type(form) is _Exactly:
        return type(form.value) is str and token < len(form.value)
    return str in form.kinds if type(form) is _Scalar else type(form) is _Items


def may_decide(annotation: Any) -> bool:
    """Whether what is annotated so may decide a choice: where it is a bool, or one of several things is.

    A bool is an int, and yet an int is refused: a condition is exactly a bool, and who means one says so.
    """
    forms = _forms_of(annotation)
    return forms is None or any(_may_decide(form) for form in forms)


def _may_decide(form: _Form) -> bool:
    return form.kinds == {bool} if type(form) is _Scalar else type(form) is _Exactly and type(form.value) is bool


def _part(form: _Form, token: str | int) -> tuple[Any, ...]:
    if isinstance(token, int):
        if type(form) is _Parts:
            return form.parts[token : token + 1]
        return (form.each,) if type(form) is _Items else ()
    if type(form) is _Record:
        return (form.declared.get(token, UNKNOWN),)
    return (form.each,) if type(form) is _Entries else ()


class _Meeting:
    """One comparison. ``seen`` keeps the annotations alive by whose identity it knows them."""

    def __init__(self) -> None:
        self.seen: dict[tuple[int, int], tuple[Any, Any, bool]] = {}

    def may_be(self, left: Any, right: Any) -> bool:
        """Whether some value of the model is annotated rightly by both."""
        pair = id(left), id(right)
        if pair not in self.seen:
            self.seen[pair] = left, right, True
            lefts, rights = _forms_of(left), _forms_of(right)
            met = lefts is None or rights is None or any(self.meet(one, other) for one in lefts for other in rights)
            self.seen[pair] = left, right, met
        return self.seen[pair][2]

    def meet(self, left: _Form, right: _Form) -> bool:
        """Whether two forms have a value in common."""
        for one, other in ((left, right), (right, left)):
            rule = _TABLE.get((type(one), type(other)))
            if rule is not None:
                return rule(self.may_be, one, other)
        return False


_TABLE: Final[Mapping[tuple[type, type], Callable[[_Meet, Any, Any], bool]]] = {
    (_Scalar, _Scalar): lambda _meet, one, other: not one.kinds.isdisjoint(other.kinds),
    (_Exactly, _Scalar): lambda _meet, one, other: type(one.value) in other.kinds,
    (_Exactly, _Exactly): lambda _meet, one, other: same_value(one.value, other.value),
    (_Items, _Items): lambda _meet, _one, _other: True,
    (_Parts, _Items): lambda meet, one, other: all(meet(part, other.each) for part in one.parts),
    (_Parts, _Parts): lambda meet, one, other: (
        len(one.parts) == len(other.parts) and all(map(meet, one.parts, other.parts))
    ),
    (_Entries, _Entries): lambda _meet, _one, _other: True,
    (_Record, _Entries): lambda meet, one, other: all(meet(one.declared[key], other.each) for key in one.required),
    (_Record, _Record): lambda meet, one, other: all(
        meet(one.declared[key], other.declared[key])
        for key in sorted(one.required | other.required)
        if key in one.declared and key in other.declared
    ),
}


def _forms_of(annotation: Any, outer: tuple[Any, ...] = ()) -> tuple[_Form, ...] | None:
    """The forms that values annotated so have in the model; ``None`` where nothing is known of them.

    A union that is a member of itself (``type X = int | X``) adds nothing there.
    """
    annotation = plain_annotation(annotation)
    for scalar, kinds in _SCALARS:
        if annotation is scalar:
            return (_Scalar(kinds),)
    fields = named_tuple_fields(annotation)
    if fields is not None:
        return (_Parts(tuple(fields.values())),)
    if typing.is_typeddict(annotation):
        declared = hints_of(annotation)
        return (_Record(declared, required_keys(annotation)),)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if type(annotation) is AnyOf or origin is Union or origin is types.UnionType:
        if any(annotation is union for union in outer):
            return ()
        members = annotation.members if type(annotation) is AnyOf else arguments
        return _forms_of_all(members, (*outer, annotation))
    if origin is typing.Literal:
        plain = all(type(value) in (str, int, bool, types.NoneType) for value in arguments)
        return tuple(map(_Exactly, arguments)) if plain else None
    if origin is tuple and not any(map(is_open_part, arguments)):
        return (_Parts(arguments),)
    container = annotation if origin is None and isinstance(annotation, type) else origin
    if container is tuple:
        return (_Items(arguments[0] if len(arguments) == 2 and arguments[1] is Ellipsis else UNKNOWN),)
    if container in LISTS:
        return (
            _Items(arguments[0] if arguments else UNKNOWN),
            *([_Scalar(frozenset({str}))] if container in _OF_TEXT else []),
            *([_Entries(UNKNOWN)] if container in _OF_KEYS else []),
        )
    return (_Entries(arguments[1] if arguments else UNKNOWN),) if container in DICTS else None


def _forms_of_all(members: tuple[Any, ...], outer: tuple[Any, ...]) -> tuple[_Form, ...] | None:
    found: list[_Form] = []
    for member in members:
        forms = _forms_of(member, outer)
        if forms is None:
            return None
        found += forms
    return tuple(found)


def text_of(annotation: Any) -> str:
    """An annotation as its author would write it."""
    if type(annotation) is AnyOf:
        return " | ".join(map(text_of, annotation.members))
    if annotation is None or annotation is types.NoneType:
        return "None"
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation.__qualname__
    return repr(annotation).replace("typing.", "").replace("collections.abc.", "")
