"""The connection that a thread keeps for its scripts."""

from __future__ import annotations

import subprocess
import sys
from threading import Barrier, Thread

from redis import Redis
from support import REPOSITORY, clean_environ, wait_until

from service.storage.client import Script, connect, run_script

SCRIPT = Script("return 'done'")


def kept(redis: Redis) -> set[str]:
    """The ids of the connections whose last command was a script."""
    return {each["id"] for each in redis.client_list() if each["cmd"] in ("eval", "evalsha")}


def test_a_thread_keeps_one_connection_and_leaves_none_behind(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    barrier = Barrier(9)

    def ask() -> None:
        for _ in range(3):
            run_script(client, SCRIPT, [], [])
        barrier.wait()
        barrier.wait()

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    barrier.wait()
    assert len(kept(redis) - before) == 8
    barrier.wait()
    for thread in threads:
        thread.join()
    wait_until(lambda: not kept(redis) - before)


def test_close_closes_it_and_a_later_script_opens_another(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    run_script(client, SCRIPT, [], [])
    first = kept(redis) - before
    assert len(first) == 1
    client.close()
    wait_until(lambda: not kept(redis) & first)
    assert run_script(client, SCRIPT, [], []) == "done"
    assert len(kept(redis) - before - first) == 1
    client.close()


def test_one_that_the_server_has_closed_is_opened_again(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    run_script(client, SCRIPT, [], [])
    for each in kept(redis):
        redis.client_kill_filter(_id=each)
    assert run_script(client, SCRIPT, [], []) == "done"
    client.close()


def test_a_forked_process_does_not_share_it(valkey_url: str) -> None:
    code = f"""
import os
from service.storage.client import Script, connect, run_script

client, script = connect({valkey_url!r}, 5.0), Script({SCRIPT.source!r})
run_script(client, script, [], [])
if os.fork():
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 11
else:
    before = {{each["id"] for each in client.client_list()}}
    run_script(client, script, [], [])
    os._exit(10 + len({{each["id"] for each in client.client_list()}} - before))
"""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=clean_environ(), check=True, timeout=60)
