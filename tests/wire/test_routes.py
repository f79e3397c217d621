"""By which way a server is reached, on real sockets and in both colours: TLS, proxies, the environment, deadlines."""

import base64
import logging
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest
from returns.result import Failure, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import AmbiguousSubmitError, DeadlineExceededError, NetworkError, ValidationError
from cascades_sdk.transport import route
from cascades_sdk.transport.pooled import PooledTransport
from cascades_sdk.transport.pooled_async import AsyncPooledTransport
from wire.both import Authority, Twice, keeps, made, tunnels, url_of, version
from wire.scripted import COLOURS, COOKIE, asked, frame
from wire.sockets import HEAD, STREAM, VERSION, Handler, Server, Stopwatch, keeps_alive, resets, sends

UNAUTHORISED = b"HTTP/1.1 407 Proxy Authentication Required canary\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("colour", COLOURS)
class TestTLS:
    def test_an_unknown_authority_is_no_trust_and_a_file_makes_it_known(
        self, colour: str, authority: Authority
    ) -> None:
        with Server(sends(VERSION), tls=authority.server()) as server:
            error = version(colour, url_of(server, "https")).failure()
            assert isinstance(error, NetworkError)
            assert error.kind == "tls"
            trusting = ssl.create_default_context(cafile=authority.trusted)
            for verify in (authority.trusted, trusting, False):
                assert isinstance(version(colour, url_of(server, "https"), verify=verify), Success)

    def test_a_server_that_asks_is_shown_the_clients_certificate(self, colour: str, authority: Authority) -> None:
        with Server(sends(VERSION), tls=authority.server(asks=True)) as server:
            url = url_of(server, "https")
            assert isinstance(version(colour, url, verify=authority.trusted).failure(), NetworkError)
            for cert in (authority.client, (authority.certificate, authority.key)):
                assert isinstance(version(colour, url, verify=authority.trusted, cert=cert), Success)
            assert isinstance(version(colour, url, verify=False, cert=authority.client), Success)

    def test_the_environment_names_authorities_only_when_it_is_trusted(
        self, colour: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", authority.trusted)
        with Server(sends(VERSION), tls=authority.server()) as server:
            url = url_of(server, "https")
            assert isinstance(version(colour, url).failure(), NetworkError)
            assert isinstance(version(colour, url, trust_env=True, cert=authority.client), Success)
            # What the environment says may change between two clients, and each has what it said.
            assert isinstance(version(colour, url, trust_env=True), Success)
            monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
            assert isinstance(version(colour, url, trust_env=True).failure(), NetworkError)
            monkeypatch.setenv("SSL_CERT_FILE", authority.trusted)
            assert isinstance(version(colour, url, trust_env=True), Success)

    def test_secrets_are_written_where_the_environment_says_only_when_it_is_trusted(
        self, colour: str, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        secrets = tmp_path / "secrets"
        monkeypatch.setenv("SSLKEYLOGFILE", str(secrets))
        with Server(sends(VERSION), tls=authority.server()) as server:
            url = url_of(server, "https")
            for trust_env in (False, True):
                for verify in (authority.trusted, True, False):
                    for cert in (None, authority.client):
                        route._shared_context.cache_clear()  # the file may have been written before
                        version(colour, url, verify=verify, cert=cert, trust_env=trust_env)
                assert secrets.exists() == trust_env
            assert "SECRET" in secrets.read_text()
        route._shared_context.cache_clear()

    @pytest.mark.parametrize("cert", [False, True])
    def test_a_context_is_as_strict_as_the_standard_librarys(
        self, colour: str, authority: Authority, cert: bool
    ) -> None:
        theirs = ssl.create_default_context(cafile=authority.trusted)
        client = made(colour, "https://127.0.0.1:9", verify=authority.trusted, cert=authority.client if cert else None)
        transport = client._transport
        assert isinstance(transport, PooledTransport | AsyncPooledTransport)
        ours = transport.route.context()
        for name in ("check_hostname", "verify_mode", "verify_flags", "options", "minimum_version", "maximum_version"):
            assert getattr(ours, name) == getattr(theirs, name)
        assert ours.get_ciphers() == theirs.get_ciphers()
        assert ours.cert_store_stats() == theirs.cert_store_stats()


@pytest.mark.parametrize("colour", COLOURS)
class TestProxies:
    def test_plain_http_is_handed_on_with_the_proxys_own_credential(self, colour: str) -> None:
        requests: list[bytes] = []
        with Server(keeps(requests, VERSION)) as proxy:
            given = f"http://user:p%40ss@127.0.0.1:{proxy.port}"
            assert isinstance(version(colour, "http://cascades.invalid/base", proxy=given), Success)
        head = requests[0].split(b"\r\n")
        assert head[0] == b"GET http://cascades.invalid/base/api/system/version HTTP/1.1"
        assert b"Proxy-Authorization: Basic " + base64.b64encode(b"user:p@ss") in head

    def test_https_goes_through_a_tunnel(self, colour: str, authority: Authority) -> None:
        with Server(sends(VERSION), tls=authority.server()) as server, Server(tunnels) as proxy:
            for given in (url_of(proxy), httpx.Proxy(url_of(proxy)), httpx.URL(url_of(proxy))):
                outcome = version(colour, url_of(server, "https"), proxy=given, verify=authority.trusted)
                assert isinstance(outcome, Success)
            assert proxy.count == 3

    def test_a_proxy_may_itself_speak_tls(self, colour: str, authority: Authority) -> None:
        requests: list[bytes] = []
        with Server(keeps(requests, VERSION), tls=authority.server()) as proxy:
            given = url_of(proxy, "https")
            outcome = version(colour, "http://cascades.invalid", proxy=given, verify=authority.trusted)
        assert isinstance(outcome, Success)
        assert requests[0].startswith(b"GET http://cascades.invalid/")

    @pytest.mark.parametrize("url", ["https://cascades.invalid", "http://cascades.invalid"])
    def test_a_dead_proxy_is_named_without_its_password(self, colour: str, url: str, free_port: int) -> None:
        given = f"http://user:{COOKIE}@127.0.0.1:{free_port}"
        client = made(colour, url, proxy=given)
        error = asked(colour, client, "submit_workflow_run").failure()
        assert isinstance(error, NetworkError)
        assert (error.kind, COOKIE in f"{error} {error!r} {client!r}") == ("proxy", False)
        assert f"http://127.0.0.1:{free_port}" in str(error)

    @pytest.mark.parametrize("url", ["https://cascades.invalid", "http://cascades.invalid"])
    def test_a_proxy_that_wants_credentials_is_told(self, colour: str, url: str) -> None:
        with Server(sends(UNAUTHORISED)) as proxy:
            error = version(colour, url, proxy=url_of(proxy)).failure()
        assert isinstance(error, NetworkError)
        assert (error.kind, "canary" in str(error)) == ("proxy", False)

    def test_no_credential_is_shown_to_a_proxy_but_in_a_tunnel(self, colour: str, free_port: int) -> None:
        given = f"http://127.0.0.1:{free_port}"
        with pytest.raises(ValidationError, match="readable for the proxy") as caught:
            made(colour, "http://127.0.0.1:9", COOKIE, proxy=given)
        assert caught.value.pointer == "/proxy"
        body = {"webhookUrl": "https://slack.example.com/" + COOKIE}
        error = asked(colour, made(colour, "http://127.0.0.1:9", proxy=given), "save_slack_integration", body).failure()
        assert isinstance(error, ValidationError)
        assert error.pointer == "/proxy"
        for url, allowed in (("https://127.0.0.1:9", False), ("http://127.0.0.1:9", True)):
            client = made(colour, url, COOKIE, proxy=given, allow_insecure=allowed)
            assert isinstance(asked(colour, client, "submit_workflow_run").failure(), NetworkError)

    def test_the_environment_names_proxies_only_when_it_is_trusted(
        self, colour: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        for name in ("http_proxy", "https_proxy", "no_proxy", "ALL_PROXY", "NO_PROXY", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login user password {COOKIE}\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        requests: list[bytes] = []
        with Server(keeps(requests, VERSION)) as proxy, Server(keeps(requests, VERSION)) as server:
            for name in ("all_proxy", "http_proxy"):
                with monkeypatch.context() as patched:
                    patched.setenv(name, url_of(proxy))
                    assert isinstance(version(colour, url_of(server), trust_env=False), Success)
                    assert isinstance(version(colour, "http://cascades.invalid", trust_env=True), Success)
                    patched.setenv("no_proxy", "127.0.0.1")
                    assert isinstance(version(colour, url_of(server), trust_env=True), Success)
            assert (proxy.count, server.count) == (2, 4)
        assert all(b"uthorization" not in request for request in requests)


@pytest.mark.parametrize("colour", COLOURS)
class TestWire:
    def test_a_refused_connection_and_a_name_without_an_address_are_told_apart(
        self, colour: str, free_port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = version(colour, f"http://127.0.0.1:{free_port}").failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "connect"

        def unknown(*_: object, **__: object) -> Any:
            raise socket.gaierror("not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        error = version(colour, "http://cascades.invalid").failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "name"

    @pytest.mark.parametrize(
        "handler_of",
        [
            lambda server: server.silence,
            lambda server: server.drip(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
            lambda server: server.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            lambda server: server.drip(HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
        ],
        ids=["silence", "headers", "informational", "body"],
    )
    def test_silence_and_drips_end_at_the_deadline(self, colour: str, handler_of: Callable[[Server], Handler]) -> None:
        server = Server(lambda connection: handler_of(server)(connection))
        with server, Stopwatch(0.4):
            error = version(colour, url_of(server), timeout=0.4).failure()
        assert isinstance(error, DeadlineExceededError)

    def test_a_post_that_left_is_ambiguous_and_one_that_did_not_is_no_question(
        self, colour: str, free_port: int
    ) -> None:
        silent = Server(lambda connection: silent.silence(connection))
        with silent:
            error = asked(colour, made(colour, url_of(silent), timeout=0.3), "submit_workflow_run").failure()
            assert isinstance(error, AmbiguousSubmitError)
            assert isinstance(error.cause, DeadlineExceededError)
            # The handshake never ends, so that the request never leaves.
            outcome = asked(colour, made(colour, url_of(silent, "https"), timeout=0.3), "submit_workflow_run")
            assert outcome == Failure(DeadlineExceededError("submitWorkflowRun", 0.3))
        with Server(resets()) as server:
            error = asked(colour, made(colour, url_of(server)), "submit_workflow_run").failure()
        assert isinstance(error, AmbiguousSubmitError)
        error = asked(colour, made(colour, f"http://127.0.0.1:{free_port}"), "submit_workflow_run").failure()
        assert isinstance(error, NetworkError)

    def test_a_kept_connection_serves_further_calls(self, colour: str) -> None:
        with Server(keeps_alive(VERSION, VERSION)) as server:
            client = made(colour, url_of(server))
            if isinstance(client, CascadesClient):
                with client:
                    outcomes = [client.get_public_api_version() for _ in range(2)]
            else:
                outcomes = asked(colour, Twice(client), "ask")
            assert all(isinstance(outcome, Success) for outcome in outcomes)
            assert server.count == 1

    def test_events_come_and_a_cut_is_told(self, colour: str) -> None:
        with Server(resets(STREAM, frame("a"), b"data: ")) as server:
            events = asked(colour, made(colour, url_of(server)), "iter_run_stream_events", "r")
        assert [type(event).__name__ for event in events] == ["Success", "Failure"]
        assert isinstance(events[1].failure(), NetworkError)

    def test_a_redirect_is_told_and_nothing_is_sent_on(self, colour: str) -> None:
        requests: list[bytes] = []
        with Server(keeps(requests, VERSION)) as other:
            elsewhere = url_of(other)
            head = f"HTTP/1.1 307 Away\r\nLocation: {elsewhere}/x?token=1\r\nContent-Length: 0\r\n\r\n"
            with Server(sends(head.encode())) as server:
                error = asked(colour, made(colour, url_of(server), COOKIE), "submit_workflow_run").failure()
        assert f"redirects to {elsewhere}/x (" in str(error)
        assert requests == []

    def test_no_logger_of_what_stands_below_shows_a_credential(
        self, colour: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with Server(sends(VERSION)) as server, caplog.at_level(logging.DEBUG):
            body = {"token": COOKIE + "x" * 20}
            asked(colour, made(colour, url_of(server), COOKIE), "save_github_integration", body)
        assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
        assert COOKIE not in caplog.text
