"""What may stand in a request's target and headers: ids and cursors, which people and servers give as they like.

Decided here: which texts can be sent at all, and how long one may be. Never here: where it is sent, and what is said to
whoever gave it.
"""

import re
from typing import Final
from urllib.parse import quote

from cascades_sdk.values import Refusal, freeze

__all__ = ["LONGEST", "is_cursor", "is_event_id", "is_segment"]

#: The bytes of an id or a cursor as it is sent, percent signs included. Servers take some 8 KiB for a whole target.
LONGEST: Final = 1_024

#: C0 and DEL.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

#: How many bytes one character may come to: four of UTF-8, each as a percent sign and two digits.
_WIDEST: Final = 12


def is_segment(value: object) -> bool:
    """Whether a value can be one segment of a path."""
    # Quoting leaves dots alone, and ``.`` and ``..`` as segments are resolved by servers and proxies.
    return is_cursor(value) and value not in ("", ".", "..")


def is_cursor(value: object) -> bool:
    """Whether a value can be one value of a query: text that is not too long, without control characters."""
    return (
        isinstance(value, str)
        # The length first: a text of megabytes is not walked.
        and len(value) <= LONGEST
        and not isinstance(freeze(value), Refusal)
        and _CONTROL.search(value) is None
        and (_WIDEST * len(value) <= LONGEST or len(quote(value, safe="")) <= LONGEST)
    )


def is_event_id(value: str) -> bool:
    """Whether the id of an event can be sent back, in UTF-8 (HTML Standard §9.2.3, ``Last-Event-ID``)."""
    # What is printable has a UTF-8 form, and no control character.
    return value.isprintable() and value == value.strip() and len(value.encode()) <= LONGEST
