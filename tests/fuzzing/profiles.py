"""Say how long machines try: briefly and always the same in the ordinary suite, long and anew at night."""

from hypothesis import HealthCheck, settings

_ALWAYS = {"deadline": None, "suppress_health_check": list(HealthCheck)}
# Always the same, so that a change is told by what it broke and not by luck.
BRIEF = settings(max_examples=12, stateful_step_count=40, derandomize=True, database=None, **_ALWAYS)  # type: ignore[arg-type]
# A number is printed with each failure, and a new start is made each night.
LONG = settings(max_examples=300, stateful_step_count=60, print_blob=True, database=None, **_ALWAYS)  # type: ignore[arg-type]
