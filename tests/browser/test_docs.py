"""The pages without a key: `/`, `/docs` and `/problems` for everybody, and the API tried out."""

import pytest

from tests.browser.test_pages import SCHEMES, TELEPHONE, faults


@pytest.mark.parametrize("path", ["/", "/docs", "/problems"])
def test_a_page_without_a_script_is_for_everybody_and_every_screen(opened, path):
    page = opened(java_script_enabled=False, viewport={"width": TELEPHONE, "height": 740})
    page.goto(path)
    assert page.locator("h1").inner_text()

    page = opened(viewport={"width": TELEPHONE, "height": 740})
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = false)")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert faults(page) == []


def test_the_api_is_tried_with_a_key_that_nothing_keeps(opened, keys, base_url):
    asked, key = [], keys("ana")
    page = opened()
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/docs")
    page.locator("#memory_ingest").click()
    page.locator("#memory_ingest").get_by_role("link", name="Try it").click()
    operation = page.locator(".opblock.is-open")
    operation.wait_for(timeout=60_000)

    page.locator("button.authorize").click()
    page.locator(".auth-container input").fill(key)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".btn-done").click()
    operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table").get_by_text("202").first.wait_for(timeout=60_000)

    assert f"{base_url}/v2/memory/ingest" in asked
    away = [url for url in asked if not url.startswith((base_url, "data:"))]
    assert away == []
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert [place for place in (*asked, page.url, kept, page.content()) if key in place] == []
