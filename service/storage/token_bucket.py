"""Token buckets: how often somebody may do something. lua/token_bucket.lua takes from them, inside another script."""

from __future__ import annotations

from typing import NamedTuple

from service.problems import RateLimited


class TokenBucket(NamedTuple):
    """A full bucket has `burst` tokens, and one comes every `interval` microseconds; with 0 there is no limit.

    A script that takes from it has both as arguments.
    """

    burst: int
    interval: int

    @classmethod
    def of(cls, burst: int, rate: float) -> TokenBucket:
        """A bucket into which `rate` tokens come a second; with 0 there is no limit."""
        return cls(burst, round(1_000_000 / rate) if rate else 0)

    def refusal(self, policy: str, wait: int) -> RateLimited:
        """What to raise where a token comes in `wait` microseconds. `policy` says of what there were too many."""
        return RateLimited(policy, self.burst, _seconds(self.burst * self.interval), _seconds(wait))


#: For whoever has no limit.
NO_LIMIT = TokenBucket(0, 0)


def _seconds(microseconds: int) -> int:
    """Whole seconds, at least one, that are not over before these microseconds are."""
    return max(1, -(-microseconds // 1_000_000))
