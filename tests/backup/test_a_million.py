"""What a backup of a million votes takes: with -s the figures are printed, which backup.md has."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from support import Store, clean_environ, command, connect

from service.accounts.model import account_key
from service.interest.keys import interest_key, trend_key

pytestmark = pytest.mark.nightly

MILLION = 1_000_000
STEP = 10_000


def run(*arguments: str, url: str) -> tuple[float, int]:
    """Seconds of processor and MiB of memory that a command took, apart from Redis."""
    process = subprocess.Popen(command(*arguments), env=clean_environ(REDIS_URL=url), stdout=subprocess.DEVNULL)
    memory = 0  # not ru_maxrss, which begins with that of this process
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        memory = int(found[1]) if found else memory
        time.sleep(0.05)
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    assert process.returncode == 0
    return ended[2].ru_utime + ended[2].ru_stime, memory // 1024


@pytest.mark.parametrize(("features", "accounts", "most"), [(1, 100_000, 250), (28, 0, 100)])
def test_memory_is_that_of_the_largest_feature(short_dir: Path, features: int, accounts: int, most: int) -> None:
    full, file = Store(short_dir / "full"), short_dir / "b.gz"
    redis = connect(full.url)
    each = MILLION // features
    for feature in (f"feature{number}" for number in range(features)):
        for first in range(0, each, STEP):
            redis.sadd(interest_key(feature), *(f"account-{n:07}" for n in range(first, min(first + STEP, each))))
        redis.hset(trend_key(feature), "2026-01-01", each)
    with redis.pipeline(transaction=False) as pipeline:
        for number in range(accounts):
            fields = {"status": "active", "name": f"Alice Petit {number}", "email": f"alice{number}@example.com"}
            pipeline.hset(account_key(f"account-{number:07}"), mapping=fields)
        pipeline.execute()
    redis.config_set("slowlog-log-slower-than", 10_000)
    saving = run("backup", str(file), url=full.url)
    slowest = max((entry["duration"] for entry in redis.slowlog_get(100)), default=0) / 1000
    redis.close()
    full.stop()
    empty = Store(short_dir / "empty")
    restoring = run("restore", str(file), "--yes", url=empty.url)
    with closing(connect(empty.url)) as redis:
        assert redis.scard(interest_key("feature0")) == each
    empty.stop()
    print(
        f"\n{features} features, {accounts} accounts: backup {saving[0]:.1f} s, {saving[1]} MiB, {slowest:.0f} ms in "
        f"one step, {file.stat().st_size / 1e6:.1f} MB; restore {restoring[0]:.1f} s, {restoring[1]} MiB"
    )
    assert max(saving[1], restoring[1]) < most
