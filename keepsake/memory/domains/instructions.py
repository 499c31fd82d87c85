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
_IN_TONGUE = r"(?:in|to) (?-i:[A-Z])\w+(?:n|sh|ese|ch|ic)"
_MANNER = (
    rf"(?:{_ANSWERS}|exclamation (?:marks?|points?)|tables?|headings?|jargon|swearing|small talk|"
    r"metric|imperial|celsius|fahrenheit|spelling|grams|kilomet(?:re|er)s|miles|euros|dollars|"
    r"(?:\d+|a hundred|fifty) words|sentences? long|summar(?:y|ies)|citations?|sources|apolog\w+|"
    r"disclaimers?|(?:first|last|full|nick) ?name|formal(?:ly)?|informal(?:ly)?|"
    rf"{_IN_TONGUE}\b|explain\w*|code only|step by step)"
)
"""How an answer may be given."""
_SCOPE = (
    r"(?:always|never|from now on|from here on|in (?:the )?future|going forward|by default|"
    r"every time|each time|whenever|any ?more|in general|as a rule|at all times|"
    r"(?:for|in) (?:all|every|any|your) (?:future )?(?:answers?|repl(?:y|ies)|responses?|"
    r"conversations?|messages?))"
)
"""That it is meant for good."""
_DO = (
    rf"(?:please |just |only |always |never |do not |don't )*"
    rf"(?:{_BIDDEN}|stick|use|convert|speak)\b"
)
_WISH = (
    r"(?:I would (?:rather|prefer|like|love|appreciate)(?: it)?(?: if| that| for)? you|"
    r"I (?:want|need|prefer)(?: that| for)? you|(?:it|that) would be (?:\w+ )?(?:if|when) you|"
    r"(?:can|could|would) you|you (?:should|must|do not (?:have|need) to|need not|can stop))"
)
_SHARES = (
    r"(?:I (?:ask|send|write|say|paste|give|mention|share|post|talk|speak|want)|"
    r"you (?:give|write|show|suggest|send|make|recommend|answer|explain|plan|name|list|tell|draft|"
    r"mention|code|translate|summari[sz]e))"
)
_EMPHATIC = r"(?:(?:please |just |only |always |never |do not )+\w+|add|fix|give|show|tell|check)"
_GENERAL = (
    r"(?:dates?|times?|numbers|prices|amounts|units|measurements|temperatures|distances|weights|"
    r"recipes|quantities|names|code|comments|headings|titles|lists|tables|links|examples|answers|"
    r"replies|explanations|summaries|translations|feedback)"
)
"""What answers are made of, spoken of in general."""
_NO_BID = "i|we|my|our|it|he|she|they|the|you|that|this|there|people|everyone|nobody|a|an|your"
_OTHERWISE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:please )?{_WISH}\b(?=.*(?:\b{_SCOPE}\b|\b{_MANNER})).*",
        rf"^(?:when(?:ever)?|if|every time|each time) {_SHARES}\b[^,]*,? (?:{_DO}|{_EMPHATIC}\b).*",
        rf"^(?:{_DO}|{_EMPHATIC}) .*\bwhen(?:ever)? {_SHARES}\b.*",
        rf"^(?:no|only|just|less|more|fewer|shorter|longer) (?:more |so many )?{_MANNER}\b.*",
        rf"^{_MANNER}(?: \w+)? only\b.*",
        rf"^(?:\w+ ){{1,3}}{_IN_TONGUE},? (?:please|only)\b.*",
        rf"^I (?:want|prefer|need|like(?! (?:your|the|that|this|these)\b)) (?:\w+ ){{0,3}}"
        rf"{_ANSWERS}\b.*",
        rf"^I want (?:all|any|every|your) [\w ]*\b{_MANNER}.*|^I want (?:all|every) \w+ (?:in|"
        rf"as) .*",
        r"^I (?:would )?(?:prefer|like|love|hate|do not like|appreciate) it (?:when|if) you\b.*",
        r"^(?:(?:any|all|every|each)(?: of)?\b.*\byou|your)\b.*\b(?:should|must|ha(?:s|ve) to|"
        r"needs? to)\b.*",
        r"^all (?:of )?your \w+ (?:should|must|ha(?:s|ve) to|needs? to)\b.*",
        rf"^when(?:ever)? \w+ing\b[^,]*, (?:{_DO}|{_EMPHATIC}|avoid|prefer|keep|count|stay)\b.*",
        rf"^(?:whenever|every time|each time) (?:I|you) [^,]+, (?!(?:{_NO_BID})\b)\w+.*",
        rf"^(?:please )?(?:use|write|format|spell|round|show|put|give|list|state|convert) (?:all )?"
        rf"{_GENERAL} (?:as|in|to|with|like|without)\b.*",
        r"^(?:please )?(?:talk|speak|write|explain \w+) to me (?:like|as|in|with)\b.*|"
        r"^(?:please )?(?:just )?be (?!(?:there|here|back|sure|my|quick)\b)\w+ (?:with|to) me\b.*",
        rf"^(?:please )?(?:give|show|send|tell|write) me (?!(?:an?|the|this|some|that)\b)(?:\w+ )"
        rf"{{1,2}}{_IN_TONGUE}\b.*",
        r"^(?:you can|feel free to|there is no need to|no need to) (?:drop|skip|stop|spare|"
        r"leave out|"
        r"cut|avoid|explain|remind|apologi[sz]e|use)\b.*",
        rf"^I (?:do not )?want (?:any|everything|all|no)\b.*\b(?:in|as|from) (?:your {_ANSWERS}|"
        rf"\w+).*",
        r"^no (?!(?:thanks|thank|worries|problem|more)\b)[\w -]{3,30},? please\b.*",
        r"^(?:please )?(?:always|never|only) (?!(?:\w+[^s]s|\w+ed|been|had|gone|seen|done|got|"
        r"met|was|"
        r"were|is|are|"
        r"am|the|a|my|i|one|two|when|if|in|on|at|for|to)\b)\w+ (?!(?:i|we|you)\b)\w+.*\b(?:to|"
        r"for|with) me\b.*|"
        r"^(?:please )?always (?:double check|check|ask|warn|remind|start|end|answer|cite|"
        r"tell)\b.*",
        r"^(?:please )?do not \w+ (?!.*\b(?:today|now|yet|tonight|tomorrow)\b).*\b(?:for|to|"
        r"with) me[.! ]*$",
        r"^(?:can|could|would|will) you (?:please )?(?:stop|quit|avoid) \w+ing\b.*",
        r"^(?:please )?use (?:my \w+ ?name|(?!(?:this|that|it|the)\b)[\w/' -]+ for me)\b.*",
        rf"^{_GENERAL} (?:in|as|with|without) [\w /'-]+?,? (?:please|only|always)[.! ]*$",
        r"^no need (?:for|to) (?!(?:worry|rush|thank|reply|go|panic|hurry|be|do|say)\b)\w+.*",
        r"^(?:please )?(?:avoid|use|include|skip|put|add|leave out)\b.*\b(?:everything|anything|"
        r"whatever|"
        r"all)(?: that)? you (?:write|say|send|give)\b.*",
        rf"^(?:please,? )?{_SCOPE},? {_DO}.*",
        rf"^(?:for|in) (?:all|every|any) (?:future )?\w+(?: \w+)?,? {_DO}.*",
        rf"^{_DO}.*\b{_SCOPE}[.! ]*$",
        r"^(?:please )?(?:do not ever|never ever) \w+.*|^(?:please )?do not \w+ .*\bever\b.*",
        r"^(?:no|at most|not) (?:more|less|longer|fewer)?\b.*\b(?:per|an?|each) "
        r"(?:answer|reply|response)\b.*",
        rf"^(?:please )?(?:stop|quit|avoid) (?:\w+ing)\b.*\b(?:{_SCOPE}|{_MANNER}|every)\b.*",
    )
)
"""Requests that do not begin with the verb that is bidden."""
_ONCE = re.compile(
    r"\b(?:this (?:question|one|time|e-?mail|text)|now|today|tonight)\b$", re.IGNORECASE
)
_FORGETTING = (
    r"^(?:(?:please|you can|you may|can you|could you|just|you) )*"
    r"(?:forget|delete|remove|erase|wipe|do not (?:need to |have to )?remember|stop remembering)"
)
FORGET = re.compile(
    rf"{_FORGETTING}(?: about)?(?: that)? (?=(?:i|we|"
    r"my (?:[\w-]+ ){1,3}?(?:is|are|was|has|works?|lives?))\b)",
    re.IGNORECASE,
)
"""Takes a statement back: `Forget that I live in Rome`."""
_FORGET_TOPIC = re.compile(
    rf"{_FORGETTING} (?:(?:all|everything|anything|what(?:ever)?)(?: that)?"
    r"(?: (?:I|you|we) (?:ever )?(?:told you|said|mentioned|know|have|remember|stored|"
    r"wrote|shared))?(?: (?:about|of|on|"
    r"regarding))?|about|that)? ?(?P<topic>(?:my|our|the|where|who|what|how)\b.+?|"
    r"(?<=about )(?!it\b|this\b|that\b)[\w' -]{2,40}?)(?:,? please)?[.!?]*$",
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
    bidden = _INSTRUCTION.match(plain) or any(form.match(plain) for form in _OTHERWISE)
    if not bidden or _ONCE.search(plain.rstrip(".!? ")) or _is_question(plain):
        return None
    return Slot("instruction", plain.lower().rstrip(".! "), single=False)


def _is_question(plain: str) -> bool:
    """Whether it asks for an answer: `could you always …?` and `could you stop …?` do not."""
    for_good = rf"\b(?:{_SCOPE}|you (?:please )?(?:stop|quit|avoid) \w+ing)\b"
    return plain.endswith("?") and not re.search(for_good, plain, re.IGNORECASE)


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
