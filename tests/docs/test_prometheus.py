"""The rules of deploy/prometheus against the metrics of the code and the runbooks."""

import re
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import middleware.observation  # noqa: F401 - its metrics
import web.edge.request_context  # noqa: F401 - its metrics
from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
SCRAPED = (ROOT / "web" / "admin" / "health.py").read_text()
"""Its gauges are made at each scrape, from MongoDB."""


def known() -> set[str]:
    counted = {family.name for family in REGISTRY.collect()}
    names = counted | set(re.findall(r'"(keepsake_\w+)"', SCRAPED))
    return {name + end for name in names for end in ("", "_total", "_count", "_bucket")}


def test_rules_are_of_metrics_that_there_are():
    expressions = " ".join(rule["expr"] for rule in RULES)
    used = set(re.findall(r"(?<![\w:/])keepsake_\w+", expressions))

    assert used
    assert used - known() == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_leads_to_a_runbook_that_names_it(rule):
    page = ROOT / rule["annotations"]["runbook"]

    assert page.parent == ROOT / "docs" / "runbooks"
    assert f"`{rule['alert']}`" in page.read_text()
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_alert_is_tried():
    tried = (FOLDER / "rules.test.yml").read_text()

    fired = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts", tried))
    assert fired == {rule["alert"] for rule in ALERTS}
