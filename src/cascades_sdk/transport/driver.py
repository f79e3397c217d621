"""The sync driver: a program's effects, carried out one after the other.

Decided here: nothing. A second driver for asyncio differs in its ``await``s only.
"""

from collections.abc import Generator
from typing import TypeVar, assert_never

from cascades_sdk.protocol.effects import (
    Chunk,
    Close,
    Effect,
    Ended,
    Head,
    Look,
    Lost,
    Open,
    Program,
    Read,
    Reply,
    Sleep,
    Tell,
)
from cascades_sdk.transport.clock import Clock
from cascades_sdk.transport.exchange import Exchange

__all__ = ["drive", "finish"]

_V = TypeVar("_V")
_T = TypeVar("_T")


def drive(program: Program[_V, _T], exchange: Exchange, clock: Clock) -> Generator[_V, None, _T]:
    """Run the program; yield what it tells, return what it returns. Stopped early, it leaves nothing open."""
    try:
        effect = next(program)
        while True:
            if isinstance(effect, Tell):
                yield effect.value
                answer = None
            else:
                answer = _carried_out(effect, exchange, clock)
            effect = program.send(Reply(answer, clock.read()))
    except StopIteration as end:
        result: _T = end.value
        return result
    finally:
        program.close()
        exchange.close()


def _carried_out(effect: Effect[_V], exchange: Exchange, clock: Clock) -> Head | Chunk | Ended | Lost | None:
    match effect:
        case Open():
            return exchange.open(effect)
        case Read():
            return exchange.read(effect.until)
        case Close():
            exchange.close()
        case Sleep():
            clock.sleep(effect.seconds)
        case Look() | Tell():
            return None
        case _:
            assert_never(effect)
    return None


def finish(program: Program[_V, _T], exchange: Exchange, clock: Clock) -> _T:
    """Run a program that has nothing to tell."""
    driven = drive(program, exchange, clock)
    try:
        while True:
            next(driven)
    except StopIteration as end:
        result: _T = end.value
        return result
