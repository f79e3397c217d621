"""Laws of hiding: what is taken out of a text is out, once and for all, and the text does not grow beyond measure."""

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cascades_sdk.protocol.hiding import HIDDEN, SHORTEST, hidden, hidden_pointer, hidden_value, shows
from cascades_sdk.values import FrozenDict, json_pointer

#: Few letters, so that secrets overlap, hold each other, and hold parts of the marker.
LETTERS = st.text(alphabet="ab[hiden] ", max_size=12)
SECRETS = st.lists(LETTERS, max_size=5).map(tuple)
LONG = st.lists(st.text(alphabet="ab[hiden] ", min_size=SHORTEST, max_size=12), max_size=5).map(tuple)


@st.composite
def texts(draw: st.DrawFn, secrets: tuple[str, ...]) -> str:
    """A text with some of the secrets, and markers, in it."""
    parts = LETTERS | st.sampled_from((HIDDEN, *secrets)) if secrets else LETTERS
    return "".join(draw(st.lists(parts, max_size=12)))


TEXTS_AND_SECRETS = SECRETS.flatmap(lambda secrets: st.tuples(texts(secrets), st.just(secrets)))
TEXTS_AND_LONG = LONG.flatmap(lambda secrets: st.tuples(texts(secrets), st.just(secrets)))


def read_letter_by_letter(text: str, secrets: tuple[str, ...]) -> str:
    """The same by looking at each place in turn, for secrets that are not short and do not hold the marker."""
    found, at = "", 0
    while at < len(text):
        here = [word for word in (*secrets, HIDDEN) if text.startswith(word, at)]
        # A marker in the text parts it: no secret reaches into one, or out of one.
        marker = text.find(HIDDEN, at)
        here = [word for word in here if word == HIDDEN or marker == -1 or at + len(word) <= marker]
        longest = max(here, key=len, default=None)
        found += text[at] if longest is None else HIDDEN
        at += 1 if longest is None else len(longest)
    return found


class TestTexts:
    @given(TEXTS_AND_LONG)
    def test_no_secret_is_left_outside_of_the_markers(self, case: tuple[str, tuple[str, ...]]) -> None:
        text, secrets = case
        for piece in hidden(text, secrets).split(HIDDEN):
            assert not any(secret in piece for secret in secrets)

    @given(TEXTS_AND_SECRETS)
    def test_hiding_again_changes_nothing(self, case: tuple[str, tuple[str, ...]]) -> None:
        text, secrets = case
        assume(not any(HIDDEN in secret for secret in secrets))
        once = hidden(text, secrets)
        assert hidden(once, secrets) == once

    @given(TEXTS_AND_SECRETS)
    def test_a_text_grows_by_no_more_than_a_marker_for_each_secret_in_it(
        self, case: tuple[str, tuple[str, ...]]
    ) -> None:
        text, secrets = case
        shortest = min((len(secret) for secret in secrets if secret), default=len(HIDDEN))
        assert len(hidden(text, secrets)) <= len(text) * max(1.0, len(HIDDEN) / shortest)

    @given(TEXTS_AND_LONG)
    def test_it_is_what_reading_letter_by_letter_gives(self, case: tuple[str, tuple[str, ...]]) -> None:
        text, secrets = case
        assume(not any(HIDDEN in secret for secret in secrets))
        assert hidden(text, secrets) == read_letter_by_letter(text, secrets)

    @given(TEXTS_AND_SECRETS, st.randoms())
    def test_the_order_of_the_secrets_does_not_matter(self, case: tuple[str, tuple[str, ...]], chance: object) -> None:
        text, secrets = case
        shuffled = list(secrets)
        chance.shuffle(shuffled)  # type: ignore[attr-defined]
        assert hidden(text, tuple(shuffled)) == hidden(text, secrets)

    @given(st.text(), st.lists(st.text(min_size=1, max_size=SHORTEST - 1)).map(tuple))
    def test_a_short_secret_in_a_word_stays(self, text: str, secrets: tuple[str, ...]) -> None:
        words = f"a{'a'.join(secrets)}a"
        if words.isalnum() and words.isascii():
            assert hidden(words, secrets) == words
        assert not shows(text, secrets)
        assert hidden_pointer(json_pointer([text]), secrets) == json_pointer([text])


class TestValues:
    @given(TEXTS_AND_LONG)
    def test_what_is_hidden_in_a_text_is_hidden_wherever_the_text_stands(
        self, case: tuple[str, tuple[str, ...]]
    ) -> None:
        text, secrets = case
        clean = hidden(text, secrets)
        value = FrozenDict({text: (text, 1, FrozenDict({"a": text}))})
        assert hidden_value(value, secrets) == FrozenDict(
            {clean: (clean, 1, FrozenDict({hidden("a", secrets): clean}))}
        )


#: How pages and bodies write what they got, beside as it is.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "percent": lambda secret: quote(secret, safe=""),
    "percent, lower": lambda secret: re.sub("%..", lambda code: code[0].lower(), quote(secret, safe="")),
    "a form": quote_plus,
    "HTML": html.escape,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON, slashes too": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
@given(secret=st.text(alphabet="aZ9+/=&%'\"<> \\é~", min_size=SHORTEST, max_size=16))
def test_a_secret_is_known_however_it_is_written(spelled: Callable[[str], str], secret: str) -> None:
    written = spelled(secret)
    text = f"debug: {{{written}}} end"
    assert written not in hidden(text, (secret,))
    assert shows(text, (secret,))
    assert written not in str(hidden_value(FrozenDict({"page": text}), (secret,)))
