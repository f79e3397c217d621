"""The door for servers and other frameworks: an ASGI application (ASGI 3.0), without dependencies.

Decided here: how messages of ASGI become requests, and pieces become messages. Never here: time and answers.

ASGI has no way to break a connection: where an answer is to be cut or reset, the application raises, and the server
around it does what it does then.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from math import inf
from typing import Any, TypeAlias

import anyio

from cascades_sdk.testing.plane._delivery import Data, Head, Mailbox, Over
from cascades_sdk.testing.plane._hub import Hub
from cascades_sdk.testing.plane._routes import MAX_BODY
from cascades_sdk.testing.plane._waiting import wait_async

__all__ = ["ASGIApp", "asgi_app"]

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]

#: An application of ASGI.
ASGIApp: TypeAlias = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def asgi_app(hub: Hub) -> ASGIApp:
    """The application. It takes HTTP and lifespan; a websocket is refused."""

    async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await _answer(hub, scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    return app


async def _live(receive: _Receive, send: _Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(hub: Hub, scope: _Message, receive: _Receive, send: _Send) -> None:
    body = await _body(receive)
    if body is None:
        return
    mailbox = Mailbox()
    number = hub.connect(mailbox)
    try:
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
        hub.request(number, scope["method"], _target(scope), headers, body)
        async with anyio.create_task_group() as group:
            group.start_soon(_cancelled_by_hanging_up, receive, group.cancel_scope)
            await _send_all(hub, mailbox, send)
            group.cancel_scope.cancel()
    except* ConnectionResetError as broken:
        raise broken.exceptions[0] from None
    finally:
        hub.disconnect(number)


async def _body(receive: _Receive) -> bytes | None:
    """The body of the request; None: whoever asks has hung up. What is beyond the bound is read and not kept."""
    pieces, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        if size <= MAX_BODY:
            pieces.append(piece)
        size += len(piece)
        more = message.get("more_body", False)
    return b"".join(pieces)


def _target(scope: _Message) -> str:
    """The path as it was sent, below the place where the application is mounted, and the query."""
    raw = scope.get("raw_path") or scope["path"].encode()
    path = raw.decode("latin-1").removeprefix(scope.get("root_path", ""))
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


async def _cancelled_by_hanging_up(receive: _Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _send_all(hub: Hub, mailbox: Mailbox, send: _Send) -> None:
    """Send the answer.

    Raises:
        ConnectionResetError: it is to be broken off.
    """
    while True:
        match await wait_async(hub, mailbox, inf):
            case Head() as head:
                fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in head.headers]
                await send({"type": "http.response.start", "status": head.status, "headers": fields})
            case Data() as data:
                await send({"type": "http.response.body", "body": data.payload, "more_body": True})
            case Over():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            case _:
                raise ConnectionResetError("the control plane was told to break off here")
