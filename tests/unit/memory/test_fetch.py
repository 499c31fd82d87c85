import socket
import ssl
import time
from email.utils import formatdate

import pytest

from keepsake.inference.client import ModelUnusable
from keepsake.memory.errors import NoTurns
from keepsake.memory.images import Images
from keepsake.memory.shared_links import Scraper
from keepsake.outbound.errors import Forbidden, LinkAway, Unreachable
from keepsake.outbound.fetcher import Answer, FetchBounds, Fetcher
from keepsake.outbound.network import destination, resolve
from keepsake.storage.inputs import is_public
from tests import tls_site
from tests.tls_site import page

HOST = "chat.example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return tls_site.certificate(tmp_path_factory.mktemp("tls"), HOST)


@pytest.fixture
def site(certificate):
    with tls_site.serving(certificate) as serving:
        yield serving


@pytest.fixture
def fetcher(site, certificate):
    def build(resolver=lambda _: ["127.0.0.1"], **options):
        return Fetcher(
            FetchBounds(most_bytes=10_000, seconds=options.pop("seconds", 30)), resolver=resolver,
            allowed=lambda address: address == "127.0.0.1",
            tls=ssl.create_default_context(cafile=certificate), port=site.server_port,
        )  # fmt: skip

    return build


def to(url):
    return page("", 302, Location=url)


def test_a_page_is_read_from_the_address_that_was_checked(site, fetcher):
    site.paths["/share/1"] = page("hallo ü")

    assert fetcher().fetch(f"https://{HOST}/share/1#top").text == "hallo ü"
    assert site.asked == [(HOST, "/share/1")]


def test_a_link_is_asked_for_in_ascii(site, fetcher):
    site.paths["/k%C3%A4se%20b"] = page("here")

    assert fetcher().fetch(f"https://{HOST}/käse b\r\n?q=ü&r=%20#ö").text == "here"
    assert site.asked == [(HOST, "/k%C3%A4se%20b?q=%C3%BC&r=%20")]


def test_a_redirect_is_followed_and_checked_like_the_first_link(site, fetcher):
    site.paths["/a"] = to("/b")
    site.paths["/b"] = page("here")
    asked = []

    def resolver(host):
        asked.append(host)
        return ["127.0.0.1"]

    assert fetcher(resolver).fetch(f"https://{HOST}/a").url == f"https://{HOST}/b"
    assert asked == [HOST, HOST]


@pytest.mark.parametrize(
    "target",
    ["http://chat.example.org/", "https://inner.example.org/", "https://127.0.0.1/",
     "file:///etc/passwd", "https://chat.example.org:8443/", "//169.254.169.254/latest"],
)  # fmt: skip
def test_a_redirect_to_where_no_fetch_may_go_is_refused(site, fetcher, target):
    site.paths["/a"] = to(target)
    addresses = {HOST: ["127.0.0.1"]}

    with pytest.raises(Forbidden):
        fetcher(lambda host: addresses.get(host, ["10.0.0.7"])).fetch(f"https://{HOST}/a")

    assert len(site.asked) == 1


def test_a_loop_of_redirects_ends(site, fetcher):
    site.paths["/a"] = to("/a")

    with pytest.raises(Forbidden):
        fetcher().fetch(f"https://{HOST}/a")

    assert len(site.asked) == 5


def test_a_name_that_resolves_to_something_else_the_second_time_is_harmless(site, fetcher):
    site.paths["/a"] = page("x")
    answers = iter([["127.0.0.1"], ["10.0.0.7"]])

    assert fetcher(lambda _: next(answers)).fetch(f"https://{HOST}/a").text == "x"


def test_one_forbidden_address_among_many_is_enough(site, fetcher):
    with pytest.raises(Forbidden):
        fetcher(lambda _: ["127.0.0.1", "10.0.0.7"]).fetch(f"https://{HOST}/a")

    assert site.asked == []


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_error_is_said(site, fetcher, status):
    site.paths["/a"] = page("", status)

    with pytest.raises(Unreachable, match=str(status)):
        fetcher().fetch(f"https://{HOST}/a")


@pytest.mark.parametrize(
    ("status", "headers", "asked"),
    [(503, {"Retry-After": "7"}, 7), (429, {"Retry-After": "Sat, 28 Nov 2026"}, None),
     (503, {"Retry-After": "1 Jan 99999999999999999999 00:00:00 GMT"}, None),
     (503, {"Retry-After": "-1"}, None), (503, {"Retry-After": "\xb2"}, None), (500, {}, None)],
)  # fmt: skip
def test_a_host_that_cannot_now_is_away(site, fetcher, status, headers, asked):
    site.paths["/a"] = page("", status, **headers)

    with pytest.raises(LinkAway, match=str(status)) as away:
        fetcher().fetch(f"https://{HOST}/a")

    assert away.value.retry_after_seconds == asked


@pytest.mark.parametrize(
    ("error", "away"),
    [(socket.gaierror(socket.EAI_AGAIN, "x"), True), (OSError("x"), True),
     (socket.gaierror(socket.EAI_NONAME, "x"), False), (UnicodeError("x"), False)],
)  # fmt: skip
def test_a_name_that_does_not_exist_is_no_outage(monkeypatch, error, away):
    def look_up(*_, **__):
        raise error

    monkeypatch.setattr("keepsake.outbound.network.socket.getaddrinfo", look_up)

    with pytest.raises(Unreachable) as refused:
        resolve(HOST)

    assert isinstance(refused.value, LinkAway) == away


