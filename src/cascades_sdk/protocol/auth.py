"""Credentials as request headers.

Decided here: what a cookie may be made of (RFC 6265 §4.1.1), and what counts as secret. A value is checked
where it is made, and is in no text that leaves.
Never here: which operation sends a credential, and over which scheme it may travel.
"""

import re
from collections.abc import Mapping
from typing import Final, Protocol

import attrs

from cascades_sdk.errors import ValidationError

__all__ = ["Auth", "SessionCookieAuth", "secrets_of"]

#: RFC 7230 §3.2.6, which RFC 6265 takes for cookie names.
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

#: Printable ASCII without ``;``. RFC 6265 forbids some more that session cookies in the field do hold.
_VALUE: Final = re.compile(r"[\x21-\x3a\x3c-\x7e](?:[\x20-\x3a\x3c-\x7e]*[\x21-\x3a\x3c-\x7e])?")


class Auth(Protocol):
    """Anything that knows the headers of a signed-in request."""

    def request_headers(self) -> Mapping[str, str]:
        """The headers to send. They are asked for once for each request."""
        ...


@attrs.frozen
class SessionCookieAuth:
    """The cookie of a signed-in session (an Auth0 session cookie; a deployment may name it otherwise).

    Raises:
        ValidationError: the name is no cookie name, or the value is empty, is not printable ASCII, or holds a
            ``;``. The message does not show the value.
    """

    value: str = attrs.field(repr=False)
    cookie_name: str = "__session"

    def __attrs_post_init__(self) -> None:
        if type(self.cookie_name) is not str or not _TOKEN.fullmatch(self.cookie_name):
            raise ValidationError("SessionCookieAuth", "the cookie's name is no token (RFC 6265 §4.1.1)")
        if type(self.value) is not str or not _VALUE.fullmatch(self.value):
            raise ValidationError(
                "SessionCookieAuth",
                "the cookie's value (not shown) must be printable ASCII without ';', spaces around it, or line ends; "
                "pass the value alone, without the cookie's name and attributes",
            )

    def request_headers(self) -> Mapping[str, str]:
        """The ``Cookie`` header."""
        return {"Cookie": f"{self.cookie_name}={self.value}"}


def secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Every text in these headers that no error may show, the longest first: values, and cookies one by one."""
    found: set[str] = set()
    for name, value in headers.items():
        found.add(value)
        if name.lower() == "cookie":
            found.update(pair.partition("=")[2].strip() for pair in value.split(";"))
    return tuple(sorted((secret for secret in found if secret), key=lambda secret: (-len(secret), secret)))
