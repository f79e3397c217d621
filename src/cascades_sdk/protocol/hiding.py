"""Texts without the credentials of the call that they are about.

Decided here: how a secret that a server echoes is taken out of what an error shows. A text is cleaned before
it is cut, quoted or escaped: afterwards a part of a secret, or its escaped form, would stand.
Never here: what is secret, and which texts are shown.
"""

from typing import Final

from cascades_sdk.values import FrozenDict, FrozenValue, json_pointer

__all__ = ["hidden", "hidden_pointer", "hidden_quoted", "hidden_value"]

_HIDDEN: Final = "[hidden]"


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every secret in it replaced."""
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    return text


def hidden_quoted(text: str, secrets: tuple[str, ...]) -> str:
    """The same for a text that may hold a secret as Python's ``repr`` of bytes quotes it (h11's messages do)."""
    escaped = tuple(secret.replace("\\", "\\\\") for secret in secrets)
    quoted = tuple(secret.replace("'", "\\'") for secret in escaped)
    return hidden(text, (*quoted, *escaped, *secrets))


def hidden_pointer(pointer: str, secrets: tuple[str, ...]) -> str:
    """A JSON Pointer with every secret in its keys replaced: RFC 6901 §3 escapes what a secret may hold."""
    keys = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    return hidden(json_pointer(hidden(key, secrets) for key in keys), secrets)


def hidden_value(value: FrozenValue, secrets: tuple[str, ...]) -> FrozenValue:
    """The value with every secret in its texts replaced, keys included."""
    if type(value) is str:
        return hidden(value, secrets)
    if type(value) is tuple:
        return tuple(hidden_value(item, secrets) for item in value)
    if type(value) is FrozenDict:
        return FrozenDict({hidden(key, secrets): hidden_value(item, secrets) for key, item in value.items()})
    return value
