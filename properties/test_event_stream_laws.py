"""Laws of the event-stream reader. The oracle is the standard's text, written down naively over whole bodies."""

import re
from collections.abc import Iterable

import httpx_sse
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.protocol.event_stream import START, Frame, Overflowed, Reading, feed
from cascades_sdk.testing.strategies import event_streams, in_chunks

BODIES = event_streams()


def chunked(bodies: st.SearchStrategy[bytes] = BODIES) -> st.SearchStrategy[tuple[bytes, list[bytes]]]:
    return in_chunks(bodies).map(lambda chunks: (b"".join(chunks), [*chunks]))


def oracle(body: bytes) -> tuple[list[Frame], str, int | None]:
    """§9.2.6, sentence by sentence: decode, split into lines, interpret."""
    text = body.decode("utf-8", errors="replace")
    if text.startswith("\ufeff"):
        text = text[1:]
    lines = re.split("\r\n|\n|\r", text)[:-1]
    frames, data, event, buffer, last, retry = [], "", "", "", "", None
    for line in lines:
        if line == "":
            last = buffer
            if data != "":
                frames.append(Frame(event if event else "message", data.removesuffix("\n"), last))
            data = event = ""
        elif line[0] == ":":
            continue
        else:
            name, value = line, ""
            if ":" in line:
                at = line.index(":")
                name, value = line[:at], line[at + 1 :]
                if value.startswith(" "):
                    value = value[1:]
            if name == "event":
                event = value
            elif name == "data":
                data += value + "\n"
            elif name == "id" and "\0" not in value:
                buffer = value
            elif name == "retry" and re.fullmatch("[0-9]+", value):
                retry = int(value)
    return frames, last, retry


def fed(chunks: Iterable[bytes], start: Reading = START) -> tuple[Reading | Overflowed, list[Frame]]:
    state: Reading | Overflowed = start
    frames: list[Frame] = []
    for chunk in chunks:
        state, more = feed(state, chunk)
        frames.extend(more)
    return state, frames


class TestReading:
    @given(chunked())
    def test_any_bytes_in_any_chunks_are_read_as_the_standard_says(self, case: tuple[bytes, list[bytes]]) -> None:
        body, chunks = case
        state, frames = fed(chunks)
        assert isinstance(state, Reading)
        assert (frames, state.last_event_id, state.retry) == oracle(body)

    @given(chunked())
    def test_nothing_is_held_back(self, case: tuple[bytes, list[bytes]]) -> None:
        # A closing CR ends its line at once: the oracle sees it as complete, too.
        _, chunks = case
        _, so_far = fed(chunks[:-1])
        assert so_far == oracle(b"".join(chunks[:-1]))[0]

    @pytest.mark.witness("httpx-sse: event streams, where it is right")
    @given(chunked(st.lists(st.sampled_from([b"data: a", b"data", b": c", b"\n", b"\r\n"]), max_size=30).map(b"".join)))
    def test_httpx_sse_agrees_where_it_is_right(self, case: tuple[bytes, list[bytes]]) -> None:
        body, chunks = case
        decoder = httpx_sse._decoders.SSEDecoder()
        lines = body.decode().replace("\r\n", "\n").split("\n")[:-1]
        witnessed = [found for found in map(decoder.decode, lines) if found is not None]
        assert [frame.data for frame in fed(chunks)[1]] == [found.data for found in witnessed]

    @given(chunked(), st.integers(0, 12), st.integers(0, 12))
    def test_a_limit_is_crossed_at_the_same_place_however_the_bytes_are_cut(
        self, case: tuple[bytes, list[bytes]], line: int, event: int
    ) -> None:
        body, chunks = case
        start = Reading(max_line=line, max_event=event)
        whole, frames = fed([body], start)
        parts, others = fed(chunks, start)
        assert frames == others
        if isinstance(whole, Overflowed):
            assert parts == whole
