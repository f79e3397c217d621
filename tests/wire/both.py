"""Clients of both colours before real sockets: how they are made, and what stands between them and a server."""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import trustme

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.protocol.limits import RetryPolicy
from wire.scripted import asked
from wire.sockets import Handler, Server, read_request

ONCE = RetryPolicy(retries=0)


def made(colour: str, url: str, auth: Any = None, **options: Any) -> CascadesClient | AsyncCascadesClient:
    kind = CascadesClient if colour == "sync" else AsyncCascadesClient
    return kind(url, auth, **{"retry": ONCE, "timeout": 10.0} | options)


def version(colour: str, url: str, **options: Any) -> Any:
    return asked(colour, made(colour, url, **options), "get_public_api_version")


def url_of(server: Server, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{server.port}"


class Authority:
    """An authority of our own: a file that trusts it, a server's context, a client's certificate in a file."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.trusted = str(folder / "authority.pem")
        self.authority.cert_pem.write_to_path(self.trusted)
        mine = self.authority.issue_cert("client@example.com")
        self.client = str(folder / "client.pem")
        mine.private_key_and_cert_chain_pem.write_to_path(self.client)
        self.certificate, self.key = str(folder / "certificate.pem"), str(folder / "key.pem")
        mine.cert_chain_pems[0].write_to_path(self.certificate)
        mine.private_key_pem.write_to_path(self.key)

    def server(self, asks: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        if asks:
            self.authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def tunnels(connection: socket.socket) -> None:
    """A proxy: connects to wherever CONNECT says, and hands on what either side sends."""
    target = read_request(connection).split(b" ")[1].decode()
    host, _, port = target.rpartition(":")
    with socket.create_connection((host, int(port))) as upstream:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_hand_on, args=(upstream, connection), daemon=True)
        back.start()
        _hand_on(connection, upstream)
        back.join(10)


def _hand_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


def keeps(requests: list[bytes], answer: bytes) -> Handler:
    """Keeps the request, and answers."""

    def handler(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(answer)

    return handler


class Twice:
    """Two calls of an async client, as one."""

    def __init__(self, client: AsyncCascadesClient) -> None:
        self.client = client

    async def __aenter__(self) -> "Twice":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def ask(self) -> list[Any]:
        return [await self.client.get_public_api_version() for _ in range(2)]
