"""What to send, what an answer means, and what to do next: decided here, with no clock, socket or HTTP library.

Every function is total and pure. What must happen in the world is asked for as a frozen effect
(:mod:`~cascades_sdk.protocol.effects`) and carried out by a driver in ``transport``.
"""
