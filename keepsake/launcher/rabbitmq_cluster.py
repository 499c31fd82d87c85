"""Private RabbitMQ nodes that form a cluster on the loopback interface."""

import secrets
from pathlib import Path

from keepsake.launcher.ports import free_port
from keepsake.launcher.rabbitmq import RabbitMQ, epmd
from keepsake.launcher.rabbitmq_definitions import Passwords
from keepsake.launcher.together import side_by_side
from keepsake.storage.secrecy import private_directory, write_secret


class Node(RabbitMQ):
    """One node of a cluster; it joins the others by itself, at its first start and later."""

    _disposable = False  # the others would not let a node in that forgot that it is a member

    def __init__(self, directory: Path, epmd_port: int, cookie: str, passwords: Passwords) -> None:
        super().__init__(directory, free_port(), None, passwords)
        self._epmd_port, self._cookie = epmd_port, cookie
        self.members: list[str] = []

    def _start_epmd(self) -> int:
        """Nodes find each other by the cluster's, which outlives them."""
        return self._epmd_port

    def _write_configuration(self) -> None:
        super()._write_configuration()
        path = self._directory / "home" / ".erlang.cookie"
        write_secret(path, self._cookie)

    def _configuration(self, loaded: Path) -> str:
        backend = "rabbit_peer_discovery_classic_config"
        settings = {
            "cluster_formation.peer_discovery_backend": backend,
            "cluster_partition_handling": "pause_minority",
            **{f"cluster_formation.classic_config.nodes.{number}": name
               for number, name in enumerate(self.members, 1)},
        }  # fmt: skip
        added = "".join(f"{name} = {value}\n" for name, value in settings.items())
        return super()._configuration(loaded) + added


class RabbitCluster:
    """Three nodes that share a name server, a cookie and their users."""

    def __init__(self, directory: Path, size: int = 3) -> None:
        port = free_port()
        self._epmd = epmd(port, directory / "log" / "epmd.log")
        cookie = secrets.token_hex(16)
        passwords = Passwords.kept_in(private_directory(directory) / "passwords.json")
        self.nodes = [
            Node(directory / f"node-{number}", port, cookie, passwords) for number in range(size)
        ]
        for node in self.nodes:
            node.members = [member.name for member in self.nodes]

    @property
    def url(self) -> str:
        """Where clients connect: any of these."""
        return ";".join(node.url for node in self.nodes)

    def start(self) -> None:
        """Start the first node, then the others, which join it.

        Raises:
            CannotStart: One did not come up.
        """
        self._epmd.start()
        first, *others = self.nodes
        first.start()
        side_by_side(node.start for node in others)

    def stop(self) -> None:
        """End all at once: the data goes with the cluster."""
        side_by_side(node.kill for node in self.nodes)
        self._epmd.kill()
