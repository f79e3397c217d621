"""Graphs to bytes and back, beside the encoders that people know, in one process run.

Run it: ``python tests/bench/encodings.py [SIZE ...] [--rounds N] [--json]``. For a realistic mix of nodes it prints CPU
seconds (medians of interleaved rounds, the garbage collector off on all sides) and the ratios that say something:

- ``Dag`` to canonical JSON over ``json.dumps(sort_keys=True)`` of the ready plain structure, and the same with the
  accelerator (the extra ``fast``) where it is installed;
- ``Dag`` to canonical CBOR over ``cbor2.dumps(canonical=True)`` of the ready plain structure;
- strict reading, checks included, over ``json.loads`` of the same bytes; strict reading of CBOR over that of JSON.

rfc8785 and orjson are told for comparison. The others write plain dicts; they check nothing.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import cbor2
import rfc8785

from cascades_sdk.encoding import (
    _fast,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
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

try:
    import orjson
except ImportError:  # the extra ``fast``
    orjson = None  # type: ignore[assignment]


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


def _cpu(work: Callable[[], Any]) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.enable()


def measured(size: int, rounds: int) -> dict[str, float]:
    """Medians of CPU seconds by name; the rounds interleave all of them."""
    dag = realistic(size)
    text, packed = dag_to_json(dag), dag_to_cbor(dag)
    plain = json.loads(text)
    assert rfc8785.dumps(json.loads(text, parse_int=float)) == text
    assert cbor2.dumps(plain, canonical=True) == packed
    assert dag_from_json(text).unwrap() == dag_from_cbor(packed).unwrap() == dag

    def without(work: Callable[[], Any]) -> Callable[[], Any]:
        def slowly() -> None:
            with patch.object(_fast, "orjson", None):
                work()

        return slowly

    works: dict[str, Callable[[], Any]] = {
        "json.dumps sorted": lambda: json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        "json.loads": lambda: json.loads(text),
        "dag_to_json": without(lambda: dag_to_json(dag)),
        "dag_digest": without(lambda: dag_digest(dag)),
        "dag_from_json": without(lambda: dag_from_json(text)),
        "cbor2 canonical": lambda: cbor2.dumps(plain, canonical=True),
        "cbor2.loads": lambda: cbor2.loads(packed),
        "dag_to_cbor": without(lambda: dag_to_cbor(dag)),
        "dag_from_cbor": without(lambda: dag_from_cbor(packed)),
        "rfc8785": lambda: rfc8785.dumps(plain),
    }
    if orjson is not None:
        works["dag_to_json fast"] = lambda: dag_to_json(dag)
        works["dag_from_json fast"] = lambda: dag_from_json(text)
        works["orjson sorted"] = lambda: orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
        works["orjson.loads"] = lambda: orjson.loads(text)
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(_cpu(work))
    return {name: statistics.median(spent) for name, spent in times.items()}


#: Name, ours, theirs, the goal.
_RATIOS = (
    ("write JSON", "dag_to_json", "json.dumps sorted", 1.5),
    ("write JSON, fast", "dag_to_json fast", "json.dumps sorted", 0.5),
    ("write CBOR", "dag_to_cbor", "cbor2 canonical", 1.0),
    ("read JSON", "dag_from_json", "json.loads", 5.0),
    ("read JSON, fast", "dag_from_json fast", "json.loads", 3.0),
    ("read CBOR", "dag_from_cbor", "dag_from_json", 1.5),
)


def ratios(times: dict[str, float]) -> dict[str, float]:
    """Ours over theirs, for what was measured."""
    return {name: times[ours] / times[theirs] for name, ours, theirs, _ in _RATIOS if ours in times}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    for size in given.sizes:
        times = measured(size, given.rounds)
        if given.json:
            print(json.dumps({"size": size, "seconds": times, "ratios": ratios(times)}))
            continue
        print(f"{size:,} nodes, {len(dag_to_json(realistic(size))):,} bytes of JSON")
        for name, seconds in times.items():
            print(f"  {name:<20} {seconds * 1000:>9.1f} ms")
        for name, ours, theirs, goal in _RATIOS:
            if ours in times:
                print(f"  {name:<20} {times[ours] / times[theirs]:>9.2f} x {theirs} (goal {goal})")


if __name__ == "__main__":
    main()
