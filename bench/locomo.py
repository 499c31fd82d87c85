"""LoCoMo's conversations (Maharana et al. 2024), read from where they are.

The data is CC BY-NC 4.0 and no part of Keepsake: only figures leave this module's callers.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dateparser

from bench.conversations import Asked, Talk
from keepsake.memory.models import Turn

DEFAULT_PATH = Path(__file__).parents[2] / "shared" / "data" / "locomo_dev.json"
CATEGORIES = {
    1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial",
}  # fmt: skip


def talks(path: Path) -> list[Talk]:
    """All conversations; a turn is `Speaker: text [shares caption]`.

    Raises:
        OSError, ValueError, KeyError: The file is not there or not LoCoMo's.
    """
    samples = json.loads(path.read_text())
    return [_talk(sample) for sample in samples]


def _talk(sample: Mapping[str, Any]) -> Talk:
    turns = list(_turns(sample["conversation"]))
    known = {turn.source_id for turn in turns}
    return Talk(turns, list(_questions(sample["qa"], known)))


def _turns(conversation: Mapping[str, Any]) -> Iterator[Turn]:
    for number in range(1, len(conversation)):
        said_at = dateparser.parse(conversation.get(f"session_{number}_date_time", ""))
        for said in conversation.get(f"session_{number}") or []:
            caption = said.get("blip_caption")
            shared = f" [shares {caption}]" if caption else ""
            yield Turn(
                user_query=f"{said['speaker']}: {said['text']}{shared}",
                session_datetime=said_at.isoformat() if said_at else "",
                source_id=said["dia_id"],
                session_id=f"session_{number}",
            )


def _questions(asked: list[Any], known: set[str]) -> Iterator[Asked]:
    """Those with usable evidence; some ids are malformed (`D8:6; D9:17`, `D:11:26`, `D30:05`)."""
    for one in asked:
        places = re.findall(r"D:?(\d+):(\d+)", " ".join(one["evidence"]))
        evidence = {f"D{session}:{int(turn)}" for session, turn in places} & known
        if evidence:
            yield Asked(one["question"], frozenset(evidence), CATEGORIES[one["category"]])
