"""Values thawed for a parameter, as its annotation asks.

Decided here: which Python types that the value model folds together an annotation brings back: floats (the model
writes 1.0 as 1), tuples and NamedTuples (the model writes lists), in containers too.
Of the members of a union, the first is taken that the value fits, by its kind, its length, its keys, and the same of
its parts. Three things do not come back, because the model does not tell them: the sign of zero; which member of a
union a value was, where it fits several (``list[int] | tuple[int, int]`` and two ints: the first is taken; an int that
is allowed to be one stays one); and the class of what is only annotated as ``Mapping`` or ``Sequence`` (a dict and a
list are given). What an annotation does not cover, or what does not fit it, is thawed plainly: checking types is not
done here.
Never here: which value a parameter gets.
"""

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias, Union

import attrs

from cascades_sdk.compiler import (
    DICTS,
    LISTS,
    hints_of,
    is_open_part,
    named_tuple_fields,
    plain_annotation,
    required_keys,
)
from cascades_sdk.values import FrozenDict, FrozenValue, same_value, thaw

__all__ = ["Thaw", "thawing_for", "thawings_of"]

Thaw: TypeAlias = Callable[[FrozenValue], Any]

#: What is known already of one value that is being thawed: whether a container in it fits a form, both by identity. So
#: types that contain themselves cost no more than their members times the size of the value.
_Fits: TypeAlias = dict[tuple[int, int], bool]


def thawings_of(function: Callable[..., Any]) -> dict[str, Thaw]:
    """How to thaw the argument of each annotated parameter of a function."""
    return {name: thawing_for(annotation) for name, annotation in hints_of(function).items()}


def thawing_for(annotation: Any) -> Thaw:
    """How to thaw a value that is annotated so."""
    form = _Forms().of(annotation)
    return lambda value: form.thawed(value, {})


class _Form(Protocol):
    """What an annotation says of a value."""

    def has(self, value: FrozenValue, /) -> bool:
        """Whether the value fits, as far as that is seen without looking at its parts."""
        ...

    def parts_fit(self, value: FrozenValue, fits: _Fits, /) -> bool:
        """Whether the parts of a value fit that fits by itself."""
        ...

    def thawed(self, value: FrozenValue, fits: _Fits, /) -> Any:
        """The value as it is annotated, plain where it does not fit."""
        ...


def _is_fit(form: _Form, value: FrozenValue, fits: _Fits) -> bool:
    if not form.has(value):
        return False
    if type(value) is not tuple and type(value) is not FrozenDict:
        return True
    key = id(form), id(value)
    if key not in fits:
        fits[key] = form.parts_fit(value, fits)
    return fits[key]


@attrs.frozen(eq=False)
class _Plain:
    """What is thawed plainly, of some kinds; or, where nothing is known of it, of all."""

    kinds: frozenset[type] | None = None
    exactly: tuple[Any, ...] | None = None

    def has(self, value: FrozenValue) -> bool:
        if self.exactly is not None:
            return any(same_value(value, each) for each in self.exactly)
        return self.kinds is None or type(value) in self.kinds

    def parts_fit(self, _value: FrozenValue, _fits: _Fits) -> bool:
        return True

    def thawed(self, value: FrozenValue, _fits: _Fits) -> Any:
        return thaw(value)


@attrs.frozen(eq=False)
class _Float(_Plain):
    kinds: frozenset[type] | None = frozenset({bool, int, float})

    def thawed(self, value: FrozenValue, _fits: _Fits) -> Any:
        return float(value) if type(value) is int else thaw(value)


@attrs.frozen(eq=False)
class _Items:
    """A list or a tuple of any length; ``strict`` where nothing else is annotated so (a str is a Sequence)."""

    each: _Form
    make: Callable[[Any], Any]
    strict: bool = True

    def has(self, value: FrozenValue) -> bool:
        return type(value) is tuple or not self.strict

    def parts_fit(self, value: FrozenValue, fits: _Fits) -> bool:
        return type(value) is not tuple or all(_is_fit(self.each, item, fits) for item in value)

    def thawed(self, value: FrozenValue, fits: _Fits) -> Any:
        return self.make([self.each.thawed(item, fits) for item in value]) if type(value) is tuple else thaw(value)


@attrs.frozen(eq=False)
class _Parts:
    """A tuple of known length, or a NamedTuple."""

    parts: tuple[_Form, ...]
    make: Callable[[Any], Any]

    def has(self, value: FrozenValue) -> bool:
        return type(value) is tuple and len(value) == len(self.parts)

    def parts_fit(self, value: Any, fits: _Fits) -> bool:
        return all(_is_fit(part, item, fits) for part, item in zip(self.parts, value, strict=True))

    def thawed(self, value: Any, fits: _Fits) -> Any:
        if not self.has(value):
            return thaw(value)
        return self.make([part.thawed(item, fits) for part, item in zip(self.parts, value, strict=True)])


