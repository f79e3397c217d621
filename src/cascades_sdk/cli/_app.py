"""The command, and what becomes of everything that can go wrong in it.

Decided here: which commands there are, and exit codes. Never here: what a command does.
"""

import io
import os
import sys
from pathlib import Path
from typing import Any, Final

import click

from cascades_sdk._meta import API_CONTRACT_VERSION, __version__
from cascades_sdk.cli._documents import check, compile_flow, diff, show
from cascades_sdk.cli._following import INTERRUPTED
from cascades_sdk.cli._options import as_json, told_as_json
from cascades_sdk.cli._running import demo, run_workflow, serve
from cascades_sdk.cli._trouble import Trouble, as_error, one_line
from cascades_sdk.cli._verifying import verify
from cascades_sdk.cli._whole import whole
from cascades_sdk.errors import CascadesSDKError

__all__ = ["run"]

#: What a shell reports for a program whose reader has left: 128 and the number of SIGPIPE.
_UNREAD: Final = 141


def run(given: list[str], json_wanted: bool) -> int:
    """Run a command and give its exit code. What stops it is one line on stderr, never a traceback.

    With --json it is one object on stdout too.
    """

    if given[:1] == ["--json"]:
        # Every command has this option; who means it for all of them puts it in front.
        given = [*given[1:2], "--json", *given[2:]]

    def stopped(text: str, code: int, kind: str, **known: str | None) -> int:
        line = one_line(text)
        click.echo(f"cascades: {line}", err=True)
        try:
            if json_wanted:
                told_as_json(as_error(kind, line, **known))
            sys.stdout.flush()
        except OSError:  # what stops the command is that stdout takes nothing
            _end_stdout()
        return code

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where the encoding has no box drawing characters, a picture is still no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = whole(sys.stdout)
    try:
        code = cascades.main(args=given, prog_name="cascades", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message(), err=True)
        return 2
    except click.UsageError as wrong:
        if isinstance(wrong, click.NoSuchOption):
            # What is alike only further on was not meant: --json in place of --version.
            meant = [each for each in wrong.possibilities or () if each.startswith(wrong.option_name[:3])]
            wrong = click.NoSuchOption(wrong.option_name, possibilities=meant, ctx=wrong.ctx)
        command = wrong.ctx.command_path if wrong.ctx is not None else "cascades"
        return stopped(f"{wrong.format_message().rstrip('.')}; see {command} --help", 2, "usage")
    except click.Abort:
        if json_wanted:
            told_as_json({"interrupted": True})
        return INTERRUPTED
    except (Trouble, CascadesSDKError) as problem:
        trouble = problem if isinstance(problem, Trouble) else Trouble(str(problem), type(problem).__name__)
        return stopped(str(trouble), 3, trouble.kind, **trouble.known)
    except SystemExit as left:
        # Rich ends the process so when nobody reads any more, as the group does; else it is a flow that wants to.
        if isinstance(left.__context__, BrokenPipeError):
            _end_stdout()
            return _UNREAD
        return stopped(f"the flow raised SystemExit: {left}", 3, "SystemExit")
    except OSError as problem:
        kind, path = type(problem).__name__, problem.filename
        if path is None:
            return stopped(str(problem) or kind, 3, kind)
        return stopped(f"{path}: {problem.strerror}", 2 if _is_missing(problem) else 3, kind, path=str(path))
    return code if isinstance(code, int) else 0


def _end_stdout() -> None:
    """What is still to be written has nobody to read it, also when the interpreter ends."""
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends


def _is_missing(problem: OSError) -> bool:
    # A name in an argument that stands for nothing, or for a folder, is a typing error, as that of an option is.
    return isinstance(problem, FileNotFoundError | NotADirectoryError | IsADirectoryError)


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as left:
            # Click itself would end with 1, which is the code of a run that failed.
            raise SystemExit(_UNREAD) from left


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cascades() -> None:
    """Compile flows, look at them, run them, follow them.

    Exit codes: 0 SUCCESS; 1 FAILED or CANCELLED, stale, different; 2 what is typed cannot be (also a file that is not
    there); 3 an error in what is found; 130 Ctrl-C; 141 nobody reads the output; 143 SIGTERM.
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
