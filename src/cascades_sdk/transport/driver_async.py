"""The async driver: a program's effects, carried out one after the other.

Decided here: nothing. It differs from the sync driver in its ``await``s, and in that an async generator cannot return
a value.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Generic, TypeVar, assert_never

import attrs

from cascades_sdk.protocol.effects import Close, Effect, Look, Note, Open, Program, Read, Reply, Sleep, Tell
from cascades_sdk.transport.clock import Clock
from cascades_sdk.transport.driver import Answer, Observer
from cascades_sdk.transport.exchange_async import AsyncExchange

__all__ = ["Returned", "drive_async", "finish_async"]

_V = TypeVar("_V")
_T = TypeVar("_T")


@attrs.frozen
class Returned(Generic[_T]):
    """What a program returned, as the last thing that its async driver yields."""

    value: _T


async def drive_async(
    program: Program[_V, _T], exchange: AsyncExchange, clock: Clock, observe: Observer
) -> AsyncGenerator[Tell[_V] | Returned[_T], None]:
    """Run the program; yield what it tells, at last what it returned. Cancelled or closed, it leaves nothing open."""
    try:
        effect = next(program)
        while True:
            if isinstance(effect, Tell):
                yield effect
                answer = None
            else:
                answer = await _carried_out_async(effect, exchange, clock, observe)
            effect = program.send(Reply(answer, clock.read()))
    except StopIteration as end:
        returned: Returned[_T] = Returned(end.value)
    finally:
        program.close()
        await exchange.close()
    yield returned


async def _carried_out_async(effect: Effect[_V], exchange: AsyncExchange, clock: Clock, observe: Observer) -> Answer:
    match effect:
        case Open():
            return await exchange.open(effect)
        case Read():
            return await exchange.read(effect.until)
        case Close():
            await exchange.close()
        case Sleep():
            await exchange.pause(effect.seconds, clock)
        case Note():
            observe(effect.observation)
        case Look() | Tell():
            return None
        case _:
            assert_never(effect)
    return None


async def finish_async(program: Program[Any, _T], exchange: AsyncExchange, clock: Clock, observe: Observer) -> _T:
    """Run a program that has nothing to tell."""
    async with aclosing(drive_async(program, exchange, clock, observe)) as driven:
        returned = await anext(driven)
    assert isinstance(returned, Returned)
    return returned.value
