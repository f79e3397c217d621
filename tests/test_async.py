"""Async tasks and flows: what is recorded, in which order, and what a compile does not wait for."""

import asyncio
import concurrent.futures
import copy
import functools
import gc
import operator
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from captures import compiled, line_of, refused
from cascades_sdk.compiler import AsyncFlow, AsyncTask, build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_from_json, dag_to_json
from cascades_sdk.errors import CaptureError, FlowRaisedError, TaskRaisedError
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Dag


class Span(NamedTuple):
    low: int
    high: int


@task
async def add(a: int, b: int = 1) -> int:
    await asyncio.sleep(0)
    return a + b


@task
async def span(a: int) -> Span:
    return Span(a, a + 1)


@task
def double(a: int) -> int:
    return 2 * a


@flow
async def twice(a: int) -> int:
    first = await add(a)
    await asyncio.sleep(0)
    return await add(first, double(first))


@flow
def doubled(a: int) -> int:
    return double(double(a))


def tasks_of(dag: Dag) -> list[str]:
    return [f"{node.task}({', '.join(name for name, _ in node.arguments)})" for node in dag.nodes]


def both_ways(subject: AsyncFlow[..., Any], **inputs: Any) -> tuple[Any, Any]:
    """What the compiled, written and read flow evaluates to, and what running it gives."""
    dag = dag_from_json(dag_to_json(compiled(subject))).unwrap()
    functions = {"add": add.function, "span": span.function, "double": double.function}
    evaluated = evaluate(dag, inputs, {each.name: functions[each.name] for each in dag.tasks})
    return evaluated.unwrap(), asyncio.run(subject(**inputs))


class TestTasks:
    def test_outside_a_capture_a_call_is_the_coroutine_of_the_function(self) -> None:
        assert type(add) is AsyncTask
        called = add(1, b=2)
        assert asyncio.iscoroutine(called)
        assert asyncio.run(called) == 3

    def test_variants_stay_async(self) -> None:
        assert type(add.after()) is type(add.with_options(retries=1)) is AsyncTask
        assert asyncio.run(add.with_options(retries=1).after()(1)) == 2

    def test_a_reference_that_outlived_its_capture_runs_no_async_task(self) -> None:
        kept: list[Any] = []

        @flow
        async def leaking(n: int) -> None:
            kept.append(n)

        compiled(leaking)
        with pytest.raises(CaptureError) as raised:
            add(kept[0])
        assert raised.value.code == "finished_capture"

    def test_options_and_ordering_are_recorded(self) -> None:
        @flow
        async def ordered(n: int) -> int:
            first = await add(n)
            return await add.after(first).with_options(retries=3)(n)

        node = compiled(ordered).nodes[1]
        assert node.after == (0,)
        assert node.options.retries == 3

    def test_an_async_generator_is_no_task(self) -> None:
        async def yielding() -> Any:
            yield 1

        with pytest.raises(CaptureError) as raised:
            task(yielding)
        assert raised.value.code == "not_a_function"


