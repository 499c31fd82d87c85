"""The examples of docs/cli.md, run one after the other against a real service."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner

from keepsake_client.cli import cli
from keepsake_client.commands import Exit
from tests.conftest import ROOT

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs" / "cli.md").read_text()


@pytest.fixture
def stands_for(service, key, repo, dead, clients, tmp_path, worker_of_module):
    """What the names of the page are here."""
    (tmp_path / ".keepsake-key").write_text(key("ann", role="operator"))
    (tmp_path / "chat.txt").write_text("User: I ski.\nAssistant: Nice.\n")
    dead("I like figs.")
    job = clients().memory.add("I like tea.", user_id="page")
    job.wait(60)
    new = clients("root", role="operator").admin.create_key("eve")
    webhook = clients().webhooks.create("https://example.org/keepsake", ["index.published"])
    return {
        "https://keepsake.example": service,
        "https://github.com/pallets/click": repo.url,
        "pallets/click": f"{repo.path.parent.name}/{repo.path.name}",
        "src/click/core.py": "app/shop.py",
        "Command.invoke": "Shop.sell",
        "--from 100 --to 140": "--from 1 --to 2",
        "chatgpt.zip": "chat.txt",
        "~": str(tmp_path),
        "JOB_ID": job.id,
        "KEY_ID": new.about.key_id,
        "WEBHOOK_ID": webhook.webhook_id,
    }


def test_what_the_page_shows_works(stands_for, tmp_path, monkeypatch, engine):
    monkeypatch.chdir(tmp_path)
    said = [{"role": "user", "content": "I live in Lisbon."}]
    (tmp_path / "chat.json").write_text(json.dumps(said))
    engine.leases.heartbeat("worker-1", {"host": "here", "pid": 1, "running": []})
    names = re.compile("|".join(map(re.escape, stands_for)))
    env = {"XDG_CONFIG_HOME": str(tmp_path), "KEEPSAKE_URL": None, "KEEPSAKE_API_KEY": None}

    commands = re.findall(r"^\$ keepsake (.*)", "\n".join(BLOCK.findall(PAGE)), re.MULTILINE)
    for command in commands:
        arguments = shlex.split(names.sub(lambda match: stands_for[match[0]], command))
        ended = CliRunner().invoke(cli, arguments, env=env)
        looks = arguments[0] in {"status", "doctor"}
        assert ended.exit_code in ({Exit.DONE, Exit.FAILED} if looks else {Exit.DONE}), ended.output
        assert ended.output

    assert len(commands) > 20
