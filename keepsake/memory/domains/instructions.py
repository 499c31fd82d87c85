"""What the user asks for once and for all: how to be answered, and what is to be forgotten."""

import re

from keepsake.memory.domains import words
from keepsake.memory.models import Slot

_MOST_TOPIC_WORDS = 4
_ANSWERS = (r"(?:answers?|repl(?:y|ies)|respon(?:d|ses?)|explanations?|emojis?|bullet points?|"
            r"talk(?:ing)? to me|write to me|address me|speak to me)")  # fmt: skip
_BIDDEN = "|".join(sorted(words("bidden")))
_INSTRUCTION = re.compile(
    rf"^(?:please )?(?:(?:always|never|from now on|from here on|in (?:the )?future|going forward|"
    rf"whenever|every time)\b,? (?:please |always |never |do not |only )*(?:{_BIDDEN})\b.*|"
    rf"(?:keep|make|format|use|give me|avoid|write|skip)\b.*\b(?:{_ANSWERS})\b.*|"
    rf"(?:answer|reply|respond|talk|speak)(?: to me| me)? (?:in|with|only|briefly|concisely)\b.*|"
    rf"do not (?:use|include|add|schedule|book|plan|call|text|email|disturb|wake|send|suggest|"
    rf"recommend|remind|address|start|explain)\b.*"
    rf"(?:\b(?:before|after|on (?:\w+day)s?|anything|emojis?|with me|{_ANSWERS})\b).*|"
    rf"no (?:emojis?|small talk|bullet points|tables|jargon|swearing)\b.*|"
    rf"stop \w+ing\b.*(?:\b(?:all the time|every time|so much|me|emojis?)\b).*|"
    rf"use (?:metric|imperial|british|american|simple|formal|informal|celsius|fahrenheit|the "
    rf"24)\b.*)$",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:this (?:question|one|time|e-?mail|text)|now|today|tonight)\b$", re.IGNORECASE
)
FORGET = re.compile(
    r"^(?:(?:please|you can|you may|can you|could you|just) )*(?:forget|delete|remove|erase|wipe)"
    r"(?: about)?(?: that)? (?=(?:i|we|my (?:[\w-]+ ){1,3}?(?:is|are|was|has|works?|lives?))\b)",
    re.IGNORECASE,
)
"""Takes a statement back: `Forget that I live in Rome`."""
_FORGET_TOPIC = re.compile(
    r"^(?:(?:please|you can|you may|can you|could you|just) )*(?:(?:forget|delete|remove|erase|"
    r"wipe) "
    r"(?:(?:all|everything|anything|what(?:ever)?|whatever)(?: that)?(?: (?:I|you|we) (?:ever )?"
    r"(?:told you|said|mentioned|know|have|remember|stored|wrote|shared))?(?: (?:about|of|on|"
    r"regarding))?|"
    r"about|that)? ?)(?P<topic>(?:my|our|the|where|who|what|how)\b.+?"
    r"|(?<=about )(?-i:[A-Z])[\w'-]+(?: (?-i:[A-Z])[\w'-]+)?)(?:,? please)?[.!?]*$",
    re.IGNORECASE,
)
_TOPIC_WORDS = {
    "where i live": "lives_in", "my home": "lives_in", "my address": "lives_in",
    "where i work": "works_at", "my job": "works_at works_as", "my work": "works_at works_as",
    "my employer": "works_at", "my name": "name", "who i am": "name", "how old i am": "age",
    "my allergies": "allergic_to", "my diet": "avoids eats is",
    "who i am married to": "married_to",
}  # fmt: skip


def instruction(plain: str) -> Slot | None:
    """What the user asks for once and for all, such as `Always answer in German`."""
    if not _INSTRUCTION.match(plain) or _ONCE.search(plain.rstrip(".! ")) or plain.endswith("?"):
        return None
    return Slot("instruction", plain.lower().rstrip(".! "), single=False)


def forgotten_topic(plain: str) -> str:
    """What is to be forgotten: attributes, or the words that name it; empty when nothing is."""
    match = _FORGET_TOPIC.match(plain)
    if match is None:
        return ""
    topic = match["topic"].lower()
    if topic in _TOPIC_WORDS:
        return _TOPIC_WORDS[topic]
    noun = re.sub(r"^(?:my|our|the)\s", "", topic)
    return noun if len(noun.split()) <= _MOST_TOPIC_WORDS else ""
