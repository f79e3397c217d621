"""Where a control plane is: the checked form of a base URL.

Decided here: which base URLs are refused, and over which of them a credential may travel.
Never here: name resolution, connections.
"""

import re
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

import attrs
from returns.result import Failure, Success

from cascades_sdk.errors import Outcome, ValidationError

__all__ = ["BaseAddress", "base_address", "unconfidential", "without_secrets"]

#: With an id and two cursors behind it, a target stays far below what HTTP libraries take for an error.
_LONGEST: Final = 2_048

#: Printable, and nothing on which two URL parsers are known to disagree.
_PLAIN: Final = re.compile(r"[^\x00-\x20\x7f-\xa0\\<>^`{|}\"]+")


@attrs.frozen
class BaseAddress:
    """An origin, and the path under which the API is found there (without a slash at its end)."""

    scheme: Literal["http", "https"]
    netloc: str
    path: str
    loopback: bool

    @property
    def confidential(self) -> bool:
        """Whether what is sent there is read by nobody in between."""
        return self.scheme == "https" or self.loopback

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def base_address(
    url: str, *, credentials: bool, allow_insecure: bool, where: str = "CascadesClient"
) -> Outcome[BaseAddress, ValidationError]:
    """The address that a base URL names. ``where`` is who refuses it otherwise.

    Returns:
        ``Success(BaseAddress)``, or ``Failure(ValidationError)``; its text shows neither userinfo nor query.
    """
    found = _address(url)
    if isinstance(found, BaseAddress) and credentials and not (found.confidential or allow_insecure):
        found = unconfidential(found)
    return Failure(ValidationError(where, found, pointer="/base_url")) if isinstance(found, str) else Success(found)


def _address(url: str) -> BaseAddress | str:
    """The address, or why there is none."""
    if type(url) is str and len(url) > _LONGEST:
        return f"a base URL has at most {_LONGEST} characters"
    if type(url) is not str or not _PLAIN.fullmatch(url):
        return "expected a URL like 'https://cascades.example.com', without spaces or control characters"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "the host or the port is malformed"
    if parts.scheme not in ("http", "https"):
        return "the scheme must be http or https, as in 'https://cascades.example.com'"
    if "@" in parts.netloc:
        return "a URL with userinfo is refused; pass the credential as auth="
    if not host:
        return "the URL names no host"
    if "?" in url or "#" in url:
        return "a base URL has no query and no fragment"
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return BaseAddress(scheme, parts.netloc, parts.path.rstrip("/"), _is_loopback(host))


def unconfidential(address: BaseAddress) -> str:
    """Why a credential is not sent to this address."""
    return (
        f"a credential would travel readable for all over {address.scheme}://{address.netloc}; "
        "use https, or pass allow_insecure=True if you know the network"
    )


def _is_loopback(host: str) -> bool:
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def without_secrets(url: str) -> str | None:
    """A URL that a server sent as it may be shown: no userinfo, no query, no fragment; None if it is no URL."""
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    return bare.geturl() or None
