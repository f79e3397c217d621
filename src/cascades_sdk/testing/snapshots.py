"""A flow's document in a file that is committed: what was reviewed is what the flow compiles to.

Decided here: the file, whose lines a review can read, and what is said where the flow has become another. The digest
stands in it beside the document, and both must agree, so that nobody edits one of them by hand.
Never here: pytest.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from returns.result import Failure, Success

from cascades_sdk.compiler import Flow, build_dag_from_flow
from cascades_sdk.diff import dag_diff
from cascades_sdk.encoding import canonical_json, dag_digest, dag_from_json, dag_to_json
from cascades_sdk.errors import InvalidDocumentError, InvalidValueError, Outcome, stack_safe
from cascades_sdk.graph import Dag
from cascades_sdk.testing._subjects import require_flow

__all__ = ["check_snapshot", "dag_from_snapshot", "snapshot_name", "snapshot_text"]


def snapshot_text(dag: Dag) -> str:
    """The content of the file of a graph: JSON on many lines, in one order."""
    content = {"digest": dag_digest(dag), "document": json.loads(dag_to_json(dag))}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


@stack_safe(InvalidDocumentError("nested too deep"))
def dag_from_snapshot(text: str | bytes) -> Outcome[Dag, InvalidDocumentError | InvalidValueError]:
    """The graph in the content of a file."""
    try:
        written = text if isinstance(text, str) else text.decode()
        content = json.loads(written, parse_int=float)  # every number of JSON is a binary64, 2^53 too
    except ValueError as fault:
        return Failure(InvalidDocumentError(f"no JSON ({fault})"))
    if type(content) is not dict or content.keys() != {"digest", "document"}:
        return Failure(InvalidDocumentError("must be an object of a digest and a document"))
    canonical = canonical_json(content["document"])
    if isinstance(canonical, Failure):
        return canonical
    read = dag_from_json(canonical.unwrap().encode())
    if isinstance(read, Success) and dag_digest(read.unwrap()) != content["digest"]:
        return Failure(InvalidDocumentError("is not the digest of the document", pointer="/digest"))
    return read


#: How many characters of a name stand in that of its file: file systems take 255, and the rest needs some.
_LONGEST: Final = 200


def snapshot_name(name: str) -> str:
    """The name of a file for a flow of any name: itself where that is plain and no longer than a file's name may be.

    Else it is made so, and is still of this name alone.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip(".")[:_LONGEST]
    mark = "" if plain == name else "-" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}{mark}.json"


def check_snapshot(
    flow: Flow[..., Any], inputs: Mapping[str, Any] | None, file: Path, *, update: bool, how: str
) -> Dag:
    """The graph of a flow, which is the one in the file.

    Args:
        flow: the flow.
        inputs: the parameters to bind.
        file: where the snapshot is.
        update: whether a file that is missing, broken or different is written, and the check so passes.
        how: how a reader of the failure has it written.

    Raises:
        AssertionError: it is another, with what changed from the file to the flow; or there is no such file, or the
            flow does not compile, or is none.
    """
    __tracebackhide__ = True  # pytest shows the test, and not this line
    require_flow(flow)
    compiled = build_dag_from_flow(flow, inputs)
    if isinstance(compiled, Failure):
        raise AssertionError(f"flow {flow.name!r} does not compile: {compiled.failure()}")  # noqa: TRY004 - it is no type that is wrong
    dag = compiled.unwrap()
    problem = _problem(flow.name, dag, file)
    if problem is None:
        return dag
    if not update:
        raise AssertionError(f"{problem}\n{how}")
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: another process may look at the same moment.
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    unfinished.write_text(snapshot_text(dag), encoding="utf-8")
    unfinished.replace(file)
    return dag


def _problem(name: str, dag: Dag, file: Path) -> str | None:
    if not file.is_file():
        return f"flow {name!r} has no snapshot {file}"
    read = dag_from_snapshot(file.read_bytes())
    if isinstance(read, Failure):
        return f"{file} is no snapshot of a flow: {read.failure()}"
    diff = dag_diff(read.unwrap(), dag)
    if not diff:
        return None
    lines = "\n".join(f"  {line}" for line in str(diff).splitlines())
    digests = f"{dag_digest(read.unwrap())} -> {dag_digest(dag)}"
    return f"flow {name!r} is not what {file} says ({digests}):\n{lines}"
