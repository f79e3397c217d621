"""What every peer's program does: it tells its version and shapes, then answers questions with CPU seconds.

It runs in the peer's environment, so it stands on nothing but Python.
"""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def answer(distribution: str, shapes: Iterable[str], to_bytes: Callable[[str, int], bytes]) -> None:
    """Answer until the questions end. What the peer prints goes to standard error."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(version(distribution), *shapes, file=told, flush=True)
    for line in sys.stdin:
        shape, size = line.split()
        gc.collect()
        before = time.process_time()
        written = to_bytes(shape, int(size))
        took = time.process_time() - before
        assert len(written) > int(size)
        print(took, file=told, flush=True)
