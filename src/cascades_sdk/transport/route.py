"""By which way a server is reached: the TLS context, and the proxy in between.

Decided here: what ``verify``, ``cert``, ``proxy`` and ``trust_env`` may be and mean. What cannot be is refused where a
client is made; no text shows a proxy's password. Never here: connections.
"""

import os
import ssl
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import attrs
import certifi
import httpx

from cascades_sdk.errors import ValidationError

__all__ = ["Certificate", "Proxy", "Route", "route_of"]

_MAX_CONNECTIONS: Final = 100
_MAX_IDLE: Final = 20
_IDLE_SECONDS: Final = 5.0

_PORTS: Final = 2**16

#: A PEM file with certificate and key; or the two apart, and the key's password.
Certificate = str | tuple[str, str] | tuple[str, str, str]


@attrs.frozen
class Proxy:
    """A proxy, without its credentials in ``url``."""

    url: str
    auth: tuple[str, str] | None = attrs.field(default=None, repr=False)

    def arguments(self, context: ssl.SSLContext | None) -> dict[str, Any]:
        """What httpcore's proxy pools take beside the rest. ``context`` is for a proxy that speaks TLS itself."""
        return {"proxy_url": self.url, "proxy_auth": self.auth, "proxy_ssl_context": context}

    @property
    def tls(self) -> bool:
        """Whether the proxy itself is spoken to over TLS."""
        return self.url.startswith("https:")


@attrs.frozen
class Route:
    """The way to a server. ``own`` is a context that somebody gave or that holds a certificate; None: one of ours."""

    verify: bool = True
    own: ssl.SSLContext | None = None
    proxy: Proxy | None = None
    trust_env: bool = False

    def context(self) -> ssl.SSLContext:
        """The TLS context; building one costs tens of milliseconds, so that all clients share ours."""
        said = tuple(map(os.environ.get, _READ_BY_HTTPX)) if self.trust_env else None
        return self.own or _shared_context(self.verify, said)

    def pool_arguments(self, tls: bool, stream: bool) -> dict[str, Any]:
        """What httpcore's pools take, sync and async, but for the network backend.

        Streams count against no limit and are not kept; plain HTTP never builds a TLS context.
        """
        arguments: dict[str, Any] = {
            "ssl_context": self.context() if tls else None,
            "max_connections": None if stream else _MAX_CONNECTIONS,
            "max_keepalive_connections": 0 if stream else _MAX_IDLE,
            "keepalive_expiry": _IDLE_SECONDS,
        }
        if self.proxy is None:
            return arguments
        return arguments | self.proxy.arguments(self.context() if self.proxy.tls else None)


#: What a context depends on where the environment is trusted, which may change between two clients.
_READ_BY_HTTPX: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


@cache
def _shared_context(verify: bool, said: tuple[str | None, ...] | None) -> ssl.SSLContext:
    """The context for what the environment said; ``None`` where it is not asked."""
    return _new_context(verify, said is not None)


def _new_context(verify: bool, trust_env: bool) -> ssl.SSLContext:
    if verify and not trust_env:
        return _context_of(certifi.where())
    # Without verification httpx makes a bare context, and looks at nothing.
    return httpx.create_ssl_context(verify=verify, trust_env=trust_env)


#: What `ssl.create_default_context` adds to a client's context, from that Python on that adds it.
_STRICT: Final = (
    ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT if sys.version_info >= (3, 13) else ssl.VerifyFlags(0)
)


def _context_of(file: str) -> ssl.SSLContext:
    """A context that trusts a file of certificates, as `ssl.create_default_context` makes it, but for one thing.

    That one writes the secrets of all connections into a file if the environment names one (``SSLKEYLOGFILE``).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= _STRICT
    context.load_verify_locations(cafile=file)
    return context


def route_of(
    base: httpx.URL,
    *,
    verify: object,
    cert: Certificate | None,
    proxy: object,
    trust_env: bool,
    where: str = "CascadesClient",
) -> Route:
    """The way to ``base``. ``where`` is who refuses what cannot be.

    Raises:
        ValidationError: a file cannot be read, or the proxy is none.
    """
    if not isinstance(trust_env, bool):
        raise ValidationError(where, "expected a bool", pointer="/trust_env")
    if proxy is None and trust_env:
        proxy = _proxy_of_environment(base)
    known = None if proxy is None else _proxy_of(where, proxy)
    own = _own_context(where, verify, cert, trust_env)
    return Route(verify if isinstance(verify, bool) else True, own, known, trust_env)


def _own_context(where: str, verify: object, cert: Certificate | None, trust_env: bool) -> ssl.SSLContext | None:
    if isinstance(verify, ssl.SSLContext):
        if cert is not None:
            problem = "load the certificate into the context that verify= is (context.load_cert_chain)"
            raise ValidationError(where, problem, pointer="/cert")
        return verify
    if not isinstance(verify, bool | str):
        problem = "expected True, False, a file of certificates, or an ssl.SSLContext"
        raise ValidationError(where, problem, pointer="/verify")
    context = _from_file(where, verify, trust_env) if isinstance(verify, str) else None
    if cert is None:
        return context
    # A context of its own: one that others share must not come to hold this certificate.
    context = context or _new_context(verify is True, trust_env)
    try:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    except (OSError, TypeError, ValueError):
        # Without the cause: it may hold a password.
        problem = "expected a PEM file, or (certificate, key) or (certificate, key, password), that can be read"
        raise ValidationError(where, problem, pointer="/cert") from None
    return context


def _from_file(where: str, verify: str, trust_env: bool) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=verify) if trust_env else _context_of(verify)
    except (OSError, ValueError):
        problem = "expected a PEM file of certificates that can be read"
        raise ValidationError(where, problem, pointer="/verify") from None


def _proxy_of(where: str, given: Any) -> Proxy:
    try:
        proxy = given if isinstance(given, httpx.Proxy) else httpx.Proxy(given)
        url = proxy.url
        if url.scheme in ("http", "https") and url.host and (url.port or 1) < _PORTS and not proxy.headers:
            return Proxy(str(url), proxy.auth)
    except (httpx.InvalidURL, ValueError, TypeError):
        pass  # told below: the text of what was caught may hold the password
    problem = "expected a URL as in 'http://user:password@proxy.example:3128' (http or https; not shown)"
    raise ValidationError(where, problem, pointer="/proxy")


def _proxy_of_environment(base: httpx.URL) -> str | None:
    from urllib.request import getproxies, proxy_bypass  # costs more than all of this package; only if it is asked for

    known: Mapping[str, str] = getproxies()
    if proxy_bypass(base.host):
        return None
    return known.get(base.scheme) or known.get("all")
