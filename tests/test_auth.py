"""Credentials, and the base URLs over which they may travel."""

import copy
import pickle
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from returns.result import Failure, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.address import base_address, without_secrets
from cascades_sdk.protocol.auth import (
    CompositeAuth,
    CookieHeaderAuth,
    HeaderAuth,
    SessionCookieAuth,
    checked_headers,
    normalize_auth,
    secrets_of,
)
from wire.scripted import Script, asked, client_of


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

    @pytest.mark.parametrize("value", ["__session=canary", "Cookie: a=canary", "cookie:canary", "COOKIE: canary"])
    def test_a_value_with_its_name_is_refused_with_the_way_out(self, value: str) -> None:
        with pytest.raises(
            ValidationError, match=r"pass the value alone.*a whole header is CookieHeaderAuth"
        ) as caught:
            SessionCookieAuth(value)
        assert "canary" not in f"{caught.value} {caught.value!r}"

    def test_the_name_of_another_cookie_may_begin_it(self) -> None:
        assert SessionCookieAuth("__session=x", "sid").request_headers() == {"Cookie": "sid=__session=x"}

    @pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "ü", "a\n", 7])
    def test_a_name_is_a_token(self, name: str) -> None:
        with pytest.raises(ValidationError, match="token"):
            SessionCookieAuth("x", name)

    def test_it_is_a_value_that_hides_itself(self) -> None:
        auth = SessionCookieAuth("canary")
        assert "canary" not in repr(auth)
        assert pickle.loads(pickle.dumps(auth)) == auth


class TestCookieHeader:
    def test_it_is_sent_as_it_is(self) -> None:
        assert CookieHeaderAuth("a=1; b=x=y; c=").request_headers() == {"Cookie": "a=1; b=x=y; c="}

    @pytest.mark.parametrize("header", ["a=1;", "a=1; ", "a=1;  "])
    def test_a_semicolon_at_its_end_goes(self, header: str) -> None:
        assert CookieHeaderAuth(header) == CookieHeaderAuth("a=1")
        assert CookieHeaderAuth(header).request_headers() == {"Cookie": "a=1"}

    @pytest.mark.parametrize(
        "header",
        [
            ";",
            "a=canary;;",
            "Cookie: a=canary",
            "",
            "canary",
            "canary;",
            "a=1;;b=canary",
            "a=canary\r\nX: y",
            "a b=canary",
            "a=canaryü",
            "=canary",
            None,
            7,
        ],
    )
    def test_what_is_no_pairs_is_refused_and_not_shown(self, header: Any) -> None:
        with pytest.raises(ValidationError) as caught:
            CookieHeaderAuth(header)
        assert "canary" not in f"{caught.value} {caught.value!r}"


class TestHeaders:
    def test_they_are_sent_as_they_are(self) -> None:
        headers = {"Authorization": "Bearer canary", "X-Team": "a"}
        assert HeaderAuth(headers).request_headers() == headers

    @pytest.mark.parametrize(
        ("headers", "problem"),
        [
            ({}, "at least one"),
            ({"X-A": "canary\r\nX-B: y"}, "printable ASCII"),
            ({"X-A": " canary"}, "printable ASCII"),
            ({"X-A": ""}, "printable ASCII"),
            ({"X-A": "canaryü"}, "printable ASCII"),
            ({"X-A": b"canary"}, "printable ASCII"),
            ({"X-A\n": "canary"}, "no token"),
            ({"canary canary": "x"}, "no token"),
            ({7: "canary"}, "no token"),
            ({"Host": "canary"}, "frames the message"),
            ({"content-length": "1"}, "frames the message"),
            ({"Content-Type": "canary"}, "frames the message"),
            ({"Accept": "canary"}, "decides what an answer is"),
            ({"accept-encoding": "canary"}, "decides what an answer is"),
            ({"Range": "bytes=canary"}, "decides what an answer is"),
            ({"If-None-Match": "canary"}, "decides what an answer is"),
            ({"X-A": "1", "x-a": "canary"}, "twice"),
            ([("X-A", "canary")], "a mapping"),
            ("canary", "a mapping"),
        ],
    )
    def test_what_cannot_be_a_header_is_refused_and_not_shown(self, headers: Any, problem: str) -> None:
        with pytest.raises(ValidationError, match=problem) as caught:
            HeaderAuth(headers)
        assert "canary" not in f"{caught.value} {caught.value!r}"

    def test_what_is_given_is_not_kept(self) -> None:
        headers = {"X-A": "1"}
        auth = HeaderAuth(headers)
        headers["X-A"] = "2"
        assert auth.request_headers() == {"X-A": "1"}


