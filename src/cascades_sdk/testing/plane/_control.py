"""The handle of a plane: how it is started, asked, told what goes wrong, and stopped.

Decided here: the names that users have. Never here: what a plane does.
"""

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing.plane._asgi import ASGIApp, asgi_app
from cascades_sdk.testing.plane._beats import BeatLike, beats_of
from cascades_sdk.testing.plane._catalog import FlowLike
from cascades_sdk.testing.plane._checks import PAUSE, check, is_flag, is_pause, is_text
from cascades_sdk.testing.plane._configured import check_door, check_tasks, configured
from cascades_sdk.testing.plane._events import Cancelled, Scripted, Troubled
from cascades_sdk.testing.plane._faults import BODILESS, Failing, Fault, FaultPlan, with_plan
from cascades_sdk.testing.plane._history import Recorded
from cascades_sdk.testing.plane._hub import Hub, Pace
from cascades_sdk.testing.plane._inprocess import AsyncPlaneTransport, PlaneTransport, clock_of
from cascades_sdk.testing.plane._integrations import TRIED
from cascades_sdk.testing.plane._latitude import Latitude
from cascades_sdk.testing.plane._server import Listener, Settings
from cascades_sdk.testing.plane._state import PlaneState, is_run_id
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.values import FrozenDict, Refusal, freeze

__all__ = ["ControlPlane"]

#: How many connections may wait to be accepted.
_BACKLOG: Final = 1024

#: Where clients in process believe the plane to be: loopback, so that credentials may travel.
_IN_PROCESS: Final = "http://control-plane.localhost"

_P = TypeVar("_P", bound="ControlPlane")


