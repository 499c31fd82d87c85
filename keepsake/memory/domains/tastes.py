"""Likings that are said without a verb of liking: `X over Y any day`, `X is not my thing`."""

import re
from collections.abc import Iterator

from keepsake.memory.domains.values import bare, taste
from keepsake.memory.models import Slot

_WHAT = r"(?P<v>[\w'-]+(?: [\w'-]+){0,5}?)"
_OTHER = r"(?P<o>[\w'-]+(?: [\w'-]+){0,4}?)"
_ALWAYS = (
    r"(?:,? (?:always|any ?(?:day|time)|every time|hands down|all day long|all the way)"
    r"(?: of the week)?|,? please)*"
)
_END = rf"{_ALWAYS}(?:, .*)?[.! ]*$"
_SURELY = r"(?:(?:always|much|definitely|really|totally|honestly|just|so|simply|also) )*"
_GOOD = (
    r"(?:great|good|fine by me|amazing|delicious|wonderful|the best|my (?:thing|jam|favorite)|"
    r"always welcome|heaven|perfect)"
)
_PREFERS, _LIKES, _DISLIKES = (
    tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
    for patterns in (
        (
            rf"^I would {_SURELY}(?:pick|take|choose|go for|have) {_WHAT} over {_OTHER}{_END}",
            rf"^I {_SURELY}(?:pick|choose|go for) {_WHAT} over {_OTHER}{_END}",
            rf"^I would {_SURELY}(?:rather|sooner) {_WHAT} than {_OTHER}{_END}",
            rf"^give me {_WHAT} over {_OTHER}{_END}",
            rf"^{_WHAT} (?:>|beats?|trumps?) {_OTHER}{_END}",
            rf"^{_WHAT} (?:over|instead of|before) {_OTHER},? (?:always|any ?(?:day|time)).*",
            rf"^{_WHAT} (?:is|are) (?:so much |much |way |far )?better than {_OTHER}{_END}",
        ),
        (
            rf"^give me {_WHAT},? any ?(?:day|time).*",
            rf"^(?:there(?:'s| is) )?(?:nothing|not much) (?:quite )?(?:beats|like|"
            rf"better than) {_WHAT}"
            rf"(?: (?:after|before|on|in|when|for) .*)?{_END}",
            rf"^I (?:can not|could not) (?:get enough of|live without|do without|"
            rf"resist) {_WHAT}{_END}",
            rf"^I could (?:eat|drink|watch|listen to|read|play) {_WHAT} (?:every (?:single )?day|"
            rf"all day(?: long)?|forever|for ever|any ?time|non-?stop|"
            rf"again and again)(?:,.*)?[.! ]*$",
            rf"^I {_SURELY}(?:live for|swear by|can not stop eating) {_WHAT}{_END}",
            rf"^I am (?:a )?{_SURELY}(?:big |huge |total )?(?:sucker for|hooked on|obsessed with|"
            rf"addicted to|partial to|mad about|nuts about|all about|in love with) {_WHAT}{_END}",
            rf"^what I (?:love|like|enjoy)(?: the)?(?: most| best)? (?:is|are) {_WHAT}{_END}",
            rf"^{_WHAT} makes? me (?:happy|smile){_END}",
            rf"^I have (?:a thing|a soft spot|a weakness|a passion) for {_WHAT}{_END}",
            rf"^{_WHAT} (?:is|are) {_SURELY}my (?:thing|jam|cup of tea|weakness|passion|"
            rf"happy place|"
            rf"comfort food|guilty pleasure|(?:absolute |all-time |big )?favorites?){_END}",
            rf"^(?:anything|everything|all things|any dish) (?:with |made of |about |"
            rf"that is )?{_WHAT} "
            rf"(?:is|are) {_SURELY}{_GOOD}{_END}",
            rf"^(?:anything|everything|any dish) (?:with |made of )?{_WHAT} (?:makes me happy|"
            rf"works for me|gets my vote|will do){_END}",
            rf"^(?:the )?best [\w ]{{2,25}} (?:ever|of all time|in the world) (?:is|are|has to be) "
            rf"{_WHAT}{_END}",
            rf"^(?!(?:not|never|no|i|we) ){_WHAT},? always,? please[.! ]*$",
        ),
        (
            rf"^I {_SURELY}do not {_SURELY}(?:much )?care (?:much )?for {_WHAT}{_END}",
            rf"^I (?:could|can) (?:happily )?(?:do|live) without {_WHAT}{_END}",
            rf"^I can not (?:be doing with|be bothered with|bear|deal with|abide) {_WHAT}{_END}",
            rf"^I would (?:not|never) (?:touch|eat|drink|go near) {_WHAT}{_END}",
            r"^I do not do (?P<v>[\w-]+s)[.! ]*$",
            rf"^I have no (?:time|patience|love) for {_WHAT}{_END}",
            rf"^{_WHAT} (?:is|are) {_SURELY}not {_SURELY}(?:my (?:thing|cup of tea|jam)|"
            rf"for me){_END}",
            rf"^what I (?:hate|dislike)(?: the)?(?: most)? (?:is|are) {_WHAT}{_END}",
            rf"^{_WHAT} makes? me (?:gag|sick|queasy|shudder|cringe|want to throw up){_END}",
            rf"^{_WHAT} tastes? like (?:soap|soil|dirt|cardboard|nothing)\b.*",
            rf"^I (?:have|take|see) (?:no|zero|little) (?:interest|fun|joy) in {_WHAT}"
            rf"(?: whatsoever| at all)?{_END}",
        ),
    )
)  # fmt: skip
_NO_VALUE = re.compile(
    r"\b(?:it|this|that|these|those|them|you|me|him|her|us|anything|something|everything|what|"
    r"which|who|where|there|i|we|they|is|are|was|one|ones|nothing)\b",
    re.IGNORECASE,
)
"""What means nothing by itself, or is a clause."""


_EMPHASIS = re.compile(r"\b(?:really|just|totally|honestly|simply|absolutely|definitely|truly) ")
_WHEN = re.compile(
    r"^I (?:hate|can not stand|do not like|dislike) it when "
    r"(?P<v>(?!(?:you|i|it|this|that|he|she|they)\b)[\w' -]{5,50}?)[.! ]*$",
    re.IGNORECASE,
)


def tastes(plain: str) -> Iterator[Slot]:
    """What a clause says that its speaker likes, likes better or does not like."""
    plain = _EMPHASIS.sub("", plain)
    happens = _WHEN.match(plain)
    if happens:
        yield taste(f"when {happens['v'].lower()}", likes=False)
        return
    for form in _PREFERS:
        match = form.match(plain)
        if match and not (_NO_VALUE.search(match["v"]) or _NO_VALUE.search(match["o"])):
            yield Slot("prefers", f"{bare(match['v'])} over {bare(match['o'])}", single=False)
            return
    for forms, likes in ((_LIKES, True), (_DISLIKES, False)):
        matches = (form.match(plain) for form in forms)
        match = next((m for m in matches if m and not _NO_VALUE.search(m["v"])), None)
        if match:
            yield taste(bare(match["v"]), likes=likes)
            return


def tells_taste(plain: str) -> bool:
    """Whether a clause says so, whatever else it looks like."""
    return next(tastes(plain), None) is not None