class TestOrder:
    def test_what_is_awaited_is_recorded_line_by_line(self) -> None:
        @flow
        async def lines(n: int) -> int:
            low, high = await span(n)
            return await add(low, (await span(high)).high)

        assert both_ways(lines, n=3) == (8, 8)
        dag = compiled(lines)
        assert tasks_of(dag) == ["span(a)", "span(a)", "add(a, b)"]
        assert dag.nodes[0].source is not None
        assert dag.nodes[0].source.line == line_of(lines, "await span(n)")

    def test_gather_records_in_the_order_of_the_text(self) -> None:
        @flow
        async def gathered(n: int) -> list[int]:
            return list(await asyncio.gather(add(n), span(n), add(n, 2), return_exceptions=False))

        assert tasks_of(compiled(gathered)) == ["add(a)", "span(a)", "add(a, b)"]
        assert both_ways(gathered, n=1) == ([2, [1, 2], 3], [2, (1, 2), 3])

    def test_a_call_is_recorded_when_it_is_made_and_not_when_it_is_awaited(self) -> None:
        @flow
        async def reversed_awaits(n: int) -> list[int]:
            first, second = add(n), add(n, 2)
            later = await second
            return [await first, later]

        assert tasks_of(compiled(reversed_awaits)) == ["add(a)", "add(a, b)"]
        assert both_ways(reversed_awaits, n=1) == ([2, 3], [2, 3])

    def test_task_groups_and_tasks_of_asyncio_take_calls(self) -> None:
        @flow
        async def grouped(n: int) -> list[int]:
            async with asyncio.TaskGroup() as group:
                parts = [group.create_task(add(n, step)) for step in range(3)]
            alone = asyncio.create_task(twice(n), name="alone")
            return [*(part.result() for part in parts), await alone]

        assert both_ways(grouped, n=2) == ([2, 3, 4, 9], [2, 3, 4, 9])

    def test_limits_of_time_around_what_is_ready_are_no_waiting(self) -> None:
        @flow
        async def limited(n: int) -> int:
            async with asyncio.timeout(5):
                first = await asyncio.wait_for(add(n), 1)
            done, _ = await asyncio.wait([asyncio.create_task(twice(first))], timeout=3)
            return await asyncio.shield(add(done.pop().result()))

        assert both_ways(limited, n=1) == (10, 10)

    def test_a_limit_of_no_time_passes_at_once(self) -> None:
        @flow
        async def hurried(n: int) -> int:
            try:
                async with asyncio.timeout(0):
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
            except TimeoutError:
                return await add(n)
            return 0

        assert tasks_of(compiled(hurried)) == ["add(a)"]

    def test_events_queues_and_locks_work_where_the_flow_itself_serves_them(self) -> None:
        @flow
        async def served(n: int) -> int:
            queue: asyncio.Queue[int] = asyncio.Queue()
            event, lock = asyncio.Event(), asyncio.Lock()

            async def produce() -> None:
                async with lock:
                    await queue.put(await add(n))
                event.set()

            async with asyncio.TaskGroup() as group:
                group.create_task(event.wait())
                group.create_task(produce())
                found = await queue.get()
            return double(found)

        assert both_ways(served, n=1) == (4, 4)

    def test_threadsafe_calls_of_the_flow_itself_are_run(self) -> None:
        @flow
        async def wrapping(n: int) -> int:
            done: concurrent.futures.Future[int] = concurrent.futures.Future()
            future = asyncio.wrap_future(done)
            done.set_result(4)
            return await add(n, await future)

        assert both_ways(wrapping, n=1) == (5, 5)

    def test_the_loop_says_what_it_is(self) -> None:
        @flow
        async def asking(n: int) -> list[Any]:
            loop, event = asyncio.get_running_loop(), asyncio.Event()
            loop.call_later(0, event.set)
            await event.wait()
            return [await add(n), loop.is_running(), loop.is_closed(), loop.time(), loop.get_debug()]

        dag = compiled(asking)
        assert evaluate(dag, {"n": 1}).unwrap() == [2, True, False, 0, False]

    def test_async_generators_are_iterated_and_closed(self) -> None:
        closed: list[str] = []

        async def steps(n: Any) -> Any:
            try:
                for step in range(10):
                    yield await add(n, step)
            finally:
                await asyncio.sleep(0)
                closed.append("closed")

        @flow
        async def first_of(n: int) -> Any:
            async for each in steps(n):
                return each
            return None

        assert tasks_of(compiled(first_of)) == ["add(a, b)"]
        assert closed == ["closed"]

    def test_an_awaitable_of_the_authors_own_may_stand_around_a_call(self) -> None:
        class Wrapped:
            def __init__(self, inner: Coroutine[Any, Any, int]) -> None:
                self.inner = inner

            def __await__(self) -> Any:
                return (yield from self.inner.__await__())

        @flow
        async def wrapped(n: int) -> int:
            return await Wrapped(twice(n))

        assert both_ways(wrapped, n=1) == (6, 6)

    def test_many_awaits_in_a_row_do_not_recurse(self) -> None:
        @flow
        async def chain(size: int, n: int = 0) -> int:
            for _ in range(size):
                n = await add(n)
            return n

        assert len(compiled(chain, {"size": 20 * sys.getrecursionlimit()}).nodes) == 20 * sys.getrecursionlimit()