class TestComposite:
    def test_cookies_of_different_names_are_joined_and_the_later_of_one_name_wins(self) -> None:
        auth = CompositeAuth(
            CookieHeaderAuth("a=1; b=2"), SessionCookieAuth("3"), HeaderAuth({"cookie": "b=4"}), HeaderAuth({"X": "y"})
        )
        assert auth.request_headers() == {"cookie": "a=1; b=4; __session=3", "X": "y"}

    def test_the_later_header_wins_whatever_its_case(self) -> None:
        auth = CompositeAuth(HeaderAuth({"X-A": "1", "X-B": "2"}), HeaderAuth({"x-a": "3"}))
        assert auth.request_headers() == {"x-a": "3", "X-B": "2"}

    def test_of_nothing_it_is_nothing(self) -> None:
        assert CompositeAuth().request_headers() == {}

    def test_its_parts_are_credentials(self) -> None:
        with pytest.raises(ValidationError, match="request_headers"):
            CompositeAuth("canary")  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("headers", "problem"),
        [
            (None, "no mapping"),
            ({"Cookie": None}, "printable ASCII"),
            ({7: "canary"}, "no token"),
            ({"X": "canary\n"}, "printable ASCII"),
        ],
    )
    def test_a_part_that_gives_no_headers_is_told_unseen(self, headers: Any, problem: str) -> None:
        auth = CompositeAuth(CookieHeaderAuth("a=1"), CompositeAuth(Given(lambda: headers)))
        with pytest.raises(ValidationError, match=problem) as caught:
            auth.request_headers()
        assert "canary" not in f"{caught.value} {caught.value!r}"
        assert checked_headers(auth) == caught.value.detail


class Given:
    """Gives as headers what a function answers."""

    def __init__(self, give: Any) -> None:
        self.request_headers = give


def fails() -> Any:
    raise KeyError("canary")


async def later() -> dict[str, str]:
    return {"X": "canary"}


class Ready:
    def __await__(self) -> Any:
        yield


class Opening(Mapping[str, str]):
    def __getitem__(self, key: str) -> str:
        return fails()  # type: ignore[no-any-return]

    def __iter__(self) -> Any:
        return iter(["X"])

    def __len__(self) -> int:
        return 1


class TestForeignObjects:
    @pytest.mark.parametrize(
        ("give", "problem"),
        [
            (fails, "request_headers() raised KeyError (its text is not shown)"),
            (Opening, "request_headers() raised KeyError (its text is not shown)"),
            (later, "request_headers() must be a plain function, not an async one"),
            (Ready, "request_headers() must be a plain function, not an async one"),
        ],
    )
    @pytest.mark.parametrize("wrap", [lambda auth: auth, CompositeAuth])
    @pytest.mark.parametrize("colour", ["sync", "asyncio"])
    def test_what_it_does_instead_is_a_failure_without_its_text(
        self, give: Any, problem: str, wrap: Any, colour: str
    ) -> None:
        script = Script(httpx.Response(401))
        client = client_of(colour, script, auth=wrap(Given(give)))
        for name, args in (("submit_workflow_run", ()), ("iter_run_stream_events", ("r",))):
            outcome = asked(colour, client.with_options(), name, *args)
            error = (outcome[0] if isinstance(outcome, list) else outcome).failure()
            assert error == ValidationError(error.operation, problem, pointer="/auth")
            assert error.__cause__ is error.__context__ is None
        assert script.requests == []

    def test_what_ends_a_program_passes(self) -> None:
        def interrupts() -> Any:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Script(httpx.Response(401)).client(auth=Given(interrupts)).submit_workflow_run()

    @pytest.mark.parametrize("kind", [SessionCookieAuth, HeaderAuth, CompositeAuth])
    def test_a_class_is_not_taken_for_an_object(self, kind: Any) -> None:
        for make in (normalize_auth, CompositeAuth):
            with pytest.raises(ValidationError, match=f"found the class {kind.__name__}; call it"):
                make(kind)


