"""People who vote and look at what they have, and tell the ledger what they were answered; and one who edits."""

import json
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event

from chaos.declared import Family, Merge
from chaos.ledger import Ledger, Outcome, State
from chaos.town import SECRET_KEY, Host, Town
from support import session_cookie

from service.interest.maintenance import canonical
from service.problems import StorageUnavailable
from service.storage.client import Client

#: How long a person waits for an answer, in seconds: far longer than anything is suspended.
PATIENCE = 30.0
#: How often a person looks, rather than votes.
LOOKS = 0.25
#: The pause between two requests, and after one that was not answered as it should, in seconds.
PAUSE, AFTER_FAILURE = 0.02, 0.05
#: How often a file is one that is refused, before the next one is not.
REFUSED = 0.1


#: In place of a status: nobody listened, so it went nowhere; the connection was lost, so it may have been made.
NOT_SENT, LOST = 0, -1


class Person:
    """Acts for some accounts in turn, on any host, until `ending`."""

    def __init__(self, town: Town, ledger: Ledger, accounts: list[str], ending: Event, seed: int) -> None:
        self._town, self._ledger, self._accounts, self._ending = town, ledger, accounts, ending
        self._dice = Random(seed)
        self._connections: dict[str, HTTPConnection] = {}

    def run(self) -> None:
        while not self._ending.is_set():
            account, host = self._dice.choice(self._accounts), self._dice.choice(self._town.hosts)
            act = self._look if self._dice.random() < LOOKS else self._change
            is_well = act(account, host)
            time.sleep(self._dice.uniform(0, PAUSE) if is_well else AFTER_FAILURE)
        for connection in self._connections.values():
            connection.close()

    def _change(self, account: str, host: Host) -> bool:
        family = self._dice.choice(self._town.declared.votable)
        member = self._dice.randrange(len(family.members))
        feature = self._dice.choice(family.members[member][-2:])
        wanted = self._dice.random() < 0.5
        before = self._ledger.possible(account, family)
        method = "POST" if wanted else "DELETE"
        status, _ = self._ask(host, method, f"/api/features/{feature}/interest", account)
        if status not in (204, 404, 503, NOT_SENT, LOST):
            self._ledger.wrong.append(f"{method} of {feature} was answered {status}")
        outcomes = {204: Outcome.ACKNOWLEDGED, 503: Outcome.UNKNOWN, LOST: Outcome.UNKNOWN}
        outcome = outcomes.get(status, Outcome.REFUSED)
        self._ledger.change(account, family, member, wanted, outcome, before)
        return outcome is Outcome.ACKNOWLEDGED

    def _look(self, account: str, host: Host) -> bool:
        families = self._town.declared.votable
        before = [self._ledger.possible(account, family) for family in families]
        status, body = self._ask(host, "GET", "/api/features", account)
        if status != 200:
            if status not in (503, NOT_SENT, LOST):
                self._ledger.wrong.append(f"GET /api/features was answered {status}")
            return False
        said = json.loads(body)
        for family, possible in zip(families, before, strict=True):
            if seen := seen_of(family, said["counts"], said["voted"]):
                self._ledger.look(account, family, seen, possible)
        return True

    def _ask(self, host: Host, method: str, path: str, account: str) -> tuple[int, bytes]:
        connection = self._connections.get(host.address)
        if connection is None:
            connection = self._connections[host.address] = HTTPConnection(host.address, timeout=PATIENCE)
        if connection.sock is None:
            try:
                connection.connect()
            except OSError:
                return NOT_SENT, b""
        try:
            connection.request(method, path, headers={"Cookie": session_cookie(SECRET_KEY, account)})
            with closing(connection.getresponse()) as answer:
                return answer.status, answer.read()
        except (OSError, HTTPException) as error:
            if isinstance(error, TimeoutError):
                self._ledger.wrong.append(f"{method} {path} got no answer within {PATIENCE:g} s")
            connection.close()
            return LOST, b""


def seen_of(family: Family, known: dict[str, int], voted: list[str]) -> State:
    """Of each member of a family that the answer knows, whether it was voted for."""
    return tuple(any(each in voted for each in ids) for ids in family.members if any(each in known for each in ids))


class Editor:
    """Edits until `ending`, with pauses `between` so many seconds; `done` counts the kinds of edits."""

    def __init__(self, town: Town, ending: Event, seed: int, between: tuple[float, float]) -> None:
        self._town, self._ending, self._dice = town, ending, Random(seed)
        self._between = between
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        with self._town.client() as client:
            while not self._ending.wait(self._dice.uniform(*self._between)):
                self._edit()
                self._look_after_merges(client)
            self._look_after_merges(client)

    def _edit(self) -> None:
        said, _, slug = self._town.declared.edit().partition(" ")
        self.done[said] += 1
        if said == "released":
            self._town.released[slug] = time.time()
        text = self._town.declared.text
        if self._dice.random() < REFUSED:
            with self._town.refused_file:
                self._town.write(text[: len(text) // 2])
                self._town.write(text)
            self.done["refused"] += 1
        else:
            self._town.write(text)

    def _look_after_merges(self, client: Client) -> None:
        """Note which merges the store has made by now: from then on, the votes of a family are one."""
        for family in self._town.declared.families:
            if family.merge is Merge.UNDER_WAY:
                try:
                    kept = canonical(client, [ids[-1] for ids in family.members])
                except StorageUnavailable:
                    return
                if len({id for id, _ in kept.values()}) == 1:
                    family.merge = Merge.DONE
