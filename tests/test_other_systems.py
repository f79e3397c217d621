"""What Windows lacks is asked for by no test that is collected there, and by no benchmark that is started there."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

#: As far as anything here knows it. A module that is None in ``sys.modules`` cannot be imported.
AS_ON_WINDOWS = """
import signal, sys
for name in ("SIGKILL", "SIGTSTP", "SIGHUP", "SIGSTOP", "SIGCONT", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2"):
    delattr(signal, name)
sys.modules |= dict.fromkeys(("resource", "pwd", "grp", "pty", "tty"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it is lacking here in earnest")
@pytest.mark.parametrize(
    ("folder", "imported"),
    [(".", "import cli.test_live"), ("bench", "import runpy; runpy.run_path('__main__.py')")],
    ids=["the terminal", "the benchmarks"],
)
def test_what_windows_lacks_is_asked_for_by_no_import(folder: str, imported: str) -> None:
    # Some modules of others look at the system by what it has; they are loaded before.
    before = "import pytest, httpx, anyio, asyncio, rich.console, click, cascades_sdk.testing"
    program = f"{before}\n{AS_ON_WINDOWS}\n{imported}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HERE / folder, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
