"""The ``cascades`` command.

Decided here: what happens where the extra ``cli`` is not installed. Never here: commands.
"""

import sys
from collections.abc import Sequence

__all__ = ["main"]

#: What the commands need beyond the runtime dependencies.
_EXTRA = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; ``None`` stands for the arguments of the process.

    Returns:
        0 for SUCCESS, 1 for a run that ended FAILED or CANCELLED, 2 for wrong usage, 3 for an error, 130 for Ctrl-C.
    """
    try:
        from cascades_sdk.cli._app import run
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in _EXTRA:
            raise
        print("cascades: the command line is an extra: pip install 'cascades-sdk[cli]'", file=sys.stderr)
        return 3
    return run(arguments)
