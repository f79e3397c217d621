"""Effects carried out over httpx. No decisions: what an exchange means is decided in ``protocol``."""
