"""The state that a plane begins with, from the arguments of whoever makes it.

Decided here: which arguments can be meant. Never here: what a plane does with them.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.auth import SessionCookieAuth, header_fault
from cascades_sdk.protocol.limits import is_seconds
from cascades_sdk.testing.plane._catalog import FlowLike, catalog_from
from cascades_sdk.testing.plane._checks import check, is_text
from cascades_sdk.testing.plane._latitude import Latitude
from cascades_sdk.testing.plane._server import Settings
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.testing.plane._table import Table

__all__ = ["check_door", "check_tasks", "configured"]

#: The workflow that runs where a request names none, if the catalog has it; else it is the first.
DEMO: Final = "demo"

_WHERE: Final = "ControlPlane"


def configured(
    start: PlaneState | None,
    catalog: Mapping[str, FlowLike] | None,
    headers: Mapping[str, str] | None,
    secrets: Mapping[str, str] | None,
    **given: Any,
) -> PlaneState:
    """The state that a plane begins with: what is None stays as it is in ``start``.

    Raises:
        CascadesSDKError: a flow of the catalog does not compile, or another argument cannot be meant.
    """
    check(start is None or isinstance(start, PlaneState), _WHERE, "state", "the state of another plane")
    begun = start or PlaneState()
    seed, most, latitude = given["seed"], given["max_runs"], given["latitude"]
    check(seed is None or type(seed) is int, _WHERE, "seed", "a whole number")
    check(most is None or (type(most) is int and most > 0), _WHERE, "max_runs", "a whole number above 0")
    check(latitude is None or isinstance(latitude, Latitude), _WHERE, "latitude", "Latitude(...)")
    _check_cookie(begun, given["cookie"], given["cookie_name"])
    workflows = Table({**begun.workflows, **catalog_from({} if catalog is None else catalog)})
    if headers is not None:
        given["tokens"] = _tokens(headers)
    if secrets is not None:
        given["secrets"] = Table(_secrets(secrets))
    return attrs.evolve(
        begun,
        workflows=workflows,
        default=DEMO if DEMO in workflows else next(iter(workflows), DEMO),
        **{name: value for name, value in given.items() if value is not None},
    )


def check_tasks(tasks: object) -> None:
    """Nothing, where these are task functions by name, or None.

    Raises:
        ValidationError: they are not.
    """
    fits = tasks is None or (isinstance(tasks, Mapping) and all(map(callable, tasks.values())))
    check(fits, _WHERE, "tasks", "task functions by name")


def check_door(host: object, port: object, clock: object, settings: object) -> None:
    """Nothing, where a plane can listen so.

    Raises:
        ValidationError: it cannot.
    """
    where = "ControlPlane.serve"
    check(isinstance(host, str), where, "host", "an address, as in '127.0.0.1'")
    check(type(port) is int and 0 <= port < 65536, where, "port", "a number from 0 to 65535")
    check(callable(clock) and is_seconds(clock()), where, "clock", "what gives seconds since 1970")
    check(isinstance(settings, Settings), where, "settings", "Settings(...)")


def _check_cookie(start: PlaneState, value: str | None, name: str | None) -> None:
    tried = {"cookie_name": ("any", name), "cookie": (value, name or start.cookie_name)}
    for key, (cookie, named) in tried.items():
        if cookie is None or named is None:
            continue
        try:
            SessionCookieAuth(cookie, named)
        except ValidationError as refused:
            raise ValidationError(_WHERE, refused.detail, pointer=f"/{key}") from None


def _tokens(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    given: object = headers
    check(isinstance(given, Mapping), _WHERE, "headers", 'headers, as in {"Authorization": "Bearer local"}')
    fault = header_fault(tuple(headers.items()))
    if fault is not None:
        raise ValidationError(_WHERE, fault, pointer="/headers")
    return tuple((name.lower(), value) for name, value in headers.items())


def _secrets(secrets: Mapping[str, str]) -> Mapping[str, str]:
    given: object = secrets
    fits = isinstance(given, Mapping) and all(is_text(text) and text for pair in given.items() for text in pair)
    check(fits, _WHERE, "secrets", 'secrets by key, both texts, as in {"github-token": "ghp_..."}')
    return secrets
