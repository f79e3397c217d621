"""How hypothesis runs here: without a look at the clock. A test asserts no time, and a busy machine is no failure.

Every law takes these settings; one that has settings of its own says `max_examples` and nothing else, so that the
profile `mutants` can have the tests run more than once in one process, which hypothesis takes for a mistake.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("clockless", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "mutants",
    settings(),
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("clockless")
