"""When what failed is tried again."""

from __future__ import annotations

import random

from service.webhooks.receiver import Answer

#: How long after its first try an event is tried, in seconds; then it is given up.
LONGEST = 86_400.0
#: The first and the longest pause between two tries, in seconds: each is twice the one before.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0

#: "No longer interested": it is asked as seldom as can be (Standard Webhooks 1.0.0, "Delivery success and failure").
_GONE = 410


def pause(tries: int, answer: Answer) -> float:
    """How long to wait after an answer, where the same had failed `tries` times before, in seconds.

    Half of it is left to chance, so that many who failed at once do not come back at once. What Retry-After asks for is
    waited for as well, up to the longest pause.
    """
    if answer.status == _GONE:
        return LONGEST_PAUSE
    whole = min(FIRST_PAUSE * 2.0 ** min(tries, 20), LONGEST_PAUSE)
    return max(whole * random.uniform(0.5, 1), min(answer.retry_after, LONGEST_PAUSE))
