"""What an annotation says of the parts of a value: how many, which names, which types.

Decided here: which annotations promise a fixed number of parts. Never here: values.
"""

import sys
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from types import SimpleNamespace
from typing import Annotated, Any, Final, NewType, TypeAlias, TypeVar, Unpack

__all__ = [
    "DICTS",
    "LISTS",
    "UNKNOWN",
    "hints_of",
    "is_open_part",
    "is_type_alias",
    "named_tuple_fields",
    "part_of",
    "parts_of",
    "plain_annotation",
    "required_keys",
]

#: Says nothing, like a missing annotation.
UNKNOWN: Final = Any


def hints_of(function: Callable[..., Any], *, include_extras: bool = False) -> Mapping[str, Any]:
    """The resolved annotations of a function or class, without those that cannot be resolved.

    Names that are imported for checkers only are the usual case; they must not take the others along.
    ``include_extras`` keeps Annotated and NotRequired.
    """
    try:
        return typing.get_type_hints(function, include_extras=include_extras)
    except RecursionError:
        raise  # says something of the stack, and nothing of the annotations: the next time they may resolve
    except Exception:  # noqa: BLE001 - annotations run foreign code, and they are only a help here
        return _resolvable_hints(function, include_extras)


def _resolvable_hints(function: Callable[..., Any], include_extras: bool) -> Mapping[str, Any]:
    known = vars(sys.modules.get(function.__module__, typing))
    names = getattr(function, "__globals__", known)
    hints: dict[str, Any] = {}
    for name, annotation in getattr(function, "__annotations__", {}).items():
        try:
            alone = SimpleNamespace(__annotations__={name: annotation})
            hints.update(typing.get_type_hints(alone, names, include_extras=include_extras))
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001, S112 - as above  # nosec B112
            continue
    return hints


def plain_annotation(annotation: Any) -> Any:
    """An annotation without the wrappers that do not change what a value is (Annotated, NewType, ``type X =``).

    The bare names of :mod:`typing` (``List``) come back as the classes that they stand for, and what stands for itself
    alone (``type X = X``) says nothing.
    """
    aliases: list[Any] = []
    while True:
        if typing.get_origin(annotation) is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif is_type_alias(annotation):
            if any(annotation is alias for alias in aliases):
                return UNKNOWN
            aliases.append(annotation)
            try:
                annotation = annotation.__value__
            except RecursionError:
                raise
            except Exception:  # noqa: BLE001 - it is computed here, by foreign code, and only a help
                return UNKNOWN
        elif isinstance(annotation, _BARE_NAME):
            return typing.get_origin(annotation)
        else:
            return annotation


#: The class of ``typing.List``, ``typing.Tuple`` and so on without parameters; get_args() does not tell
#: ``typing.Tuple`` (any tuple) from ``tuple[()]`` (the empty one).
_BARE_NAME: Final[tuple[type, ...]] = (type(typing.List), type(typing.Tuple))  # noqa: UP006


def is_type_alias(annotation: Any) -> bool:
    """Whether it is a ``type X = ...`` (Python 3.12 and later), which may refer to itself."""
    return type(annotation).__name__ == "TypeAliasType"


#: Read-only views that lists and dicts are often annotated with: parts and types are those of the list or dict.
LISTS: Final = frozenset({list, Sequence, MutableSequence, Collection, Iterable})
DICTS: Final = frozenset({dict, Mapping, MutableMapping})


def named_tuple_fields(annotation: Any) -> Mapping[str, Any] | None:
    """The fields of a NamedTuple class and their types, or ``None`` for anything else.

    Of a generic one with arguments (``Pair[float]``) the types are what the arguments make of them.
    """
    origin = typing.get_origin(annotation)
    cls = annotation if origin is None else origin
    if not (isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")):
        return None
    hints = hints_of(cls)
    names: tuple[str, ...] = getattr(cls, "_fields")  # noqa: B009 - no class that the checkers know has it
    given = _arguments_of(annotation)
    return {name: _with_arguments(hints.get(name, UNKNOWN), given) for name in names}


_Arguments: TypeAlias = Sequence[tuple[Any, Any]]


def _arguments_of(generic: Any) -> _Arguments:
    """What a class with arguments has in the place of each of its type variables.

    Nothing where there are variables for several types; nor where the arguments cannot be hashed, because only of
    others does typing make the same object each time, and that is how types that contain themselves are known.
    """
    try:
        hash(generic)
    except TypeError:
        return ()
    variables = getattr(typing.get_origin(generic), "__parameters__", ())
    plain = all(type(variable) is TypeVar for variable in variables)
    return tuple(zip(variables, typing.get_args(generic), strict=False)) if plain else ()


def _with_arguments(annotation: Any, given: _Arguments) -> Any:
    """An annotation with arguments in the place of type variables."""
    for variable, argument in given:
        if annotation is variable:
            return argument
    variables: tuple[Any, ...] = getattr(annotation, "__parameters__", ())
    if not given or not variables:
        return annotation
    if _grows(annotation):
        return UNKNOWN
    return annotation[tuple(_with_arguments(variable, given) for variable in variables)]


def _grows(annotation: Any) -> bool:
    """Whether a NamedTuple in it is given something made of a variable (``Nest[list[T]]``): that need not end."""
    parts = typing.get_args(annotation)
    if named_tuple_fields(typing.get_origin(annotation)) is not None:
        return any(getattr(part, "__parameters__", ()) for part in parts)
    return any(map(_grows, parts))


def required_keys(record: Any) -> frozenset[str]:
    """The keys that a TypedDict requires; where its annotations are texts, Python itself overlooks NotRequired."""
    marked = hints_of(record, include_extras=True)
    return frozenset(
        key
        for key, annotation in marked.items()
        if key in record.__required_keys__ and typing.get_origin(annotation) is not typing.NotRequired
    )


def parts_of(annotation: Any) -> tuple[Any, ...] | None:
    """The types of the parts of a tuple of known length or a NamedTuple; ``None`` for anything else."""
    annotation = plain_annotation(annotation)
    fields = named_tuple_fields(annotation)
    if fields is not None:
        return tuple(fields.values())
    if typing.get_origin(annotation) is not tuple:
        return None
    parts = typing.get_args(annotation)
    return None if any(map(is_open_part, parts)) else parts


def is_open_part(part: Any) -> bool:
    """Whether a parameter of ``tuple[…]`` stands for any number of parts: ``...`` or ``*tuple[str, ...]``."""
    return part is Ellipsis or getattr(part, "__unpacked__", False) or typing.get_origin(part) is Unpack


def part_of(annotation: Any, token: str | int) -> Any:
    """The annotation of the part that a key or an index leads to, as far as it is known."""
    annotation = plain_annotation(annotation)
    if isinstance(token, int):
        parts = parts_of(annotation)
        if parts is not None:
            return parts[token] if token < len(parts) else UNKNOWN
        arguments = typing.get_args(annotation)
        origin = typing.get_origin(annotation)
        homogeneous = origin in LISTS or (origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis)
        return arguments[0] if arguments and homogeneous else UNKNOWN
    if typing.is_typeddict(annotation):
        return hints_of(annotation).get(token, UNKNOWN)
    return typing.get_args(annotation)[1] if typing.get_origin(annotation) in DICTS else UNKNOWN
