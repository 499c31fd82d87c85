"""Signing in and out, as browsers do it."""


def test_a_key_signs_in_and_out(signed_in):
    page = signed_in("ana")
    assert page.title() == "Jobs · Keepsake"

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/console/sign-in")
    page.goto("/console/jobs")

    assert "/console/sign-in?next=/console/jobs" in page.url


def test_a_wrong_key_is_refused_in_words(opened):
    page = opened()
    page.goto("/console/sign-in")
    page.get_by_label("API key").fill("ksk_wrong")
    page.get_by_role("button", name="Sign in").click()

    assert "No good key or link" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("API key").input_value() == ""


def test_a_link_signs_in_and_its_token_is_in_no_address(opened, api, base_url):
    link = api("ana").post("/v1/console/links").json()["path"]
    asked = []
    page = opened()
    page.on("request", lambda request: asked.append((request.url, request.headers.get("referer"))))

    page.goto(link)
    page.wait_for_url("**/console/jobs")

    token = link.partition("#")[2]
    assert [place for place in asked[1:] if token in str(place)] == []
    assert page.evaluate("document.cookie") == ""


def test_a_form_without_the_token_of_the_session_is_refused(signed_in):
    page = signed_in("ana")
    page.evaluate("document.querySelector('[name=form_token]').value = '0'.repeat(64)")
    page.get_by_role("button", name="Sign out").click()

    assert page.get_by_role("heading", name="You may not do this").is_visible()
    page.goto("/console/jobs")
    assert page.title() == "Jobs · Keepsake"


def test_an_owner_is_told_that_an_operators_page_is_not_for_it(signed_in):
    page = signed_in("ana", "/console/overview")

    assert page.get_by_role("heading", name="You may not do this").is_visible()


def test_a_link_of_another_site_arrives_signed_in(signed_in, base_url):
    page = signed_in("ana")
    page.route("http://elsewhere.example/*", lambda route: route.fulfill(
        content_type="text/html", body=f'<a href="{base_url}/console/jobs?x=1">to the console</a>'
    ))  # fmt: skip
    page.goto("http://elsewhere.example/")
    page.get_by_role("link").click()
    page.wait_for_url("**/console/jobs?x=1")

    page.get_by_role("heading", name="Jobs").wait_for()
