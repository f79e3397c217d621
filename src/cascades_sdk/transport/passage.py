"""How far a request has come, which httpcore tells by its trace.

Decided here: when some of it may have left; with a tunnel through a proxy that is later than the first head, which is
that of CONNECT, and until the tunnel is open nothing is known but to the proxy. Never here: what is raised then.
"""

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["Passage"]


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
