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
        ("python", b"\0tick", None),
    ],
)
def test_a_text_whose_uses_are_not_all_known_keeps_its_words_and_the_reason(
    language, source, reason
):
    record = parse_blob(source, language)

    assert record.get("unparsed") == reason
    assert mentions(record.get("words", b""), "tick") is (reason is not None)


def test_what_no_document_can_hold_keeps_its_words(monkeypatch):
    monkeypatch.setattr("keepsake.scanner.parse.worker._MOST_BYTES", 100)

    packed = pack_blob(b"tick()\n" * 100, "python")

    assert packed.counts["skip"] == "too complex"
    assert word_set(b"tick") in packed.fields