@pytest.mark.parametrize("status", [429, 503])
def test_a_date_after_which_to_ask_again_is_so_many_seconds_away(site, fetcher, status):
    later = formatdate(time.time() + 90, usegmt=True)
    site.paths["/later"] = page("", status, **{"Retry-After": later})
    site.paths["/before"] = page("", status, **{"Retry-After": "Sun Nov  6 08:49:37 1994"})

    told = fetcher().send(f"https://{HOST}/later", b"", [])
    before = fetcher().send(f"https://{HOST}/before", b"", [])

    assert (told.status, before) == (status, Answer(status, 0))
    assert 60 < told.retry_after_seconds <= 90


def test_a_page_too_large_is_left(site, fetcher):
    site.paths["/a"] = page("x" * 20_000)

    with pytest.raises(Unreachable, match="too large"):
        fetcher().fetch(f"https://{HOST}/a")


def test_a_server_that_drips_is_left_when_the_time_is_over(site, fetcher):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not site.release.wait(0.02):
            handler.wfile.write(b"X-A: b\r\n")

    site.paths["/a"] = drip

    with pytest.raises(LinkAway):
        fetcher(seconds=0.5).fetch(f"https://{HOST}/a")


def test_a_server_that_says_without_end_that_its_answer_comes_is_left_at_once(site, fetcher):
    def flood(handler):
        while not site.release.is_set():
            handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000)

    site.paths["/a"] = flood

    with pytest.raises(LinkAway, match="ReadError"):
        fetcher(seconds=60).send(f"https://{HOST}/a", b"", [])


def test_a_certificate_for_another_name_is_refused_and_no_outage(site, fetcher):
    with pytest.raises(Unreachable, match="certificate") as refused:
        fetcher().fetch("https://other.example.org/a")

    assert not isinstance(refused.value, LinkAway)
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    ["http://chat.example.org/", "https://user:pw@chat.example.org/", "https://localhost/",
     "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/", "https://",
     "ftp://chat.example.org/", "https://chat.example.org:22/", "https://chat.example.org:x/",
     "javascript:alert(1)", "https://[", "", "chat.example.org", "https://017700000001/",
     "https://\N{FULLWIDTH DIGIT TWO}.\N{FULLWIDTH DIGIT TWO}/",
     "https://bücher.example.org/", "https://exa mple.org/", "https://a..b/"],
)  # fmt: skip
def test_only_plain_https_links_to_names_are_followed(url):
    with pytest.raises(Forbidden):
        destination(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1",
     "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "100.64.0.1",
     "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "ff02::1", "::", "not an address",
     "fe80::1%eth0", "198.18.0.1", "192.0.2.1", "2001:db8::1"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_reached(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_are_reached(address):
    assert is_public(address)


def test_a_host_that_the_operator_names_may_be_private_and_on_another_port(site, certificate):
    site.paths["/a"] = page("here")
    near = f"{HOST}:{site.server_port}"
    options = {"tls": ssl.create_default_context(cafile=certificate),
               "resolver": lambda _: ["127.0.0.1"]}  # fmt: skip

    refused = Fetcher(trusted=frozenset({near}), **options).fetch(f"https://{near}/a")

    assert refused.text == "here"
    for other in (frozenset({HOST}), frozenset({f"other.example.org:{site.server_port}"})):
        with pytest.raises(Forbidden):
            Fetcher(trusted=other, **options).fetch(f"https://{near}/a")


def test_the_default_refuses_what_resolves_to_this_machine():
    with pytest.raises(Forbidden):
        Fetcher(resolver=lambda _: resolve("localhost")).fetch(f"https://{HOST}/")


def test_a_shared_link_becomes_turns_that_are_the_same_the_next_time(site, fetcher):
    site.paths["/share/1"] = page("User: Where is Lima?\nAssistant: In Peru.\nUser: Thanks!\n")
    scraper = Scraper(fetcher())

    first, second = (scraper.scrape(f"https://{HOST}/share/1?x=1") for _ in range(2))

    assert first == second
    assert [turn.source_id for turn in first.turns] == [f"{HOST}/share/1#0", f"{HOST}/share/1#1"]
    assert {turn.session_id for turn in first.turns} == {f"{HOST}/share/1"}
    site.paths["/share/2"] = page("nothing")
    with pytest.raises(NoTurns):
        scraper.scrape(f"https://{HOST}/share/2")


def test_an_image_is_read_by_us_and_shown_to_a_model_as_data(site, fetcher):
    site.paths["/a.png"] = page("PNG", **{"Content-Type": "image/png"})
    site.paths["/b.png"] = page("<html>", **{"Content-Type": "text/html; charset=utf-8"})
    site.paths["/c.png"] = to("https://169.254.169.254/latest")
    images = Images(fetcher())

    assert images.shown(f"https://{HOST}/a.png") == "data:image/png;base64,UE5H"
    assert images.shown("data:image/gif;base64,AAAA") == "data:image/gif;base64,AAAA"
    for refused in (
        f"https://{HOST}/b.png",
        f"https://{HOST}/c.png",
        "data:text/html,x",
        "http://chat.example.org/a.png",
        "https://127.0.0.1/a.png",
        "file:///etc/passwd",
    ):
        with pytest.raises(ModelUnusable) as raised:
            images.shown(refused)
        assert "127.0.0.1" not in str(raised.value)
