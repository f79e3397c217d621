"""One flow, one digest: in fresh processes, under eight hash seeds, on every interpreter that is at hand.

``CASCADES_PYTHONS`` lists further interpreters that have the package installed, separated as in ``PATH``; ``.ci/run``
makes one for each other version that it finds. The digests stand here, so the suite proves them on whatever
Python runs it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nightly import digests

HERE = Path(__file__).parent

#: Of the document, of its CBOR bytes; how many nodes. They change only with the flow beside this file.
PINNED = [
    "sha256:2fda30c6fb6d4193fd41425785d6347e7410cf0f6cc32e3918c0bbc069edc7dc",
    "sha256:ec95761fc6c1c4a7aba923ac91e8f5d1bd3e346b47624857c5d4117f233cddd0",
    "8",
]

PYTHONS = [sys.executable, *filter(None, os.environ.get("CASCADES_PYTHONS", "").split(os.pathsep))]


def printed(python: str, seed: int) -> list[str]:
    """What a fresh process prints, started elsewhere than where the flow is."""
    done = subprocess.run(
        [python, str(HERE / "nightly.py")],
        env={**os.environ, "PYTHONHASHSEED": str(seed), "LC_ALL": "C", "TZ": "UTC"},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


def test_this_process_has_the_pinned_digests() -> None:
    assert digests() == PINNED


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("seed", range(8))
def test_a_fresh_process_has_them_under_every_hash_seed(python: str, seed: int) -> None:
    assert printed(python, seed) == PINNED
