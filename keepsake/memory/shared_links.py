"""Shared chat links and uploaded transcripts become turns."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from keepsake.memory.importing.reading import read_turns
from keepsake.memory.turn import Turn
from keepsake.outbound import Fetcher


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation that was read."""

    turns: list[Turn]

    def pairs(self) -> list[dict[str, Any]]:
        """XMem's `pairs`."""
        return [{"user_query": turn.user_query, "agent_response": turn.agent_response}
                for turn in self.turns]  # fmt: skip


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
        transcript = read_transcript(page.text)
        parts = urlsplit(page.url)
        session = f"{parts.hostname}{parts.path}"
        return Transcript([_placed(turn, session, n) for n, turn in enumerate(transcript.turns)])


def read_transcript(text: str, user_name: str = "") -> Transcript:
    """The turns of a page or a file, whichever format it is in.

    user_name: who of the people in it is the user.

    Raises:
        NoTurns: There is no conversation in it, or there is too much.
    """
    return Transcript(read_turns(text, user_name))


def _placed(turn: Turn, session: str, number: int) -> Turn:
    named = turn.source_id or f"{session[:200]}#{number}"
    changes = {"source_id": named, "session_id": turn.session_id or session[:256]}
    return turn.model_copy(update=changes)