class ControlPlane:
    """A local control plane: a stand-in for tests and first steps, not an engine.

    ``ControlPlane(flows)`` is one in this process, in virtual time: it has no thread and no socket, nothing happens by
    itself, and whoever waits for it (a client of :meth:`client` or :meth:`async_client`) moves time on to the next
    moment at which something is due. So a run of a day is waited for in no time, and always in the same way.
    :meth:`serve` starts one on a loopback socket, in real time. Both are context managers, and both answer all sixteen
    operations of the contract from one frozen :attr:`state`. Runs evaluate the compiled DAG of a flow, in this process,
    or follow a :meth:`script`. One seed decides ids, jitter and the choice among faults; it stands in the ``repr``, and
    is noted on an exception that leaves the ``with`` block, so that a failing test prints it.

    Args:
        catalog: flows by workflow id; each is a flow, a ``Dag`` or the bytes of a document.
        cookie: the value that a session cookie must have.
        cookie_name: the name of that cookie.
        headers: headers of which one, in place of the cookie, is a session too, as in
            ``{"Authorization": "Bearer local"}``.
        secrets: stored secrets by key, which integrations may name.
        latitude: what the contract leaves open.
        state: what another plane left (:attr:`state`); the arguments given here come on top of it, and
            a run in it that has not ended is evaluated again.
        tasks: task functions by name, for those that cannot be imported.
        task_delay: seconds that each task takes longer, so that progress can be seen.
        heartbeat: seconds between signs of life on a stream, a thousandth at least; None: there are none.
        max_runs: how many runs, and how many copies of workflows, are remembered.
        seed: what ids, jitter and faults are made from; equal seeds and equal requests give equal answers.
        skips_time: whether time moves on when somebody waits; else only by :meth:`advance`, from another thread or
            task.

    Raises:
        CascadesSDKError: a flow of the catalog does not compile, or another argument cannot be meant.
    """

    _hub: Hub
    _listener: Listener | None

    def __init__(
        self,
        catalog: Mapping[str, FlowLike] | None = None,
        *,
        cookie: str | None = None,
        cookie_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        latitude: Latitude | None = None,
        state: PlaneState | None = None,
        tasks: Mapping[str, Callable[..., Any]] | None = None,
        task_delay: float = 0.0,
        heartbeat: float | None = 60.0,
        max_runs: int | None = None,
        seed: int | None = None,
        skips_time: bool = True,
    ) -> None:
        told = {"cookie": cookie, "cookie_name": cookie_name, "latitude": latitude, "max_runs": max_runs, "seed": seed}
        beginning = configured(state, catalog, headers, secrets, **told)
        check_tasks(tasks)
        check(is_flag(skips_time), "ControlPlane", "skips_time", "True or False")
        self._hub = Hub(beginning, Pace(task_delay, heartbeat), tasks, skips=skips_time)
        self._listener = None
        self._hub.start()

    @classmethod
    def serve(
        cls: type[_P],
        catalog: Mapping[str, FlowLike] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        cookie: str | None = None,
        cookie_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        latitude: Latitude | None = None,
        state: PlaneState | None = None,
        tasks: Mapping[str, Callable[..., Any]] | None = None,
        task_delay: float = 0.0,
        heartbeat: float | None = 15.0,
        max_runs: int | None = None,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
    ) -> _P:
        """A plane that listens, on a free port unless one is given, when this returns. Its time is real.

        Args:
            host: the address to listen on.
            port: 0 for a free one.
            clock: seconds since 1970, read for each event.
            settings: bounds of the socket.

        The other arguments are those of the class.

        Raises:
            CascadesSDKError: a flow of the catalog does not compile, or another argument cannot be meant.
            OSError: the address cannot be listened on.
        """
        told = {"cookie": cookie, "cookie_name": cookie_name, "latitude": latitude, "max_runs": max_runs, "seed": seed}
        beginning = configured(state, catalog, headers, secrets, **told)
        check_tasks(tasks)
        check_door(host, port, clock, settings)
        plane = object.__new__(cls)
        plane._hub = Hub(beginning, Pace(task_delay, heartbeat), tasks, clock, time.monotonic)
        # The socket listens before the thread runs, so that the address is known, or refused, right here.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        plane._listener = Listener(plane._hub, settings, listening)
        return plane

    def __repr__(self) -> str:
        where = "in process" if self._listener is None else self._listener.url
        return f"ControlPlane(seed={self.seed}, {where}, {len(self.state.runs)} runs)"

    @property
    def url(self) -> str:
        """The base URL for a client of a plane that listens.

        Raises:
            RuntimeError: the plane is one in process, which has none.
        """
        if self._listener is None:
            raise RuntimeError("a plane in process has no address: use client(), or ControlPlane.serve(...)")
        return self._listener.url

    @property
    def state(self) -> PlaneState:
        """The frozen state at this moment, also after the plane has stopped."""
        return self._hub.state

    @property
    def seed(self) -> int:
        """What ids, jitter and faults are made from."""
        return self.state.seed

    @property
    def cookie(self) -> str:
        """The value that a session cookie must have."""
        return self.state.cookie

    @property
    def history(self) -> tuple[Recorded, ...]:
        """What was asked and answered, in order, without credentials; the last ten thousand."""
        with self._hub.lock:
            return tuple(self._hub.history)

    @property
    def clock(self) -> Clock:
        """The time of the plane, for a client: virtual in process, that of the system on a socket."""
        return clock_of(self._hub) if self._hub.virtual else SYSTEM_CLOCK

    @property
    def transport(self) -> httpx.BaseTransport:
        """A transport of ``httpx`` to this plane, without a socket, for a plane in process.

        Raises:
            RuntimeError: the plane is one on a socket.
        """
        self._in_process("transport")
        return PlaneTransport(self._hub)

    @property
    def async_transport(self) -> httpx.AsyncBaseTransport:
        """The same for async clients, in asyncio or trio; of time, :meth:`async_client` says when it moves.

        Raises:
            RuntimeError: the plane is one on a socket.
        """
        self._in_process("async_transport")
        return AsyncPlaneTransport(self._hub)

    @property
    def asgi(self) -> ASGIApp:
        """The plane as an ASGI application, to be mounted or fuzzed. Its time is that of the plane."""
        return asgi_app(self._hub)

    def client(self, **options: Any) -> CascadesClient:
        """The real client of this plane, with its session and its time.

        It may be used by several threads, and each may have a client. In virtual time, time moves on when every thread
        waits that has used such a client: one that holds an open exchange, or has read the time for a call, is at work
        until it waits again, and is let go on for a few seconds of real time while an exchange is open, and for a
        quarter of one in between; then it is taken for a thread that comes no more, until it comes back. A thread that
        has never asked is not known: it begins in the time that it finds.

        ``options`` are those of :class:`~cascades_sdk.client.CascadesClient`: ``auth``, ``timeout``, ``retry``, …
        """
        if self._listener is not None:
            return CascadesClient(self.url, **self._session(None) | options)
        return CascadesClient(_IN_PROCESS, **self._session(self.transport) | options)

    def async_client(self, **options: Any) -> AsyncCascadesClient:
        """The same for async code. Time moves on otherwise.

        It does when tasks wait for the plane, and nothing has happened with it for some rounds of their event loop. A
        task that is at work with something else is not waited for, neither over many rounds nor at a file, a thread or
        a sleep of the loop, although it may hold an open stream: it finds that time has moved on. Where that matters,
        let it sleep by ``plane.clock.sleep_async``, or make the plane with ``skips_time=False`` and call
        :meth:`advance` when everybody is ready.
        """
        if self._listener is not None:
            return AsyncCascadesClient(self.url, **self._session(None) | options)
        return AsyncCascadesClient(_IN_PROCESS, **self._session(self.async_transport) | options)

    def advance(self, seconds: float) -> None:
        """Let time pass: what is due on the way happens at its moment. ``seconds`` is 0 or more, up to 1e10.

        Raises:
            RuntimeError: the plane is one on a socket, whose time is real.
            ValidationError: it is no such number.
        """
        self._in_process("advance")
        check(is_pause(seconds), "ControlPlane.advance", "seconds", PAUSE)
        self._hub.advance(seconds)

    def script(self, key: str, beats: Iterable[BeatLike]) -> None:
        """Let a run, or else every new run of a workflow, do what the beats say, in place of an evaluation.

        A workflow that the catalog does not have comes to be by it. Beats are values of
        :mod:`cascades_sdk.testing.plane` (``Wait``, ``Log``, ``Update``, ``Progress``, ``Finish``, ``Send``,
        ``SendBytes``, ``Hangup``), or what stands for one: seconds to wait, ``"SUCCESS"``, ``"FAILED"`` or
        ``"CANCELLED"``, and any other text as a line of the log.

        Raises:
            ValidationError: one of the beats is none, or the key is that of a run that has ended or was never accepted.
        """
        check(is_text(key), "ControlPlane.script", "key", "the id of a run, or of a workflow")
        made = beats_of(beats)
        with self._hub.lock:
            run = self.state.runs.get(key)
            new = run is None and not is_run_id(key)
            open_run = run is not None and not run.ended
            check(new or open_run, "ControlPlane.script", "key", "the id of a run that has not ended, or of a workflow")
            self._hub.feed(partial(Scripted, key=key, beats=made))

    def cancel(self, run_id: str) -> None:
        """Cancel a run. One that has ended stays as it is. The contract has no request for it.

        Raises:
            ValidationError: there is no such run.
        """
        with self._hub.lock:
            known = isinstance(run_id, str) and run_id in self.state.runs
            check(known, "ControlPlane.cancel", "run_id", "the id of a run that was accepted here")
            self._hub.feed(partial(Cancelled, run_id=run_id))

    def fail_next(
        self,
        status: int = 503,
        *,
        operation: str | None = None,
        times: int = 1,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | bytes | None = None,
        carried_out: bool = False,
    ) -> None:
        """Answer the next requests with this status, and do nothing else for them.

        Args:
            operation: the ``operationId`` that is meant; None: any.
            times: how many requests.
            retry_after: seconds, for a ``Retry-After``, which makes a client come back.
            headers: further headers, or others in place of the plane's own, as a ``Content-Type``.
            body: the body; None: the least that the contract asks for this status. 204 and 304 have none. Bytes,
                ``b""`` too, are sent as they are, as ``text/html`` unless a header says otherwise: so proxies answer.
            carried_out: whether what was asked is done all the same, but for streams: a run is accepted, say.

        Raises:
            ValidationError: there is no such operation, status, time or header, or the body is no JSON.
        """
        comes_back = retry_after is None or is_pause(retry_after)
        check(comes_back, "ControlPlane.fail_next", "retry_after", f"{PAUSE}, or None")
        check(body is None or status not in BODILESS, "ControlPlane.fail_next", "body", "None: this status has none")
        for name, given, kinds, more in (("headers", headers, Mapping, ""), ("body", body, Mapping | bytes, "bytes, ")):
            fits = given is None or isinstance(given, kinds)
            check(fits, "ControlPlane.fail_next", name, f"{more}a mapping, or None")
        told = dict(headers or {}) | ({} if retry_after is None else {"Retry-After": f"{retry_after:g}"})
        sent = freeze(dict(body)) if isinstance(body, Mapping) else body
        if isinstance(sent, Refusal):
            raise ValidationError("ControlPlane.fail_next", sent.problem, pointer=f"/body{sent.pointer}")
        assert sent is None or isinstance(sent, FrozenDict | bytes)  # a dict is frozen to nothing else
        failing = Failing(status, operation, times, tuple(told.items()), sent, carried_out)
        with self._hub.lock:
            self._hub.feed(partial(Troubled, failing=(*self.state.failing, failing)))

    def faults(self, *faults: Fault, operation: str | None = None, times: int | None = None, rate: float = 1.0) -> None:
        """Let answers go wrong on their way from now on; without any fault, no more.

        Each answer that is meant is befallen with the probability ``rate``, by one of the faults, as the seed
        chooses: ``Reset``, ``Cut``, ``Drip``, ``Silence``, ``WrongLength`` or ``MediaType``. What is told for a number
        of ``times`` befalls first, in the order of telling; what is told for all answers comes behind it, the newest
        first, and takes the place of what was so told for the same operation, or for any.

        Args:
            operation: the ``operationId`` whose answers are meant; None: all.
            times: how many answers; None: all.

        Raises:
            ValidationError: one of the faults is none, or there is no such operation or probability.
        """
        plan = FaultPlan(faults, operation, times, rate)
        with self._hub.lock:
            plans = with_plan(self.state.faults, plan) if faults else ()
            self._hub.feed(partial(Troubled, faults=plans))

    def provider_answers(self, provider: str, status: int | None) -> None:
        """Let tests of this integration fail as if the provider answered so; None: they succeed again.

        Raises:
            ValidationError: there is no such status, or the contract has no test of such an integration.
        """
        where, known = "ControlPlane.provider_answers", ", ".join(sorted(TRIED))
        check(isinstance(provider, str) and provider in TRIED, where, "provider", f"one of {known}")
        answers = status is None or (type(status) is int and 100 <= status < 600)
        check(answers, where, "status", "a status from 100 to 599, or None")
        self._hub.feed(partial(Troubled, provider=(provider, status)))

    def forget_secret(self, key: str) -> None:
        """Remove a stored secret: integrations that named it lack their credential from now on.

        Raises:
            ValidationError: there is none of this key, or not any more.
        """
        with self._hub.lock:
            known = isinstance(key, str) and key in self.state.secrets
            check(known, "ControlPlane.forget_secret", "key", "the key of a stored secret")
            self._hub.feed(partial(Troubled, forgotten_secret=key))

    def stop(self) -> None:
        """Stop at once, open streams included. Stopping twice is no error.

        A task that is under way on a plane with a socket cannot be stopped; its thread ends with the process at the
        latest.
        """
        if self._listener is not None:
            self._listener.stop()
        self._hub.halt()

    def __enter__(self: _P) -> _P:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(f"{self!r}: with this seed it happens again")
        self.stop()

    def _session(self, transport: object) -> dict[str, Any]:
        auth = SessionCookieAuth(self.cookie, self.state.cookie_name)
        clock = clock_of(self._hub, self._hub.touch) if self._hub.virtual else SYSTEM_CLOCK
        return {"auth": auth, "clock": clock, "transport": transport}

    def _in_process(self, name: str) -> None:
        if not self._hub.virtual:
            raise RuntimeError(f"{name} is for a plane in process; this one listens on a socket, in real time")
