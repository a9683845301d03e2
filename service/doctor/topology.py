"""Whether the servers of a deployment can stand in for each other: sentinels, and the parts of a Cluster."""

from __future__ import annotations

from collections.abc import Iterator

from service.doctor.model import About, Finding
from service.storage.servers import Deployment

#: Fewer sentinels agree on nothing once one of them is down.
_SENTINELS = 3


def found(deployed: Deployment) -> Iterator[Finding]:
    """Whether the servers could be found at all, and each of them answers."""
    if deployed.fault:
        yield About("servers", "REDIS_URL").problem(
            deployed.fault, "Votes are answered 503.", "start what REDIS_URL names, or mend REDIS_URL"
        )
    for server in deployed.servers:
        if server.fault:
            yield About("servers", server.name).problem(
                f"it cannot be asked: {server.fault}",
                "If it has votes, they are answered 503; if it is a replica, nothing stands in for its primary.",
                "start it, or mend the user, password and address in REDIS_URL",
            )


def sentinels(deployed: Deployment) -> Iterator[Finding]:
    """Whether enough sentinels watch the primary, and each of REDIS_URL's answers."""
    for name, known in deployed.sentinels.items():
        about = About("sentinels", name)
        if isinstance(known, str):
            means = "With too few of them nothing is promoted when the primary is down, and nobody can vote."
            yield about.problem(f"it cannot be asked: {known}", means, "start it, or take it out of REDIS_URL")
        elif known < _SENTINELS:
            yield about.warning(
                f"it knows of {known} sentinels, itself among them",
                "When one of them is down with the primary, nothing is promoted, and nobody can vote.",
                f"run {_SENTINELS} or more, on machines of their own",
            )
        else:
            yield about.well(f"{known} sentinels watch")


def cluster(deployed: Deployment) -> Iterator[Finding]:
    """Whether the Cluster has a server for each slot."""
    if not deployed.cluster:
        return
    about = About("cluster", "REDIS_URL")
    state, slots = deployed.cluster.get("cluster_state"), deployed.cluster.get("cluster_slots_ok")
    if state == "ok" and slots == "16384":
        yield about.well("every slot has its server")
    else:
        yield about.problem(
            f"cluster_state is {state}, and {slots} of 16384 slots have their server",
            "Who votes or whose account is in another slot is answered 503.",
            "`redis-cli --cluster check HOST:PORT` says what is missing; start it, or `--cluster fix`",
        )
