"""Packages of Node, installed once for a run of the tests, in all its processes."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

__all__ = ["alone", "installed", "without_node"]

_TESTS = Path(__file__).parent

#: Where node is, a registry that does not answer is a failure: a witness does not stay away unseen.
without_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on this machine")


@contextmanager
def alone(path: Path, patience: float = 600) -> Iterator[None]:
    """While this lasts, no other process is inside: one that comes waits, in seconds, and one that dies lets go.

    A database is the lock that there is on every system, with Python alone.
    """
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def installed(factory: pytest.TempPathFactory) -> Path:
    """The folder with ``node_modules``, exactly as tests/package-lock.json says, without running anybody's scripts."""
    base = factory.getbasetemp()
    # The processes of pytest-xdist have folders side by side.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "node"
    folder.mkdir(exist_ok=True)
    with alone(folder / "lock"):
        if not (folder / "whole").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_TESTS / name, folder)
            quiet = {**os.environ, "NPM_CONFIG_UPDATE_NOTIFIER": "false", "NPM_CONFIG_CACHE": str(folder / "cache")}
            # By its whole name: on Windows it is npm.cmd, which is found by a search only.
            npm = [shutil.which("npm") or "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            ran = subprocess.run(npm, cwd=folder, env=quiet, capture_output=True, text=True, check=False)
            assert ran.returncode == 0, ran.stderr
            (folder / "whole").touch()
    return folder
