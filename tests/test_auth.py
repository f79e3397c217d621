"""Credentials, and the base URLs over which they may travel."""

import pickle

import pytest
from returns.result import Failure, Success

from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.address import base_address, without_secrets
from cascades_sdk.protocol.auth import SessionCookieAuth, secrets_of


class TestSessionCookie:
    def test_it_is_one_cookie(self) -> None:
        assert SessionCookieAuth("abc").request_headers() == {"Cookie": "__session=abc"}
        assert SessionCookieAuth("a=b c", "sid").request_headers() == {"Cookie": "sid=a=b c"}

    @pytest.mark.parametrize(
        "value",
        ["", "canary\r", "canary\nX: y", "canary\0", "canary;", "canaryü", " canary", "canary ", "canary\x7f", 7],
    )
    def test_a_value_that_is_none_is_refused_and_not_shown(self, value: str) -> None:
        with pytest.raises(ValidationError) as caught:
            SessionCookieAuth(value)
        assert "canary" not in f"{caught.value} {caught.value!r}"

    @pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "ü", "a\n", 7])
    def test_a_name_is_a_token(self, name: str) -> None:
        with pytest.raises(ValidationError, match="token"):
            SessionCookieAuth("x", name)

    def test_it_is_a_value_that_hides_itself(self) -> None:
        auth = SessionCookieAuth("canary")
        assert "canary" not in repr(auth)
        assert pickle.loads(pickle.dumps(auth)) == auth


def test_secrets_are_the_values_of_headers_and_of_each_cookie() -> None:
    headers = {"Cookie": "a=one; b=two=2;c", "X-Token": "three"}
    assert secrets_of(headers) == ("a=one; b=two=2;c", "three", "two=2", "one")
    assert secrets_of({}) == ()


class TestBaseAddress:
    @pytest.mark.parametrize(
        ("url", "text"),
        [
            ("https://cascades.example.com", "https://cascades.example.com"),
            ("https://cascades.example.com:8443/base/", "https://cascades.example.com:8443/base"),
            ("http://localhost:1", "http://localhost:1"),
            ("HTTP://a.localhost", "http://a.localhost"),
            ("http://127.8.8.8", "http://127.8.8.8"),
            ("http://[::1]:80/", "http://[::1]:80"),
        ],
    )
    def test_a_good_one_is_kept(self, url: str, text: str) -> None:
        outcome = base_address(url, credentials=True, allow_insecure=False)
        assert isinstance(outcome, Success)
        assert str(outcome.unwrap()) == text

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "cascades.example.com",
            "ftp://x",
            "https://",
            "https:///path",
            "https://user:canary@x",
            "https://canary@x",
            "https://x?token=canary",
            "https://x?",
            "https://x#canary",
            "https://x y",
            "https://x\n",
            "https://x:99999",
            "https://x:y",
            "https://[::1",
            "http://127.0.0.1\\@x",
            7,
        ],
    )
    def test_a_bad_one_is_refused_without_its_secrets(self, url: str) -> None:
        outcome = base_address(url, credentials=False, allow_insecure=True)
        assert isinstance(outcome, Failure)
        assert "canary" not in str(outcome.failure())
        assert outcome.failure().pointer == "/base_url"

    @pytest.mark.parametrize("host", ["cascades.example.com", "10.0.0.1", "localhost.example.com", "127.1"])
    def test_a_credential_over_http_to_another_machine_is_refused(self, host: str) -> None:
        for credentials, allowed in ((True, False), (True, True), (False, False)):
            outcome = base_address(f"http://{host}", credentials=credentials, allow_insecure=allowed)
            assert isinstance(outcome, Failure) is (credentials and not allowed)


def test_an_url_is_shown_without_userinfo_query_and_fragment() -> None:
    assert without_secrets("https://a:b@x:1/p?q#f") == "https://x:1/p"
    assert without_secrets("//x/p") == "//x/p"
