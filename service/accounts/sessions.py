"""What a session may do. Who may read, who may vote, and which sessions have ended is said here, and nowhere else.

Every account has a generation, a random text. A session carries the one that it was begun with, and has ended once the
account has another, or is gone. The platform's sessions may carry none; they count unless the account requires one.
Scripts that act for a session begin with RULES, so that the account is looked at in the same step as what it permits.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import redis

from service.accounts.store import Status, account_key, new_generation
from service.problems import AccountNotActive, NotAuthenticated
from service.storage.client import Script, run_script


class Caller(NamedTuple):
    """The account that a session names, and the generation that it carries: empty where it carries none."""

    id: str
    generation: str = ""


#: The statuses of accounts that count as signed in.
READERS = (Status.ACTIVE, Status.PENDING)

#: Lua: `status_for(account key, generation)`, `may_read(status)` and `may_vote(status)`.
RULES = f"""
-- The account's status, or false where there is no such account or the session of this generation has ended.
local function status_for(account, generation)
  local status, current, required = unpack(redis.call('HMGET', account, 'status', 'generation', 'generation_required'))
  if generation == '' then
    if required and required ~= '' and required ~= '0' then return false end
  elseif generation ~= current then
    return false
  end
  return status
end
local function may_read(status) return status == '{Status.ACTIVE}' or status == '{Status.PENDING}' end
local function may_vote(status) return status == '{Status.ACTIVE}' end
"""

#: KEYS: account. ARGV: the session's generation.
_STATUS = Script(RULES + "return status_for(KEYS[1], ARGV[1])")

#: KEYS: account. ARGV: the session's generation, a new one. A session that has ended must not end others.
_SIGN_OUT = Script(
    RULES + "if status_for(KEYS[1], ARGV[1]) then redis.call('HSET', KEYS[1], 'generation', ARGV[2]) end"
)


def check_may_read(status: str | None) -> None:
    """Raise NotAuthenticated unless an account of this status counts as signed in (product documentation, 401)."""
    if status not in READERS:
        raise NotAuthenticated("Sign in first: there is no session of an account that may use this service.")


def check_may_vote(status: str | None) -> None:
    """Raise NotAuthenticated, or AccountNotActive for a pending account (product documentation, 401 and 403)."""
    check_may_read(status)
    if status != Status.ACTIVE:
        raise AccountNotActive("This account is pending: it can vote once it has been activated.")


def status_of(client: redis.Redis, caller: Caller) -> str | None:
    """The status of a caller's account, or None where there is none or the session has ended.

    Raises StorageUnavailable.
    """
    return cast("str | None", run_script(client, _STATUS, [account_key(caller.id)], [caller.generation]))


def sign_out(client: redis.Redis, caller: Caller) -> None:
    """End every session of the caller's account that carries a generation, and its unspent sign-in links.

    Nothing happens if the caller's own session has ended already. Raises StorageUnavailable.
    """
    run_script(client, _SIGN_OUT, [account_key(caller.id)], [caller.generation, new_generation()])
