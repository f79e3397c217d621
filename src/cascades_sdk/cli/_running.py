"""The commands about runs: run, serve, demo.

Decided here: what is started, and with which settings. Never here: how a run is followed.
"""

import secrets
import sys
import time

import click
from rich.console import Console

from cascades_sdk.cli._boards import can_draw
from cascades_sdk.cli._connection import Connection
from cascades_sdk.cli._following import INTERRUPTED, Following
from cascades_sdk.cli._loading import BY_CALLER, flows_named, foreign_prints, graph_named, graph_of
from cascades_sdk.cli._options import (
    SESSION_VARIABLE,
    as_json,
    client_at,
    context,
    credential,
    credentials,
    finite,
    position_in,
    served_cookie,
    told_as_json,
    wait_timeout,
)
from cascades_sdk.cli._trouble import Trouble, settled
from cascades_sdk.cli.example import word_report
from cascades_sdk.client import CascadesClient
from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.graph import Dag
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
    allow_insecure: bool,
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
    position = None if resume is None else position_in(resume)
    auth = credential(prompt, session_file, cookie_name)
    dag = None if graph is None else graph_named(graph)
    connection = Connection()
    with client_at(url, auth, allow_insecure, connection) as client:
        following = Following(_console(), client, timeout, dag, json_wanted, connection=connection)
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
def serve(modules: tuple[str, ...], port: int, pace: float, json_wanted: bool) -> int:
    """Serve flows behind a local control plane, until Ctrl-C: those that are named, or all of a module.

    Of a module that is served with all its flows, those that do not compile are left out, and told. It expects the
    cookie that CASCADES_SESSION holds, or makes one and prints it.
    """
    given = served_cookie()
    catalog, left_out = _catalog(modules)
    cookie = given or secrets.token_urlsafe(16)
    stdout = sys.stdout
    with (
        foreign_prints(),  # from here on tasks run, in other threads
        ControlPlane.serve(catalog, port=port, cookie=cookie, task_delay=pace, seed=_own_seed()) as plane,
    ):
        workflows = {name: workflow.digest for name, workflow in plane.state.workflows.items()}
        if json_wanted:
            report = {"url": plane.url, "workflows": workflows, "left_out": left_out}
            told_as_json({**report, **({} if given else {"session": cookie})}, stdout)
        else:
            lines = [
                f"serving at {plane.url} until Ctrl-C",
                *(f"  {name}  {digest}" for name, digest in workflows.items()),
                *(f"  {name}  left out: {why}" for name, why in left_out.items()),
                *([] if given else [f"export {SESSION_VARIABLE}={cookie}"]),
            ]
            click.echo("\n".join(lines), file=stdout)
        try:
            while True:
                # Not one endless wait: a signal that comes in the instant before a wait begins does not end it.
                time.sleep(0.5)
        except KeyboardInterrupt:
            # What there is to tell was told.
            return INTERRUPTED


def _catalog(modules: tuple[str, ...]) -> tuple[dict[str, Dag], dict[str, str]]:
    """The graphs of the flows that are to be served, and why others are not."""
    catalog: dict[str, Dag] = {}
    left_out: dict[str, str] = {}
    for module in modules:
        for flow in flows_named(module):
            if flow.name in catalog:
                raise click.UsageError(f"two flows have the name {flow.name!r}")
            try:
                catalog[flow.name] = graph_of(flow, {}, BY_CALLER)
            except Trouble as problem:
                if ":" in module:
                    raise
                left_out[flow.name] = str(problem)
    if not catalog:
        raise Trouble("no flow compiles: " + "; ".join(left_out.values()))
    return catalog, left_out


def _own_seed() -> int:
    # A server that is started again must not give a run the id of another that somebody still waits for.
    return secrets.randbits(64)


def _console() -> Console:
    # What is printed is text of others: it has no markup, and long lines are for the terminal to wrap.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
