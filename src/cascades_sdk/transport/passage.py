"""How far a request has come, which httpcore tells by its trace.

Decided here: when some of it may have left; with a tunnel through a proxy that is later than the first head, which is
that of CONNECT, and until the tunnel is open nothing is known but to the proxy. Never here: what is raised then.
"""

from collections.abc import Mapping
from math import inf
from typing import Any, Final

import attrs

__all__ = ["SENDING_EXTENSION", "Passage", "Sending"]

#: The request extension that carries a :class:`Sending`.
SENDING_EXTENSION: Final = "cascades_sending"


@attrs.define
class Sending:
    """Whether some of a request may have left: a transport that knows better than "perhaps" says so here.

    ``until`` is when what is awaited now is due, in seconds of the client's clock: a transport whose time is not that
    of the event loop looks here, because a cancel scope knows no other.
    """

    begun: bool = True
    until: float = inf


@attrs.define
class Passage:
    """One request: ``asking`` a proxy for a tunnel; ``left``, at least in part."""

    asking: bool = False
    left: bool = False

    def told(self, event: str, about: Mapping[str, Any]) -> None:
        """Take note of one event of the trace."""
        if event.endswith(".send_request_headers.started"):
            self.asking = about["request"].method == b"CONNECT"
            self.left = not self.asking
        elif event == "proxy.start_tls.started":
            self.asking = False
