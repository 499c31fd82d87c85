"""The rules of deploy/prometheus against the runbooks, and whether each is tried."""

import re
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]


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
