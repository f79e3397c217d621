"""The command, and what becomes of everything that can go wrong in it.

Decided here: which commands there are, and exit codes. Never here: what a command does.
"""

import io
import sys
from collections.abc import Sequence

import click

from cascades_sdk._meta import API_CONTRACT_VERSION, __version__
from cascades_sdk.cli._documents import check, compile_flow, diff, show
from cascades_sdk.cli._following import INTERRUPTED
from cascades_sdk.cli._options import as_json, told_as_json
from cascades_sdk.cli._running import demo, run_workflow, serve
from cascades_sdk.cli._trouble import Trouble, one_line
from cascades_sdk.cli._verifying import verify
from cascades_sdk.errors import CascadesSDKError

__all__ = ["run"]


def run(arguments: Sequence[str] | None) -> int:
    """Run a command and give its exit code. What stops it is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where the encoding has no box drawing characters, a picture is still no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cascades.main(args=arguments, prog_name="cascades", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message(), err=True)
        return 2
    except click.UsageError as wrong:
        command = wrong.ctx.command_path if wrong.ctx is not None else "cascades"
        return _stopped(f"{wrong.format_message().rstrip('.')}; see {command} --help", 2)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (Trouble, CascadesSDKError) as problem:
        return _stopped(problem, 3)
    except OSError as problem:
        return _stopped(problem if problem.filename is None else f"{problem.filename}: {problem.strerror}", 3)
    return code if isinstance(code, int) else 0


def _stopped(problem: BaseException | str, code: int) -> int:
    click.echo(f"cascades: {one_line(problem)}", err=True)
    return code


@click.group()
def cascades() -> None:
    """Compile flows, look at them, run them, follow them.

    Exit codes: 0 SUCCESS; 1 FAILED or CANCELLED, stale, different; 2 wrong usage; 3 an error; 130 Ctrl-C.
    """


@cascades.command()
@as_json
def version(json_wanted: bool) -> None:
    """Print the versions of the package and of the API contract."""
    if json_wanted:
        told_as_json({"cascades-sdk": __version__, "api_contract": API_CONTRACT_VERSION})
    else:
        click.echo(f"cascades-sdk {__version__}, API contract {API_CONTRACT_VERSION}")


for _command in (compile_flow, check, diff, show, verify, run_workflow, serve, demo):
    cascades.add_command(_command)
