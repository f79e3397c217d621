"""The plane's reader of HTTP/1.1: what is a request, and what is refused."""

import asyncio

import pytest

from cascades_sdk.testing.plane._http import Head, Incoming, Refused, head_from, read_request, response_head

HOST = b"Host: here\r\n"


def read(data: bytes, max_body: int = 100, *, limit: int = 1000) -> tuple[Incoming | Refused | None, int, bytes]:
    """The first request in ``data``, how often the body was asked for, and what is left."""
    asked: list[None] = []

    async def fed() -> tuple[Incoming | Refused | None, bytes]:
        reader = asyncio.StreamReader(limit=limit)
        reader.feed_data(data)
        reader.feed_eof()
        return await read_request(reader, max_body, lambda: asked.append(None)), await reader.read()

    request, left = asyncio.run(fed())
    return request, len(asked), left


def request_of(data: bytes, max_body: int = 100) -> Incoming:
    request, _, _ = read(data, max_body)
    assert isinstance(request, Incoming), request
    return request


def refused(data: bytes, max_body: int = 100) -> int:
    request, _, _ = read(data, max_body)
    assert isinstance(request, Refused), request
    assert request.problem
    return request.status


class TestHeads:
    def test_a_request_is_read_with_what_follows_left_alone(self) -> None:
        request, asked, left = read(b"GET /a?b=c HTTP/1.1\r\n" + HOST + b"X-A:\t b c \r\n\r\nGET")
        headers = (("host", "here"), ("x-a", "b c"))
        assert request == Incoming(Head("GET", "/a?b=c", 1, headers), b"")
        assert (asked, left) == (0, b"GET")

    def test_a_connection_that_ends_between_requests_has_no_request(self) -> None:
        assert read(b"")[0] is None

    @pytest.mark.parametrize(
        "head",
        [
            b"GET / HTTP/2.0\r\n" + HOST,
            b"GET  / HTTP/1.1\r\n" + HOST,
            b"GET / HTTP/1.1 \r\n" + HOST,
            b"G(T / HTTP/1.1\r\n" + HOST,
            b"GET /\xff HTTP/1.1\r\n" + HOST,
            b"GET http://here/ HTTP/1.1\r\n" + HOST,
            b"OPTIONS * HTTP/1.1\r\n" + HOST,
            b"\r\nGET / HTTP/1.1\r\n" + HOST,
            b"GET / HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + HOST,
            b"GET / HTTP/1.1\r\n" + HOST + b"A : b\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + b" folded\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + b"A: b\x00c\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + b"A: b\rB: c\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + b"A: b\nB: c\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + b": c\r\n",
        ],
    )
    def test_a_malformed_head_is_400(self, head: bytes) -> None:
        assert refused(head + b"\r\n") == 400

    def test_a_head_that_ends_early_is_400(self) -> None:
        assert refused(b"GET / HTTP/1.1\r\n") == 400

    def test_a_head_that_is_too_large_is_431(self) -> None:
        assert refused(b"GET / HTTP/1.1\r\nA: " + b"a" * 1000 + b"\r\n\r\n") == 431
        assert refused(b"GET / HTTP/1.1\r\nA: " + b"a" * 5000) == 431

    @pytest.mark.parametrize(
        ("version", "connection", "keeps"),
        [
            (b"1.1", b"", True),
            (b"1.1", b"Connection: x, Close\r\n", False),
            (b"1.0", b"", False),
            (b"1.0", b"Connection: Keep-Alive\r\n", True),
        ],
    )
    def test_who_keeps_the_connection_is_told_by_version_and_header(
        self, version: bytes, connection: bytes, keeps: bool
    ) -> None:
        head = head_from(b"GET / HTTP/" + version + b"\r\n" + HOST + connection + b"\r\n")
        assert isinstance(head, Head)
        assert head.keep_alive is keeps


class TestBodies:
    def test_a_body_of_a_stated_length(self) -> None:
        request, _, left = read(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabcd")
        assert isinstance(request, Incoming)
        assert (request.body, left) == (b"abc", b"d")

    def test_a_length_that_is_repeated_alike_is_one(self) -> None:
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\nContent-Length: 1\r\n\r\n"
        assert request_of(head + b"a").body == b"a"

    def test_a_chunked_body_is_joined_and_its_trailers_forgotten(self) -> None:
        data = b"3;x=y\r\nabc\r\nA \r\n0123456789\r\n0\r\nX-Trailer: z\r\n\r\nrest"
        request, _, left = read(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: Chunked\r\n\r\n" + data)
        assert isinstance(request, Incoming)
        assert (request.body, left) == (b"abc0123456789", b"rest")

    @pytest.mark.parametrize(
        "fields",
        [
            b"Content-Length: x\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: +1\r\n",
            b"Content-Length: 1, 2\r\n",
            b"Content-Length: 1\r\nContent-Length: 2\r\n",
            b"Content-Length: 9999999999999999\r\n",
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip, chunked\r\n",
            b"Transfer-Encoding: identity\r\n",
        ],
    )
    def test_a_length_in_doubt_is_400(self, fields: bytes) -> None:
        assert refused(b"POST / HTTP/1.1\r\n" + HOST + fields + b"\r\nabc") == 400

    def test_http_1_0_has_no_chunks(self) -> None:
        assert refused(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400

    @pytest.mark.parametrize(
        "chunks",
        [
            b"x\r\nabc\r\n0\r\n\r\n",
            b"\r\n",
            b"-1\r\n\r\n",
            b"fffffffff\r\n",
            b"3\nabc\r\n0\r\n\r\n",
            b"3\r\nabcd\r\n0\r\n\r\n",
            b"3\r\nab",
            b"3\r\nabc\r\n",
            b"3;" + b"x" * 3000,
            b"0\r\nX: y",
        ],
    )
    def test_malformed_chunks_are_400(self, chunks: bytes) -> None:
        assert refused(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks) == 400

    def test_a_body_that_ends_early_is_400(self) -> None:
        assert refused(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nab") == 400

    @pytest.mark.parametrize(
        "rest",
        [
            b"Content-Length: 101\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n65\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n60\r\n" + b"a" * 0x60 + b"\r\n60\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 100 + b"\r\n\r\n",
        ],
    )
    def test_a_body_that_is_too_large_is_413(self, rest: bytes) -> None:
        assert refused(b"POST / HTTP/1.1\r\n" + HOST + rest) == 413

    @pytest.mark.parametrize(("fields", "times"), [(b"Content-Length: 1\r\n", 1), (b"", 0)])
    def test_a_client_that_waits_is_asked_for_the_body(self, fields: bytes, times: int) -> None:
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-Continue\r\n" + fields + b"\r\n"
        _, asked, _ = read(head + b"a")
        assert asked == times


def test_an_answers_head_ends_with_an_empty_line() -> None:
    head = response_head(405, (("Allow", "GET"),))
    assert head == b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n"
