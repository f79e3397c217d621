"""What becomes of the stream of a run: whether it is lost, why, and how often it was tried again.

Decided here: what is said of it. Never here: where that is shown, and when it is tried again.
"""

from collections.abc import Callable

from cascades_sdk.cli._trouble import one_line
from cascades_sdk.contract import STREAM_RUN_TELEMETRY
from cascades_sdk.errors import DeadlineExceededError
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest

__all__ = ["Connection"]


class Connection:
    """The stream of a run, as the hooks of a client hear of it. ``trouble`` is why it is lost, while it is.

    Who listens is told each line; ``None`` says that the stream is there again.
    """

    def __init__(self) -> None:
        self.trouble: str | None = None
        self._listener: Callable[[str | None], object] | None = None

    def told_to(self, listener: Callable[[str | None], object]) -> None:
        """Tell somebody from now on."""
        self._listener = listener

    def asked(self, sent: SentRequest) -> None:
        """An attempt begins: where it is not the first, and none has failed since, the stream has broken."""
        if sent.operation == STREAM_RUN_TELEMETRY.id and sent.attempt > 1 and self.trouble is None:
            self._say(f"the stream of the run ended before the run did; attempt {sent.attempt}")

    def answered(self, received: ReceivedResponse) -> None:
        """An attempt is over."""
        if received.operation != STREAM_RUN_TELEMETRY.id:
            return
        if isinstance(received.error, DeadlineExceededError):
            # That the wait is over is told by the wait; what troubled it until then is still what troubled it.
            return
        if received.error is not None:
            self._say(f"no stream of the run at attempt {received.attempt}: {one_line(received.error)}")
        elif self.trouble is not None:
            self._say(None)

    def _say(self, trouble: str | None) -> None:
        self.trouble = trouble
        if self._listener is not None:
            self._listener(trouble)
