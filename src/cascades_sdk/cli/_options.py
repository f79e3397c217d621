"""The options that several commands have, and how their texts are read.

Decided here: their names, their help, and what of them is wrong usage. Never here: what a command does with them.

No option takes a credential: what stands in arguments can be read by other users of the machine, and histories keep it.
"""

import json
import math
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import click
from returns.result import Failure, Success

from cascades_sdk.cli._connection import Connection
from cascades_sdk.cli._trouble import Trouble, one_line
from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import ValidationError, WaitPosition, position_from_text
from cascades_sdk.protocol.address import base_address
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze, thaw

__all__ = [
    "SESSION_VARIABLE",
    "as_json",
    "client_at",
    "context",
    "credential",
    "credentials",
    "finite",
    "inputs",
    "position_in",
    "served_cookie",
    "told_as_json",
    "wait_timeout",
]

#: Where a session cookie comes from, unless an option says otherwise.
SESSION_VARIABLE: Final = "CASCADES_SESSION"

#: The name of the cookie, unless an option says otherwise.
_SESSION_NAME: Final = "__session"

_F = TypeVar("_F", bound=Callable[..., Any])

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object on stdout, errors too.")


def told_as_json(report: dict[str, Any], stdout: TextIO | None = None) -> None:
    """Print a report. JSON text escapes what terminals act on, and everything beyond ASCII."""
    click.echo(json.dumps(report), file=stdout)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise click.BadParameter(f"{one_line(repr(twice))} stands twice in one object")
    return found


def _read_json(text: str) -> FrozenValue:
    try:
        read = freeze(json.loads(text, object_pairs_hook=_unique))
    except (ValueError, RecursionError) as problem:
        raise click.BadParameter(f"no JSON: {one_line(problem)}") from problem
    if isinstance(read, Refusal):
        raise click.BadParameter(str(read))
    return read


def _json_object(_: click.Context, __: click.Parameter, text: str) -> FrozenDict:
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, ValueError) as problem:
            raise click.BadParameter(f"cannot be read: {one_line(problem)}") from problem
    read = _read_json(text)
    if not isinstance(read, FrozenDict):
        raise click.BadParameter("expected a JSON object")
    return read


def _bound(_: click.Context, __: click.Parameter, pairs: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{pair!r}: expected NAME=VALUE")
        if name in found:
            raise click.BadParameter(f"{name!r} is given twice")
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            found[name] = text
        else:
            found[name] = thaw(_read_json(text))
    return found


def finite(_: click.Context, __: click.Parameter, seconds: float) -> float:
    """Seconds that are a number. A range lets NaN pass, and infinity above its lower end."""
    if not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no number of seconds")
    return seconds


inputs = click.option(
    "--input",
    "inputs",
    multiple=True,
    callback=_bound,
    metavar="NAME=VALUE",
    help="Bind a parameter of the flow; the value is JSON, or else text. May be repeated.",
)
context = click.option(
    "--context",
    callback=_json_object,
    default="{}",
    metavar="JSON|@FILE",
    help="A JSON object, or a file that holds one; the flow's inputs are taken from it.",
)
wait_timeout = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    default=3600.0,
    show_default=True,
    help="How many seconds to wait for the end.",
)

_CREDENTIALS: Final = (
    click.option("--prompt", is_flag=True, help="Ask for the session cookie."),
    click.option("--session-file", metavar="FILE", help="A file that holds the session cookie."),
    click.option("--cookie-name", default=_SESSION_NAME, show_default=True, help="The name of the session cookie."),
    click.option("--allow-insecure", is_flag=True, help="Send the cookie over plain http too: all can read it."),
)


def credentials(command: _F) -> _F:
    """The options by which a command gets its credential."""
    for option in reversed(_CREDENTIALS):
        command = option(command)
    return command


def credential(prompt: bool, session_file: str | None, cookie_name: str) -> SessionCookieAuth:
    """The session cookie: asked for, or out of a file, or out of the environment.

    Raises:
        click.UsageError: there is none, or the name of the cookie can be none.
        Trouble: it can be none.
    """
    if prompt and session_file is not None:
        raise click.UsageError("--prompt and --session-file exclude each other")
    if prompt:
        if not sys.stdin.isatty():
            raise click.UsageError("--prompt needs a terminal to ask on")
        return _cookie(click.prompt("session cookie", hide_input=True, err=True), cookie_name)
    if session_file is not None:
        held = Path(session_file).read_text(encoding="utf-8", errors="replace").strip()
        if not held:
            raise click.BadParameter(f"{session_file!r} is empty", param_hint="'--session-file'")
        return _cookie(held, cookie_name)
    cookie = _environment_cookie()
    if cookie is None:
        raise click.UsageError(f"set {SESSION_VARIABLE} to the session cookie, or give --session-file or --prompt")
    return _cookie(cookie, cookie_name)


def _cookie(value: str, name: str) -> SessionCookieAuth:
    try:
        SessionCookieAuth("a-value-that-can-be", name)
    except ValidationError as wrong:
        raise click.BadParameter(wrong.detail, param_hint="'--cookie-name'") from wrong
    return _sendable(value, name)


def _sendable(value: str, name: str = _SESSION_NAME) -> SessionCookieAuth:
    try:
        return SessionCookieAuth(value, name)
    except ValidationError as wrong:
        # The library's advice is for those who write Python.
        told = "the session cookie (not shown) cannot be sent: give its value alone, without name and attributes"
        raise Trouble(f"{told}, in printable ASCII without ';'", "ValidationError") from wrong


def client_at(url: str, auth: SessionCookieAuth, allow_insecure: bool, connection: Connection) -> CascadesClient:
    """A client whose connection is watched.

    Raises:
        click.UsageError: the URL can be none, or a cookie is not sent there.
    """
    try:
        return CascadesClient(
            url,
            auth,
            allow_insecure=allow_insecure,
            on_request=connection.asked,
            on_response=connection.answered,
        )
    except ValidationError as wrong:
        detail = wrong.detail
        if isinstance(base_address(url, credentials=True, allow_insecure=True), Success):
            # Nothing else is wrong with it. The library's advice is for those who write Python.
            detail = f"all could read the cookie on its way to {url}; use https, or give --allow-insecure if you know"
            detail += " the network"
        raise click.BadParameter(detail, param_hint="'--url'") from wrong


def position_in(text: str) -> WaitPosition:
    """The position that an earlier command printed.

    Raises:
        click.UsageError: it is none.
    """
    found = position_from_text(text)
    if isinstance(found, Failure):
        raise click.BadParameter(found.failure().detail, param_hint="'--resume'")
    return found.unwrap()


def _environment_cookie() -> str | None:
    """The session cookie in the environment, if there is one."""
    return os.environ.get(SESSION_VARIABLE) or None


def served_cookie() -> str | None:
    """The same where it is expected from others.

    Raises:
        Trouble: nobody can send it.
    """
    cookie = _environment_cookie()
    return None if cookie is None else _sendable(cookie).value
