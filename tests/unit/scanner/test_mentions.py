"""Which words a text has, where no use would be known."""

import pytest

from keepsake.scanner.parse.mentions import mentions, word_set
from keepsake.scanner.parse.worker import pack_blob, parse_blob

TEXT = "on_tick: serverCron  # Über <a onclick='show(1)'>\nrun-all = save!\n".encode()


@pytest.mark.parametrize(
    "name", ["serverCron", "on_tick", "show", "Über", "run-all", "save", "save!", "a.onclick"]
)
def test_a_name_is_mentioned_where_all_its_words_stand(name):
    assert mentions(word_set(TEXT), name)


@pytest.mark.parametrize("name", ["server", "Cron", "servercron", "run-none", "ber"])
def test_a_part_of_a_word_is_no_mention(name):
    assert not mentions(word_set(TEXT), name)


@pytest.mark.parametrize(
    ("language", "source", "reason"),
    [
        ("yaml", b"tick: 1\n", "no grammar"),
        ("python", b"def a(:\n    tick(lost\n", "partial"),
        ("javascript", b"// @generated\nconst tick = 1\n", "generated"),
        ("javascript", b"tick();" * 900, "minified"),
        ("python", b"tick = 1\n", None),
        ("other", b"\0tick", None),
    ],
)
def test_a_text_whose_uses_are_not_all_known_keeps_its_words_and_the_reason(
    language, source, reason
):
    record = parse_blob(source, language)

    assert record.get("unparsed") == reason
    assert mentions(record.get("words", b""), "tick") is (reason is not None)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"\0GITCRYPT\0\x12\xf3\x90" * 30, "binary"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "lfs pointer"),
    ],
)
def test_code_that_cannot_be_seen_is_told_whatever_it_may_name_and_other_files_are_not(
    source, reason
):
    for language in ("python", "notebook", "dart"):
        record = parse_blob(source, language)
        assert (record["unparsed"], "words" in record) == (reason, False)
    assert "unparsed" not in parse_blob(source, "text")


def test_words_of_a_language_without_case_are_kept_in_both():
    words = parse_blob(b"SELECT * FROM Orders WHERE ((", "sql")["words"]

    assert mentions(words, "Orders")
    assert mentions(words, "orders")


def test_what_no_document_can_hold_keeps_its_words(monkeypatch):
    monkeypatch.setattr("keepsake.scanner.parse.worker._MOST_BYTES", 100)

    packed = pack_blob(b"tick()\n" * 100, "python")

    assert packed.counts["skip"] == "too complex"
    assert word_set(b"tick") in packed.fields
