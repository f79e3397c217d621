"""The types of the plane that a user's helper functions are annotated with."""

from typing import get_args

from cascades_sdk.testing.plane import (
    LATITUDE,
    Beat,
    BeatLike,
    ControlPlane,
    Finish,
    Latitude,
    Log,
    Recorded,
    Wait,
    beats_of,
)


def nightly_run(minutes: float) -> list[BeatLike]:
    """A run as somebody writes it down."""
    return ["it begins", 60 * minutes, Log("it goes on"), "SUCCESS"]


def test_what_is_like_a_beat_becomes_one() -> None:
    beats: tuple[Beat, ...] = beats_of(nightly_run(5))
    assert beats == (Log("it begins"), Wait(300), Log("it goes on"), Finish("SUCCESS"))
    assert {type(each) for each in beats} < {*get_args(Beat)}
    assert beats_of(beats) == beats


def test_what_was_asked_is_a_record_for_each_request() -> None:
    with ControlPlane() as plane:
        plane.client().get_public_api_version().unwrap()
        records: tuple[Recorded, ...] = plane.history
    assert [(each.operation, each.status) for each in records] == [("getPublicApiVersion", 200)]


def test_what_nobody_says_otherwise_is_one_value() -> None:
    assert Latitude() == LATITUDE
    assert ControlPlane().state.latitude == LATITUDE
