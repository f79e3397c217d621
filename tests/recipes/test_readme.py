"""README keeps its word: its code runs as it stands, and its commands and paths exist."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_blocks_run_as_one_file_in_a_fresh_process(tmp_path: Path) -> None:
    script = tmp_path / "report.py"
    script.write_text("\n\n".join(blocks("python")), encoding="utf-8")

    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    said = re.fullmatch(
        r".*report\.py:(\d+), flow 'hasty': input 'n' has no value yet; asking for its truth needs one; .*\n"
        r"/nodes/1/arguments/items/node: must refer to an earlier node\n",
        ran.stdout,
    )
    assert said is not None, ran.stdout
    named = script.read_text(encoding="utf-8").splitlines()[int(said[1]) - 1]
    assert named == "    return 1 if n else 0"


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
