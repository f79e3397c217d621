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
@pytest.mark.parametrize(("folder", "module"), [(".", "cli.test_live"), ("bench", "measuring")])
def test_a_module_is_imported_without_what_windows_lacks(folder: str, module: str) -> None:
    # Some modules of others look at the system by what it has; they are loaded before.
    before = "import pytest, httpx, anyio, asyncio, rich.console, click, cascades_sdk.testing"
    program = f"{before}\n{AS_ON_WINDOWS}\nimport {module}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HERE / folder, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
