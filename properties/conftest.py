"""How hypothesis runs here: without a look at the clock. A test asserts no time, and a busy machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("clockless", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")
