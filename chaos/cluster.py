"""A RabbitMQ cluster and a MongoDB replica set, of which one member at a time is broken."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random

from chaos.proxy import Proxy
from chaos.servers import Fault, Route, fill_mongod, filled, proxied
from keepsake.launcher import ELECTION_MS, RabbitCluster, ReplicaSet, ReplicaSetMember, side_by_side

_ASLEEP_SECONDS = ELECTION_MS / 1000 * 2


class ClusteredServers:
    """Three of each. RabbitMQ's nodes are behind proxies; MongoDB's members name themselves."""

    def __init__(self, cluster: RabbitCluster, replica_set: ReplicaSet, chance: Random) -> None:
        self._cluster, self._replica_set, self._chance = cluster, replica_set, chance

    @property
    def environment(self) -> Mapping[str, str]:
        """All nodes and all members."""
        return {
            "KEEPSAKE_AMQP_URL": self._cluster.url,
            "KEEPSAKE_MONGO_URL": self._replica_set.url,
        }

    def route(self) -> Route:
        """To each node through a proxy, to the members straight."""
        proxies = [Proxy(node.port) for node in self._cluster.nodes]
        nodes = zip(self._cluster.nodes, proxies, strict=True)
        url = ";".join(proxied(node, proxy) for node, proxy in nodes)
        return Route({**self.environment, "KEEPSAKE_AMQP_URL": url}, proxies)

    @property
    def faults(self) -> Mapping[str, Fault]:
        """The others go on meanwhile; each fault waits until all are back."""
        return {
            "kill rabbitmq node": self._kill_node,
            "kill mongod primary": self._kill_primary,
            "stop mongod primary": self._stop_primary,
            "step mongod primary down": self._step_down,
            "fill disk of rabbitmq node": self._fill_node,
            "fill disk of mongod primary": self._fill_primary,
        }

    def _kill_node(self) -> None:
        node = self._chance.choice(self._cluster.nodes)
        node.kill()
        self._pause(1)
        node.start()

    def _kill_primary(self) -> None:
        primary = self._primary()
        primary.kill()
        self._pause(ELECTION_MS / 1000 + 1)
        primary.start()
        self._replica_set.await_whole()

    def _stop_primary(self) -> None:
        """Asleep past an election, so that it wakes believing it still is the primary."""
        primary = self._primary()
        primary.process.signal(signal.SIGSTOP)
        try:
            self._pause(_ASLEEP_SECONDS)
        finally:
            primary.process.signal(signal.SIGCONT)
        self._replica_set.await_whole()

    def _step_down(self) -> None:
        self._primary().command_of_admin("replSetStepDown", 5, secondaryCatchUpPeriodSecs=2)
        self._replica_set.await_whole()

    def _fill_node(self) -> None:
        """Its alarm blocks the publishers of all nodes."""
        with filled(self._chance.choice(self._cluster.nodes)):
            self._pause(2)

    def _fill_primary(self) -> None:
        primary = self._primary()
        fill_mongod(primary)
        self._pause(ELECTION_MS / 1000 + 1)
        primary.start()
        self._replica_set.await_whole()

    def _primary(self) -> ReplicaSetMember:
        while (primary := self._replica_set.primary()) is None:
            self._replica_set.await_whole()
        return primary

    def _pause(self, seconds: float) -> None:
        threading.Event().wait(seconds * self._chance.uniform(0.8, 1.5))


@contextmanager
def clustered(directory: Path, chance: Random) -> Iterator[ClusteredServers]:
    """Private clusters, all of whose members are up."""
    cluster = RabbitCluster(directory / "rabbitmq")
    replica_set = ReplicaSet(directory / "mongo")
    try:
        side_by_side([cluster.start, replica_set.start])
        yield ClusteredServers(cluster, replica_set, chance)
    finally:
        side_by_side([cluster.stop, replica_set.stop])
