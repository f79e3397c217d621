"""Binding the arguments of a call to a task's parameters, by the rules of Python's calls.

Decided here: which argument belongs to which parameter, and what is wrong with a call that does not bind.
Never here: what an argument may be. A property ties this to :meth:`inspect.Signature.bind`.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from cascades_sdk.errors import CaptureCode
from cascades_sdk.graph import ParameterKind

__all__ = ["Binder", "BindingFault", "binder_of"]

_KINDS: Final[Mapping[Any, ParameterKind]] = {
    inspect.Parameter.POSITIONAL_ONLY: "positional_only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional_or_keyword",
    inspect.Parameter.VAR_POSITIONAL: "var_positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword_only",
    inspect.Parameter.VAR_KEYWORD: "var_keyword",
}


@attrs.frozen
class BindingFault:
    """Why a call does not bind."""

    code: CaptureCode
    problem: str


@attrs.frozen
class Binder:
    """The parameters of a function, arranged for binding. ``defaults`` are the raw Python values."""

    kinds: Mapping[str, ParameterKind]
    positional: tuple[str, ...]
    by_keyword: frozenset[str]
    required: tuple[str, ...]
    defaults: Mapping[str, Any]
    var_positional: str | None
    var_keyword: str | None
    #: How many arguments by position bind everything that has to be bound, and leave nothing over; -1 where none do.
    by_position_alone: int

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any] | BindingFault:
        """The arguments by parameter, in the order of the parameters; defaults are left out.

        What ``*args`` and ``**kwargs`` take comes as a tuple and a dict, and is left out when it is empty.
        """
        bound = dict(zip(self.positional, args, strict=False))
        if len(args) == self.by_position_alone and not kwargs:
            return bound  # nearly every call
        surplus = args[len(self.positional) :]
        if surplus and self.var_positional is None:
            return BindingFault(
                "unknown_argument", f"takes {len(self.positional)} positional arguments, got {len(args)}"
            )
        extra: dict[str, Any] = {}
        for name, value in kwargs.items():
            if name not in self.by_keyword:
                extra[name] = value
            elif name in bound:
                return BindingFault("repeated_argument", f"got {name!r} twice, by position and by name")
            else:
                bound[name] = value
        if extra and self.var_keyword is None:
            return BindingFault("unknown_argument", f"has no parameter {next(iter(extra))!r} to be given by name")
        for name in self.required:
            if name not in bound:
                return BindingFault("missing_argument", f"the argument {name!r} is missing")
        if not kwargs and not surplus:
            return bound  # by position alone, so in order already
        if surplus:
            bound[self.var_positional or ""] = surplus
        if extra:
            bound[self.var_keyword or ""] = extra
        return {name: bound[name] for name in self.kinds if name in bound}


def binder_of(function: Callable[..., Any]) -> Binder:
    """The binder of a function.

    Raises:
        ValueError, TypeError: it has no signature that Python can tell.
    """
    parameters = inspect.signature(function).parameters.values()
    kinds: dict[str, ParameterKind] = {parameter.name: _KINDS[parameter.kind] for parameter in parameters}
    named = [parameter for parameter in parameters if not kinds[parameter.name].startswith("var_")]
    missing = inspect.Parameter.empty
    positional = tuple(p.name for p in named if kinds[p.name].startswith("positional"))
    required = tuple(p.name for p in named if p.default is missing)
    return Binder(
        kinds=kinds,
        positional=positional,
        by_keyword=frozenset(p.name for p in named if kinds[p.name] != "positional_only"),
        required=required,
        defaults={p.name: p.default for p in named if p.default is not missing},
        var_positional=next((name for name, kind in kinds.items() if kind == "var_positional"), None),
        var_keyword=next((name for name, kind in kinds.items() if kind == "var_keyword"), None),
        by_position_alone=len(positional) if set(required) <= set(positional) else -1,
    )
