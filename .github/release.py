"""A release from this machine: `python .github/release.py [--env-file FILE] [--dry-run]`

Clears `dist/`, builds sdist and wheel, checks them, and uploads those two files and nothing else. Read RELEASE.md
first; the workflow `publish.yml` is the usual way. It runs wherever Python does, and needs the group ``release`` of
pyproject.toml (``python -m pip install --group release``, with a pip from 25.1 on). Exits with 0, with 1 where
something is wrong, and with 2 for wrong usage.

Settings come from the environment, and from a file of lines ``NAME=value`` for names that the environment does not
have: the one of ``--env-file`` or ``CASCADES_SDK_ENV_FILE``, else `../cascades/.env.local` where that exists.

- Who uploads: ``PYPI_USERNAME`` with ``PYPI_API_KEY``, or ``TWINE_USERNAME`` with ``TWINE_PASSWORD``, or ``PYPI_TOKEN``
  or ``PYPI_API_TOKEN``; the first that is complete. They are handed to the upload alone, and never shown.
- Where to: ``PYPI_URL``, an upload endpoint; without one, that of PyPI.

With ``--dry-run`` everything happens but the upload, and what would be uploaded is told.
"""

import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from dotenv import dotenv_values

ROOT: Final = Path(__file__).resolve().parent.parent
DIST: Final = ROOT / "dist"
PYPI: Final = "https://upload.pypi.org/legacy/"

#: Which names make a pair of a user and a password; a name of the user may be fixed.
PAIRS: Final = (("PYPI_USERNAME", "PYPI_API_KEY"), ("TWINE_USERNAME", "TWINE_PASSWORD"))
TOKENS: Final = ("PYPI_TOKEN", "PYPI_API_TOKEN")

