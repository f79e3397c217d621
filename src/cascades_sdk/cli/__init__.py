"""The ``cascades`` command.

Decided here: what happens where the extra ``cli`` is not installed, and on Ctrl-C, from the first moment on. Never
here: commands.
"""

import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["main"]

#: What the commands need beyond the runtime dependencies.
_EXTRA = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; ``None`` stands for the arguments of the process.

    Returns:
        0 for SUCCESS, 1 for a run that ended FAILED or CANCELLED, 2 for wrong usage, 3 for an error, 130 for Ctrl-C.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Also of what cannot be parsed: what stands behind -- is no option.
    json_wanted = "--json" in (given[: given.index("--")] if "--" in given else given)
    try:
        return _run(given, json_wanted)
    except KeyboardInterrupt:
        print(file=sys.stderr)  # behind the ^C that a terminal shows
        if json_wanted:
            print(json.dumps({"interrupted": True}))
        return 128 + signal.SIGINT  # as a shell reports a process that it has ended


def _run(given: list[str], json_wanted: bool) -> int:
    try:
        with _interrupts_later():
            from cascades_sdk.cli._app import run
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in _EXTRA:
            raise
        print("cascades: the command line is an extra: pip install 'cascades-sdk[cli]'", file=sys.stderr)
        return 3
    return run(given, json_wanted)


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """A block in which Ctrl-C is kept, and raised behind it.

    In the middle of imports it may come where Python cannot raise it, in what is called when an object dies: there it
    is printed with its traceback, and lost.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    pressed: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if pressed:
        raise KeyboardInterrupt
