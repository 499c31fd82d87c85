"""When a failed attempt is tried again."""

from random import Random

from keepsake.jobs.policy import Policy

_MAX_EXPONENT = 30


def delay_seconds(
    policy: Policy, failures: int, chance: Random, retry_after_seconds: float | None = None
) -> float:
    """Seconds until the next try after the given number of failures (1 or more).

    Exponential with full jitter, which spreads a crowd of retries best (Brooker, "Exponential
    Backoff And Jitter", AWS 2015), over a floor of half the base so that no retry is immediate.
    An upstream's Retry-After is a floor too, up to the type's maximum.
    """
    exponent = min(failures - 1, _MAX_EXPONENT)
    ceiling = min(policy.backoff_max_seconds, policy.backoff_base_seconds * 2**exponent)
    floor = policy.backoff_base_seconds / 2
    delay = max(floor, chance.uniform(0, ceiling))
    if retry_after_seconds is not None:
        delay = max(delay, min(retry_after_seconds, policy.backoff_max_seconds))
    return delay
