"""The options that a task may declare: metadata in the document, acted on by nobody here.

Decided here: their names, types and bounds, in one table. Never here: what an engine does with them.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Final

import attrs

from cascades_sdk.values import MAX_SAFE_INTEGER, FrozenDict, FrozenValue, Refusal, freeze, json_pointer, shown

__all__ = ["OPTION_NAMES", "TaskOptions", "options_from"]


@attrs.frozen
class TaskOptions:
    """Declared metadata of a task, or a node's overrides of it. ``None`` means: not declared.

    ``version`` is text of the author's; ``retries`` a count; ``timeout`` is in seconds; ``cache`` is a
    switch or a cache key; ``labels`` map names to texts.
    """

    version: str | None = None
    retries: int | None = None
    timeout: float | None = None
    # 1 == True, but no count can stand here: only a bool or a str passes the table below.
    cache: bool | str | None = None
    labels: FrozenDict | None = None

    def declared(self) -> dict[str, FrozenValue]:
        """The options that are declared, by name; a fresh dict."""
        return {name: value for name in OPTION_NAMES if (value := getattr(self, name)) is not None}


OPTION_NAMES: Final = tuple(field.name for field in attrs.fields(TaskOptions))


def _is_text(value: Any) -> bool:
    return type(value) is str and value != ""


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_SAFE_INTEGER


def _is_duration(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value < inf  # false for NaN, too


def _is_switch_or_key(value: Any) -> bool:
    return type(value) is bool or _is_text(value)


def _is_labels(value: Any) -> bool:
    return type(value) in (dict, FrozenDict) and all(type(text) is str for text in value.values())


_RULES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "version": (_is_text, "a str that is not empty"),
    "retries": (_is_count, "an int of at least 0"),
    "timeout": (_is_duration, "a positive number of seconds"),
    "cache": (_is_switch_or_key, "a bool, or a cache key as a str that is not empty"),
    "labels": (_is_labels, "a dict of str to str"),
}

NO_OPTIONS: Final = TaskOptions()


def options_from(declared: Mapping[str, Any]) -> TaskOptions | Refusal:
    """Checked options, or why one of them is refused (its pointer names it). ``None`` stands for undeclared."""
    frozen: dict[str, Any] = {}
    for name, value in declared.items():
        if name not in _RULES:
            return Refusal(
                json_pointer([name]), "there is no such option", f"the options are {', '.join(OPTION_NAMES)}"
            )
        if value is None:
            continue
        holds, expected = _RULES[name]
        if not holds(value):
            return Refusal(json_pointer([name]), f"{shown(value)} is refused", f"give {expected}")
        inner = freeze(value)
        if isinstance(inner, Refusal):
            return inner.under(name)
        frozen[name] = inner
    return TaskOptions(**frozen) if frozen else NO_OPTIONS
