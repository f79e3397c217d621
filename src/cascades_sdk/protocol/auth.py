"""Credentials as request headers.

Decided here: what cookies (RFC 6265 §4.1.1) and headers (RFC 9110 §5.5) may be made of, how several credentials
become one, and what counts as secret. A value is checked where it is made, and is in no text that leaves.
Never here: which operation sends a credential, and over which scheme it may travel.
"""

import re
from collections.abc import Coroutine, Iterable, Mapping
from inspect import isawaitable
from typing import Any, Final, Protocol, runtime_checkable

import attrs

from cascades_sdk.errors import ValidationError

__all__ = [
    "Auth",
    "CompositeAuth",
    "CookieHeaderAuth",
    "HeaderAuth",
    "SessionCookieAuth",
    "checked_headers",
    "header_fault",
    "merged",
    "normalize_auth",
    "secrets_of",
]

#: RFC 9110 §5.6.2, which RFC 6265 takes for cookie names.
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

#: Printable ASCII without ``;``. RFC 6265 forbids some more that session cookies in the field do hold.
_COOKIE_VALUE: Final = re.compile(r"[\x21-\x3a\x3c-\x7e](?:[\x20-\x3a\x3c-\x7e]*[\x21-\x3a\x3c-\x7e])?")

#: Printable ASCII, without spaces around it.
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")

#: Headers that frame a message, or speak to the next hop: they are not a caller's to give.
_FRAMING: Final = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


#: Headers that decide what comes back, which is read in one form only.
_READING: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "last-event-id",
        "range",
    }
)


@runtime_checkable
class Auth(Protocol):
    """Anything that knows the headers of a signed-in request."""

    def request_headers(self) -> Mapping[str, str]:
        """The headers to send. They are asked for once for each call, in a plain function: nothing is awaited.

        What it raises ends the call with a ``ValidationError`` at ``/auth`` before anything is sent. The error
        names the exception's class only: its text, and its traceback, may hold what the function works with.
        """
        ...


_ALONE: Final = (
    "pass the value alone, without the cookie's name and attributes; a whole header is CookieHeaderAuth(...)"
)


@attrs.frozen
class SessionCookieAuth:
    """The cookie of a signed-in session (an Auth0 session cookie; a deployment may name it otherwise).

    Raises:
        ValidationError: the name is no cookie name, or the value is empty, is not printable ASCII, holds a ``;``, or
            begins with the cookie's name. The message does not show the value.
    """

    value: str = attrs.field(repr=False)
    cookie_name: str = "__session"

    def __attrs_post_init__(self) -> None:
        if type(self.cookie_name) is not str or not _TOKEN.fullmatch(self.cookie_name):
            raise ValidationError("SessionCookieAuth", "the cookie's name is no token (RFC 6265 §4.1.1)")
        if type(self.value) is not str or not _COOKIE_VALUE.fullmatch(self.value):
            raise ValidationError(
                "SessionCookieAuth",
                "the cookie's value (not shown) must be printable ASCII without ';', spaces around it, or line ends; "
                + _ALONE,
            )
        if self.value.startswith(f"{self.cookie_name}=") or re.match("cookie: ?", self.value, re.IGNORECASE):
            raise ValidationError("SessionCookieAuth", "the value (not shown) begins with a name; " + _ALONE)

    def request_headers(self) -> Mapping[str, str]:
        """The ``Cookie`` header."""
        return {"Cookie": f"{self.cookie_name}={self.value}"}


def _unended(header: str) -> str:
    # What is no text is refused by the check that follows.
    return re.sub("; *$", "", header, count=1) if type(header) is str else header


@attrs.frozen
class CookieHeaderAuth:
    """A whole ``Cookie`` header, as a browser's tools show it: ``name=value; other=value``. A ``;`` at its end goes.

    Raises:
        ValidationError: it is not pairs of a cookie name and printable ASCII. The message does not show it.
    """

    header: str = attrs.field(repr=False, converter=_unended)

    def __attrs_post_init__(self) -> None:
        pairs = self.header.split(";") if type(self.header) is str else [""]
        if not all(map(_is_cookie_pair, pairs)):
            raise ValidationError(
                "CookieHeaderAuth",
                "the header (not shown) must be pairs as in 'name=value; other=value', in printable ASCII; "
                "pass what follows 'Cookie:'",
            )

    def request_headers(self) -> Mapping[str, str]:
        """The ``Cookie`` header."""
        return {"Cookie": self.header}


def _is_cookie_pair(pair: str) -> bool:
    name, equals, value = pair.strip(" ").partition("=")
    return bool(equals and _TOKEN.fullmatch(name) and (value == "" or _COOKIE_VALUE.fullmatch(value)))


