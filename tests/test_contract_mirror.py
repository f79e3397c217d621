"""`contracts/sync.py` and `contracts/verify.py`: a newer contract is copied in, and what changed is told."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import sync
import verify
from cascades_sdk import _meta

TEXT = verify.CONTRACT.read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
VERSION: str = DOCUMENT["info"]["version"]
#: One that is not ours, whatever ours is.
LATER = f"{int(VERSION.partition('.')[0]) + 1}.0.0"


@pytest.fixture(autouse=True)
def _the_package_that_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the package says it speaks is read in the one that is installed, be it a tree or a wheel."""
    assert verify.META.name == "_meta.py"
    monkeypatch.setattr(verify, "META", Path(_meta.__file__))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of our contract, as a file that may be written over."""
    path = tmp_path / "mine" / "api.yaml"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8", newline="\n")
    return path


def newer(tmp_path: Path, change: Any) -> Path:
    """A contract file that differs from ours by what `change` does to it."""
    document = copy.deepcopy(DOCUMENT)
    change(document)
    path = tmp_path / "newer.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def version_of(document: dict[str, Any]) -> None:
    document["info"]["version"] = LATER


def operations(document: dict[str, Any]) -> None:
    version_of(document)
    del document["paths"]["/api/system/version"]
    run = document["paths"]["/api/workflows/run"]["post"]
    run["responses"]["409"] = {"description": "A conflict."}
    document["paths"]["/api/runs"] = {
        "get": {"operationId": "listRuns", "responses": {"200": {"description": "All runs."}}}
    }


def schemas(document: dict[str, Any]) -> None:
    named = document["components"]["schemas"]
    named["WorkflowRunAccepted"]["properties"]["description"] = {"type": "string"}
    named["WorkflowRunAccepted"]["properties"]["executionMode"]["enum"].append("remote")
    named["Spare"] = {"type": "object"}


def wording(document: dict[str, Any]) -> None:
    document["info"]["description"] = "Other words."
    document["paths"]["/api/workflows/run"]["post"]["summary"] = "Other words."
    accepted = document["components"]["schemas"]["WorkflowRunAccepted"]
    accepted["required"].reverse()
    accepted.pop("example", None)


class TestSync:
    def test_a_copy_has_lf_line_ends_and_notes_its_commit(
        self, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = newer(tmp_path, version_of)
        source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
        assert sync.main([str(source), "--commit", "a" * 40], mine) == 0
        assert mine.read_bytes() == source.read_bytes().replace(b"\r\n", b"\n")
        assert (mine.parent / "UPSTREAM_COMMIT").read_bytes() == b"a" * 40 + b"\n"
        assert sorted(path.name for path in mine.parent.iterdir()) == ["UPSTREAM_COMMIT", "api.yaml"]
        told = capsys.readouterr().out
        assert f"changed: /info /version: '{VERSION}' -> '{LATER}'" in told
        assert f"next: info.version is '{LATER}'; set API_CONTRACT_VERSION" in told
        assert "next: carry the changes into tests/test_contract_document.py" in told

    def test_a_copy_without_a_commit_leaves_no_older_one_standing(
        self, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source, noted = str(newer(tmp_path, wording)), mine.with_name("UPSTREAM_COMMIT")
        assert sync.main([source, "--commit", "a" * 40], mine) == 0
        assert sync.main([source, "--dry-run"], mine) == 0
        assert noted.exists()
        capsys.readouterr()
        assert sync.main([source], mine) == 0
        assert not noted.exists()
        removed = "removed: UPSTREAM_COMMIT, which told of another file; give --commit SHA"
        assert removed in capsys.readouterr().out
        assert sync.main([source], mine) == 0
        assert removed not in capsys.readouterr().out

    def test_what_changed_in_operations_is_told(
        self, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert sync.main([str(newer(tmp_path, operations))], mine) == 0
        told = capsys.readouterr().out.splitlines()
        assert "removed: GET /api/system/version" in told
        assert "added: GET /api/runs" in told
        assert "changed: POST /api/workflows/run /responses /409: absent -> {}" in told
        assert sum(line.startswith(("removed", "added", "changed")) for line in told) == 4

    def test_what_changed_in_schemas_is_told(
        self, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert sync.main([str(newer(tmp_path, schemas))], mine) == 0
        assert capsys.readouterr().out.splitlines() == [
            "changed: schemas/WorkflowRunAccepted /properties /executionMode /enum: "
            "['inline', 'queued'] -> ['inline', 'queued', 'remote']",
            "changed: schemas/WorkflowRunAccepted /properties /description: absent -> {'type': 'string'}",
            "added: schemas/Spare",
            "next: carry the changes into tests/test_contract_document.py, then into the code, in the same commit",
        ]

    def test_other_words_are_no_change(self, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert sync.main([str(newer(tmp_path, wording))], mine) == 0
        assert capsys.readouterr().out == "no operation and no schema changed; the wording did\n"

    def test_a_dry_run_writes_nothing(self, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert sync.main([str(newer(tmp_path, version_of)), "--dry-run"], mine) == 0
        assert mine.read_text(encoding="utf-8") == TEXT
        assert LATER in capsys.readouterr().out

    @pytest.mark.parametrize(
        "content",
        [b"", b"- 1", b"openapi: [", b"\xff", b"openapi: 3.0.3\n"],
        ids=["none", "list", "yaml", "utf", "part"],
    )
    def test_what_is_no_contract_is_refused_in_one_line(
        self, content: bytes, tmp_path: Path, mine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = tmp_path / "other.yaml"
        source.write_bytes(content)
        assert sync.main([str(source)], mine) == 1
        assert sync.main([str(tmp_path / "missing.yaml")], mine) == 1
        assert mine.read_text(encoding="utf-8") == TEXT
        assert len(capsys.readouterr().err.splitlines()) == 2

    def test_a_commit_is_a_whole_hash(self, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            sync.main([str(mine), "--commit", "main"], mine)
        assert caught.value.code == 2
        assert "the whole hash of a commit" in capsys.readouterr().err
        example = verify.HERE / "UPSTREAM_COMMIT.example"
        assert re.fullmatch(r"[0-9a-f]{40}\n", example.read_text(encoding="utf-8"))


class TestVerify:
    def test_our_file_is_in_order(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert verify.main([]) == 0
        assert verify.main(["--against", str(verify.CONTRACT)]) == 0
        assert capsys.readouterr().out == "the same text\n"

    def test_the_same_facts_in_other_words_are_in_order(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert verify.main(["--against", str(newer(tmp_path, wording))]) == 0
        assert capsys.readouterr().out == "the same facts, in words of our own\n"

    @pytest.mark.parametrize("change", [version_of, operations, schemas])
    def test_other_facts_are_told(self, change: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert verify.main(["--against", str(newer(tmp_path, change))]) == 1
        assert "changed: " in capsys.readouterr().err

    def test_a_version_that_the_package_does_not_speak_says_what_to_do(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert verify.main([], newer(tmp_path, version_of)) == 1
        assert "then set API_CONTRACT_VERSION in src/cascades_sdk/_meta.py" in capsys.readouterr().err

    def test_other_line_ends_and_what_is_no_contract_are_told(
        self, mine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine.write_bytes(mine.read_bytes().replace(b"\n", b"\r\n"))
        assert verify.main([], mine) == 1
        assert "line ends that are not LF" in capsys.readouterr().err
        mine.write_text("{}")
        assert verify.main([], mine) == 1
        assert "no valid OpenAPI" in capsys.readouterr().err
