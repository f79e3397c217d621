"""The recipe for CI: its workflow passes as the project stands, and fails where a flow was changed and nothing else."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).with_name("flows_in_ci")
STEPS: list[dict[str, Any]] = yaml.safe_load((PROJECT / "flows.yml").read_text("utf-8"))["jobs"]["flows"]["steps"]
INSTALL, *COMMANDS = [step["run"] for step in STEPS if "run" in step]
[UPDATES, LOOK] = re.findall(r"```sh\n(.*?)\n```", (PROJECT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project, in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    return Path(shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored))


def ran(project: Path, commands: Iterable[str]) -> list[tuple[int, str]]:
    """The status of each command, and what it said: run as it stands, with this interpreter's programs found first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    answers = []
    for command in commands:
        program, *arguments = shlex.split(command)
        found = shutil.which(program, path=path)
        assert found is not None, program
        answer = subprocess.run(
            [found, *arguments],
            cwd=project,
            env=os.environ | {"PATH": path, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        answers.append((answer.returncode, answer.stdout))
    return answers


def test_the_project_passes_as_it_stands(project: Path) -> None:
    (checked, fresh), (verified, told), (tested, summary) = ran(project, COMMANDS)
    assert (checked, verified, tested) == (0, 0, 0), fresh + told + summary
    assert fresh.startswith("report.json is up to date: sha256:")
    assert ran(project, [LOOK]) == [(0, fresh)]
    assert told.startswith("flow 'report': ")
    assert "1 passed" in summary


def test_a_change_of_a_flow_is_told_until_it_is_written_down(project: Path) -> None:
    flows = project / "reports.py"
    flows.write_text(flows.read_text("utf-8").replace("retries=2", "retries=3"), "utf-8")

    check, _, test = COMMANDS
    (checked, stale), (tested, summary) = ran(project, [check, test])
    assert (checked, tested) == (1, 1)
    assert "option retries 2 -> 3" in stale
    assert "option retries 2 -> 3" in summary
    assert "pytest --update-flow-snapshots writes it" in summary

    updates = UPDATES.splitlines()
    assert [status for status, _ in ran(project, [*updates, check])] == [0] * (len(updates) + 1)


def test_what_it_installs_is_there() -> None:
    asked = re.fullmatch(r'python -m pip install "([\w-]+)\[([\w,]+)\]==([\w.]+)"', INSTALL)
    assert asked is not None
    told = metadata(asked[1])
    assert set(asked[2].split(",")) <= set(told.get_all("Provides-Extra") or [])
    assert asked[3] == told["Version"], "what the recipe pins is what it was tried with: the version of now"


def test_its_actions_are_those_of_our_own_workflow() -> None:
    ours = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["tests"]["steps"]
    assert [step["uses"] for step in STEPS if "uses" in step] == [step["uses"] for step in ours if "uses" in step], (
        "a newer version of an action goes into tests/recipes/flows_in_ci/flows.yml, too"
    )
