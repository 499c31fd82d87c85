"""Shared chat links and uploaded transcripts become turns."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from keepsake.memory.errors import NoTurns
from keepsake.memory.links.fetch import Fetcher
from keepsake.memory.models import Turn
from keepsake.memory.transcripts import exports, pages, texts
from keepsake.memory.transcripts.pairs import MOST_TURNS


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation that was read."""

    turns: list[Turn]

    def pairs(self) -> list[dict[str, Any]]:
        """XMem's `pairs`."""
        return [{"user_query": one.user_query, "agent_response": one.agent_response}
                for one in self.turns]  # fmt: skip


class Scraper:
    """Reads what somebody shared."""

    def __init__(self, fetcher: Fetcher | None = None) -> None:
        self._fetcher = fetcher or Fetcher()

    def scrape(self, url: str) -> Transcript:
        """The turns behind a link. Their ids are the link's, so reading it again adds nothing.

        Raises:
            Forbidden: The link, or where it leads, is none that may be fetched.
            Unreachable: It answered with an error, or with too much.
            LinkAway: It did not answer in time, or said that it cannot now.
            NoTurns: There is no conversation in it.
        """
        page = self._fetcher.fetch(url)
        transcript = parse(page.text)
        parts = urlsplit(page.url)
        session = f"{parts.hostname}{parts.path}"
        return Transcript([_placed(turn, session, n) for n, turn in enumerate(transcript.turns)])


def parse(text: str) -> Transcript:
    """The turns of a page or a file, whichever format it is in.

    Raises:
        NoTurns: There is no conversation in it.
    """
    body = text.lstrip("\ufeff \t\r\n")
    if body[:1] in {"{", "["}:
        found = exports.read(body)
    elif body[:1] == "<":
        found = pages.read(body)
    else:
        found = texts.read(body)
    if not found:
        raise NoTurns("no conversation was found in it")
    return Transcript(found[:MOST_TURNS])


def _placed(turn: Turn, session: str, number: int) -> Turn:
    named = turn.source_id or f"{session[:200]}#{number}"
    changes = {"source_id": named, "session_id": turn.session_id or session[:256]}
    return turn.model_copy(update=changes)
