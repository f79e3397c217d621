"""The release script, against a package index that the test starts; and what a release holds."""

import base64
import email.parser
import email.policy
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk import __version__

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / ".github" / "release.py"
PASSWORD = "canary-pypi-5d1e"


def loaded() -> Any:
    spec = importlib.util.spec_from_file_location("release", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = loaded()


class Index:
    """A package index: takes uploads of who may, as PyPI's legacy API has it, and lists them as pip reads them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                user, _, password = (
                    base64.b64decode(self.headers["Authorization"].partition(" ")[2]).decode().partition(":")
                )
                body = self.rfile.read(int(self.headers["Content-Length"]))
                index.asked.append(user)
                if password != PASSWORD:
                    # A careless server: it says what it was given, and how.
                    told = f"wrong password {password} of {user}, in {self.headers['Authorization']}"
                    self.answer(403, told.encode(), told)
                    return
                head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
                form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
                parts = {str(part.get_param("name", header="Content-Disposition")): part for part in form.iter_parts()}
                content = parts["content"]
                sent = content.get_payload(decode=True)
                assert isinstance(sent, bytes)
                assert parts["sha256_digest"].get_content().strip() == hashlib.sha256(sent).hexdigest()
                index.files[str(content.get_filename())] = sent
                self.answer(200, b"")

            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                links = "".join(f'<a href="/files/{each}">{each}</a>' for each in index.files)
                self.answer(200, index.files[name] if name else links.encode())

            def answer(self, status: int, body: bytes, reason: str | None = None) -> None:
                self.send_response(status, reason)
                self.send_header("Content-Type", "text/html" if self.command == "GET" else "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Index":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree, whose `dist/` has what an earlier release left."""
    folder = tmp_path_factory.mktemp("release") / "cascades-sdk"
    ignored = shutil.ignore_patterns(".git", ".venv", "node_modules", "dist", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, folder, ignore=ignored)
    (folder / "dist").mkdir()
    (folder / "dist" / "cascades_sdk-0.0.1.tar.gz").write_bytes(b"old")
    return folder


@pytest.fixture
def index() -> Iterator[Index]:
    with Index() as started:
        yield started


def released(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script as it is typed, with nothing in its environment of who may be at the keyboard here."""
    dropped = ("PYPI_", "TWINE_", "CASCADES_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return subprocess.run(
        [sys.executable, str(tree / ".github" / "release.py"), *arguments],
        env={**kept, **environment, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


class TestReleases:
    def test_dry_and_real(self, tree: Path, index: Index, tmp_path: Path) -> None:
        (tree.parent / "cascades").mkdir(exist_ok=True)
        settings = tree.parent / "cascades" / ".env.local"
        settings.write_text(f'# who uploads\nexport PYPI_TOKEN="{PASSWORD}"\nPYPI_URL={index.url}/legacy/\n')
        names = {f"cascades_sdk-{__version__}.tar.gz", f"cascades_sdk-{__version__}-py3-none-any.whl"}

        dry = released(tree, "--dry-run")
        assert (dry.returncode, dry.stderr) == (0, "")
        assert f"to {index.url}/legacy/, as PYPI_TOKEN" in dry.stdout.splitlines()[-1]
        assert index.asked == []
        assert {path.name for path in (tree / "dist").iterdir()} == names

        real = released(tree)
        assert (real.returncode, real.stderr) == (0, ""), real.stdout
        assert set(index.asked) == {"__token__"}
        assert set(index.files) == names
        assert all((tree / "dist" / name).read_bytes() == sent for name, sent in index.files.items())
        assert PASSWORD not in dry.stdout + real.stdout

        # What was uploaded is what pip finds there.
        command = (
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-cache-dir",
            "--disable-pip-version-check",
        )
        where = ("--index-url", f"{index.url}/simple/", "--dest", str(tmp_path), f"cascades-sdk=={__version__}")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        found = subprocess.run([*command, *where], env={**kept, "NO_PROXY": "127.0.0.1", "PIP_CONFIG_FILE": os.devnull})
        assert found.returncode == 0
        assert {path.name for path in tmp_path.iterdir()} == {f"cascades_sdk-{__version__}-py3-none-any.whl"}
        self.holds_what_it_should(tree)

    @staticmethod
    def holds_what_it_should(tree: Path) -> None:
        package = {
            path.relative_to(tree / "src").as_posix()
            for path in (tree / "src").rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path != tree / "src" / "README.md"
        }
        about = f"cascades_sdk-{__version__}.dist-info"
        with zipfile.ZipFile(tree / "dist" / f"cascades_sdk-{__version__}-py3-none-any.whl") as wheel:
            names = set(wheel.namelist())
            assert b"Metadata-Version: 2.4\n" in wheel.read(f"{about}/METADATA")
        assert {name for name in names if not name.startswith(about)} == package
        assert "cascades_sdk/py.typed" in package
        assert {f"{about}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")} <= names
        with tarfile.open(tree / "dist" / f"cascades_sdk-{__version__}.tar.gz") as sdist:
            tops = {name.split("/")[1] for name in sdist.getnames()}
            about_it = sdist.extractfile(f"cascades_sdk-{__version__}/PKG-INFO")
            assert about_it is not None
            assert b"Metadata-Version: 2.4\n" in about_it.read()
        assert tops - {".gitignore", "PKG-INFO"} == {
            *(".github", "LICENSE", "README.md", "contracts", "properties", "pyproject.toml", "src", "tests")
        }

    @pytest.mark.parametrize(
        ("password", "surroundings"),
        [
            ("wrong-canary-9", {}),
            (f"pypi-{'AgEIcHlwaS5vcmc' * 12}-canary", {"COLUMNS": "40", "FORCE_COLOR": "1"}),
        ],
        ids=["short", "a long one in a narrow window"],
    )
    def test_a_refused_upload_fails_and_shows_no_password(
        self, tree: Path, index: Index, tmp_path: Path, password: str, surroundings: dict[str, str]
    ) -> None:
        """Nor its form in the header, however long: twine breaks what it tells into lines."""
        settings = tmp_path / "settings"
        settings.write_text(f"TWINE_USERNAME=somebody\nTWINE_PASSWORD={password}\n")
        result = released(tree, "--env-file", str(settings), **surroundings, PYPI_URL=index.url)
        assert result.returncode == 1
        assert result.stderr == "twine failed with status 1; what it said is above\n"
        assert index.asked == ["somebody"]
        told = "".join((result.stdout + result.stderr).split())
        assert "wrongpassword(hidden)ofsomebody,inBasic(hidden)" in told
        sent = base64.b64encode(f"somebody:{password}".encode()).decode()
        assert not any(secret[at : at + 8] in told for secret in (password, sent) for at in range(len(secret) - 8))
        assert index.files == {}

    def test_wrong_usage_is_two(self, tree: Path) -> None:
        assert released(tree, "--upload").returncode == 2


class TestHiding:
    @pytest.mark.parametrize("between", ["", "\n", "  \n      ", "\x1b[0m \n\x1b[31m"])
    def test_a_secret_is_found_wherever_a_line_was_broken(self, between: str) -> None:
        secrets = ("pypi-a+b c", "cHlwaQ")
        told = f"refused: {between.join(secrets[0])}, {between.join(secrets[1])}=="
        assert release.without(secrets, told) == "refused: (hidden), (hidden)=="

    def test_what_is_no_secret_is_left_as_it_is(self) -> None:
        assert release.without((), "a\nb") == release.without(("", " "), "a\nb") == "a\nb"


class TestTools:
    def test_whoever_checks_or_uploads_asks_for_the_same_tools(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        asked = project["dependency-groups"]["release"]
        assert [name.partition(">=")[0] for name in asked] == ["build", "twine", "python-dotenv"]
        assert set(asked) <= set(project["project"]["optional-dependencies"]["dev"])
        workflow = (ROOT / ".github" / "workflows" / "publish.yml").read_text("utf-8")
        [install] = re.findall(r"pip install (\".+)", workflow)
        assert re.findall(r'"([^"]+)"', install) == asked

    def test_the_metadata_has_one_version_whichever_hatchling_builds(self) -> None:
        """A wheel of version 2.5 was refused by the twine of the workflow, whose own hatchling had written it."""
        targets = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
        assert {name: target["core-metadata-version"] for name, target in targets.items()} == {
            "wheel": "2.4",
            "sdist": "2.4",
        }


class TestSettings:
    def test_the_environment_is_over_the_file_and_a_named_file_must_be_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "named"
        file.write_text("PYPI_TOKEN=of-the-file\nPYPI_URL='https://index.example/${HOME}'\nEMPTY\n")
        assert release.settings(file, {"PYPI_TOKEN": "mine"}) == {
            "PYPI_TOKEN": "mine",
            "PYPI_URL": "https://index.example/${HOME}",
        }
        named = {"CASCADES_SDK_ENV_FILE": str(file)}
        assert release.settings(None, named)["PYPI_TOKEN"] == "of-the-file"
        with pytest.raises(release.ReleaseError, match="no such file"):
            release.settings(tmp_path / "missing", named)
        monkeypatch.setattr(release, "ROOT", tmp_path / "project")
        assert release.settings(None, {"A": "b"}) == {"A": "b"}

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
    def test_a_file_in_another_coding_is_told_in_one_line(
        self, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "settings"
        file.write_bytes("PYPI_TOKEN=canary-ä-secret\n".encode(encoding))
        monkeypatch.setattr(release, "built", lambda _: pytest.fail("nothing is built"))
        assert release.main(["--env-file", str(file)]) == 1
        [told] = capsys.readouterr().err.splitlines()
        assert told == f"{file}: cannot be read (UnicodeDecodeError); save it as UTF-8"

    def test_a_mark_at_the_beginning_is_no_part_of_a_name(self, tmp_path: Path) -> None:
        file = tmp_path / "settings"
        file.write_bytes("PYPI_TOKEN=mine\n".encode("utf-8-sig"))
        assert release.settings(file, {}) == {"PYPI_TOKEN": "mine"}

    @pytest.mark.parametrize(
        ("given", "user", "password"),
        [
            ({"PYPI_USERNAME": "u", "PYPI_API_KEY": "p", "PYPI_TOKEN": "t"}, "u", "p"),
            ({"PYPI_USERNAME": "u", "TWINE_USERNAME": "v", "TWINE_PASSWORD": "q"}, "v", "q"),
            ({"PYPI_TOKEN": "t"}, "__token__", "t"),
            ({"PYPI_TOKEN": "", "PYPI_API_TOKEN": "t"}, "__token__", "t"),
        ],
    )
    def test_the_first_account_that_is_complete_uploads(self, given: Any, user: str, password: str) -> None:
        assert release.account(given)[:2] == (user, password)
        assert password not in release.account(given).source.split()

    def test_half_an_account_is_none_and_that_is_told_before_anything_is_built(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert release.account({"PYPI_USERNAME": "u", "TWINE_PASSWORD": "q"}) is None
        monkeypatch.setattr(release, "settings", lambda *_: {})
        monkeypatch.setattr(release, "built", lambda _: pytest.fail("nothing is built"))
        assert release.main([]) == 1
        assert capsys.readouterr().err.startswith("nobody to upload as: set PYPI_USERNAME and PYPI_API_KEY")

    @pytest.mark.parametrize(
        "url",
        [
            "https://pypi.org/project/cascades-sdk/",
            "https://pypi.org/legacy/",
            "https://test.pypi.org/project/cascades-sdk",
            "https://test.pypi.org/pypi/",
            "https://index.example/simple/",
            "https://packages.example/pypi/team/simple/",
            "http://index.example/legacy/",
            "https://user:secret-9@upload.pypi.org/legacy/",
            "https://upload.pypi.org/legacy/?token=secret-9",
            "https:///legacy/",
            "https://[::1/legacy/",
            "upload.pypi.org",
        ],
    )
    def test_an_address_where_nothing_can_be_uploaded_is_refused_with_the_right_form(self, url: str) -> None:
        with pytest.raises(release.ReleaseError) as caught:
            release.endpoint({"PYPI_URL": url})
        assert "as in https://upload.pypi.org/legacy/ or https://test.pypi.org/legacy/" in str(caught.value)
        assert "secret-9" not in str(caught.value)

    def test_an_endpoint_is_taken(self) -> None:
        assert release.endpoint({}) == release.endpoint({"PYPI_URL": ""}) == "https://upload.pypi.org/legacy/"
        for url in (
            "https://test.pypi.org/legacy/",
            "http://localhost:8080/",
            "https://index.example:8443/upload",
            "https://team-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/team/",
        ):
            assert release.endpoint({"PYPI_URL": url}) == url
