"""Grafana's dashboards: their expressions by Prometheus' own parser, and their panels."""

import json
import subprocess
from itertools import combinations

import pytest
import yaml

from tests.conftest import ROOT

DASHBOARDS = sorted((ROOT / "deploy" / "grafana").glob("*.json"))


def panels(path):
    return json.loads(path.read_text())["panels"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_promtool_takes_every_expression(path, tmp_path):
    expressions = [target["expr"] for panel in panels(path) for target in panel["targets"]]
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(expressions)
    ]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    checked = subprocess.run(
        ["promtool", "check", "rules", file], capture_output=True, text=True, check=False
    )

    assert len(rules) >= 10
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_dashboards_have_ids_of_their_own_and_ask_the_source_that_is_chosen():
    dashboards = [json.loads(path.read_text()) for path in DASHBOARDS]

    assert [dashboard["uid"] for dashboard in dashboards] == [path.stem for path in DASHBOARDS]
    assert len({dashboard["title"] for dashboard in dashboards}) == len(DASHBOARDS) == 4
    for dashboard in dashboards:
        (chosen,) = dashboard["templating"]["list"]
        assert (chosen["type"], chosen["query"]) == ("datasource", "prometheus")
        asked = {target["datasource"]["uid"] for panel in dashboard["panels"]
                 for target in panel["targets"]}  # fmt: skip
        assert asked == {f"${{{chosen['name']}}}"}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_each_panel_has_a_title_a_unit_and_a_place_of_its_own(path):
    assert all(
        panel["title"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels(path)
    )
    assert len({panel["id"] for panel in panels(path)}) == len(panels(path))
    places = [panel["gridPos"] for panel in panels(path)]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
