"""Copy a newer contract in: `python contracts/sync.py PATH [--commit SHA] [--dry-run]`

The file is checked to be valid OpenAPI 3.0.3, written over `contracts/api.yaml` with LF line ends, and read back.
What changed in operations, schemas and the rest is printed, one line each. ``--commit`` notes in `UPSTREAM_COMMIT`
where the file came from; without it, what an earlier copy noted is removed. A copy replaces our own wording: do so
only where the licence of the source allows it, and carry the facts over by hand otherwise; ``--dry-run`` prints them
and writes nothing.

Needs the extra ``test``. Exits with 0, with 1 where the file is no contract, and with 2 for wrong usage.
"""

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Final

from verify import CONTRACT, InvalidContractError, differences, read, spoken_version

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, with LF line ends."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(text.encode("utf-8"))
    os.replace(beside, path)


def commit(text: str) -> str:
    """The hash of a commit."""
    if not _COMMIT.fullmatch(text):
        raise argparse.ArgumentTypeError("expected the whole hash of a commit: 40 or 64 hex digits")
    return text


def main(arguments: list[str] | None = None, contract: Path = CONTRACT) -> int:
    parser = argparse.ArgumentParser(description="Copy a newer contract file over contracts/api.yaml.")
    parser.add_argument("source", type=Path, metavar="PATH", help="the newer contract file")
    parser.add_argument("--commit", type=commit, metavar="SHA", help="the commit that it came from")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, and write nothing")
    given = parser.parse_args(arguments)
    try:
        (mine, before), (text, after) = read(contract), read(given.source)
    except InvalidContractError as problem:
        print(problem, file=sys.stderr)
        return 1
    changes = list(differences(before, after))
    for each in changes:
        print(each)
    if not changes:
        print("no operation and no schema changed" + ("" if mine == text else "; the wording did"))
    if given.dry_run:
        return 0
    replace(contract, text)
    noted = contract.with_name("UPSTREAM_COMMIT")
    if given.commit is not None:
        replace(noted, given.commit + "\n")
    elif noted.exists():
        noted.unlink()
        print(
            "removed: UPSTREAM_COMMIT, which told of another file; give --commit SHA to note where this one came from"
        )
    if read(contract) != (text, after):
        print(f"{contract}: what was written is not what is there", file=sys.stderr)
        return 1
    version, spoken = after["info"]["version"], spoken_version()
    if version != spoken:
        print(
            f"next: info.version is {version!r}; set API_CONTRACT_VERSION in src/cascades_sdk/_meta.py, now {spoken!r}"
        )
    if changes:
        print("next: carry the changes into tests/test_contract_document.py, then into the code, in the same commit")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
