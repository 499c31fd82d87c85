"""Debian's Prometheus on the loopback interface, by the rules of deploy/prometheus made quicker."""

import os
import re
from pathlib import Path

import httpx
import yaml

from keepsake.launcher.process import LOOPBACK, Process, free_port, until
from tests.conftest import ROOT

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
QUICKER = 30
"""How many times shorter every duration of the rules is: half an hour is a minute."""
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(
    r"(?<=\[)(\d+)([smhd])(?=\])|(?<=offset )(\d+)([smhd])|(?<=for: )(\d+)([smhd])"
)


def quicker(rules: str) -> str:
    """The same rules with each range, each offset and each `for` divided by `QUICKER`.

    Nothing else is changed: names, thresholds, labels and annotations are those of the file.
    """

    def shorter(found: re.Match[str]) -> str:
        number, unit = (part for part in found.groups() if part is not None)
        return f"{max(int(number) * _SECONDS[unit] // QUICKER, 1)}s"

    return _DURATION.sub(shorter, rules)


class Prometheus:
    """Scrapes every five seconds, and asks its rules every second."""

    def __init__(self, directory: Path, web: str, worker: str, key: str) -> None:
        directory.mkdir()
        (directory / "rules.yml").write_text(quicker(RULES.read_text()))
        (directory / "key").touch(mode=0o600)
        (directory / "key").write_text(key)
        authorization = {"credentials_file": str(directory / "key")}
        scrapes = [
            {"job_name": "web", "authorization": authorization, **_targets(web)},
            {"job_name": "worker", **_targets(worker)},
        ]
        every = {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "1s"}
        config = {"global": every, "rule_files": ["rules.yml"], "scrape_configs": scrapes}
        (directory / "prometheus.yml").write_text(yaml.safe_dump(config))
        place = f"{LOOPBACK}:{free_port()}"
        self._url = f"http://{place}"
        self.process = Process(
            "prometheus",
            ["prometheus", f"--config.file={directory / 'prometheus.yml'}",
             f"--storage.tsdb.path={directory / 'data'}", f"--web.listen-address={place}"],
            log=directory / "prometheus.log",
            environment={"PATH": os.environ["PATH"]},
            directory=directory,
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process.start()
        until(self._is_ready, self.process, within_seconds=60)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/-/ready").is_success
        except httpx.HTTPError:
            return False

    def alerts(self, name: str, **labels: str) -> list[str]:
        """The states, `pending` or `firing`, of the alerts of a name with these labels."""
        answer = httpx.get(f"{self._url}/api/v1/alerts").raise_for_status().json()
        named = {"alertname": name, **labels}
        return [alert["state"] for alert in answer["data"]["alerts"]
                if named.items() <= alert["labels"].items()]  # fmt: skip

    def value(self, expression: str) -> float | None:
        """What an expression of one series comes to now; None of none."""
        params = {"query": expression}
        answer = httpx.get(f"{self._url}/api/v1/query", params=params).raise_for_status().json()
        found = answer["data"]["result"]
        return float(found[0]["value"][1]) if found else None


def _targets(*places: str) -> dict[str, list[dict[str, list[str]]]]:
    return {"static_configs": [{"targets": list(places)}]}
