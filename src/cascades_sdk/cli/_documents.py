"""The commands about graphs: compile, check, diff, show.

Decided here: what is printed, and the exit codes: 1 where two graphs that should be alike are not. Never here: what a
graph is, and how two of them are compared.
"""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.cells import cell_len, set_cell_size

from cascades_sdk.cli._loading import bytes_of, compiled, graph_in, graph_named, is_file
from cascades_sdk.cli._options import as_json, inputs, told_as_json
from cascades_sdk.diff import DagDiff, dag_diff
from cascades_sdk.encoding import dag_digest, dag_to_cbor, dag_to_json
from cascades_sdk.graph import Call, Choice, Dag, Map
from cascades_sdk.views import drawing_of, printable, to_dot, to_mermaid, to_text

__all__ = ["check", "compile_flow", "diff", "show"]

_FORMATS: Final[Mapping[str, Callable[[Dag], bytes]]] = {
    "json": dag_to_json,
    "cbor": dag_to_cbor,
    "mermaid": lambda dag: to_mermaid(dag).encode(),
    "dot": lambda dag: to_dot(dag).encode(),
    "text": lambda dag: to_text(dag).encode(),
}

#: A file that cannot be replaced, and perhaps be written: the folder is not the user's, or it is a mount of its own.
_FIXED: Final = (errno.EACCES, errno.EPERM, errno.EBUSY)


@click.command("compile", short_help="Compile a flow to its document or a picture.")
@click.argument("flow", metavar="MODULE:FLOW")
@inputs
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="json", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file; - is stdout.")
@as_json
def compile_flow(flow: str, inputs: dict[str, Any], form: str, output: str | None, json_wanted: bool) -> None:
    """Compile a flow to its document, or to a picture.

    MODULE is a dotted name, or the path of a .py file. With --json a report is printed; the document goes into the
    file, or into the report.
    """
    output = None if output == "-" else output
    if form == "cbor" and output is None and (json_wanted or sys.stdout.isatty()):
        raise click.UsageError("CBOR is no text: give -o FILE, or send it to a program")
    dag = compiled(flow, inputs)
    data = _picture(dag).encode() if form == "text" and output is None and not json_wanted else _FORMATS[form](dag)
    if output is not None:
        _write(output, data)
    if json_wanted:
        shown = {} if output is not None else {form: json.loads(data) if form == "json" else data.decode()}
        told_as_json({**_counts(dag), "format": form, "output": output, **shown})
    elif output is None:
        # The bytes and nothing else, so that what is kept is what check compares; only a terminal wants its line end.
        click.echo(data, nl=form == "json" and sys.stdout.isatty())


def _write(path: str, data: bytes) -> None:
    """Write a file, whole or not at all, where something may stand beside it."""
    target = Path(os.path.realpath(path))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    if target.exists() and not target.is_file():
        target.write_bytes(data)  # a pipe, a device; or a folder, which is an error that says so
        return
    try:
        unfinished.write_bytes(data)
        if target.exists():
            shutil.copymode(target, unfinished)
        unfinished.replace(target)
    except OSError as problem:
        unfinished.unlink(missing_ok=True)
        if problem.errno not in _FIXED:
            raise OSError(problem.errno, problem.strerror, path) from problem
        target.write_bytes(data)


@click.command(short_help="Check that a committed document is up to date.")
@click.argument("flow", metavar="MODULE:FLOW")
@click.option(
    "--against", required=True, metavar="FILE", help="The document that is committed, in JSON or CBOR; - is stdin."
)
@inputs
@as_json
def check(flow: str, against: str, inputs: dict[str, Any], json_wanted: bool) -> int:
    """Check that a committed document is what a flow compiles to; for CI.

    Ends with 1 and what differs where it is stale.
    """
    dag = compiled(flow, inputs)
    data = bytes_of(against)
    committed = graph_in(against, data)
    differences = dag_diff(committed, dag)
    canonical = data in (dag_to_json(committed), dag_to_cbor(committed))
    fresh = canonical and not differences
    if json_wanted:
        told_as_json({"fresh": fresh, "canonical": canonical, **_comparison(committed, dag, differences)})
    elif fresh:
        click.echo(f"{printable(against)} is up to date: {dag_digest(dag)}")
    elif differences:
        click.echo(f"{printable(against)} is stale:")
        _tell(differences)
    else:
        click.echo(f"{printable(against)} is the same graph, and not in its canonical bytes: compile it again with -o")
    return 0 if fresh else 1


@click.command(short_help="Tell what differs between two graphs.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@as_json
def diff(old: str, new: str, json_wanted: bool) -> int:
    """Tell what differs between two graphs: files of documents (- is stdin), or flows as MODULE:FLOW.

    Ends with 0 where they are the same, and with 1 where they are not.
    """
    before, after = graph_named(old), graph_named(new)
    differences = dag_diff(before, after)
    if json_wanted:
        told_as_json(_comparison(before, after, differences))
    else:
        _tell(differences)
    return 1 if differences else 0


def _tell(differences: DagDiff) -> None:
    for change in differences.changes:
        click.echo(f"  {change}")
    if differences.affected:
        click.echo(f"  and {len(differences.affected)} downstream of that")


def _comparison(old: Dag, new: Dag, differences: DagDiff) -> dict[str, Any]:
    return {
        "equal": not differences,
        "old": dag_digest(old),
        "new": dag_digest(new),
        "changes": [{"kind": type(change).__name__, "text": str(change)} for change in differences.changes],
        "affected": [f"node-{node}" for node in differences.affected],
    }


@click.command(short_help="Draw and count what is in a document.")
@click.argument("source", metavar="FILE")
@as_json
def show(source: str, json_wanted: bool) -> None:
    """Show what is in a document: its digest, what it counts, and the picture. A flow as MODULE:FLOW is taken as well.

    FILE - is stdin. A document that is not valid is an error that says where.
    """
    data = bytes_of(source) if is_file(source) else None
    dag = graph_named(source) if data is None else graph_in(source, data)
    canonical = data is None or data in (dag_to_json(dag), dag_to_cbor(dag))
    if json_wanted:
        told_as_json({**_counts(dag), "canonical": canonical, "inputs": [entry.name for entry in dag.inputs]})
        return
    click.echo(_picture(dag), nl=False)
    counts = _counts(dag)
    told = ", ".join(
        f"{what} {counts[what]}" for what in ("nodes", "tasks", "calls", "maps", "choices", "groups", "edges")
    )
    click.echo(f"counts  {told}")
    click.echo(f"digest  {dag_digest(dag)}")
    if not canonical:
        click.echo("note    these are not the canonical bytes of this graph")


def _picture(dag: Dag) -> str:
    """The graph as text; rows that a terminal has no room for are cut there, because wrapped they show nothing."""
    text, drawing, columns = to_text(dag), drawing_of(dag), shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or drawing is None or drawing.width <= columns:
        return text
    heading, *rows = text.splitlines()
    cut = [row if cell_len(row) <= columns else set_cell_size(row, columns - 1) + "…" for row in rows]
    return "\n".join([heading, *cut, f"note    the picture has {drawing.width} columns: make the terminal wider", ""])


def _counts(dag: Dag) -> dict[str, Any]:
    return {
        "name": dag.name,
        "digest": dag_digest(dag),
        "nodes": len(dag.nodes),
        "tasks": len(dag.tasks),
        "calls": sum(type(node) is Call for node in dag.nodes),
        "maps": sum(type(node) is Map for node in dag.nodes),
        "choices": sum(type(node) is Choice for node in dag.nodes),
        "groups": len(dag.groups),
        "edges": sum(map(len, dag.upstream)),
    }
