"""Errors of both closed unions.

Decided here: what stands in their fields, by the types of these. Never here: when an error arises.
"""

import types
from typing import Any, Final, Literal, NewType, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from cascades_sdk.errors import CascadesSDKError, ClientError, CompileError
from cascades_sdk.testing.strategies._arguments import refuse_strangers
from cascades_sdk.testing.strategies._values import json_values, texts
from cascades_sdk.values import FrozenDict

__all__ = ["errors"]

_KINDS: Final[tuple[type[CascadesSDKError], ...]] = (*get_args(CompileError), *get_args(ClientError))

#: By type, what may stand in a field: text of any kind, because servers and authors choose most of it.
_OF_TYPE: Final[dict[Any, st.SearchStrategy[Any]]] = {
    str: texts() | st.text(max_size=5),
    int: st.integers(0, 2**31),
    float: st.floats(0, 1e6),
    FrozenDict: st.dictionaries(texts(), json_values(max_leaves=3), max_size=2).map(FrozenDict),
    type(None): st.none(),
}


def errors(*kinds: type[CascadesSDKError]) -> st.SearchStrategy[CascadesSDKError]:
    """Errors of these classes, or of every class that compiles, documents, evaluation, calls and waits can answer.

    Texts hold whatever a server or an author may have put there; a status that a class is about stays what it is.
    Leaves out causes (``__cause__``), and combinations that only make sense together. Shrinks to empty texts.

    Raises:
        InvalidValueError: a class is none of them.
    """
    refuse_strangers("errors", "kinds", kinds, _KINDS, "give classes of CompileError and ClientError")
    return st.sampled_from(kinds or _KINDS).flatmap(_made)


def _made(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    fields = [field for field in attrs.fields(kind) if not (field.name == "status" and type(field.default) is int)]
    needed = {field.name: _of(hints[field.name]) for field in fields if field.default is attrs.NOTHING}
    others = {field.name: _of(hints[field.name]) for field in fields if field.default is not attrs.NOTHING}
    return st.fixed_dictionaries(needed, optional=others).map(lambda given: kind(**given))


def _of(hint: Any) -> st.SearchStrategy[Any]:
    if hint in _OF_TYPE:
        return _OF_TYPE[hint]
    if isinstance(hint, NewType):
        return _of(hint.__supertype__)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return st.one_of([_of(each) for each in get_args(hint)])
    return _made(hint)
