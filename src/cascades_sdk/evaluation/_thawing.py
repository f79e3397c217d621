"""Values thawed for a parameter, as its annotation asks.

Decided here: which Python types that the value model folds together an annotation brings back: floats (the model
writes 1.0 as 1), tuples and NamedTuples (the model writes lists), in containers too.
Three things do not come back, because the model does not tell them: the sign of zero; which member of a union a value
was, where two have one form (``list | tuple``, ``int | float``, tuples of several lengths: the first is taken, or the
plain value); and the class of what is only annotated as ``Mapping`` or ``Sequence`` (a dict and a list are given).
What an annotation does not cover, or what does not fit it, is thawed plainly: checking types is not done here.
Never here: which value a parameter gets.
"""

import types
import typing
from collections.abc import Callable
from typing import Any, TypeAlias, Union

from cascades_sdk.compiler import (
    DICTS,
    LISTS,
    hints_of,
    is_open_part,
    is_type_alias,
    named_tuple_fields,
    plain_annotation,
)
from cascades_sdk.values import FrozenDict, FrozenValue, thaw

__all__ = ["Thaw", "thawing_for", "thawings_of"]

Thaw: TypeAlias = Callable[[FrozenValue], Any]


def thawings_of(function: Callable[..., Any]) -> dict[str, Thaw]:
    """How to thaw the argument of each annotated parameter of a function."""
    return {name: thawing_for(annotation) for name, annotation in hints_of(function).items()}


def thawing_for(annotation: Any) -> Thaw:
    """How to thaw a value that is annotated so."""
    return _thawing(annotation, ())


def _thawing(annotation: Any, outer: tuple[Any, ...]) -> Thaw:
    if is_type_alias(annotation) or typing.is_typeddict(annotation) or named_tuple_fields(annotation) is not None:
        # These may refer to themselves; where they do, their parts are looked at when there is one.
        if any(annotation is seen for seen in outer):
            return lambda value: _thawing(annotation, ())(value)
        outer = (*outer, annotation)
    bare = plain_annotation(annotation)
    if bare is not annotation:
        return _thawing(bare, outer)
    if annotation is float:
        return _as_float
    fields = named_tuple_fields(annotation)
    if fields is not None:
        return _as_named_tuple(annotation, tuple(_thawing(field, outer) for field in fields.values()))
    if typing.is_typeddict(annotation):
        return _as_record({name: _thawing(hint, outer) for name, hint in hints_of(annotation).items()})
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is tuple or origin is tuple:
        return _as_tuple(arguments, outer)
    if origin in LISTS:
        return _as_list(_thawing(arguments[0], outer))
    if origin in DICTS:
        return _as_dict(_thawing(arguments[1], outer))
    if origin is Union or origin is types.UnionType:
        return _as_union(arguments, outer)
    return thaw


def _as_float(value: FrozenValue) -> Any:
    return float(value) if type(value) is int else thaw(value)


def _as_named_tuple(cls: Any, parts: tuple[Thaw, ...]) -> Thaw:
    def thawed(value: FrozenValue) -> Any:
        if type(value) is not tuple or len(value) != len(parts):
            return thaw(value)
        return cls._make(part(item) for part, item in zip(parts, value, strict=True))

    return thawed


def _as_record(entries: dict[str, Thaw]) -> Thaw:
    def thawed(value: FrozenValue) -> Any:
        if type(value) is not FrozenDict:
            return thaw(value)
        return {name: entries.get(name, thaw)(item) for name, item in value.items()}

    return thawed


def _as_tuple(arguments: tuple[Any, ...], outer: tuple[Any, ...]) -> Thaw:
    if any(map(is_open_part, arguments)) and arguments[-1] is not Ellipsis:
        return lambda value: tuple(map(thaw, value)) if type(value) is tuple else thaw(value)
    if not arguments or arguments[-1] is Ellipsis:
        each = _thawing(arguments[0], outer) if arguments else thaw
        return lambda value: tuple(map(each, value)) if type(value) is tuple else thaw(value)
    parts = tuple(_thawing(argument, outer) for argument in arguments)

    def thawed(value: FrozenValue) -> Any:
        if type(value) is not tuple or len(value) != len(parts):
            return thaw(value)
        return tuple(part(item) for part, item in zip(parts, value, strict=True))

    return thawed


def _as_list(each: Thaw) -> Thaw:
    return lambda value: list(map(each, value)) if type(value) is tuple else thaw(value)


def _as_dict(each: Thaw) -> Thaw:
    def thawed(value: FrozenValue) -> Any:
        if type(value) is not FrozenDict:
            return thaw(value)
        return {name: each(item) for name, item in value.items()}

    return thawed


def _as_union(members: tuple[Any, ...], outer: tuple[Any, ...]) -> Thaw:
    """By the kind of value: the first member that changes a value of that kind, unless another takes it as it is."""
    by_kind: dict[type, Thaw] = {}
    bare_members = [plain_annotation(member) for member in members]
    takes_int = any(bare is int for bare in bare_members)
    for bare in bare_members:
        origin = typing.get_origin(bare)
        if bare is float and not takes_int:
            by_kind.setdefault(int, _as_float)
        elif (
            bare is list or origin in LISTS or bare is tuple or origin is tuple or named_tuple_fields(bare) is not None
        ):
            by_kind.setdefault(tuple, _thawing(bare, outer))
        elif bare is dict or origin in DICTS or typing.is_typeddict(bare):
            by_kind.setdefault(FrozenDict, _thawing(bare, outer))
    return lambda value: by_kind.get(type(value), thaw)(value)
