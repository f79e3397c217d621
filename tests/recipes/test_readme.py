"""README keeps its word: its code runs as it stands, and its commands and paths exist."""

import re
import subprocess
import sys
from pathlib import Path

from cascades_sdk import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_from_json, dag_to_json

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@task
def first(items: int) -> int:
    return items


@flow
def chained(n: int = 1) -> int:
    return first(first(n))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_blocks_run_as_one_file_in_a_fresh_process(tmp_path: Path) -> None:
    script = tmp_path / "report.py"
    script.write_text("\n\n".join(blocks("python")), encoding="utf-8")

    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "")


def test_the_errors_that_it_shows_are_what_is_said() -> None:
    @flow
    def hasty(n: int) -> int:
        return 1 if n else 0

    shown = re.search(r"flow 'hasty': (input 'n' .* bind the parameter in flow_inputs)", " ".join(README.split()))
    assert shown is not None
    assert shown[1] in str(build_dag_from_flow(hasty).failure())
    document = dag_to_json(build_dag_from_flow(chained).unwrap()).replace(b'"node-0"}', b'"node-9"}')
    assert f"`{dag_from_json(document).failure()}`" in README


def test_the_file_of_tests_is_the_one_that_is_run_here() -> None:
    found = re.search(r"<!-- a file of tests: (\S+) -->\n```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    assert (ROOT / found[1]).read_text(encoding="utf-8") == found[2]


def test_it_is_read_in_one_sitting() -> None:
    assert len(README.splitlines()) < 200


def test_the_two_commands_are_marked_and_are_one_line_each() -> None:
    for name in ("demo", "test"):
        found = re.findall(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```", README, re.DOTALL)
        assert len(found) == 1
        assert "\n" not in found[0]


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:tests|properties|contracts)/[\w/.]*)`", README)) | set(
        re.findall(r"\]\(([^)#:]+)\)", README)
    )
    assert len(named) > 3
    missing = sorted(path for path in named if not (ROOT / path).exists())
    assert missing == []


def test_it_says_what_it_shares_with_the_older_package() -> None:
    assert "shares no code with the older package" in " ".join(README.split())
