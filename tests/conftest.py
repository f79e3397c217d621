"""The summary of a run names the outside witnesses: which compared something, and which could not, and why."""

from collections import defaultdict
from typing import Any

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A witness travels with the report of its test, also out of the processes of pytest-xdist."""
    for item in items:
        item.user_properties.extend(("witness", marker.args[0]) for marker in item.iter_markers("witness"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each witness."""
    outcomes: dict[str, set[str]] = defaultdict(set)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, text in getattr(report, "user_properties", ()):
                if name == "witness":
                    reason = f"; {report.longrepr[2]}" if outcome == "skipped" else ""
                    outcomes[text].add(f"{outcome}{reason}")
    if outcomes:
        terminalreporter.section("outside witnesses")
    for text, seen in sorted(outcomes.items()):
        verdict = "ran" if seen == {"passed"} else "DISAGREES" if seen & {"failed", "error"} else "missing"
        skipped = "".join(sorted(f" ({each})" for each in seen if each.startswith("skipped")))
        terminalreporter.write_line(f"{verdict}: {text}{skipped}")
