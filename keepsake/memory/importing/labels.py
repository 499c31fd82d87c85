"""Plain text and Markdown whose speakers are named before what they say."""

import re
from collections import Counter
from collections.abc import Iterator

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.messages import side_of
from keepsake.memory.importing.words import without_reasoning

_LABELS = {
    "heading": re.compile(
        r"^\s{0,3}#{1,6}\s+\W{0,6}(?P<name>[^\W_][\w .'-]{0,39}?)\s*(?::\s*(?P<rest>.*))?$"
    ),
    "bold": re.compile(
        r"^\s{0,3}(?:\*\*|__)\W{0,4}(?P<name>[^\W_][\w .'-]{0,39}?)\s*:?(?:\*\*|__)\s*:?"
        r"(?P<rest>.*)$"
    ),
    "colon": re.compile(
        r"^\s{0,3}(?:\[[^\]]{1,40}\]\s*)?(?P<name>[^\W\d_][\w .'-]{0,39}?)\s*:(?:\s+(?P<rest>.*))?$"
    ),
}  # fmt: skip
"""The forms of a label, by which one speaker is told from the next."""
_ENDINGS = {"input": Voice.USER, "prompt": Voice.USER, "response": Voice.AGENT}
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
_CODE_FENCE = re.compile(r"^\s*```")


def read(text: str) -> list[Chat]:
    """The chat of a text; nothing when it names no speakers."""
    lines = text.splitlines()
    outside = _outside_code(lines)
    for form in _LABELS:
        sides = _speakers(lines, outside, form)
        if sides:
            return [Chat(list(_messages(lines, outside, form, sides)))]
    return []


def _outside_code(lines: list[str]) -> list[bool]:
    """Which lines stand in no fenced code."""
    outside: list[bool] = []
    fenced = False
    for line in lines:
        fence = _CODE_FENCE.match(line) is not None
        outside.append(not fenced and not fence)
        fenced ^= fence
    return outside


def _speakers(lines: list[str], outside: list[bool], form: str) -> dict[str, Voice]:
    """Who speaks, by name; none when labels of this form name nobody.

    The user and the agent are known by their roles. Where there is no known agent, whoever is
    named as often as anybody speaks as well: none of it is the user's. Without any role, a text
    that begins with a name and has two names again and again is what these people said.
    """
    named = [name for line, is_outside in zip(lines, outside, strict=True)
             if is_outside and (name := _name(line, form))]  # fmt: skip
    first_user = next((n for n, name in enumerate(named) if _side(name) is Voice.USER), 0)
    named = named[first_user:]  # what stands before is a heading
    sides: dict[str, Voice] = {name: _side(name) for name in dict.fromkeys(named)}
    known: dict[str, Voice] = {
        name: side for name, side in sides.items() if side is not Voice.NAMED
    }
    heard = set(known.values())
    if Voice.USER in heard and Voice.AGENT in heard:
        return known
    others = Counter(name for name in named if name not in known)
    if heard & {Voice.USER, Voice.AGENT}:
        often = [name for name, count in others.items() if count > 1] or list(others)[:1]
        return known | dict.fromkeys(often, Voice.NAMED)
    first = next((line for line in lines if line.strip()), "")
    again = [name for name, count in others.items() if count > 1]
    begins = _name(first, form) in again
    return dict.fromkeys(again, Voice.NAMED) if begins and len(again) > 1 else {}


def _name(line: str, form: str) -> str:
    match = _LABELS[form].match(line)
    return match["name"].strip() if match else ""


def _side(name: str) -> Voice:
    """`User Input` and `You said` are the user; `ChatGPT said` is somebody's name."""
    plain = name.lower()
    asks_or_answers = _ENDINGS.get(plain.rpartition(" ")[2])
    return asks_or_answers or side_of(plain.removesuffix(" said"))


def _messages(
    lines: list[str], outside: list[bool], form: str, sides: dict[str, Voice]
) -> Iterator[ChatMessage]:
    name, said = "", list[str]()
    for line, is_outside in zip(lines, outside, strict=True):
        speaker = _name(line, form) if is_outside else ""
        if speaker in sides:
            yield from _message(name, said, sides)
            match = _LABELS[form].match(line)
            name, said = speaker, [(match["rest"] or "") if match else ""]
        elif not (is_outside and _RULE.match(line)):
            said.append(line)
    yield from _message(name, said, sides)


def _message(name: str, lines: list[str], sides: dict[str, Voice]) -> Iterator[ChatMessage]:
    text = "\n".join(lines).strip()
    if name and text:
        side = sides[name]
        yield ChatMessage(side, text if side is Voice.USER else without_reasoning(text), name=name)
