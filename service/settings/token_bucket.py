"""The limits of VOTE_BURST and VOTE_RATE, FEEDBACK_BURST and FEEDBACK_RATE, as token buckets."""

from typing import NamedTuple, Self

from service.problems import RateLimited


class TokenBucket(NamedTuple):
    """A limit on requests. A full bucket has `burst` tokens, and one comes every `interval` microseconds.

    An interval of 0 means no limit. Scripts take both as arguments for lua/token_bucket.lua.
    """

    burst: int
    interval: int

    @classmethod
    def of(cls, burst: int, rate: float) -> Self:
        """Return a bucket that gets `rate` tokens per second; a rate of 0 means no limit."""
        return cls(burst, round(1_000_000 / rate) if rate else 0)

    def refusal(self, policy: str, wait: int) -> RateLimited:
        """Return the error for an empty bucket. The next token comes in `wait` microseconds.

        `policy` names what is limited, as in the header RateLimit-Policy.
        """
        return RateLimited(policy, self.burst, _whole_seconds(self.burst * self.interval), _whole_seconds(wait))


def _whole_seconds(microseconds: int) -> int:
    """Round up to whole seconds, at least one, so that no client retries too early."""
    return max(1, -(-microseconds // 1_000_000))


#: No limit at all.
NO_LIMIT = TokenBucket(0, 0)
