"""Each page: for everybody, in light and dark, and on a small telephone."""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import AXE
from tests.browser.pages import PAGES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES = ("light", "dark")
WIDTH, TELEPHONE = 1_200, 360
SHOWN = "overview"
"""The page whose pictures in dark and on a telephone are kept too."""


def faults(page):
    """What axe finds: rule, and the elements that break it."""
    page.evaluate(AXE.read_text())
    result = page.evaluate(
        "rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES
    )  # by the debugger, which the policy does not bind
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]])
            for rule in result["violations"]]  # fmt: skip


def picture(page, name):
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("about", PAGES, ids=lambda about: about.name)
def test_a_page_is_for_everybody_and_every_screen(about, signed_in, there):
    path = about.path.format(**there)
    page = signed_in(about.who, path, viewport={"width": WIDTH, "height": 800})
    assert page.goto(path).status == about.status
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert faults(page) == []
        if scheme == "light" or about.name == SHOWN:
            picture(page, about.name if scheme == "light" else f"{about.name}-{scheme}")

    page.set_viewport_size({"width": TELEPHONE, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    if about.name == SHOWN:
        picture(page, f"{about.name}-small")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sign_in_form_is_too(opened, scheme):
    page = opened(color_scheme=scheme, viewport={"width": TELEPHONE, "height": 740})
    page.goto("/console/sign-in")

    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    if scheme == "light":
        picture(page, "sign-in")


def test_the_first_key_leads_past_the_menu(signed_in):
    page = signed_in("root", "/console/jobs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"

    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
