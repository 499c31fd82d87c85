import re
from pathlib import Path

from keepsake_client.problems import BY_KIND
from web.problems import KINDS

WEB = Path(__file__).parents[3] / "web"


def test_every_kind_of_problem_is_explained():
    raised = set()
    for module in WEB.rglob("*.py"):
        raised |= set(re.findall(r"Problem\(\s*[\w.]+,\s*\"([a-z-]+)\"", module.read_text()))

    assert raised == set(KINDS)


def test_every_kind_of_problem_has_an_error_of_the_client():
    assert set(BY_KIND) == set(KINDS)
