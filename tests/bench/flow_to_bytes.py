"""From a flow to bytes and back, beside a floor sketch, in one process run.

Run it: ``python tests/bench/flow_to_bytes.py [SIZE ...]``. For each shape and size it prints CPU seconds (medians of
interleaved rounds), the ratio to the floor, the growth exponent from the size before, and the peak of traced
memory per node. The floor records arguments and references, writes a line for each call, and hashes the
lines: what no capture of a flow can leave out.
"""

import argparse
import gc
import hashlib
import json
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_digest, dag_from_json, dag_to_json
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Dag


@task
def add(a: int, b: int = 1) -> int:
    return a + b


@task
def total(items: list[int]) -> int:
    return sum(items)


@flow
def chain(size: int, n: int = 1) -> int:
    for step in range(size):
        n = add(n, step)
    return n


@flow
def fan_in(size: int, n: int = 1) -> int:
    return total([add(n, step) for step in range(size)])


@flow
def fan_out(size: int, n: int = 1) -> int:
    first = add(n, 0)
    last = first
    for step in range(size):
        last = add(first, step)
    return last


class _Floor:
    """A capture that does nothing else."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def call(self, name: str, *arguments: Any) -> Any:
        told = [f"#{a.at}" if type(a) is _Mark else self._told(a) for a in arguments]
        self.lines.append(f"{name}({','.join(told)})")
        return _Mark(len(self.lines) - 1)

    def _told(self, argument: Any) -> str:
        if type(argument) is list:
            return "[" + ",".join([f"#{a.at}" if type(a) is _Mark else json.dumps(a) for a in argument]) + "]"
        return json.dumps(argument)

    def bytes(self) -> bytes:
        data = "\n".join(self.lines).encode()
        hashlib.sha256(data).hexdigest()
        return data


class _Mark:
    __slots__ = ("at",)

    def __init__(self, at: int) -> None:
        self.at = at


def _floor(shape: str, size: int) -> bytes:
    floor = _Floor()
    value: Any = floor.call("n")
    if shape == "fan_in":
        value = floor.call("total", [floor.call("add", value, step) for step in range(size)])
    else:
        last = value
        for step in range(size):
            last = floor.call("add", last if shape == "chain" else value, step)
    return floor.bytes()


def _compiled(shape: str, size: int) -> Dag:
    return build_dag_from_flow(_SHAPES[shape], {"size": size}).unwrap()


_SHAPES = {"chain": chain, "fan_in": fan_in, "fan_out": fan_out}


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def measured(shape: str, size: int, rounds: int) -> dict[str, float]:
    """Medians of CPU seconds by step; the rounds interleave floor and ours."""
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        spent, _floor_bytes = _cpu(lambda: _floor(shape, size))
        times.setdefault("floor", []).append(spent)
        spent, dag = _cpu(lambda: _compiled(shape, size))
        times.setdefault("compile", []).append(spent)
        spent, document = _cpu(lambda dag=dag: (dag_to_json(dag), dag_digest(dag))[0])
        times.setdefault("write and digest", []).append(spent)
        spent, read = _cpu(lambda document=document: dag_from_json(document).unwrap())
        times.setdefault("read", []).append(spent)
        spent, value = _cpu(lambda read=read: evaluate(read).unwrap())
        times.setdefault("evaluate", []).append(spent)
        assert read == dag
        assert value == _SHAPES[shape](size, 1)
    return {step: statistics.median(spent) for step, spent in times.items()}


def memory_per_node(shape: str, size: int) -> tuple[float, float]:
    """Traced bytes a node: the peak from flow to bytes, and what the Dag keeps."""
    gc.collect()
    tracemalloc.start()
    dag = _compiled(shape, size)
    dag_to_json(dag)
    peak = tracemalloc.get_traced_memory()[1]
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(dag.nodes) >= size
    return peak / size, kept / size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for shape in _SHAPES:
        before: tuple[int, float] | None = None
        for size in given.sizes:
            took = measured(shape, size, given.rounds)
            ours = took["compile"] + took["write and digest"]
            growth = f"{math.log(ours / before[1]) / math.log(size / before[0]):.2f}" if before is not None else "    "
            before = (size, ours)
            peak, kept = memory_per_node(shape, size)
            steps = "  ".join(f"{step} {seconds:.4f}" for step, seconds in took.items())
            print(
                f"{shape:<8} {size:>9,}  {steps}  flow to bytes/floor {ours / took['floor']:.2f}"
                f"  growth {growth}  peak {peak:,.0f} B/node  kept {kept:,.0f} B/node"
            )


if __name__ == "__main__":
    main()
