"""The command that tries whether a flow compiles to one document everywhere: verify.

Decided here: what is printed, and that a difference ends with 1. Never here: what is compared, and in which processes.
"""

import shutil
from typing import Any

import click
from returns.result import Failure

from cascades_sdk.cli._loading import compiled, flow_named, foreign_prints
from cascades_sdk.cli._options import as_json, inputs, told_as_json
from cascades_sdk.cli._trouble import settled
from cascades_sdk.testing import check_determinism
from cascades_sdk.testing.determinism import NotDeterministicError
from cascades_sdk.views import printable

__all__ = ["verify"]


def _runnable(_: click.Context, __: click.Parameter, paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if shutil.which(path) is None:
            raise click.BadParameter(f"there is no program {path!r}")
    return paths


@click.command(short_help="Verify that a flow is deterministic.")
@click.argument("flow", metavar="MODULE:FLOW")
@inputs
@click.option(
    "--hash-seeds", type=click.IntRange(1), default=8, show_default=True, help="How many fresh processes compile it."
)
@click.option(
    "--python",
    "pythons",
    multiple=True,
    callback=_runnable,
    metavar="PATH",
    help="Another interpreter; may be repeated.",
)
@as_json
def verify(flow: str, inputs: dict[str, Any], hash_seeds: int, pythons: tuple[str, ...], json_wanted: bool) -> int:
    """Verify that a flow compiles to one document, whatever the hash seed, the thread, or what else is compiled.

    Ends with 1 and the first difference where it does not.
    """
    # What does not compile at all is told as compile tells it.
    compiled(flow, inputs)
    found = flow_named(flow)
    with foreign_prints():
        checked = check_determinism(found, inputs, hash_seeds=hash_seeds, pythons=pythons)
    problem = checked.failure() if isinstance(checked, Failure) else None
    if isinstance(problem, NotDeterministicError):
        changes = list(map(str, problem.diff.changes))
        if json_wanted:
            told_as_json({"deterministic": False, "problem": str(problem), "changes": changes})
        else:
            click.echo(f"first   {printable(str(problem.first))}\nsecond  {printable(str(problem.second))}")
            click.echo("\n".join(f"  {change}" for change in changes))
            click.echo(f"{problem.flow} is not deterministic: {problem.advice}")
        return 1
    report = settled(checked)
    if json_wanted:
        told_as_json(
            {
                "deterministic": True,
                "digest": report.digest,
                "cbor_digest": report.cbor_digest,
                "compiles": report.compiles,
                "processes": len(report.environments),
            }
        )
    else:
        click.echo(printable(str(report)))
    return 0