class TestGroups:
    def test_subflows_keep_their_groups_under_gather(self) -> None:
        @flow
        async def parallel(n: int) -> list[int]:
            return list(await asyncio.gather(twice(n), twice(double(n))))

        dag = compiled(parallel)
        assert [(group.name, group.parent) for group in dag.groups] == [("twice", None)] * 2
        inside = [group.nodes for group in dag.groups]
        # They take turns at sleep(0): node-0 stands before both.
        assert inside == [(1, 3, 4), (2, 5, 6)]
        assert both_ways(parallel, n=1) == ([6, 9], [6, 9])

    def test_sync_and_async_flows_nest(self) -> None:
        @flow
        async def middle(n: int) -> int:
            return await twice(doubled(n))

        @flow
        async def outer(n: int) -> int:
            return double(await middle(n))

        dag = compiled(outer)
        assert [(group.name, group.parent) for group in dag.groups] == [("middle", None), ("doubled", 0), ("twice", 0)]
        assert dag.nodes[-1].task == "double"
        assert both_ways(outer, n=1) == (30, 30)

    def test_the_scope_of_a_subflow_ends_where_it_waits(self) -> None:
        """Whoever takes the steps by hand stands outside of it between two of them."""

        @flow
        async def by_hand(n: int) -> int:
            steps = twice(n)
            steps.send(None)
            aside = double(n)
            try:
                steps.send(None)
            except StopIteration as end:
                return await add(aside, end.value)
            return 0

        dag = compiled(by_hand)
        assert [group.nodes for group in dag.groups] == [(0, 2, 3)]

    def test_an_exception_thrown_into_a_subflow_is_raised_where_it_waits(self) -> None:
        @flow
        async def patient(n: int) -> int:
            try:
                await asyncio.sleep(0)
            except ValueError:
                return await add(n)
            return n

        @flow
        async def throwing(n: int) -> int:
            steps = patient(n)
            steps.send(None)
            try:
                steps.throw(ValueError, ValueError("now"), None)
            except StopIteration as end:
                return double(end.value)
            return 0

        assert [group.nodes for group in compiled(throwing).groups] == [(0,)]

    def test_a_subflow_that_is_cancelled_while_it_waits_is_cleared_in_its_group(self) -> None:
        @flow
        async def tidy(n: int) -> int:
            try:
                await asyncio.Event().wait()
            finally:
                double(n)
            return n

        @flow
        async def cancelling(n: int) -> int:
            async def around() -> int:
                return await tidy(n)

            aside = asyncio.create_task(around())
            await asyncio.sleep(0)
            aside.cancel()
            await asyncio.wait([aside])
            return n

        assert [group.nodes for group in compiled(cancelling).groups] == [(0,)]

    def test_a_subflow_that_is_closed_by_hand_is_cleared_in_its_group(self) -> None:
        @flow
        async def tidy(n: int) -> int:
            try:
                await asyncio.sleep(0)
            finally:
                double(n)
            return n

        @flow
        async def closing(n: int) -> int:
            steps = tidy(n)
            steps.send(None)
            steps.close()
            return n

        assert [group.nodes for group in compiled(closing).groups] == [(0,)]

    def test_too_many_flows_in_each_other_are_refused(self) -> None:
        @flow
        async def deeper(n: int) -> int:
            return await deeper(n)

        assert refused(deeper).code == "recursion"

    def test_arguments_of_an_async_subflow_are_bound(self) -> None:
        @flow
        async def wrong(n: int) -> int:
            return await twice(n, 2)  # type: ignore[call-arg]

        assert refused(wrong).code == "unknown_argument"


async def _sleeping(n: int) -> None:
    await asyncio.sleep(1)  # here


async def _sleeping_in_a_group(n: int) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_sleeping(n))
        group.create_task(twice(n))


async def _sleeping_under_gather(n: int) -> None:
    await asyncio.gather(twice(n), _sleeping(n))


async def _too_late(n: int) -> None:
    await asyncio.wait_for(_sleeping(n), 2)


