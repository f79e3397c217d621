"""A token that ends what waits: sleepers, sockets, those who come later."""

import socket
import threading

import pytest

from cascades_sdk.transport.cancelling import CancelToken, pause

AT_MOST = 30.0


def test_who_sleeps_is_woken_and_who_comes_later_does_not_sleep() -> None:
    token = CancelToken()
    sleeper = threading.Thread(target=pause, args=(AT_MOST, (token,)))
    sleeper.start()
    while not token._sleepers:
        pass
    [lock] = token._sleepers
    token.cancel()
    sleeper.join(AT_MOST / 2)
    assert not sleeper.is_alive()
    assert token._sleepers == set()
    token._sleepers.add(lock)  # one that was woken and did not go yet, when it is cancelled again
    token.cancel()
    pause(AT_MOST, (token,))
    assert token.cancelled


def test_a_sleep_ends_by_itself() -> None:
    token = CancelToken()
    pause(0.001, (token,))
    assert not token.cancelled


def test_a_socket_is_shut_down_and_one_that_comes_later_is_not_used() -> None:
    token = CancelToken()
    near, far = socket.socketpair()
    with near, far:
        with token.waking(near):
            token.cancel()
            assert near.recv(1) == b""
        with pytest.raises(InterruptedError), token.waking(far):
            pass
    assert token._sockets == set()
