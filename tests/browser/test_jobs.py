"""Jobs as they are looked at: they change by themselves, and many are changed at once."""

import time

import pytest

from tests.browser.stored import scheduled


def state_of(page, job_id):
    return page.get_by_role("row").filter(has_text=job_id).locator(".state")


def awaited(place, text):
    """How long it takes until a place says something; a test prints it and asserts none."""
    began = time.monotonic()
    place.filter(has_text=text).wait_for()
    return f"{1000 * (time.monotonic() - began):.0f} ms"


@pytest.mark.parametrize("who", ["ben", "root"])
def test_a_state_changes_in_a_list_while_it_is_looked_at(signed_in, api, who):
    (job_id,) = scheduled(api("ben"), 1)
    page = signed_in(who, "/console/jobs")
    assert state_of(page, job_id).inner_text() == "scheduled"

    api("ben").post(f"/v1/jobs/{job_id}:cancel")

    print("seen after", awaited(state_of(page, job_id), "cancelled"))


def test_a_page_that_nobody_looks_at_holds_no_stream_and_takes_up_what_it_missed(signed_in, api):
    def look(page, hidden):
        page.evaluate("""hidden => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""", hidden)  # fmt: skip

    (job_id,) = scheduled(api("ben"), 1)
    page = signed_in("ben", "/console/jobs")
    with page.expect_event("requestfailed", lambda request: "/events" in request.url):
        look(page, hidden=True)
    api("ben").post(f"/v1/jobs/{job_id}:cancel")

    look(page, hidden=False)

    awaited(state_of(page, job_id), "cancelled")


@pytest.mark.parametrize("who", ["ben", "root"])
def test_newer_jobs_are_counted_while_a_list_is_looked_at_and_shown_on_request(signed_in, api, who):
    page = signed_in(who, "/console/jobs")
    page.locator(".skip").wait_for(state="attached")
    (job_id,) = scheduled(api("ben"), 1)

    page.get_by_role("link", name="newer job").click()

    assert state_of(page, job_id).inner_text() == "scheduled"


@pytest.mark.parametrize("who", ["ben", "root"])
def test_one_job_changes_while_it_is_looked_at(signed_in, api, who):
    (job_id,) = scheduled(api("ben"), 1)
    page = signed_in(who, f"/console/jobs/{job_id}")

    api("ben").post(f"/v1/jobs/{job_id}:cancel")

    print("seen after", awaited(page.get_by_role("status").locator(".state"), "cancelled"))
    page.get_by_text("ended as cancelled").wait_for()


@pytest.mark.parametrize("who", ["cid", "root"])
def test_many_are_cancelled_once_their_number_was_shown_and_confirmed(signed_in, api, who):
    jobs = scheduled(api("cid"), 3)
    page = signed_in(who, "/console/jobs?" + ("owner=cid" if who == "root" else "status=scheduled"))
    page.get_by_role("button", name="Cancel …").click()
    page.get_by_role("heading", name="Cancel 3 jobs?").wait_for()
    (later,) = scheduled(api("cid"), 1)  # accepted after they were counted, so not meant
    page.get_by_label("Reason").fill("a mistake")

    page.get_by_role("button", name="Cancel 3 jobs").click()

    page.get_by_role("heading", name="Cancel: 3 jobs done").wait_for()
    states = [api("cid").get(f"/v1/jobs/{job_id}").json()["status"] for job_id in (*jobs, later)]
    assert states == ["cancelled"] * 3 + ["scheduled"]
    api("cid").post(f"/v1/jobs/{later}:cancel")


def test_a_job_is_cancelled_on_its_page(signed_in, api):
    (job_id,) = scheduled(api("ben"), 1)
    page = signed_in("ben", f"/console/jobs/{job_id}")

    page.get_by_role("button", name="Cancel", exact=True).click()

    page.get_by_text("It was asked to stop.").wait_for()
    assert page.get_by_role("status").locator(".state").last.inner_text() == "cancelled"


def test_what_a_job_did_is_listed_and_taken_back(signed_in, api):
    turn = {"user_query": "I live in Lisbon.", "user_id": "u"}
    done = api("dora").post("/v2/memory/ingest", json=turn, headers={"Prefer": "wait=30"}).json()
    page = signed_in("dora", f"/console/jobs/{done['job_id']}")
    assert page.get_by_role("rowheader").filter(has_text="I live in Lisbon").count() > 0

    page.get_by_role("button", name="Take back what it did").click()

    page.get_by_text("What it did to memories was taken back.").wait_for()
    assert api("dora").get(f"/v1/jobs/{done['job_id']}/effects").json()["effects"][0]["undone"]


def test_an_operator_gives_a_reason_for_reading_what_is_its_owners_alone(signed_in, api, there):
    page = signed_in("root", f"/console/jobs/{there['job']}")
    assert "moved to Porto" not in page.content()
    page.get_by_label("Why you read it").fill("ticket 4")

    page.get_by_role("button", name="Show payload and result").click()

    page.get_by_text("I moved to Porto last week.").first.wait_for()
    act = api("root").get("/v1/admin/audit").json()["acts"][0]
    assert (act["action"], act["reason"]) == ("job.content.read", "ticket 4")


def test_a_reading_operator_is_shown_nothing_to_do(signed_in, there):
    page = signed_in("otto", f"/console/jobs/{there['scheduled']}")

    assert page.get_by_role("button").all_inner_texts() == ["Sign out"]