async def _event(n: int) -> None:
    await asyncio.Event().wait()


async def _thread(n: int) -> None:
    await asyncio.to_thread(print)


async def _executor(n: int) -> None:
    await asyncio.get_running_loop().run_in_executor(None, print)


async def _socket(n: int) -> None:
    await asyncio.open_connection("localhost", 1)


async def _process(n: int) -> None:
    await asyncio.create_subprocess_exec("true")


async def _another_thread(n: int) -> None:
    loop, future = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(future.set_result, 1))
    thread.start()
    thread.join()
    await future


WAITING = {
    "time": _sleeping,
    "time, in a task group": _sleeping_in_a_group,
    "time, under gather": _sleeping_under_gather,
    "time, with a limit": _too_late,
    "an event that nobody sets": _event,
    "a thread": _thread,
    "an executor": _executor,
    "a socket": _socket,
    "a process": _process,
    "what another thread does": _another_thread,
}


class TestWaiting:
    @pytest.mark.parametrize("attempt", WAITING.values(), ids=WAITING.keys())
    def test_what_is_not_ready_is_not_waited_for(self, attempt: Callable[[int], Awaitable[None]]) -> None:
        @flow
        async def waiting(n: int) -> int:
            await attempt(n)
            return n

        error = refused(waiting)
        assert error.code == "waiting"
        assert error.source is not None
        assert error.source.file == __file__
        inner = _sleeping if "_sleeping" in attempt.__code__.co_names or attempt is _sleeping else attempt
        lines = range(inner.__code__.co_firstlineno + 1, inner.__code__.co_firstlineno + 6)
        assert error.source.line in lines
        assert "do it inside a task" in str(error)
        assert error.flow == "waiting"

    @pytest.mark.parametrize("attempt", WAITING.values(), ids=WAITING.keys())
    def test_a_flow_that_swallows_it_still_does_not_compile(self, attempt: Callable[[int], Awaitable[None]]) -> None:
        @flow
        async def stubborn(n: int) -> int:
            try:
                await attempt(n)
            except BaseException:
                return await add(n)
            return n

        assert refused(stubborn).code == "waiting"

    def test_where_nothing_of_the_flow_waits_its_first_line_is_told(self) -> None:
        @flow
        async def elsewhere(n: int) -> None:
            gathered: Any = asyncio.gather(asyncio.sleep(1))
            aside = asyncio.create_task(asyncio.sleep(2))
            await gathered
            await aside

        error = refused(elsewhere)
        assert error.source is not None
        assert error.source.line == line_of(elsewhere, "@flow")

    def test_what_is_called_back_when_no_line_of_the_flow_runs_has_its_first_line(self) -> None:
        @flow
        async def calling_back(n: int) -> int:
            asyncio.get_running_loop().call_soon(double, n, 2)
            await asyncio.sleep(0)
            return n

        error = refused(calling_back)
        assert (error.code, error.task) == ("unknown_argument", "double")
        assert error.source is not None
        assert error.source.line == line_of(calling_back, "@flow")


async def _entering(call: Any) -> None:
    async with call:
        pass


async def _going_through(call: Any) -> None:
    async for _ in call:
        pass


async def _using(use: Callable[[Any], object], call: Any) -> Any:
    return use(call)


USES: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "async with": _entering,
    "async for": _going_through,
    **{
        name: functools.partial(_using, use)
        for name, use in {
            "arithmetic": lambda call: call + 1,
            "arithmetic, from the right": lambda call: 1 + call,
            "equality": lambda call: call == 1,
            "inequality": lambda call: call != 1,
            "order": lambda call: call < 1,
            "truth": lambda call: 1 if call else 2,
            "text": lambda call: str(call),
            "format": lambda call: f"{call}",
            "length": lambda call: len(call),
            "iteration": lambda call: list(call),
            "containment": lambda call: 1 in call,
            "selection": lambda call: call[0],
            "a field": lambda call: call.low,
            "changing it": lambda call: operator.setitem(call, 0, 1),
            "a number": lambda call: int(call),
            "calling it": lambda call: call(),
            "a copy": lambda call: copy.copy(call),
        }.items()
    },
}


