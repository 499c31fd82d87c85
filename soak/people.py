"""Whose memories and whose code: users who come and go, and repositories that change.

Users are erased in turn while new ones come, and a commit changes the same few files again and
again. So what is stored settles, and what goes on growing then is a leak.
"""

import json
import shutil
import subprocess
import threading
from pathlib import Path
from random import Random

from bench.conversations import Conversation
from bench.servers import ROOT
from keepsake_client import Keepsake
from keepsake_client.problems import JobsUnfinished

USERS = 6
_FOLDERS = ("keepsake/jobs", "web/scanner", "chaos")
_NEW = 0.5
_THINGS = ("figs", "maps", "tulips", "old radios", "wooden chairs", "postcards", "red pencils")
_LAST_WORDS_SECONDS = 2.0
"""In which requests arrive of clients who have just chosen the user who goes."""
_AUTHOR = ("-c", "user.name=soak", "-c", "user.email=soak@example.com")


class Person:
    """A user with things to say and to ask."""

    def __init__(self, number: int) -> None:
        self.user_id = f"user-{number}"
        talk = Conversation(number).talk
        self.asks = [asked.question for asked in talk.questions]
        self._lines = [turn.user_query for turn in talk.turns]

    def say(self, chance: Random) -> str:
        """A line of a conversation, or something that was not said before."""
        if chance.random() < _NEW:
            return f"I bought {chance.randrange(2, 100_000)} {chance.choice(_THINGS)}."
        return chance.choice(self._lines)

    def export(self, folder: Path, chance: Random) -> Path:
        """A file with three of the user's chats with some assistant."""
        chats = [
            {"messages": [message for line in (self.say(chance) for _ in range(4)) for message in (
                {"role": "user", "content": line}, {"role": "assistant", "content": "I see."})]}
            for _ in range(3)
        ]  # fmt: skip
        path = folder / f"{self.user_id}-{chance.randrange(10**9)}.json"
        path.write_text(json.dumps(chats))
        return path


class People:
    """The users of the moment."""

    def __init__(self) -> None:
        self._next = 0
        self._lock = threading.Lock()
        self._present = [self._born() for _ in range(USERS)]

    def one(self, chance: Random) -> Person:
        """Any of them."""
        return chance.choice(self._present)

    def replace(self, client: Keepsake) -> None:
        """Let the one who has been there longest go: nothing is kept of a user who went.

        Raises:
            RuntimeError: Something was kept.
        """
        with self._lock:
            gone, self._present = self._present[0], [*self._present[1:], self._born()]
        threading.Event().wait(_LAST_WORDS_SECONDS)
        left: dict[str, int] = {}
        for _ in range(600):
            try:
                left = client.users.erase(gone.user_id).after
            except JobsUnfinished:
                left = {"unfinished jobs": 1}
            if not any(left.values()):
                return
            threading.Event().wait(0.5)  # a webhook is perhaps told of what was just remembered
        raise RuntimeError(f"of {gone.user_id} there are {left} after five minutes")

    def _born(self) -> Person:
        self._next += 1
        return Person(self._next)


class SoakRepository:
    """A repository with a part of Keepsake's own code, and names to look for in it."""

    def __init__(self, folder: Path, source: str) -> None:
        self.name = f"soak/{Path(source).name}"
        self._path = folder / self.name
        shutil.copytree(ROOT / source, self._path, ignore=shutil.ignore_patterns("__pycache__"))
        files = [path for path in self._path.rglob("*.py") if path.stat().st_size]
        self.files = sorted(path.relative_to(self._path).as_posix() for path in files)
        self._commits = 0
        self._lock = threading.Lock()
        self._git("init", "--quiet", "--initial-branch", "main")
        self._git("config", "uploadpack.allowFilter", "true")
        self.commit()

    @property
    def url(self) -> str:
        """Where a scan finds it."""
        return f"file://{self._path}"

    def commit(self) -> None:
        """Change three files, which have one function more at their end, by turns another."""
        with self._lock:
            self._commits += 1
            for name in self.files[:3]:
                path = self._path / name
                text = path.read_text().partition("\n\n\ndef soaked_")[0].rstrip("\n")
                path.write_text(f"{text}\n\n\ndef soaked_{self._commits}():\n    return 1\n")
            self._git("add", "--all")
            self._git(*_AUTHOR, "commit", "--quiet", "--message", f"soak {self._commits}")

    def _git(self, *arguments: str) -> None:
        command = ["git", "-C", str(self._path), *arguments]
        subprocess.run(command, check=True, capture_output=True)


def repositories(folder: Path) -> list[SoakRepository]:
    """All of them."""
    return [SoakRepository(folder, source) for source in _FOLDERS]