class Own:
    def request_headers(self) -> dict[str, str]:
        return {"X-Own": "canary"}


class TestNormalizing:
    def test_each_form_is_one_credential(self) -> None:
        own = Own()
        assert normalize_auth(None) is None
        assert normalize_auth(own) is own
        assert normalize_auth("abc") == SessionCookieAuth("abc")
        assert normalize_auth({"X-A": "1"}) == HeaderAuth({"X-A": "1"})

    @pytest.mark.parametrize("auth", [("user", "canary"), ["canary", "canary"], [SessionCookieAuth("canary")], (), []])
    def test_several_are_not_taken_for_cookies(self, auth: Any) -> None:
        for make in (normalize_auth, lambda given: CascadesClient("https://x", given)):
            with pytest.raises(ValidationError, match="several are CompositeAuth") as caught:
                make(auth)
            assert caught.value.pointer == "/auth"
            assert "canary" not in f"{caught.value} {caught.value!r}"

    @pytest.mark.parametrize("auth", [7, b"canary", object(), {1, 2}, ["canary", 7], "", "canary;", {"canary\n": "x"}])
    def test_anything_else_is_refused_unseen(self, auth: object) -> None:
        with pytest.raises(ValidationError) as caught:
            normalize_auth(auth)
        assert "canary" not in f"{caught.value} {caught.value!r}"

    def test_what_an_object_gives_is_checked_when_it_gives_it(self) -> None:
        class Broken:
            def __init__(self, headers: object) -> None:
                self.headers = headers

            def request_headers(self) -> Any:
                return self.headers

        assert checked_headers(None) == {}
        assert checked_headers(Own()) == {"X-Own": "canary"}
        assert checked_headers(Broken(None)) == "request_headers() gave no mapping"
        for headers in ({"X": "canary\n"}, {"Content-Length": "1"}):
            fault = checked_headers(Broken(headers))
            assert isinstance(fault, str)
            assert "canary" not in fault


@pytest.mark.parametrize(
    "auth",
    [
        SessionCookieAuth("canary"),
        CookieHeaderAuth("a=canary"),
        HeaderAuth({"Authorization": "Bearer canary"}),
        CompositeAuth(SessionCookieAuth("canary"), HeaderAuth({"X": "canary"})),
    ],
    ids=lambda auth: type(auth).__name__,
)
class TestValues:
    def test_a_credential_is_a_value_that_hides_itself(self, auth: Any) -> None:
        restored = pickle.loads(pickle.dumps(auth))
        assert (restored, copy.copy(auth), copy.deepcopy(auth)) == (auth, auth, auth)
        assert hash(restored) == hash(auth)
        assert restored.request_headers() == auth.request_headers()
        assert "canary" not in f"{auth} {auth!r} {restored!r} {[auth]}"
        assert "canary" in str(auth.request_headers())

    def test_it_cannot_be_changed(self, auth: Any) -> None:
        with pytest.raises(AttributeError):
            auth.value = "x"


def test_secrets_are_the_values_of_headers_of_each_cookie_and_what_follows_a_scheme() -> None:
    headers = {"Cookie": "a=one; b=two=2;c", "X-Token": "three", "Authorization": "Bearer seventh"}
    assert secrets_of(headers) == ("a=one; b=two=2;c", "Bearer seventh", "seventh", "three", "two=2", "one")
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
            "https://x/" + "y" * 2_048,
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
