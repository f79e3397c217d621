"""What the project's texts say of its files holds: links lead somewhere, what is named is there, maps are whole."""

import ast
import re
import shlex
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (".github", "contracts", "properties", "src", "tests")


def ours(path: Path) -> bool:
    return not {"node_modules", "__pycache__", ".hypothesis"} & set(path.relative_to(ROOT).parts)


PATHS = sorted(
    path for folder in FOLDERS for path in [ROOT / folder, *(ROOT / folder).rglob("*")] if path.exists() and ours(path)
)
TEXTS = [ROOT / "README.md", *(path for path in PATHS if path.suffix == ".md")]
NAMES = [
    *(f"/{path.relative_to(ROOT).as_posix()}{'/' if path.is_dir() else ''}" for path in PATHS),
    *("/README.md", "/pyproject.toml", "/.ci/run"),
]

PART = r"[\w.*-]+"
FILE = rf"(?:{PART}/)*[\w*-]+\.(?:py|md|yml|yaml|json|toml|txt|cddl|mjs)"

each_text = pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
#: The tests of a wheel have no source beside them, and many texts speak of it.
of_the_source = pytest.mark.skipif(not (ROOT / "src").is_dir(), reason="there is no source here")


def is_there(name: str) -> bool:
    """Whether a path of ours ends so, whole parts of it; ``*`` stands for anything."""
    return any(fnmatchcase(path, f"*/{name}") for path in NAMES)


def anchor(heading: str) -> str:
    """What a heading is called in a link, as GitHub has it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def commands(text: Path) -> list[str]:
    """What can be typed: lines of blocks, and what stands between two backticks."""
    content = text.read_text("utf-8")
    lines = re.findall(r"^(?: {4})?((?:\. |bash |python |ruff |mutmut ).*)$", content, re.MULTILINE)
    return lines + re.findall(r"`((?:CASCADES_LOOPS=20 )?python [^`]+)`", content)


@of_the_source
@each_text
def test_every_link_leads_somewhere(text: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text.read_text("utf-8")):
        place, _, part = link.partition("#")
        target = text if not place else text.parent / place
        told = target.read_text("utf-8") if part and target.is_file() else ""
        headings = re.findall(r"^#+ (.+)$", told, re.MULTILINE)
        there = target.exists() and (not part or part in map(anchor, headings))
        if not there and not link.startswith("https://"):
            lost.append(link)
    assert lost == []


@of_the_source
@each_text
def test_every_file_that_is_named_is_there(text: Path) -> None:
    named = set(re.findall(rf"`({FILE}|(?:{PART}/)+)`", text.read_text("utf-8")))
    # Made by what is described, or of a user's; no part of the tree.
    made = {"dist/", "snapshots/", ".github/workflows/flows.yml", ".github/workflows/"}
    assert sorted(name for name in named - made if not is_there(name)) == []


@of_the_source
@each_text
def test_every_command_is_about_what_is_there(text: Path) -> None:
    for command in commands(text):
        files = [word for word in command.split() if re.fullmatch(r"[\w./]+\.py", word) and word != "reports.py"]
        assert [file for file in files if not (ROOT / file).is_file()] == [], command
        options = set(re.findall(r"--[a-z-]+", command)) if len(files) == 1 and " -m " not in command else set()
        assert [option for option in options if option not in (ROOT / files[0]).read_text("utf-8")] == [], command
        for word in re.findall(r" -k (\w+)", command):
            told = "".join((ROOT / file).read_text("utf-8") for file in files)
            assert re.search(rf"(?:def|class) \w*{word}", told, re.IGNORECASE), command
        if re.match(r"python tests/bench(?: |$)", command):
            assert strange_to_the_benchmark(command) == [], command


def strange_to_the_benchmark(command: str) -> list[str]:
    """The families and options of a command, ``python tests/bench …``, that the benchmark does not have."""
    told = (ROOT / "tests" / "bench" / "__main__.py").read_text("utf-8")
    [table] = re.findall(r"^FAMILIES: .+? = \{\n(.+?)^\}", told, re.MULTILINE | re.DOTALL)
    alone = set(re.findall(r'add_argument\("(--[a-z-]+)", action="store_true"', told))
    options = set(re.findall(r'add_argument\("(--[a-z-]+)"', told))
    known = {*re.findall(r'"(\w+)":', table), *options}
    words = shlex.split(command, comments=True)[2:]
    values = {at + 1 for at, word in enumerate(words) if word in options - alone}
    return [word for at, word in enumerate(words) if at not in values and word not in known]


def test_what_the_benchmark_does_not_have_is_found() -> None:
    assert strange_to_the_benchmark("python tests/bench compile speed --sizes 10,20 --fast  # quickly") == [
        "speed",
        "--fast",
    ]
    assert strange_to_the_benchmark("python tests/bench compile --sizes 10,20 read --small --json figures.json") == []


def test_commands_are_found_at_all() -> None:
    found = [command for text in TEXTS for command in commands(text)]
    assert len(found) > 10
    assert "python .github/release.py --dry-run" in found
    assert [command for command in found if command.startswith("python tests/bench ")]


@pytest.mark.parametrize("text", [*TEXTS, ROOT / ".ci" / "run"], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_pip_that_knows_groups_is_there_before_a_group_is_asked_for(text: Path) -> None:
    """A new environment of Python 3.11 has pip 23.2, and ``--group`` is of 25.1."""
    before, group, _ = text.read_text("utf-8").partition(" --group ")
    assert not group or "install --upgrade pip" in before or "install --quiet --upgrade pip" in before


@of_the_source
def test_the_modules_beside_the_package_are_told_to_who_looks_into_the_wheel() -> None:
    told = (ROOT / ".github" / "RELEASE.md").read_text("utf-8")
    beside = [path.name for path in (ROOT / "src").glob("*.py")]
    assert len(beside) == 2
    assert [name for name in ["py.typed", *beside] if f"`{name}`" not in told] == []


@of_the_source
def test_every_module_says_what_is_decided_there() -> None:
    """But for two that collect names, and one that is a text."""
    words = re.compile("decided here|no decisions|everything that decides", re.IGNORECASE)
    files = {path.relative_to(ROOT / "src").as_posix(): path for path in (ROOT / "src").rglob("*.py")}
    heads = {name: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for name, path in files.items()}
    assert {name for name, head in heads.items() if not words.search(head)} == {
        *("cascades_sdk/__init__.py", "cascades_sdk/errors/__init__.py", "cascades_sdk/cli/excerpt.py")
    }
    assert [name for name, head in heads.items() if len(head) < 60] == []


@of_the_source
def test_the_map_of_the_rooms_is_that_of_the_checker() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    told = (ROOT / "src" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| .+ \|$", told, re.MULTILINE)
    assert [re.findall(r"\w+", row) for row in rows] == [re.findall(r"\w+", layer) for layer in layers]


def test_the_list_of_laws_is_whole() -> None:
    told = re.findall(r"`(test_\w+\.py)`", (ROOT / "properties" / "README.md").read_text("utf-8"))
    assert sorted(told) == sorted(path.name for path in (ROOT / "properties").glob("test_*.py"))


def test_every_folder_of_tests_is_told() -> None:
    told = (ROOT / "tests" / "README.md").read_text("utf-8")
    folders = {path.parent.relative_to(ROOT / "tests").parts[0] for path in PATHS if path.match("tests/*/*")}
    assert sorted(folder for folder in folders if f"{folder}/" not in told) == []
