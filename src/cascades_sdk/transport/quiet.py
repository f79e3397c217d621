"""The log of the HTTP library, without what answers may hold of credentials.

Decided here: what of httpcore's debug log is covered. Our own log names no header; httpcore's tells whole heads of
answers, and the ``Set-Cookie`` of a rolling session is a credential. Its loggers belong to the process, so this holds
for whoever else uses httpcore there. Never here: levels and handlers, which are the program's.
"""

import logging
import re
from typing import Final

__all__ = ["cover_httpcore"]

#: What its records end in: what an operation returned, or the exception with its text, which may quote a header.
_TOLD: Final = re.compile(
    r"(?P<returned>return_value=\((?:b'HTTP/[0-9.]+', )?[0-9]{3}, )|(?P<raised>exception=[A-Za-z_][A-Za-z0-9_.]*\()"
)

#: The loggers of its protocols: what these return and raise is made of what a server sends.
_LOGGERS: Final = ("httpcore.http11", "httpcore.http2", "httpcore.proxy")


class _Covered(logging.Filter):
    """Keeps every record, and of its text what stands before headers and quotations."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        found = _TOLD.search(text)
        if found is not None:
            record.msg, record.args = f"{text[: found.end()]}[hidden])", ()
        return True


_COVERED: Final = _Covered()


def cover_httpcore() -> None:
    """Cover the logs from now on. Done again it changes nothing: a logger takes a filter once."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_COVERED)
