"""From a flow to canonical bytes and a digest, beside the floor and beside peers; and what that takes of memory."""

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest.mock import patch

from floor import Floor, Input
from measuring import Case, Settings, cpu, in_fresh_process, interleaved, peak_memory
from shapes import SHAPES, TASKS

from cascades_sdk.compiler import Flow, build_dag_from_flow, flow, task
from cascades_sdk.encoding import _fast, dag_to_cbor, dag_to_json, document_digest
from cascades_sdk.evaluation import evaluate

__all__ = ["compiling", "evaluating", "memory", "slowly"]

FLOOR: Final = "floor"
JSON: Final = "JSON"
FAST: Final = "JSON, fast"
CBOR: Final = "CBOR"

#: No peer is asked for what may take it longer than this in a round: as if the size before grew by its square.
PATIENCE: Final = 150.0


def _flow_of(name: str) -> Flow[..., Any]:
    tasks: dict[str, Any] = {each: task(function) for each, function in TASKS.items()}

    @flow(name=name)
    def measured(size: int, n: int = 1) -> Any:
        return SHAPES[name](tasks, size, n)

    return measured


FLOWS: Final = {name: _flow_of(name) for name in SHAPES}


def floor_of(name: str, size: int) -> tuple[bytes, str]:
    """What the floor answers."""
    floor = Floor()
    tasks = {each: floor.task(function) for each, function in TASKS.items()}
    return floor.document(name, {"n": 1}, SHAPES[name](tasks, size, Input("n")))


def to_json(name: str, size: int) -> tuple[bytes, str]:
    """What the package answers."""
    document = dag_to_json(build_dag_from_flow(FLOWS[name], {"size": size}).unwrap())
    return document, document_digest(document)


def to_cbor(name: str, size: int) -> bytes:
    """The other encoding."""
    return dag_to_cbor(build_dag_from_flow(FLOWS[name], {"size": size}).unwrap())


def slowly(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same without the accelerator."""

    def without() -> None:
        with patch.object(_fast, "orjson", None):
            work()

    return without


def compiling(settings: Settings) -> Iterator[Case]:
    """One case for each shape and size."""
    for name in SHAPES:
        assert floor_of(name, 40) == to_json(name, 40), f"the floor writes another document of {name}"
        took: dict[str, tuple[int, float]] = {}
        for size in sorted(settings.sizes):
            left_out = []
            works = {
                FLOOR: lambda name=name, size=size: cpu(lambda: floor_of(name, size)),
                JSON: lambda name=name, size=size: cpu(slowly(lambda: to_json(name, size))),
                CBOR: lambda name=name, size=size: cpu(lambda: to_cbor(name, size)),
            }
            if _fast.orjson is not None:
                works[FAST] = lambda name=name, size=size: cpu(lambda: to_json(name, size))
            for peer, ask in settings.peers.items():
                smaller, before = took.get(peer, (size, 0.0))
                grown = before * (size / smaller) ** 2
                if name not in ask.shapes:
                    left_out.append(f"{peer} is not asked for this shape")
                elif grown > PATIENCE:
                    left_out.append(
                        f"{peer} is not asked: it might take {grown:.0f} s, from {before:.2f} s for {smaller:,}"
                    )
                else:
                    works[peer] = lambda ask=ask, name=name, size=size: ask(name, size)
            measured = interleaved(works, settings.rounds)
            took |= {peer: (size, min(measured[peer])) for peer in settings.peers if peer in measured}
            yield Case(
                "compile",
                name,
                "s",
                measured,
                size,
                FLOOR,
                {JSON: 4.0, FAST: 2.5} if size == 10_000 else {},
                {peer: 5.0 for peer in settings.peers if peer in measured and size == 10_000},
                {JSON: 1.1, FAST: 1.1},
                tuple(left_out),
            )


def evaluating(settings: Settings) -> Iterator[Case]:
    """A graph run in this process, beside calling the flow, whose tasks do nearly nothing."""
    for name, called in FLOWS.items():
        for size in settings.sizes:
            dag = build_dag_from_flow(called, {"size": size}).unwrap()
            assert evaluate(dag, {"n": 1}).unwrap() == called(size, 1)
            works = {
                "calling the flow": lambda called=called, size=size: cpu(lambda: called(size, 1)),
                "evaluate": lambda dag=dag: cpu(lambda: evaluate(dag, {"n": 1})),
            }
            measured = interleaved(works, settings.rounds)
            yield Case("evaluate", name, "s", measured, size, "calling the flow")


# -- memory ---------------------------------------------------------------------------------------------


def traced(name: str, size: int) -> None:
    """Print what a node takes: at the peak from flow to bytes, and of the graph that stays. In a fresh process."""
    to_json(name, 10)
    tracemalloc.start()
    dag = build_dag_from_flow(FLOWS[name], {"size": size}).unwrap()
    dag_to_json(dag)
    peak = tracemalloc.get_traced_memory()[1]
    kept = tracemalloc.get_traced_memory()[0]
    print(json.dumps({"peak": peak / size, "kept": kept / size}))


def whole(name: str, size: int) -> None:
    """Print the CPU seconds and the peak of the process in MB, from flow to bytes. In a fresh process."""
    before = time.process_time()
    to_json(name, size)
    took = time.process_time() - before
    print(json.dumps({"cpu": took, "peak": peak_memory()}))


def memory(settings: Settings) -> Iterator[Case]:
    """Bytes of a node; and a graph of very many, as a whole process."""
    size = settings.sizes[-1]
    for name in SHAPES:
        told = in_fresh_process("import compiling; compiling.traced(sys.argv[1], int(sys.argv[2]))", name, str(size))
        yield Case("memory", f"{name}, of a node", "bytes", {each: [value] for each, value in told.items()}, size)
    most = settings.whole
    for name in ("chain", "mix"):
        told = in_fresh_process("import compiling; compiling.whole(sys.argv[1], int(sys.argv[2]))", name, str(most))
        if told["peak"]:
            peak = {"peak": [told["peak"]]}
            yield Case("memory", f"{name}, whole process", "MB", peak, most, goals={"peak": 1500.0})
        yield Case("memory", f"{name}, whole process, CPU", "s", {"flow to bytes": [told["cpu"]]}, most)
