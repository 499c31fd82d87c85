"""`keepsake`, for what is remembered: turns, facts, messages, files."""

import json
import re
import zipfile

from tests.integration.client.commands.conftest import asked


def test_what_is_known_of_users_is_shown_and_stated_by_hand(keepsake):
    keepsake("remember", "I live in Lisbon.", "--user", "know1", "--wait")
    stated = keepsake("fact", "Porto", "--attribute", "lives_in", "--user", "know1")
    context = keepsake("context", "Where is my flat?", "--user", "know1").stdout
    (changed, _) = asked(keepsake, "timeline", "--user", "know1")
    users = keepsake("users", "know").stdout

    assert "update profile: Porto (lives_in changed)" in stated.stdout
    assert '- lives in: "Porto"' in context
    assert "Lisbon" not in context
    assert (changed["kind"], changed["before"]["content"]) == ("changed", "I live in Lisbon.")
    assert re.search(r"know1 +1 +1 ", users)
    assert "There are no such users." in keepsake("users", "nobody").stdout


def test_messages_are_remembered_and_recalled_by_what_they_belong_to(keepsake, tmp_path):
    file = tmp_path / "chat.json"
    said = ["I live in Rome.", "I am allergic to nuts."]
    file.write_text(json.dumps([
        message for text in said
        for message in ({"role": "user", "content": text}, {"role": "assistant", "content": "Oh."})
    ]))  # fmt: skip
    tags = ("--agent", "tutor", "--metadata", "case=7")
    remembered = keepsake("remember", "--messages", str(file), "--user", "cl9", *tags, "--wait")

    found = asked(keepsake, "recall", "Where do I live?", "--user", "cl9", *tags)
    exported = keepsake("export", "--user", "cl9", *tags).stdout

    assert "add profile: I am allergic to nuts." in remembered.stdout
    assert found["known"] is True
    other = asked(keepsake, "recall", "Where do I live?", "--user", "cl9", "--metadata", "case=8")
    assert other["known"] is False
    assert {json.loads(line)["metadata"]["case"] for line in exported.splitlines()} == {7}


def test_a_zip_is_uploaded_and_counts_as_stored(keepsake, tmp_path):
    file = tmp_path / "export.zip"
    chats = [{"messages": [{"role": "user", "content": text}]} for text in ("I ski.", "\ud800!")]
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("conversations.json", json.dumps(chats))

    imported = keepsake("import", str(file), "--user", "cl10")
    stored = asked(keepsake, "usage")

    assert "2 conversations, 2 turns are remembered." in imported.stdout
    assert stored["bytes"]["turns"] > 0
    assert stored["limit_bytes"] is None


def test_what_is_remembered_is_recalled(keepsake):
    remembered = keepsake("remember", "I am allergic to peanuts.", "--user", "cl1", "--wait")
    recalled = keepsake("recall", "What am I allergic to?", "--user", "cl1")

    assert "add profile: I am allergic to peanuts." in remembered.stdout
    assert "succeeded" in remembered.stderr
    assert "[1]" in recalled.stdout
    assert "I am allergic to peanuts." in recalled.stdout
    assert asked(keepsake, "recall", "What am I allergic to?", "--user", "cl1")["known"] is True


def test_text_may_come_from_stdin(keepsake):
    keepsake("remember", "-", "--user", "cl2", "--wait", input="I play chess.")

    assert "chess" in keepsake("recall", "-", "--user", "cl2", input="What do I play?").stdout


def test_without_wait_the_job_is_named_and_can_be_followed(keepsake):
    job = asked(keepsake, "remember", "I like tea.", "--user", "cl3")["job_id"]

    assert keepsake("jobs", "watch", job).stderr.endswith("succeeded\n")
    events = keepsake("jobs", "watch", job, "--json").stdout.splitlines()
    assert [json.loads(event)["kind"] for event in events][-1] == "end"
    shown = asked(keepsake, "jobs", "show", job)
    assert (shown["status"], len(shown["attempts"])) == ("succeeded", 1)
    assert "succeeded" in keepsake("jobs", "show", job).stdout


def test_a_conversation_is_imported_from_a_file(keepsake, tmp_path):
    file = tmp_path / "chat.txt"
    file.write_text("User: I ski.\nAssistant: Nice.\nUser: I own a boat.\nAssistant: Fine.\n")

    assert "2 turns are remembered." in keepsake("import", file, "--user", "cl7").stdout
    assert "[Errno 2]" in keepsake("import", tmp_path / "none", code=2).stderr


def test_all_of_a_user_is_exported_and_erased_and_comes_back(keepsake, tmp_path):
    keepsake("remember", "I own a boat.", "--user", "cl8", "--wait")
    file = tmp_path / "cl8.jsonl"

    assert asked(keepsake, "export", "--user", "cl8", "--output", file)["records"] >= 2
    lines = keepsake("export", "--user", "cl8").stdout.splitlines()
    assert file.read_text().splitlines() == lines
    assert file.stat().st_mode & 0o777 == 0o600
    assert asked(keepsake, "erase", "cl8", "--yes")["after"]["memories"] == 0
    assert keepsake("export", "--user", "cl8").stdout == ""
    assert "2 turns and memories are back." in keepsake("restore", file, "--user", "cl8").stdout
    again = keepsake("export", "--user", "cl8").stdout.splitlines()
    assert list(map(json.loads, again)) == list(map(json.loads, lines))
