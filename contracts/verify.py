"""Is `api.yaml` what it should be? `python contracts/verify.py [--against PATH]`

Alone: the file is valid OpenAPI 3.0.3, has LF line ends, and is of the version that the package says it speaks.
With ``--against``: it also says the same facts as another contract file; what is prose (descriptions, summaries,
titles, examples) may differ, because our wording is our own. Needs the extra ``test``. Exits with 0, with 1 where
something differs or is wrong, and with 2 for wrong usage.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

HERE: Final = Path(__file__).resolve().parent
CONTRACT: Final = HERE / "api.yaml"
META: Final = HERE.parent / "src" / "cascades_sdk" / "_meta.py"

#: Keys of OpenAPI whose values are written for people.
PROSE: Final = frozenset({"description", "summary", "title", "example", "examples", "externalDocs"})

#: Keys whose values are objects keyed by names of somebody's own, which may be any word.
NAMED: Final = frozenset(
    {"properties", "schemas", "responses", "paths", "headers", "securitySchemes", "patternProperties"}
)

#: Lists whose order says nothing.
UNORDERED: Final = frozenset({"required", "enum"})

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_ABSENT: Final = object()

#: The same loader in C, where it is built in.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class InvalidContractError(Exception):
    """A file that is no contract; the text says why, in one line."""


def read(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a contract file with LF line ends, and what it says."""
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        document = yaml.load(text, _LOADER)  # noqa: S506 - it is a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise InvalidContractError(f"{path}: cannot be read: {' '.join(str(problem).split())}") from problem
    if not isinstance(document, dict):
        raise InvalidContractError(f"{path}: expected an OpenAPI document, found {type(document).__name__}")
    for problem in OpenAPIV30SpecValidator(document).iter_errors():
        where = "/".join(map(str, problem.absolute_path))
        raise InvalidContractError(f"{path}: no valid OpenAPI 3.0: /{where}: {problem.message.splitlines()[0][:200]}")
    return text, document


def facts(value: Any, names: bool = False) -> Any:
    """What is left of a contract without its prose."""
    if isinstance(value, dict):
        return {
            key: sorted(map(facts, each), key=repr) if key in UNORDERED and isinstance(each, list) and not names
            else facts(each, key in NAMED and not names)
            for key, each in value.items()
            if names or key not in PROSE
        }  # fmt: skip
    return list(map(facts, value)) if isinstance(value, list) else value


def parts(document: dict[str, Any]) -> dict[str, Any]:
    """The facts of a contract, by what they are about: an operation, a component, or a key at the top."""
    said = facts(document)
    paths, components = said.pop("paths", {}), said.pop("components", {})
    operations = {
        f"{key.upper()} {path}" if key in _METHODS else f"{path} /{key}": each
        for path, item in paths.items()
        for key, each in item.items()
    }
    named = {f"{kind}/{name}": each for kind, group in components.items() for name, each in group.items()}
    return operations | named | {f"/{key}": each for key, each in said.items()}


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """What two contracts say differently, one line each, in the order of the parts."""
    one, other = parts(before), parts(after)
    for part in dict.fromkeys([*one, *other]):
        if part not in other:
            yield f"removed: {part}"
        elif part not in one:
            yield f"added: {part}"
        else:
            for pointer, left, right in _changes(one[part], other[part]):
                yield f"changed: {part}{pointer}: {_shown(left)} -> {_shown(right)}"


def _changes(one: Any, other: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from _changes(one.get(key, _ABSENT), other.get(key, _ABSENT), f"{pointer} /{key}")
    elif one != other:
        yield pointer, one, other


def _shown(value: Any) -> str:
    text = "absent" if value is _ABSENT else repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def spoken_version() -> str:
    """The contract's version that the package says it speaks."""
    said: dict[str, Any] = {}
    exec(compile(META.read_text(encoding="utf-8"), str(META), "exec"), said)  # noqa: S102 - our own file, without imports
    return str(said["API_CONTRACT_VERSION"])


def complaints(path: Path, version: str) -> Iterator[str]:
    """What is wrong with our own file."""
    _, document = read(path)
    if b"\r" in path.read_bytes():
        yield f"{path}: has line ends that are not LF; contracts/sync.py writes it with LF"
    if document["info"]["version"] != version:
        yield (
            f"{path}: info.version is {document['info']['version']!r} and API_CONTRACT_VERSION is {version!r}: read "
            "what contracts/sync.py printed, carry it into tests/test_contract_document.py and the code, then set "
            "API_CONTRACT_VERSION in src/cascades_sdk/_meta.py, all in one commit"
        )


def main(arguments: list[str] | None = None, contract: Path = CONTRACT) -> int:
    parser = argparse.ArgumentParser(description="Check contracts/api.yaml, alone or against another contract file.")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another contract file, which should say the same")
    given = parser.parse_args(arguments)
    try:
        wrong = list(complaints(contract, spoken_version()))
        if given.against is not None:
            (ours, one), (theirs, other) = read(contract), read(given.against)
            wrong += differences(one, other)
            if not wrong:
                print("the same text" if ours == theirs else "the same facts, in words of our own")
    except InvalidContractError as problem:
        wrong = [str(problem)]
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
