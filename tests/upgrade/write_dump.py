"""Writes the dump that tests upgrade: `python -m tests.upgrade.write_dump`.

Two former versions really run, one after the other, over one database. The last worker is killed
while it holds jobs, so that there are some in every state.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keepsake.jobs.states import State
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import free_port
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.storage import connect
from tests import tls_site
from tests.integration.scanner.gitrepo import GitRepo
from tests.upgrade import dump, story
from tests.upgrade.former import BEFORE_MIGRATIONS, BEFORE_TRIGRAMS, Former

VAULT_KEY = "a2V5" * 10 + "a2U="
MODEL = {"KEEPSAKE_EMBEDDING_MODEL": "all-MiniLM-L6-v2"}


def main() -> None:
    """Write it, and say what is in it."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        mongod = Mongod(directory / "mongo", free_port())
        rabbitmq = RabbitMQ(directory / "rabbitmq", free_port(), free_port())
        for server in (mongod, rabbitmq):
            server.start()
        os.environ["KEEPSAKE_DATA_DIR"] = str(directory / "data")
        os.environ["KEEPSAKE_MONGO_URL"] = mongod.url
        os.environ["KEEPSAKE_AMQP_URL"] = rabbitmq.url
        try:
            _tell(directory)
        finally:
            rabbitmq.stop()
            mongod.stop()
    print(f"{dump.FILE.name}: {dump.FILE.stat().st_size} bytes")


def settings(directory: Path, site: str = "") -> dict[str, str]:
    """Of web and workers."""
    return {
        "KEEPSAKE_SCAN_PROTOCOLS": '["file", "https"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "mirrors"),
        "KEEPSAKE_SECRET_KEY": VAULT_KEY,
        "KEEPSAKE_NOTIFY_AGAIN_AFTER_SECONDS": "1",
        **({"KEEPSAKE_LINK_HOSTS": f'["{site}"]',
            "SSL_CERT_FILE": str(directory / "server.pem")} if site else {}),
    }  # fmt: skip


def repository(path: Path) -> GitRepo:
    """Two branches of a shop."""
    repo = GitRepo(path)
    repo.commit({
        "app/shop.py": "from app.price import price\n\n\ndef sell():\n    return price()\n",
        "app/price.py": 'def price():\n    """What a thing costs."""\n    return 1\n',
        "README.md": "# Shop\n\nHow to buy, and at which price.\n",
    })  # fmt: skip
    repo.git("checkout", "--quiet", "-b", "more")
    repo.commit({"app/discount.py": "def discount(price):\n    return price // 2\n"})
    repo.git("checkout", "--quiet", "main")
    return repo


def _tell(directory: Path) -> None:
    repo = repository(directory / "acme" / "shop")
    first = Former(BEFORE_TRIGRAMS, directory, settings(directory))
    key = first.key(story.OWNER)
    begun = story.Story(first.web(), key)
    first.worker()
    story.begin(begun, repo)
    first.stop()
    with tls_site.serving(tls_site.certificate(directory, "localhost")) as site:
        site.paths |= {
            "/nothing": tls_site.page("Nobody speaks here."),
            "/hangs": lambda _: site.release.wait(60),
            "/busy": tls_site.page("later", 503, **{"Retry-After": "300"}),
            "/hook": tls_site.page(""),
            "/away": tls_site.page("", 503),
        }
        place = f"localhost:{site.server_port}"
        second = Former(BEFORE_MIGRATIONS, directory, {**settings(directory, place), **MODEL})
        _go_on(second, begun.jobs, key, repo, place)
        second.stop()


def _go_on(second: Former, jobs: dict[str, str], key: str, repo: GitRepo, place: str) -> None:
    operator = second.key("olga", "operator")
    told = story.Story(second.web(), key)
    told.jobs |= jobs
    worker = second.worker()
    story.go_on(told, repo, f"https://{place}")
    ended = dict(told.jobs)
    story.listen(told, f"https://{place}")
    story.get_stuck(told, f"https://{place}")
    worker.kill()
    now = datetime.now(UTC)
    soon, later = (now + timedelta(seconds=2), now + timedelta(hours=1))
    story.leave(told, soon.isoformat(), later.isoformat())
    about = {
        "commit": BEFORE_MIGRATIONS,
        "places": {"site": place, "folder": str(repo.path.parents[1])},
        "keys": {story.OWNER: key, "olga": operator},
        "jobs": told.jobs,
        "answers": story.answers(told.client, list(ended.values())),
    }
    second.stop()
    database = connect()
    states = set(database["jobs"].distinct("state"))
    if lacking := set(State) - states:
        sys.exit(f"no job is {', '.join(sorted(lacking))}")
    dump.write(dump.FILE, database, about)
    database.client.close()


if __name__ == "__main__":
    main()
