"""The suite is collected on every system: what one of them does not have is imported nowhere at the top."""

import ast
import sqlite3
from pathlib import Path

import pytest

from node import alone

ROOT = Path(__file__).parents[1]
#: Modules that Python has on some systems only (its documentation: "Availability").
NOT_EVERYWHERE = {
    *("curses", "fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"),
    *("msvcrt", "winreg", "winsound", "_winapi"),
}
FILES = [
    path for folder in ("tests", "properties", "contracts", "src", ".github") for path in (ROOT / folder).rglob("*.py")
]


def test_no_module_imports_at_its_top_what_one_system_does_not_have() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), name)
        for path in FILES
        if "node_modules" not in path.parts
        for each in ast.parse(path.read_text("utf-8")).body
        if isinstance(each, ast.Import | ast.ImportFrom)
        for name in ([each.module or ""] if isinstance(each, ast.ImportFrom) else [one.name for one in each.names])
        if name.partition(".")[0] in NOT_EVERYWHERE
    ]
    assert found == []


def test_one_at_a_time_is_inside_of_a_lock(tmp_path: Path) -> None:
    with alone(tmp_path / "lock"), pytest.raises(sqlite3.OperationalError, match="locked"), alone(tmp_path / "lock", 0):
        pytest.fail("two are inside")
    with alone(tmp_path / "lock", 0):
        pass
