"""A flow with everything that might differ from process to process, and the bytes that it compiles to.

Run as a program, it prints the digests of its document in both encodings and of its nodes. Nothing here may
depend on the hash seed, the interpreter's version, the working directory or the platform.
"""

import hashlib
from typing import NamedTuple, TypedDict

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_digest, dag_from_cbor, dag_from_json, dag_to_cbor, dag_to_json


class Span(NamedTuple):
    first: int
    last: float


class Row(TypedDict):
    name: str
    größe: float


@task(version="2", retries=3, timeout=30.0, cache="daily", labels={"team": "daten", "\ue000": "x", "\U0001f600": "y"})
def load(path: str, *columns: str, limit: int = 10**6, **options: object) -> list[Row]:
    """Rows of a table."""
    return [{"name": path, "größe": float(len(columns) + limit + len(options))}]


@task
def span(rows: list[Row], weights: dict[str, float] | None = None) -> Span:
    return Span(len(rows), sum((weights or {}).values()))


@task(name="fügen", labels={name: name.upper() for name in {"z", "a", "m"}})
def join(parts: list[object], by: str = "name", scale: float = 1e-7) -> dict[str, object]:
    return {by: [parts, scale]}


@flow
def cleaned(day: str, tables: list[str]) -> list[list[Row]]:
    return [load(f"{table}.csv", *sorted({"id", "name", table}), limit=index) for index, table in enumerate(tables)]


@flow
def nightly(tables: list[str], day: str, factor: float = 0.1) -> dict[str, object]:
    """What runs at night."""
    rows = cleaned(day, tables)
    spans = [span(part, weights={"\U0001f600": 0.5, "\uffff": 1e21, "a": 5e-324}) for part in rows]
    first, _ = spans[0]
    extra = load.with_options(retries=0, labels={"b": "1", "a": "2"}).after(spans[0], *spans[1:])(
        "extra", **{key: {"day": day, "n": first} for key in {"z", "y", "x"}}
    )
    joined = join([*spans, {"extra": extra, "last": spans[-1].last}], scale=2.0**53)
    return {"joined": joined["name"][0], "factor": factor, "tables": tables, "none": None}


def digests() -> list[str]:
    """The document's digest, that of its CBOR bytes, and the number of its nodes."""
    dag = build_dag_from_flow(nightly, {"tables": ["kunden", "orders", "items"]}).unwrap()
    text, packed = dag_to_json(dag), dag_to_cbor(dag)
    assert dag_from_json(text).unwrap() == dag_from_cbor(packed).unwrap() == dag
    return [dag_digest(dag), "sha256:" + hashlib.sha256(packed).hexdigest(), str(len(dag.nodes))]


if __name__ == "__main__":
    print(*digests())
