"""The sync driver: a program's effects, carried out one after the other.

Decided here: nothing. The async driver differs in its ``await``s only.
"""

from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar, assert_never

from cascades_sdk.protocol.effects import (
    Chunk,
    Close,
    Effect,
    Ended,
    Head,
    Look,
    Lost,
    Note,
    Open,
    Program,
    Read,
    Reply,
    Sleep,
    Tell,
)
from cascades_sdk.protocol.observation import Observation
from cascades_sdk.transport.clock import Clock
from cascades_sdk.transport.exchange import Exchange

__all__ = ["Answer", "Observer", "drive", "finish"]

_V = TypeVar("_V")
_T = TypeVar("_T")

#: Who is told of attempts. What it raises ends the program, with nothing left open.
Observer: TypeAlias = Callable[[Observation], object]

#: What an effect brings.
Answer: TypeAlias = Head | Chunk | Ended | Lost | None


def drive(program: Program[_V, _T], exchange: Exchange, clock: Clock, observe: Observer) -> Generator[_V, None, _T]:
    """Run the program; yield what it tells, return what it returns. Stopped early, it leaves nothing open."""
    try:
        effect = next(program)
        while True:
            if isinstance(effect, Tell):
                yield effect.value
                answer = None
            else:
                answer = _carried_out(effect, exchange, clock, observe)
            effect = program.send(Reply(answer, clock.read()))
    except StopIteration as end:
        result: _T = end.value
        return result
    finally:
        program.close()
        exchange.close()


def _carried_out(effect: Effect[_V], exchange: Exchange, clock: Clock, observe: Observer) -> Answer:
    match effect:
        case Open():
            return exchange.open(effect)
        case Read():
            return exchange.read(effect.until)
        case Close():
            exchange.close()
        case Sleep():
            exchange.pause(effect.seconds, clock)
        case Note():
            observe(effect.observation)
        case Look() | Tell():
            return None
        case _:
            assert_never(effect)
    return None


def finish(program: Program[_V, _T], exchange: Exchange, clock: Clock, observe: Observer) -> _T:
    """Run a program that has nothing to tell."""
    driven = drive(program, exchange, clock, observe)
    try:
        while True:
            next(driven)
    except StopIteration as end:
        result: _T = end.value
        return result