class TestAwaiting:
    def test_a_call_that_is_never_awaited_is_refused(self) -> None:
        @flow
        async def forgetful(n: int) -> int:
            add(n)  # forgotten
            return await add(n, 2)

        error = refused(forgetful)
        assert (error.code, error.task, error.flow) == ("awaiting", "add", "forgetful")
        assert error.source is not None
        assert error.source.line == line_of(forgetful, "# forgotten")
        assert "never awaited" in str(error)

    def test_a_subflow_that_is_never_awaited_is_refused(self) -> None:
        @flow
        async def forgetful(n: int) -> int:
            twice(n)
            return n

        error = refused(forgetful)
        assert (error.code, error.task) == ("awaiting", None)
        assert "flow 'twice' was called and never awaited" in str(error)

    def test_a_call_that_is_closed_is_never_awaited(self) -> None:
        @flow
        async def closing(n: int) -> int:
            twice(n).close()
            return n

        assert refused(closing).code == "awaiting"

    def test_what_the_flow_raised_is_told_before_a_call_that_it_did_not_reach(self) -> None:
        @flow
        async def raising(n: int) -> None:
            pending = add(n)
            raise ValueError("first")
            await pending

        error = build_dag_from_flow(raising).failure()
        assert isinstance(error, FlowRaisedError)
        assert error.cause_text == "first"

    @pytest.mark.parametrize(
        "attempt",
        [
            lambda n: double(add(n)),
            lambda n: double([{"k": add(n)}]),
            lambda n: double([n, add(n)]),
            lambda n: double.after(add(n))(n),
            lambda n: add(n)["k"],
            lambda n: [*add(n)],
            lambda n: [add(n)],
            lambda n: {"k": (n, twice(n))},
        ],
        ids=[
            "passed",
            "in a literal",
            "beside a reference",
            "ordering",
            "selector",
            "unpacked",
            "returned",
            "a subflow",
        ],
    )
    def test_a_call_that_is_not_awaited_is_no_value(self, attempt: Callable[[Any], Any]) -> None:
        @flow
        async def hasty(n: int) -> Any:
            return attempt(n)

        error = refused(hasty)
        assert error.code == "awaiting"
        assert "await the call" in error.advice

    @pytest.mark.parametrize("attempt", USES.values(), ids=USES.keys())
    def test_a_call_that_is_not_awaited_is_used_for_nothing_else(
        self, attempt: Callable[[Any], Awaitable[Any]]
    ) -> None:
        @flow
        async def hasty(n: int) -> Any:
            return await attempt(span(n))

        @flow
        async def stubborn(n: int) -> Any:
            call = span(n)
            try:
                await attempt(call)
            except Exception:
                pass
            return await call

        for subject in (hasty, stubborn):
            error = refused(subject)
            assert (error.code, error.task) == ("awaiting", "span")
            assert error.problem.startswith("the call of task 'span' is not awaited; ")
            assert error.problem.endswith(" needs its output")
            assert "await the call" in error.advice
            assert error.source is not None
            assert error.source.file == __file__

    def test_calls_are_keys_of_dicts_beside_other_things_that_are_awaited(self) -> None:
        @flow
        async def keyed(n: int) -> Any:
            loop, call = asyncio.get_running_loop(), add(n)
            futures = [loop.create_future() for _ in range(8)]
            waited = {call: 1, **dict.fromkeys(futures, 2)}
            assert waited[call] == 1
            assert call != futures[0]
            assert call in [futures[0], call]
            return await call

        assert tasks_of(compiled(keyed)) == ["add(a)"]

    def test_a_call_is_not_compared_to_a_reference(self) -> None:
        @flow
        async def comparing(n: int) -> Any:
            return add(n) == n

        assert refused(comparing).code == "comparison"

    @pytest.mark.parametrize("kind", ["coroutine", "_Task", "_Future", "generator's own"])
    def test_what_is_to_be_awaited_is_no_argument(self, kind: str) -> None:
        class Own:
            def __await__(self) -> Any:
                return iter(())

        async def inner(n: int) -> Any:
            return await add(n)

        made: list[Any] = []

        @flow
        async def hasty(n: int) -> Any:
            loop = asyncio.get_running_loop()
            made.append(
                inner(n)
                if kind == "coroutine"
                else loop.create_task(inner(n))
                if kind == "_Task"
                else loop.create_future()
                if kind == "_Future"
                else Own()
            )
            return double([n, *made])

        error = refused(hasty)
        assert error.code == "awaiting"
        name = "Own" if kind == "generator's own" else kind
        assert error.problem == f"task 'double' got a {name} that is not awaited"
        assert "await the call" in error.advice
        if kind == "coroutine":
            made[0].close()

    def test_the_text_of_a_call_gets_into_no_document(self) -> None:
        @flow
        async def telling(n: int) -> Any:
            pending = add(n)
            text = f"{pending!r}"
            return [await pending, text]

        assert refused(telling).code == "text_of_reference"

    def test_a_call_is_awaited_once_as_a_coroutine_is(self) -> None:
        @flow
        async def again(n: int) -> int:
            pending = add(n)
            return [await pending, await pending][0]

        error = build_dag_from_flow(again).failure()
        assert isinstance(error, FlowRaisedError)
        assert "already awaited" in error.cause_text

    def test_an_async_task_is_not_called_in_a_flow_that_is_not_async(self) -> None:
        @flow
        def plain(n: int) -> Any:
            return add(n)  # here

        error = refused(plain)
        assert (error.code, error.task) == ("awaiting", "add")
        assert error.source is not None
        assert error.source.line == line_of(plain, "# here")
        assert "async def" in error.advice

    def test_an_async_flow_is_not_called_in_a_flow_that_is_not_async(self) -> None:
        @flow
        def plain(n: int) -> Any:
            return twice(n)

        @flow
        async def around(n: int) -> Any:
            return plain(n)

        assert refused(plain).code == "awaiting"
        assert refused(around).code == "awaiting"

    def test_a_call_is_not_awaited_when_its_capture_is_over(self) -> None:
        kept: list[Any] = []

        @flow
        async def leaking(n: int) -> int:
            kept.append(add(n))
            return n

        assert refused(leaking).code == "awaiting"
        with pytest.raises(CaptureError) as raised:
            kept[0].send(None)
        assert raised.value.code == "finished_capture"

    def test_a_flow_that_returns_before_its_tasks_are_done_is_refused(self) -> None:
        @flow
        async def leaving(n: int) -> int:
            aside = asyncio.create_task(twice(n))
            await asyncio.sleep(0)
            return n if aside else 0

        error = refused(leaving)
        assert error.code == "awaiting"
        assert "before what it had started was done" in str(error)

    def test_what_the_flow_cancelled_itself_is_not_left_behind(self) -> None:
        ended: list[str] = []

        async def aside() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("ended")

        @flow
        async def cancelling(n: int) -> int:
            aside_task = asyncio.create_task(aside())
            await asyncio.sleep(0)
            aside_task.cancel()
            return await add(n)

        assert tasks_of(compiled(cancelling)) == ["add(a)"]
        assert ended == ["ended"]

    def test_a_failure_of_the_flow_is_told_before_what_it_left_behind(self) -> None:
        @flow
        async def failing(n: int) -> int:
            aside = asyncio.create_task(asyncio.sleep(1))
            await asyncio.sleep(0)
            raise KeyError(aside)

        error = build_dag_from_flow(failing).failure()
        assert isinstance(error, FlowRaisedError)
        assert error.cause_type == "KeyError"
        assert error.source is not None
        assert error.source.line == line_of(failing, "raise KeyError")

    def test_what_was_cancelled_before_its_turn_is_not_run(self, caplog: pytest.LogCaptureFixture) -> None:
        ran: list[str] = []

        @flow
        async def cancelling(n: int) -> int:
            loop = asyncio.get_running_loop()
            loop.call_soon(ran.append, "cancelled").cancel()
            loop.call_later(0, ran.append, "cancelled").cancel()
            loop.call_soon(ran.append, "not cancelled")
            try:
                async with asyncio.timeout(0):
                    pass
            except TimeoutError:
                ran.append("timed out")
            return await add(n)

        assert tasks_of(compiled(cancelling)) == ["add(a)"]
        assert ran == ["not cancelled"]
        assert caplog.records == []

    def test_a_flow_that_cancels_itself_raised(self) -> None:
        @flow
        async def giving_up(n: int) -> int:
            raise asyncio.CancelledError

        error = build_dag_from_flow(giving_up).failure()
        assert isinstance(error, FlowRaisedError)
        assert error.cause_text == "the flow was cancelled"

    def test_ctrl_c_in_an_async_flow_passes(self) -> None:
        @flow
        async def interrupted(n: int) -> int:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            build_dag_from_flow(interrupted)

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("inside", [False, True])
    def test_ctrl_c_in_an_async_flow_is_told_once(
        self, kind: type[BaseException], inside: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        closed: list[str] = []

        async def interrupting() -> None:
            raise kind

        async def beside() -> None:
            try:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            finally:
                closed.append("beside")

        @flow
        async def interrupted(n: int) -> int:
            if not inside:
                raise kind
            async with asyncio.TaskGroup() as group:
                group.create_task(beside())
                group.create_task(interrupting())
                group.create_task(beside())
            return n

        with pytest.raises(kind):
            build_dag_from_flow(interrupted)
        gc.collect()
        assert caplog.records == []
        assert closed == ["beside"] * inside  # the other one had not begun

    def test_an_exception_that_nobody_asks_for_is_logged_as_asyncio_does(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        @flow
        async def careless(n: int) -> int:
            async def fail() -> None:
                raise ValueError("lost")

            failing = asyncio.create_task(fail())
            await asyncio.sleep(0)
            del failing
            return n

        compiled(careless)
        gc.collect()
        assert "never retrieved" in caplog.text

    def test_a_copy_of_a_call_is_refused(self) -> None:
        @flow
        async def copying(n: int) -> int:
            return await copy.deepcopy([n])[0]

        assert refused(copying).code == "pickling"

    @pytest.mark.parametrize("steps", [0, 3], ids=["not begun", "failed"])
    @pytest.mark.parametrize("swallows", [False, True], ids=["raised", "swallowed"])
    def test_of_what_a_refused_flow_leaves_behind_only_the_error_is_told(
        self, caplog: pytest.LogCaptureFixture, steps: int, swallows: bool
    ) -> None:
        async def helper(n: int, fails: bool) -> int:
            got = await add(n)
            if fails:
                raise ValueError("lost")
            return got

        @flow
        async def passing(n: int, steps: int, fails: bool, swallows: bool) -> Any:
            together = asyncio.gather(helper(n, fails), add(n))
            for _ in range(steps):
                await asyncio.sleep(0)
            try:
                return double(together)  # type: ignore[arg-type]
            except Exception:
                if swallows:
                    return 0
                raise

        fails = steps > 0 and not swallows
        assert build_dag_from_flow(passing, {"steps": steps, "fails": fails, "swallows": swallows}).failure()
        gc.collect()
        assert caplog.records == []


class TestLoops:
    def test_a_compile_in_a_running_loop_gives_the_same_document(self) -> None:
        @flow
        async def parallel(n: int) -> list[int]:
            return list(await asyncio.gather(twice(n), add(n)))

        async def compiling() -> tuple[bytes, bool]:
            before = asyncio.current_task(), asyncio.get_running_loop()
            document = dag_to_json(compiled(parallel))
            await asyncio.sleep(0)
            return document, before == (asyncio.current_task(), asyncio.get_running_loop())

        async def together() -> list[tuple[bytes, bool]]:
            return await asyncio.gather(compiling(), compiling(), asyncio.to_thread(lambda: asyncio.run(compiling())))

        assert asyncio.run(together()) == [(dag_to_json(compiled(parallel)), True)] * 3

    def test_a_flow_compiles_another_one_inside(self) -> None:
        inner: list[Dag] = []

        @flow
        async def outer(n: int) -> int:
            first = await add(n)
            inner.append(compiled(twice))
            return await add(first)

        assert len(compiled(outer).nodes) == 2
        assert inner == [compiled(twice)]

    def test_outside_a_capture_an_async_flow_just_runs(self) -> None:
        assert type(twice) is AsyncFlow
        assert asyncio.run(twice(1)) == 6

    def test_evaluating_in_a_running_loop_gives_the_same(self) -> None:
        dag = compiled(twice)

        async def evaluating() -> Any:
            value = evaluate(dag, {"a": 1}).unwrap()
            await asyncio.sleep(0)
            return value

        assert asyncio.run(evaluating()) == evaluate(dag, {"a": 1}).unwrap() == 6

    def test_evaluating_leaves_the_loop_that_is_set_alone(self) -> None:
        dag = compiled(twice)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            evaluate(dag, {"a": 1}).unwrap()
            assert asyncio.get_event_loop() is loop
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    def test_what_an_async_task_raises_is_an_answer(self) -> None:
        @task
        async def failing() -> int:
            raise ValueError("no")

        @task
        async def cancelled() -> int:
            raise asyncio.CancelledError

        @flow
        async def of_failing() -> int:
            return await failing()

        @flow
        async def of_cancelled() -> int:
            return await cancelled()

        error = evaluate(compiled(of_failing), None, {"failing": failing}).failure()
        assert isinstance(error, TaskRaisedError)
        assert (error.cause_type, error.cause_text) == ("ValueError", "no")
        error = evaluate(compiled(of_cancelled), None, {"cancelled": cancelled}).failure()
        assert isinstance(error, TaskRaisedError)
        assert error.cause_text == "the task was cancelled"


class TestSets:
    """A set has no order of its own, and Python's is that of addresses."""

    def test_what_wait_answers_has_one_order(self) -> None:
        @flow
        async def waiting(n: int) -> list[int]:
            keep: list[Any] = []
            found: list[int] = []
            for base in range(20):
                # Of other sizes, so that addresses would be in another order.
                keep.append(bytearray(base * 100))
                tasks = [asyncio.ensure_future(add(n, base * 10 + each)) for each in range(5)]
                done, pending = await asyncio.wait(tasks)
                assert not pending
                found += [await add(each.result()) for each in done]
            return found

        first = compiled(waiting)
        assert len(first.nodes) == 200
        kept = [bytearray(size) for size in range(1000)]
        assert compiled(waiting) == first
        del kept

    def test_a_set_of_the_flows_own_has_one_order(self) -> None:
        @flow
        async def gathered(n: int) -> list[int]:
            loop = asyncio.get_running_loop()
            calls = {add(n, each) for each in range(50)}
            futures = {loop.create_future() for _ in range(50)}
            for each, future in enumerate(futures):
                future.set_result(each)
            return [*await asyncio.gather(*calls), *[await future for future in futures]]

        first = compiled(gathered)
        kept = [bytearray(size) for size in range(1000)]
        assert compiled(gathered) == first
        del kept

    def test_which_call_is_done_first_is_in_no_graph(self) -> None:
        @flow
        async def hasty(n: int) -> int:
            tasks = [asyncio.ensure_future(add(n)), asyncio.ensure_future(add(n))]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # here
            return done.pop().result()

        error = refused(hasty)
        assert error.code == "awaiting"
        assert "asyncio.gather" in error.advice
        assert error.source is not None
        assert error.source.line == line_of(hasty, "# here")

    def test_the_first_exception_may_be_waited_for(self) -> None:
        @flow
        async def careful(n: int) -> int:
            task = asyncio.ensure_future(add(n))
            await asyncio.wait([task], return_when=asyncio.FIRST_EXCEPTION)
            return task.result()

        assert tasks_of(compiled(careful)) == ["add(a)"]

    def test_the_order_in_which_calls_are_done_is_in_no_graph(self) -> None:
        @flow
        async def hasty(n: int) -> list[int]:
            return [await each for each in asyncio.as_completed([add(n), add(n)])]  # here

        error = refused(hasty)
        assert error.code == "awaiting"
        assert "asyncio.gather" in error.advice
        assert error.source is not None
        assert error.source.line == line_of(hasty, "# here")
