"""Texts without the credentials of the call that they are about.

Decided here: how a secret that a server echoes is taken out of what an error shows. A text is cleaned before
it is cut, quoted or escaped: afterwards a part of a secret, or its escaped form, would stand.
Never here: what is secret, and which texts are shown.

A text is read once, for all secrets together, the longest first, so that work and result are linear in it and a marker
that was put in is never searched. What is shorter than four characters (``consent=1``, a flag, a language) stands in
every text by chance, and nobody could guard it: it is hidden only where it is a token of its own, and never inside
request ids and pointers.

Debug pages write what they got as their own language does; so a secret is looked for as it is, percent-encoded, escaped
for HTML and for JSON, and in base64. In pieces, in other letters or encoded twice nobody can know it again.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus

from cascades_sdk.values import FrozenDict, FrozenValue, json_pointer, sorted_names

__all__ = [
    "HIDDEN",
    "SHORTEST",
    "Cover",
    "cover_of",
    "covered",
    "hidden",
    "hidden_pointer",
    "hidden_quoted",
    "hidden_value",
    "shows",
]

#: What hides some secrets in a text.
Cover: TypeAlias = Callable[[str], str]

HIDDEN: Final = "[hidden]"

#: From how many characters on a secret is hidden wherever it stands.
SHORTEST: Final = 4

_MARKER: Final = re.escape(HIDDEN)

#: What does not end a token.
_INNER: Final = "[A-Za-z0-9_.+-]"


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every secret in it replaced; of a short one, where it is a token of its own."""
    return cover_of(secrets)(text)


def shows(text: str, secrets: tuple[str, ...]) -> bool:
    """Whether a secret that is not short stands in the text."""
    return any(each in text for secret in secrets if len(secret) >= SHORTEST for each in _spellings(secret))


def hidden_quoted(text: str, secrets: tuple[str, ...]) -> str:
    """The same for a text that may hold a secret as Python's ``repr`` of bytes quotes it (h11's messages do)."""
    escaped = tuple(secret.replace("\\", "\\\\") for secret in secrets)
    quoted = tuple(secret.replace("'", "\\'") for secret in escaped)
    return hidden(text, (*quoted, *escaped, *secrets))


def hidden_pointer(pointer: str, secrets: tuple[str, ...]) -> str:
    """A JSON Pointer with every secret in its keys replaced: RFC 6901 §3 escapes what a secret may hold."""
    keys = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    cover = cover_of(tuple(secret for secret in secrets if len(secret) >= SHORTEST))
    return cover(json_pointer(cover(key) for key in keys))


def hidden_value(value: FrozenValue, secrets: tuple[str, ...]) -> FrozenValue:
    """The value with every secret in its texts replaced, keys included."""
    return covered(value, cover_of(secrets))


def covered(value: FrozenValue, cover: Cover) -> FrozenValue:
    """The same with a cover that is made already: to make one takes longer than to use it."""
    if type(value) is str:
        return cover(value)
    if type(value) is tuple:
        return tuple(covered(item, cover) for item in value)
    if type(value) is FrozenDict:
        # Frozen already: what a body holds may be an integer beyond the value model's.
        members = {cover(key): covered(item, cover) for key, item in value.items()}
        return FrozenDict.of_frozen({key: members[key] for key in sorted_names(members)})
    return value


def cover_of(secrets: Iterable[str]) -> Cover:
    """What hides these secrets, made once for many texts."""
    given = {secret for secret in secrets if secret}
    spelled = {each for secret in given if len(secret) >= SHORTEST for each in _spellings(secret)}
    long = sorted(spelled, key=lambda secret: (-len(secret), secret))
    # A secret that holds the marker itself is looked for before markers are left alone.
    marked = [re.escape(secret) for secret in long if HIDDEN in secret]
    others = _alternation([re.escape(secret) for secret in long if HIDDEN not in secret])
    short = sorted((secret for secret in given if len(secret) < SHORTEST), key=lambda secret: (-len(secret), secret))
    # As a rule there are none of either, and a text is read once.
    first, last = ([_alternation(patterns)] if patterns else [] for patterns in (marked, [*map(_token, short)]))

    def cover(text: str) -> str:
        for pattern in first:
            text = pattern.sub(HIDDEN, text)
        text = HIDDEN.join([others.sub(HIDDEN, part) for part in text.split(HIDDEN)])
        for pattern in last:
            text = pattern.sub(HIDDEN, text)
        return text

    return cover


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it is, and as pages and bodies write it."""
    yield secret
    data = secret.encode("utf-8", "surrogatepass")
    for percent in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield percent
        yield re.sub("%..", lambda code: code[0].lower(), percent)
    html = escape(secret)
    yield from (html, escape(secret, quote=False), html.replace("&#x27;", "&#39;"), html.replace("&quot;", "&#34;"))
    for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield from (text, text.replace("/", "\\/"))
    for encoded in (b64encode(data), urlsafe_b64encode(data)):
        yield encoded.decode().rstrip("=")


def _alternation(patterns: list[str]) -> re.Pattern[str]:
    """One pattern for all of them, or a marker; at one place the first that is listed wins."""
    return re.compile("|".join((*patterns, _MARKER)))


def _token(secret: str) -> str:
    # Beside a marker nothing is a token: it was none before the marker was put in.
    return f"(?<!{_INNER})(?<!{_MARKER}){re.escape(secret)}(?!{_INNER})(?!{_MARKER})"
