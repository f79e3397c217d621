"""The commands about runs: run, serve, demo.

Decided here: what is started, and with which settings. Never here: how a run is followed.
"""

import secrets
import time
from typing import Any, NoReturn

import click
from rich.console import Console

from cascades_sdk.cli._boards import can_draw
from cascades_sdk.cli._following import Following
from cascades_sdk.cli._loading import flows_named, graph_named
from cascades_sdk.cli._options import (
    SESSION_VARIABLE,
    as_json,
    context,
    credential,
    credentials,
    environment_cookie,
    finite,
    told_as_json,
    wait_timeout,
)
from cascades_sdk.cli._trouble import settled
from cascades_sdk.cli.example import word_report
from cascades_sdk.client import CascadesClient
from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.errors import position_from_text
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cascades_sdk.values import FrozenDict
from cascades_sdk.views import to_text

__all__ = ["demo", "run_workflow", "serve"]


@click.command(short_help="Compile, run and follow an example.")
@click.option(
    "--pace", type=click.FloatRange(min=0), default=0.15, callback=finite, help="Seconds that each task takes longer."
)
@context
@wait_timeout
@as_json
def demo(pace: float, context: FrozenDict, timeout: float, json_wanted: bool) -> int:
    """Compile an example, run it on a local control plane, and follow it.

    Its inputs: shortest (letters of a word that counts) and top (how many words are told).
    """
    console = _console()
    dag = settled(build_dag_from_flow(word_report))
    cookie = secrets.token_urlsafe()
    with (
        ControlPlane.serve({"word-report": dag}, cookie=cookie, task_delay=pace, seed=_own_seed()) as plane,
        CascadesClient(plane.url, SessionCookieAuth(cookie)) as client,
    ):
        if not json_wanted:
            picture = to_text(dag)
            # Where it is drawn while it runs, it need not stand there twice.
            console.print(picture.partition("\n")[0] if can_draw(console) else picture)
            console.print(f"control plane at {plane.url}")
        following = Following(console, client, timeout, dag, json_wanted, outlived=False)
        return following.submitted("word-report", context)


@click.command("run", short_help="Submit a run and follow it, or go on following.")
@click.argument("workflow_id", required=False)
@click.option("--url", required=True, help="The base URL of the control plane.")
@context
@click.option("--resume", metavar="POSITION", help="Go on watching a run from where an earlier command stopped.")
@click.option("--graph", metavar="FLOW|FILE", help="Draw the progress as this graph: MODULE:FLOW, or a document.")
@wait_timeout
@credentials
@as_json
def run_workflow(
    workflow_id: str | None,
    url: str,
    context: FrozenDict,
    resume: str | None,
    graph: str | None,
    timeout: float,
    prompt: bool,
    session_file: str | None,
    cookie_name: str,
    json_wanted: bool,
) -> int:
    """Submit a run of a catalog workflow, and follow it to its end; or go on following one.

    Ctrl-C ends the watching, and not the run: it prints the position to go on from. The session cookie is read from the
    environment variable CASCADES_SESSION, unless an option says otherwise.
    """
    if (workflow_id is None) == (resume is None):
        raise click.UsageError("give a WORKFLOW_ID to submit, or --resume POSITION to go on")
    if resume is not None and context:
        raise click.UsageError("--context is for a run that is submitted, not for one that goes on")
    position = None if resume is None else settled(position_from_text(resume))
    auth = credential(prompt, session_file, cookie_name)
    dag = None if graph is None else graph_named(graph)
    with CascadesClient(url, auth) as client:
        following = Following(_console(), client, timeout, dag, json_wanted)
        if position is not None:
            return following.resumed(position)
        return following.submitted(workflow_id or "", context)  # one of the two is there


@click.command(short_help="Serve flows behind a local control plane.")
@click.argument("modules", nargs=-1, required=True, metavar="MODULE[:NAME,...]...")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on; 0 for a free one.")
@click.option(
    "--pace", type=click.FloatRange(min=0), default=0.0, callback=finite, help="Seconds that each task takes longer."
)
@as_json
def serve(modules: tuple[str, ...], port: int, pace: float, json_wanted: bool) -> NoReturn:
    """Serve flows behind a local control plane, until Ctrl-C: those that are named, or all of a module.

    It expects the cookie that CASCADES_SESSION holds, or makes one and prints it.
    """
    catalog: dict[str, Any] = {}
    for flow in (flow for module in modules for flow in flows_named(module)):
        if flow.name in catalog:
            raise click.UsageError(f"two flows have the name {flow.name!r}")
        catalog[flow.name] = flow
    given = environment_cookie()
    cookie = given or secrets.token_urlsafe(16)
    with ControlPlane.serve(catalog, port=port, cookie=cookie, task_delay=pace, seed=_own_seed()) as plane:
        workflows = {name: workflow.digest for name, workflow in plane.state.workflows.items()}
        if json_wanted:
            told_as_json({"url": plane.url, "workflows": workflows, **({} if given else {"session": cookie})})
        else:
            click.echo(f"serving at {plane.url} until Ctrl-C")
            for name, digest in workflows.items():
                click.echo(f"  {name}  {digest}")
            if not given:
                click.echo(f"export {SESSION_VARIABLE}={cookie}")
        while True:
            # Not one endless wait: a signal that comes in the instant before a wait begins does not end it.
            time.sleep(0.5)


def _own_seed() -> int:
    # A server that is started again must not give a run the id of another that somebody still waits for.
    return secrets.randbits(64)


def _console() -> Console:
    # What is printed is text of others: it has no markup, and long lines are for the terminal to wrap.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