def _pairs_of(headers: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(headers, Mapping):
        raise ValidationError("HeaderAuth", "expected a mapping of header names to values")
    pairs = tuple(headers.items())
    fault = header_fault(pairs)
    if fault is not None or not pairs:
        raise ValidationError("HeaderAuth", fault or "expected at least one header")
    return pairs


@attrs.frozen
class HeaderAuth:
    """Headers as they are given: an ``Authorization``, a gateway's token. The text shows their names only.

    Raises:
        ValidationError: a name is no token or stands twice, a value is not printable ASCII, or the header is one that
            frames the message (``Host``, ``Content-Length``, …) or decides what an answer is (``Accept``, ``Range``,
            …). The message shows no value.
    """

    headers: tuple[tuple[str, str], ...] = attrs.field(
        converter=_pairs_of, repr=lambda pairs: f"[{', '.join(name for name, _ in pairs)}]"
    )

    def request_headers(self) -> Mapping[str, str]:
        """These headers."""
        return dict(self.headers)

    def __reduce__(self) -> tuple[Any, ...]:
        return HeaderAuth, (dict(self.headers),)


class _PartError(ValidationError):
    """What one part of several gave: its detail is ours, and safe to show."""


def _not_a_class(where: str, auth: object) -> None:
    if isinstance(auth, type):
        # A class has the method as well, and would be accepted until it is called.
        raise ValidationError(where, f"expected an object, found the class {auth.__name__}; call it", pointer="/auth")


@attrs.frozen(init=False)
class CompositeAuth:
    """Several credentials as one. Of two that give the same header, or the same cookie, the later one wins; cookies of
    different names are joined.

    Raises:
        ValidationError: one of them has no ``request_headers()``, or is a class; or, when they are asked, one gives no
            headers.
    """

    parts: tuple[Auth, ...]

    def __init__(self, *parts: Auth) -> None:
        for part in parts:
            if not isinstance(part, Auth):
                raise ValidationError("CompositeAuth", "expected objects with request_headers()")
            _not_a_class("CompositeAuth", part)
        object.__setattr__(self, "parts", parts)

    def request_headers(self) -> Mapping[str, str]:
        """The headers of all parts, merged."""
        given = [checked_headers(part) for part in self.parts]
        for headers in given:
            if isinstance(headers, str):
                raise _PartError("CompositeAuth", headers, pointer="/auth")
        return merged(*(headers for headers in given if not isinstance(headers, str)))

    def __reduce__(self) -> tuple[Any, ...]:
        return CompositeAuth, self.parts


def normalize_auth(auth: object) -> Auth | None:
    """What a client's ``auth`` may be, as one kind of thing.

    None stays None; an object with ``request_headers()`` stays what it is; a text is the value of the session cookie;
    a mapping is headers. Several are a :class:`CompositeAuth`: a tuple could as well be a user and a password.

    Raises:
        ValidationError: it is something else, or what it holds cannot be. The message shows none of it.
    """
    if auth is None:
        return None
    if isinstance(auth, Auth):
        _not_a_class("normalize_auth", auth)
        return auth
    if isinstance(auth, str):
        return SessionCookieAuth(auth)
    if isinstance(auth, Mapping):
        return HeaderAuth(auth)
    expected = "SessionCookieAuth(...), or another object with request_headers()"
    if isinstance(auth, list | tuple):
        expected = "one credential; several are CompositeAuth(one, other), and a user with a password is no cookie: "
        expected += "HeaderAuth({'Authorization': 'Basic ...'})"
    raise ValidationError("normalize_auth", f"expected {expected}", pointer="/auth")


def merged(*all_headers: Mapping[str, str]) -> dict[str, str]:
    """Headers over headers: names are compared without case, a later one wins, cookies are joined by name."""
    found: dict[str, tuple[str, str]] = {}
    for headers in all_headers:
        for name, value in headers.items():
            before = found.get(name.lower())
            if before is not None and name.lower() == "cookie":
                value = "; ".join(_cookies(f"{before[1]}; {value}").values())
            found[name.lower()] = (name, value)
    return dict(found.values())


def _cookies(header: str) -> dict[str, str]:
    """The pairs of a Cookie header by their names; the last one of a name is kept."""
    pairs = (pair.strip() for pair in header.split(";"))
    return {pair.partition("=")[0]: pair for pair in pairs if pair}


def header_fault(pairs: Iterable[tuple[object, object]]) -> str | None:
    """What is wrong with headers that somebody gave, without their values; None if nothing is."""
    seen: set[str] = set()
    for name, value in pairs:
        if type(name) is not str or not _TOKEN.fullmatch(name):
            return "the name of a header (not shown) is no token (RFC 9110 §5.6.2)"
        if name.lower() in _FRAMING:
            return f"the header {name} frames the message and cannot be given"
        if name.lower() in _READING:
            return f"the header {name} decides what an answer is and cannot be given"
        if type(value) is not str or not _HEADER_VALUE.fullmatch(value):
            return f"the value of the header {name} (not shown) must be printable ASCII without spaces around it"
        if name.lower() in seen:
            return f"the header {name} stands there twice"
        seen.add(name.lower())
    return None


def checked_headers(auth: Auth | None) -> dict[str, str] | str:
    """The headers of a credential, or what is wrong with them: any object may be one."""
    if auth is None:
        return {}
    try:
        return _given_headers(auth)
    except _PartError as told:
        return told.detail
    except Exception as problem:  # noqa: BLE001 - foreign code, and what it raises is an answer
        return f"request_headers() raised {type(problem).__name__} (its text is not shown)"


def _given_headers(auth: Auth) -> dict[str, str] | str:
    headers: object = auth.request_headers()
    if isawaitable(headers):
        if isinstance(headers, Coroutine):
            headers.close()  # else it would warn that it was never awaited
        return "request_headers() must be a plain function, not an async one"
    if not isinstance(headers, Mapping):
        return "request_headers() gave no mapping"
    pairs = tuple(headers.items())
    return header_fault(pairs) or dict(pairs)


def secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Every text in these headers that no error may show, the longest first.

    Values, cookies one by one, and what follows a scheme (``Bearer …``).
    """
    found: set[str] = set()
    for name, value in headers.items():
        found.add(value)
        if name.lower() == "cookie":
            found.update(pair.partition("=")[2].strip() for pair in value.split(";"))
        else:
            found.add(value.partition(" ")[2].strip())
    return tuple(sorted((secret for secret in found if secret), key=lambda secret: (-len(secret), secret)))
