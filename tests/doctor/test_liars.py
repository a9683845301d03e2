"""doctor before something that takes connections as Redis does, and answers as Redis never would."""

from __future__ import annotations

import pytest
from examining import answering

from service.doctor import admitting
from service.doctor.examination import examined
from service.doctor.model import Level
from service.settings import Settings
from service.storage.redis_url import RedisUrl
from service.storage.servers import Server

LIES = {
    "text": b"+OK\r\n",
    "number": b":1\r\n",
    "nothing": b"$-1\r\n",
    "list": b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    "nested": b"*1\r\n" * 20_000 + b":1\r\n",
    "error": b"-ERR " + b"x" * 100_000 + b"\r\n",
    "page": b"HTTP/1.1 200 OK\r\n\r\n",
}
#: What greets as Redis, and lies only then.
GREETING = b"%1\r\n$5\r\nproto\r\n:3\r\n+OK\r\n+OK\r\n"


@pytest.mark.parametrize("kind", ["redis", "redis+sentinel"])
@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_redis_is_a_finding(kind: str, lie: str) -> None:
    with answering(LIES[lie]) as address:
        where = f"{kind}://{address}/{'0' if kind == 'redis' else 'primary'}"
        found = list(examined(Settings(redis_url=RedisUrl.parse(where), redis_timeout=1.0), with_data=True))
    assert Level.PROBLEM in [each.level for each in found if each.check == "votes"]
    assert max(len(each.seen) for each in found) <= 500


def test_a_schema_of_another_kind_and_a_version_without_end_are_findings() -> None:
    with answering(GREETING, LIES["number"]) as address:
        url = RedisUrl.parse(f"redis://{address}/0")
        found = list(examined(Settings(redis_url=url, redis_timeout=1.0), with_data=True))
    assert Level.PROBLEM in [each.level for each in found if each.check == "votes"]
    endless = Server("redis", "127.0.0.1", info={"redis_version": "9" * 5000 + ".1.1"})
    assert [each.level for each in admitting.version(endless, Settings())] == [Level.UNSEEN]
