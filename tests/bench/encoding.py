"""Graphs to bytes and back, beside the encoders that people know; digests and differences.

The others write and read plain dicts, and check nothing. The collector is off on all sides.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs
import cbor2
import rfc8785
from compiling import slowly
from measuring import Case, Settings, cpu, interleaved

from cascades_sdk.diff import dag_diff
from cascades_sdk.encoding import (
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
    node_digests,
)
from cascades_sdk.graph import (
    NO_OPTIONS,
    Call,
    Dag,
    FlowInput,
    Group,
    InputReference,
    Literal,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
)
from cascades_sdk.values import FrozenDict

__all__ = ["comparing", "reading", "realistic", "writing"]

try:
    import orjson
except ImportError:  # the extra ``fast``
    orjson = None  # type: ignore[assignment]

#: What every part is told beside.
DUMPS: Final = "json.dumps sorted"
LOADS: Final = "json.loads"


def realistic(size: int) -> Dag:
    """A graph of ``size`` calls: loading, cleaning, joining, scoring; every binding form, some options, some groups."""
    load = TaskDefinition(
        "load_table",
        "pipelines.tables:load_table",
        True,
        (
            Parameter("path"),
            Parameter("columns"),
            Parameter("limit", default=Literal(1000)),
            Parameter("options", "keyword_only", Literal(FrozenDict({"header": True}))),
        ),
        TaskOptions(retries=2, timeout=30.5),
    )
    clean = TaskDefinition("clean", "pipelines.tables:clean", True, (Parameter("rows"), Parameter("drop")))
    join = TaskDefinition("join", "pipelines.joins:join", True, (Parameter("parts"), Parameter("by"), Parameter("how")))
    score = TaskDefinition(
        "score", "pipelines.models:score", True, (Parameter("features"), Parameter("threshold"), Parameter("day"))
    )
    nodes: list[Call] = []
    for ordinal in range(size):
        shape = ordinal % 4
        if shape == 0:
            nodes.append(
                Call(
                    "load_table",
                    (
                        ("path", Literal(f"warehouse/raw/table-{ordinal:06d}.parquet")),
                        ("columns", Literal(("id", "name", "amount", "currency"))),
                        ("options", Literal(FrozenDict({"header": True, "delimiter": ";", "sample": 0.25}))),
                    ),
                    options=TaskOptions(timeout=60 + ordinal % 7) if ordinal % 20 == 0 else NO_OPTIONS,
                )
            )
        elif shape == 1:
            rows = NodeReference(ordinal - 1, ("rows",))
            nodes.append(Call("clean", (("rows", rows), ("drop", Literal("währung – Ümläute")))))
        elif shape == 2:
            parts = list_binding((NodeReference(ordinal - 1), NodeReference(max(0, ordinal - 6), ("rows", 0))))
            nodes.append(
                Call(
                    "join",
                    (("parts", parts), ("by", Literal("id")), ("how", Literal("left"))),
                    (ordinal - 2,) if ordinal % 3 == 0 else (),
                )
            )
        else:
            features = object_binding(
                {"base": NodeReference(ordinal - 1), "weight": Literal(ordinal + 0.3), "n": Literal(3)}
            )
            nodes.append(
                Call("score", (("features", features), ("threshold", Literal(0.5)), ("day", InputReference("day"))))
            )
    return Dag(
        "nightly_report",
        (FlowInput("day"),),
        (clean, join, load, score),
        tuple(nodes),
        tuple(Group("stage", None, tuple(range(at, min(at + 40, size)))) for at in range(0, size, 200)),
        NodeReference(size - 1),
    )


def _rounds(works: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    return interleaved({name: lambda work=work: cpu(work, collector=False) for name, work in works.items()}, rounds)


def writing(settings: Settings) -> Iterator[Case]:
    """A graph to canonical bytes."""
    for size in settings.sizes:
        dag = realistic(size)
        text, packed = dag_to_json(dag), dag_to_cbor(dag)
        plain = json.loads(text)
        assert rfc8785.dumps(json.loads(text, parse_int=float)) == text
        assert cbor2.dumps(plain, canonical=True) == packed
        works: dict[str, Callable[[], Any]] = {
            DUMPS: lambda plain=plain: json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
            "rfc8785": lambda plain=plain: rfc8785.dumps(plain),
            "dag_to_json": slowly(lambda dag=dag: dag_to_json(dag)),
            "dag_digest": slowly(lambda dag=dag: dag_digest(dag)),
        }
        if orjson is not None:
            works["orjson sorted"] = lambda plain=plain: orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
            works["dag_to_json, fast"] = lambda dag=dag: dag_to_json(dag)
        goals = {"dag_to_json": 1.5, "dag_to_json, fast": 0.5}
        yield Case("write", "JSON", "s", _rounds(works, settings.rounds), size, DUMPS, goals)
        works = {
            "cbor2 canonical": lambda plain=plain: cbor2.dumps(plain, canonical=True),
            "dag_to_cbor": lambda dag=dag: dag_to_cbor(dag),
        }
        goals = {"dag_to_cbor": 1.0}
        yield Case("write", "CBOR", "s", _rounds(works, settings.rounds), size, "cbor2 canonical", goals)


def reading(settings: Settings) -> Iterator[Case]:
    """Canonical bytes to a graph: parsed, proved to be canonical, checked."""
    for size in settings.sizes:
        dag = realistic(size)
        text, packed = dag_to_json(dag), dag_to_cbor(dag)
        assert dag_from_json(text).unwrap() == dag_from_cbor(packed).unwrap() == dag
        works: dict[str, Callable[[], Any]] = {
            LOADS: lambda text=text: json.loads(text),
            "cbor2.loads": lambda packed=packed: cbor2.loads(packed),
            "dag_from_json": slowly(lambda text=text: dag_from_json(text)),
            "dag_from_cbor": slowly(lambda packed=packed: dag_from_cbor(packed)),
        }
        if orjson is not None:
            works["orjson.loads"] = lambda text=text: orjson.loads(text)
            works["dag_from_json, fast"] = lambda text=text: dag_from_json(text)
        goals = {"dag_from_json": 4.0, "dag_from_json, fast": 2.5}
        yield Case("read", "JSON and CBOR", "s", _rounds(works, settings.rounds), size, LOADS, goals)


def comparing(settings: Settings) -> Iterator[Case]:
    """Digests of nodes, and the difference to a graph in which every hundredth call is another."""
    for size in settings.sizes:
        dag = realistic(size)
        nodes = [
            attrs.evolve(node, after=()) if position % 100 == 2 else node for position, node in enumerate(dag.nodes)
        ]
        edited = attrs.evolve(dag, nodes=tuple(nodes))
        works: dict[str, Callable[[], Any]] = {
            "dag_digest": slowly(lambda dag=dag: dag_digest(dag)),
            "node_digests": lambda dag=dag: node_digests(dag),
            "dag_diff, equal": lambda dag=dag: dag_diff(dag, dag),
            "dag_diff, one in a hundred": lambda dag=dag, edited=edited: dag_diff(dag, edited),
        }
        yield Case("compare", "digests and differences", "s", _rounds(works, settings.rounds), size, "dag_digest")
