"""The commands, and what becomes of everything that can go wrong in them.

Decided here: commands, options, exit codes. Never here: logic that could be tested elsewhere.
"""

import json
import math
import os
import secrets
import time
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import click
from rich.console import Console

from cascades_sdk._meta import API_CONTRACT_VERSION, __version__
from cascades_sdk.cli._following import followed, settled
from cascades_sdk.cli._loading import flow_named
from cascades_sdk.cli._trouble import Trouble, one_line
from cascades_sdk.cli.example import word_report
from cascades_sdk.client import CascadesClient
from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.errors import CascadesSDKError
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cascades_sdk.values import FrozenDict, Refusal, freeze
from cascades_sdk.views import to_text

__all__ = ["run"]

#: Where a session cookie comes from: never from an argument, which other users of the machine can read.
SESSION_VARIABLE: Final = "CASCADES_SESSION"

#: What a shell reports for a process that Ctrl-C has ended: 128 and the number of SIGINT.
_INTERRUPTED: Final = 130


def run(arguments: Sequence[str] | None) -> int:
    """Run a command and give its exit code. What stops it is one line on stderr, never a traceback."""
    try:
        code = cascades.main(args=arguments, prog_name="cascades", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message(), err=True)
        return 2
    except click.UsageError as wrong:
        command = wrong.ctx.command_path if wrong.ctx is not None else "cascades"
        return _stopped(f"{wrong.format_message().rstrip('.')}; see {command} --help", 2)
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except (Trouble, CascadesSDKError, OSError) as problem:
        return _stopped(problem, 3)
    return code if isinstance(code, int) else 0


def _stopped(problem: BaseException | str, code: int) -> int:
    click.echo(f"cascades: {one_line(problem)}", err=True)
    return code


def _json_object(_: click.Context, __: click.Parameter, text: str) -> FrozenDict:
    try:
        read = freeze(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise click.BadParameter(f"no JSON: {one_line(problem)}") from problem
    if isinstance(read, Refusal):
        raise click.BadParameter(str(read))
    if not isinstance(read, FrozenDict):
        raise click.BadParameter("expected a JSON object")
    return read


def _flow_references(_: click.Context, __: click.Parameter, references: tuple[str, ...]) -> tuple[str, ...]:
    for reference in references:
        module_name, _colon, qualname = reference.partition(":")
        if not module_name or not qualname:
            raise click.BadParameter(f"{reference!r}: expected MODULE:FLOW")
    return references


def _finite(_: click.Context, __: click.Parameter, seconds: float) -> float:
    # A range lets both pass: nothing is outside of it for NaN, and infinity is above its lower end.
    if not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no number of seconds")
    return seconds


_context = click.option(
    "--context",
    callback=_json_object,
    default="{}",
    metavar="JSON",
    help="A JSON object; the flow's inputs are taken from it.",
)
_timeout = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    default=3600.0,
    show_default=True,
    help="How many seconds to wait for the end.",
)


@click.group()
def cascades() -> None:
    """Compile flows, run them, follow them.

    Exit codes: 0 SUCCESS, 1 FAILED or CANCELLED, 2 wrong usage, 3 an error, 130 Ctrl-C.
    """


@cascades.command()
@click.option(
    "--pace", type=click.FloatRange(min=0), default=0.15, callback=_finite, help="Seconds that each task takes longer."
)
@_context
@_timeout
def demo(pace: float, context: FrozenDict, timeout: float) -> int:
    """Compile an example, run it on a local control plane, and follow it.

    Its inputs: shortest (letters of a word that counts) and top (how many words are told).
    """
    console = _console()
    dag = settled(build_dag_from_flow(word_report))
    console.print(to_text(dag))
    cookie = secrets.token_urlsafe()
    with (
        ControlPlane.serve({"word-report": dag}, cookie=cookie, task_delay=pace, seed=_own_seed()) as plane,
        CascadesClient(plane.url, SessionCookieAuth(cookie)) as client,
    ):
        console.print(f"control plane at {plane.url}")
        return followed(console, client, "word-report", context, timeout)


@cascades.command("run")
@click.argument("workflow_id")
@click.option("--url", required=True, help="The base URL of the control plane.")
@_context
@_timeout
def run_workflow(workflow_id: str, url: str, context: FrozenDict, timeout: float) -> int:
    """Submit a run of a catalog workflow, and follow it to its end.

    The session cookie is read from the environment variable CASCADES_SESSION.
    """
    cookie = os.environ.get(SESSION_VARIABLE)
    if not cookie:
        raise click.UsageError(f"set {SESSION_VARIABLE} to the value of the session cookie")
    with CascadesClient(url, SessionCookieAuth(cookie)) as client:
        return followed(_console(), client, workflow_id, context, timeout)


@cascades.command()
@click.argument("flows", nargs=-1, required=True, callback=_flow_references, metavar="MODULE:FLOW...")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on; 0 for a free one.")
def serve(flows: tuple[str, ...], port: int) -> NoReturn:
    """Serve flows behind a local control plane, until Ctrl-C.

    It expects the cookie that CASCADES_SESSION holds, or makes one and prints it.
    """
    catalog: dict[str, Any] = {}
    for reference in flows:
        flow = flow_named(reference)
        if flow.name in catalog:
            raise click.UsageError(f"two flows have the name {flow.name!r}")
        catalog[flow.name] = flow
    given = os.environ.get(SESSION_VARIABLE)
    cookie = given or secrets.token_urlsafe(16)
    with ControlPlane.serve(catalog, port=port, cookie=cookie, seed=_own_seed()) as plane:
        click.echo(f"serving at {plane.url} until Ctrl-C")
        for workflow_id, workflow in plane.state.workflows.items():
            click.echo(f"  {workflow_id}  {workflow.digest}")
        if not given:
            click.echo(f"export {SESSION_VARIABLE}={cookie}")
        while True:
            # Not one endless wait: a signal that comes in the instant before a wait begins does not end it.
            time.sleep(0.5)


@cascades.command()
def version() -> None:
    """Print the versions of the package and of the API contract."""
    click.echo(f"cascades-sdk {__version__}, API contract {API_CONTRACT_VERSION}")


def _own_seed() -> int:
    # A server that is started again must not give a run the id of another that somebody still waits for.
    return secrets.randbits(64)


def _console() -> Console:
    # What is printed is text of others: it has no markup, and long lines are for the terminal to wrap.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