@attrs.frozen(eq=False)
class _Entries:
    """A dict: with keys that are declared, of which some must be there, and with any others."""

    declared: Mapping[str, _Form]
    required: frozenset[str]
    others: _Form

    def has(self, value: FrozenValue) -> bool:
        return type(value) is FrozenDict and all(key in value for key in self.required)

    def parts_fit(self, value: Any, fits: _Fits) -> bool:
        return all(_is_fit(self.declared.get(key, self.others), item, fits) for key, item in value.items())

    def thawed(self, value: Any, fits: _Fits) -> Any:
        if type(value) is not FrozenDict:
            return thaw(value)
        return {key: self.declared.get(key, self.others).thawed(item, fits) for key, item in value.items()}


@attrs.frozen(eq=False)
class _OneOf:
    """A union. None of its members is one."""

    members: tuple[_Form, ...]

    def has(self, value: FrozenValue) -> bool:
        return any(member.has(value) for member in self.members)

    def parts_fit(self, value: FrozenValue, fits: _Fits) -> bool:
        return any(_is_fit(member, value, fits) for member in self.members)

    def thawed(self, value: FrozenValue, fits: _Fits) -> Any:
        fitting = [member for member in self.members if member.has(value) and member is not _UNKNOWN]
        if len(fitting) < 2:
            return fitting[0].thawed(value, fits) if fitting else thaw(value)
        if type(value) is int and any(type(member) is _Plain and member.kinds is not None for member in fitting):
            return value
        return next((member for member in fitting if _is_fit(member, value, fits)), fitting[0]).thawed(value, fits)


class _Itself:
    """What stands for a form inside of that form: a type that contains itself."""

    form: _Form

    def has(self, value: FrozenValue) -> bool:
        return self.form.has(value)

    def parts_fit(self, value: FrozenValue, fits: _Fits) -> bool:
        return _is_fit(self.form, value, fits)

    def thawed(self, value: FrozenValue, fits: _Fits) -> Any:
        return self.form.thawed(value, fits)


_UNKNOWN: Final = _Plain()

_SCALARS: Final[tuple[tuple[Any, _Form], ...]] = (
    (None, _Plain(frozenset({types.NoneType}))),
    (types.NoneType, _Plain(frozenset({types.NoneType}))),
    (bool, _Plain(frozenset({bool}))),
    (int, _Plain(frozenset({bool, int}))),
    (float, _Float()),
    (str, _Plain(frozenset({str}))),
)


class _Forms:
    """The forms of annotations, each made once. They are known by identity, and kept alive for that."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, _Form]] = {}

    def of(self, annotation: Any) -> _Form:
        """The form of an annotation."""
        bare = plain_annotation(annotation)
        known = self.known.get(id(bare))
        if known is not None:
            return known[1]
        itself = _Itself()
        self.known[id(bare)] = bare, itself
        itself.form = self.made(bare)
        self.known[id(bare)] = bare, itself.form
        return itself.form

    def made(self, bare: Any) -> _Form:
        for scalar, form in _SCALARS:
            if bare is scalar:
                return form
        fields = named_tuple_fields(bare)
        if fields is not None:
            return _Parts(tuple(map(self.of, fields.values())), bare._make)
        if typing.is_typeddict(bare):
            declared = {name: self.of(hint) for name, hint in hints_of(bare).items()}
            return _Entries(declared, required_keys(bare), _UNKNOWN)
        origin, arguments = typing.get_origin(bare), typing.get_args(bare)
        if _is_union(bare):
            return _OneOf(tuple(map(self.of, _members(bare, ()))))
        if origin is typing.Literal:
            return _Plain(exactly=arguments)
        return self.container(bare, bare if origin is None else origin, arguments)

    def container(self, whole: Any, kind: Any, arguments: tuple[Any, ...]) -> _Form:
        if kind is tuple:
            if whole is tuple or arguments[1:] == (Ellipsis,):
                return _Items(self.of(arguments[0]) if arguments else _UNKNOWN, tuple)
            if any(map(is_open_part, arguments)):
                return _Items(_UNKNOWN, tuple)
            return _Parts(tuple(map(self.of, arguments)), tuple)
        # An annotation need not be hashable.
        if any(kind is each for each in LISTS):
            return _Items(self.of(arguments[0]) if arguments else _UNKNOWN, list, strict=kind is list)
        if any(kind is each for each in DICTS):
            return _Entries({}, frozenset(), self.of(arguments[1]) if arguments else _UNKNOWN)
        return _UNKNOWN


def _is_union(bare: Any) -> bool:
    return typing.get_origin(bare) in (Union, types.UnionType)


def _members(union: Any, outer: tuple[Any, ...]) -> list[Any]:
    """The members of a union and of the unions in it; one that is a member of itself adds nothing there."""
    found: list[Any] = []
    for member in map(plain_annotation, typing.get_args(union)):
        if not _is_union(member):
            found.append(member)
        elif not any(member is seen for seen in (*outer, union)):
            found += _members(member, (*outer, union))
    return found
