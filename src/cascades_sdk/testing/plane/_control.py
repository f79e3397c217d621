"""The handle of a plane on a loopback socket.

Decided here: starting and stopping, from the caller's thread. Never here: HTTP.
"""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final

import attrs

from cascades_sdk.testing.plane._catalog import FlowLike, catalog_from, dags_of
from cascades_sdk.testing.plane._server import Edge, Settings
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.testing.plane._table import Table

__all__ = ["ControlPlane"]

#: The workflow that runs where a request names none, if the catalog has it; else it is the first.
DEMO: Final = "demo"

#: How many connections may wait to be accepted.
_BACKLOG: Final = 1024


class ControlPlane:
    """A local control plane that serves flows over HTTP: a stand-in for tests and first steps, not an engine.

    It evaluates the compiled DAG of a flow in threads of this process. There is no queue, no retry and no
    persistence. Start one with :meth:`serve`; it is a context manager that stops it.
    """

    def __init__(self, edge: Edge, listening: socket.socket) -> None:
        self._edge = edge
        self._listening = listening
        self._address: tuple[str, int] = listening.getsockname()[:2]
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="local control plane", daemon=True)
        self._thread.start()

    @classmethod
    def serve(
        cls,
        catalog: Mapping[str, FlowLike] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        cookie: str | None = None,
        cookie_name: str | None = None,
        state: PlaneState | None = None,
        tasks: Mapping[str, Callable[..., Any]] | None = None,
        task_delay: float = 0.0,
        heartbeat: float = 15.0,
        max_runs: int | None = None,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> "ControlPlane":
        """A plane that listens, on a free port unless one is given, when this returns.

        Args:
            catalog: flows by workflow id; each is a flow, a ``Dag`` or the bytes of a document.
            host: the address to listen on.
            port: 0 for a free one.
            cookie: the value that a session cookie must have.
            cookie_name: the name of that cookie.
            state: what another plane left (:attr:`state`); the arguments given here come on top of it, and
                a run in it that has not ended is evaluated again.
            tasks: task functions by name, for those that cannot be imported.
            task_delay: seconds that each task takes longer, so that progress can be seen.
            heartbeat: seconds between signs of life on a stream.
            max_runs: how many runs are remembered.
            seed: what ids are made from; equal seeds and equal requests give equal ids.
            clock: seconds since 1970, read for each event.

        Raises:
            CascadesSDKError: a flow of the catalog does not compile.
            OSError: the address cannot be listened on.
        """
        start = state if state is not None else PlaneState()
        workflows = Table({**start.workflows, **catalog_from(catalog or {})})
        configured = attrs.evolve(
            start,
            workflows=workflows,
            default=DEMO if DEMO in workflows else next(iter(workflows), DEMO),
            cookie=start.cookie if cookie is None else cookie,
            cookie_name=start.cookie_name if cookie_name is None else cookie_name,
            max_runs=start.max_runs if max_runs is None else max_runs,
            seed=start.seed if seed is None else seed,
        )
        settings = Settings(task_delay=task_delay, heartbeat=heartbeat)
        edge = Edge(configured, settings, dags_of(workflows), tasks, clock)
        # The socket listens before the thread runs, so that the address is known, or refused, right here.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return cls(edge, socket.create_server((host, port), family=family, backlog=_BACKLOG))

    @property
    def url(self) -> str:
        """The base URL for a client."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def state(self) -> PlaneState:
        """The frozen state at this moment, also after the plane has stopped."""
        return self._edge.state

    @property
    def cookie(self) -> str:
        """The value that a session cookie must have."""
        return self.state.cookie

    def stop(self) -> None:
        """Stop at once, open streams included. Stopping twice is no error.

        A task that is under way cannot be stopped; its thread ends with the process at the latest.
        """
        # The loop of a plane that has stopped is closed.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> "ControlPlane":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._edge.serve(self._listening, self._stop))