_ENDPOINTS: Final = f"an upload endpoint, as in {PYPI} or https://test.pypi.org/legacy/"
#: First parts of the paths where an index is read, and not written.
_READ_ONLY: Final = frozenset({"project", "simple", "user", "manage"})
_PYPI_PAGES: Final = frozenset({"pypi.org", "www.pypi.org", "pypi.python.org"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ReleaseError(Exception):
    """What stands in the way, in one line."""


class Account(NamedTuple):
    """Who uploads, and the name of the setting that says so."""

    user: str
    password: str
    source: str

    def secrets(self) -> tuple[str, ...]:
        """What must not be seen: the password, and how HTTP sends it (RFC 7617 §2)."""
        sent = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return self.password, sent.rstrip("=")


def settings(env_file: Path | None, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, over what the file says."""
    named = env_file or (Path(given) if (given := environment.get("CASCADES_SDK_ENV_FILE")) else None)
    path = named or ROOT.parent / "cascades" / ".env.local"
    if not path.is_file():
        if named is not None:
            raise ReleaseError(f"{path}: there is no such file of settings")
        return dict(environment)
    try:
        # A mark of UTF-8 at the beginning, which editors of Windows write, is no part of a name.
        said = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as problem:
        # What cannot be read may be a secret, so it is not shown. PowerShell's `>` writes UTF-16.
        raise ReleaseError(f"{path}: cannot be read ({type(problem).__name__}); save it as UTF-8") from None
    return {name: value for name, value in said.items() if value is not None} | dict(environment)


def account(given: Mapping[str, str]) -> Account | None:
    """Who uploads; None where no pair is complete."""
    for user, password in PAIRS:
        if given.get(user) and given.get(password):
            return Account(given[user], given[password], f"{user} and {password}")
    for token in TOKENS:
        if given.get(token):
            return Account("__token__", given[token], token)
    return None


def endpoint(given: Mapping[str, str]) -> str:
    """Where to, if files can be uploaded there."""
    url = given.get("PYPI_URL") or PYPI
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as problem:
        raise ReleaseError(f"PYPI_URL is no address ({problem}); give {_ENDPOINTS}") from problem
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        # What is wrong with it may be a secret, so it is not shown.
        raise ReleaseError(f"PYPI_URL has a user, a query or a fragment; give {_ENDPOINTS}")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ReleaseError(f"PYPI_URL is {url!r}, which is not https; give {_ENDPOINTS}")
    first, *_ = pieces = parts.path.strip("/").split("/")
    of_pypi = host == "test.pypi.org" or host == urlsplit(PYPI).hostname
    if (
        not host
        or host in _PYPI_PAGES
        or first in _READ_ONLY
        or pieces[-1] == "simple"
        or (of_pypi and first == "pypi")
    ):
        raise ReleaseError(f"PYPI_URL is {url!r}, where nothing can be uploaded; give {_ENDPOINTS}")
    return url


def version() -> str:
    """The version that the package says it is."""
    path = ROOT / "src" / "cascades_sdk" / "_meta.py"
    said: dict[str, object] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), said)  # noqa: S102 - our own file, without imports
    return str(said["__version__"])


def without(secrets: Iterable[str], text: str) -> str:
    """The text with each secret hidden, also where it was wrapped, indented or coloured in the middle."""
    for secret in secrets:
        letters = [re.escape(letter) for letter in secret if not letter.isspace()]
        if letters:
            text = re.sub(r"(?:\s|\x1b\[[\d;]*m)*".join(letters), "(hidden)", text)
    return text


def run(*command: str, hidden: Iterable[str] = (), **environment: str) -> None:
    """A command of Python's, with its output shown but for what is hidden."""
    secrets = {*TOKENS, *(name for pair in PAIRS for name in pair)}
    kept = {name: each for name, each in os.environ.items() if name not in secrets}
    result = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", *command],
        cwd=ROOT,
        # Plain and unwrapped, so that what is hidden is found whole.
        env=kept | {"PYTHONUTF8": "1", "COLUMNS": "10000", "NO_COLOR": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    shown = without(hidden, result.stdout)
    # rich fills each line up to the columns that it has.
    print(*(line.rstrip() for line in shown.splitlines()), sep="\n", flush=True)
    if result.returncode != 0:
        raise ReleaseError(f"{command[0]} failed with status {result.returncode}; what it said is above")


def built(release: str) -> tuple[Path, Path]:
    """The two files of this version, made anew: nothing else is in `dist/`."""
    shutil.rmtree(DIST, ignore_errors=True)
    run("build", "--outdir", str(DIST), ".")
    files = (DIST / f"cascades_sdk-{release}.tar.gz", DIST / f"cascades_sdk-{release}-py3-none-any.whl")
    if sorted(DIST.iterdir()) != sorted(files):
        raise ReleaseError(
            f"dist/ does not hold sdist and wheel of {release} alone: {sorted(map(str, DIST.iterdir()))}"
        )
    run("twine", "check", "--strict", *map(str, files))
    return files


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build this version, check it, and upload it. See RELEASE.md.")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="a file of lines NAME=value")
    parser.add_argument("--dry-run", action="store_true", help="everything but the upload")
    options = parser.parse_args(arguments)
    try:
        given = settings(options.env_file, os.environ)
        url, who, release = endpoint(given), account(given), version()
        if who is None and not options.dry_run:
            raise ReleaseError(
                "nobody to upload as: set PYPI_USERNAME and PYPI_API_KEY, or TWINE_USERNAME and TWINE_PASSWORD, or "
                "PYPI_TOKEN, in the environment or in a file for --env-file"
            )
        files = built(release)
        names = ", ".join(path.name for path in files)
        if options.dry_run:
            print(f"would upload {names} to {url}, as {who.source if who else 'nobody: no account is set'}")
            return 0
        assert who is not None
        print(f"uploading {names} to {url}, as {who.source}")
        upload = ("upload", "--non-interactive", "--disable-progress-bar", "--repository-url", url)
        run(
            *("twine", *upload, *map(str, files)),
            hidden=who.secrets(),
            TWINE_USERNAME=who.user,
            TWINE_PASSWORD=who.password,
        )
    except ReleaseError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
