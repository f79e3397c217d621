"""The rules of HTML Standard §9.2, each by the number it has in the project's list."""

import pytest

from cascades_sdk.protocol.event_stream import START, Frame, Overflowed, Reading, StreamState, feed
from cascades_sdk.protocol.pieces import NOTHING, Pieces


def read(*chunks: bytes) -> tuple[Frame, ...]:
    state, frames = START, ()
    for chunk in chunks:
        state, more = feed(state, chunk)  # type: ignore[assignment]
        frames += more
    return frames


def after(*chunks: bytes) -> Reading:
    state = START
    for chunk in chunks:
        state, _ = feed(state, chunk)  # type: ignore[assignment]
    assert isinstance(state, Reading)
    return state


class TestDecode:
    def test_rule_1_and_3_malformed_bytes_become_the_replacement_character(self) -> None:
        assert read(b"data: a\xffb\xc3\n\n") == (Frame("message", "a\ufffdb\ufffd"),)

    @pytest.mark.parametrize("cut", range(4))
    def test_rule_2_one_leading_byte_order_mark_is_stripped_even_when_split(self, cut: int) -> None:
        text = b"\xef\xbb\xbfdata: a\n\n"
        assert read(text[:cut], text[cut:]) == (Frame("message", "a"),)

    def test_rule_2_and_only_one_and_only_at_the_start(self) -> None:
        assert read(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n") == ()
        assert read(b"data: a\n\xef\xbb\xbfdata: b\n\n") == (Frame("message", "a"),)

    def test_a_character_cut_between_chunks_is_whole(self) -> None:
        assert read(b"data: \xe2\x82", b"\xac\n\n") == (Frame("message", "€"),)


class TestLines:
    def test_rule_4_three_line_ends_mixed_at_will(self) -> None:
        assert read(b"data: a\rdata: b\r\ndata: c\n\r\n") == (Frame("message", "a\nb\nc"),)

    def test_rule_5_nothing_else_ends_a_line(self) -> None:
        text = "a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg"
        assert read(f"data: {text}\n\n".encode()) == (Frame("message", text),)

    def test_rule_6_a_line_end_in_two_chunks_is_one(self) -> None:
        assert read(b"data: a\r", b"\ndata: b\r", b"\n", b"\r", b"\n") == (Frame("message", "a\nb"),)
        assert read(b"data: a\r", b"", b"\n\n") == (Frame("message", "a"),)

    def test_rule_7_a_carriage_return_ends_the_line_now(self) -> None:
        assert read(b"data: a\r\r") == (Frame("message", "a"),)

    def test_rule_8_what_is_unfinished_is_no_event(self) -> None:
        assert read(b"data: a\n") == ()
        assert read(b"data: a\n\ndata: b") == (Frame("message", "a"),)


class TestFields:
    def test_rule_9_a_comment_is_nothing(self) -> None:
        assert read(b": hello\n:\n\n") == ()

    def test_rule_10_the_first_colon_splits_and_one_space_goes(self) -> None:
        assert read(b"data:  a: b\n\n") == (Frame("message", " a: b"),)
        assert read(b"data:a\n\n") == (Frame("message", "a"),)

    def test_rule_11_no_colon_is_a_field_without_a_value(self) -> None:
        assert read(b"data\n\n") == (Frame("message", ""),)

    def test_rule_12_names_are_exact(self) -> None:
        assert read(b"Data: a\n data: b\ndata : c\n\n") == ()

    def test_rule_13_and_19_lines_of_data_are_joined(self) -> None:
        assert read(b"data: a\ndata:\ndata: b\n\n") == (Frame("message", "a\n\nb"),)

    def test_rule_14_the_last_event_name_wins(self) -> None:
        assert read(b"event: a\nevent: b\ndata: x\n\n") == (Frame("b", "x"),)

    def test_rule_15_an_id_with_nul_is_ignored_and_an_empty_one_resets(self) -> None:
        frames = read(b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n")
        assert [frame.id for frame in frames] == ["1", "1", ""]

    @pytest.mark.parametrize(
        ("value", "retry"),
        [
            (b"50", 50),
            (b"000", 0),
            (b"9" * 5000, 10**12),
            (b"-5", None),
            (b"+5", None),
            (b"1_000", None),
            (b"", None),
            ("٣".encode(), None),
        ],
    )
    def test_rule_16_retry_is_ascii_digits_only(self, value: bytes, retry: int | None) -> None:
        assert after(b"retry: " + value + b"\n").retry == retry


class TestDispatch:
    def test_rule_17_the_id_is_set_even_when_nothing_is_dispatched(self) -> None:
        assert after(b"id: 7\n").last_event_id == ""
        assert after(b"id: 7\n\n").last_event_id == "7"

    def test_rule_18_without_data_the_type_is_forgotten(self) -> None:
        assert read(b"event: a\n\ndata: x\n\n") == (Frame("message", "x"),)

    def test_rule_20_an_empty_type_is_message(self) -> None:
        assert read(b"event:\ndata: x\n\n") == (Frame("message", "x"),)

    def test_rule_21_data_and_type_are_reset_and_the_id_stays(self) -> None:
        frames = read(b"event: a\nid: 1\ndata: x\n\ndata: y\n\n")
        assert frames == (Frame("a", "x", "1"), Frame("message", "y", "1"))

    def test_rule_22_an_empty_line_of_data_does_dispatch(self) -> None:
        assert read(b"data:\n\n") == (Frame("message", ""),)


class TestBounds:
    START = Reading(max_line=10, max_event=8)

    @pytest.mark.parametrize("chunks", [(b"data: 12345\n",), (b"data: ", b"12345"), (b": 34567890", b"1")])
    def test_rule_28_a_line_beyond_the_limit_ends_the_reading(self, chunks: tuple[bytes, ...]) -> None:
        state = self.START
        for chunk in chunks:
            state, _ = feed(state, chunk)  # type: ignore[assignment]
        assert state == Overflowed("stream_line", 10)
        assert feed(state, b"data: a\n\n") == (state, ())

    def test_a_line_at_the_limit_is_read_with_its_byte_order_mark(self) -> None:
        state, frames = feed(self.START, b"\xef\xbb\xbfdata: 1234")
        assert (type(state), frames) == (Reading, ())
        assert feed(state, b"\n\n")[1] == (Frame("message", "1234"),)

    def test_rule_28_an_event_beyond_the_limit_ends_the_reading(self) -> None:
        state, frames = feed(self.START, b"data: a\n\ndata: 1234\ndata: 123\n\n")
        assert (type(state), len(frames)) == (Reading, 2)
        state, frames = feed(self.START, b"data: a\n\ndata: 1234\ndata: 1234\n\n")
        assert (state, frames) == (Overflowed("stream_event", 8), (Frame("message", "a"),))


def test_a_long_line_in_many_chunks_is_kept_in_few_pieces() -> None:
    pieces = NOTHING
    for _ in range(10_000):
        pieces = pieces.plus(b"x")
    assert pieces.size == len(pieces.joined()) == 10_000
    assert len(pieces.parts) < 16


def test_an_event_of_many_lines_is_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[int] = []

    def counted(pieces: Pieces) -> bytes:
        joined.append(pieces.size)
        return b"".join(pieces.parts)

    monkeypatch.setattr(Pieces, "joined", counted)
    state: StreamState = START
    for _ in range(1000):
        state, frames = feed(state, b"data: " + b"x" * 50 + b"\n")
        assert frames == ()
    _, (frame,) = feed(state, b"\n")
    assert frame.data == "\n".join(["x" * 50] * 1000)
    assert sum(joined) < 3 * len(frame.data)
