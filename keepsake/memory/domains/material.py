"""Whose words a turn holds: the user's own, or material that is only shown or played.

What is pasted, quoted, translated, played or logged is about somebody else. A fact made of it is
false, and may end a true one.
"""

import re

from keepsake.memory.domains import words
from keepsake.memory.domains.contrasts import renamed, written_apart
from keepsake.memory.domains.earnest import in_earnest, names_frame
from keepsake.memory.domains.lists import is_head, itemised, written_out
from keepsake.memory.domains.statement_filter import sentences, unquoted, without_lead

_FENCE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
_CAPITAL = r"[A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u017f\u0391-\u03a9\u0410-\u042f][\w'-]*"
_LABEL = re.compile(rf"^(?P<name>{_CAPITAL}(?: {_CAPITAL}){{0,2}}|[Hh]i all):\s+(?=\S)")
_OTHERS = words("others")
"""Labels of what is not the user's own."""
_LABELS = words("labels")
"""Labels of what the user says; nobody is called so."""
_NO_NAME = re.compile(r"\w{3,}(?:tion|ment|ness|ity|ance|ence|ism|ings|ies|ware|ship|ology)$")
_SHOUTED = re.compile(r"^[A-Z]{3,}$")
_TEXT = (
    r"(?:bios?|biograph(?:y|ies)|profiles?|stor(?:y|ies)|texts?|e-?mails?|mails?|letters?|drafts?|"
    r"poems?|essays?|paragraphs?|dialogues?|scripts?|articles?|quotes?|messages?|chapters?|scenes?|"
    r"lyrics|songs?|notes|sentences?|posts?|reviews?|abstracts?|transcripts?|pages?|websites?|"
    r"captions?|cvs?|resumes?|résumés?|statements?|speech(?:es)?|intros?|introductions?|ads?|"
    r"descriptions?|logs?|errors?|output|tracebacks?|code|snippets?|passages?|summar(?:y|ies)|"
    r"(?:opening|first|last|closing|punch) ?lines?|translations?|grammar|spelling|wording|"
    r"comments?|tweets?|tickets?|reports?|applications?)"
)
_VERSE = (
    r"(?:poems?|limericks?|haikus?|sonnets?|rhymes?|verses?|raps?|songs?|lyrics|jokes?|riddles?)"
)
_SAMPLE = r"(?:exercise|homework|example|sample|sentence|worksheet|textbook|quiz)"
_WORK = (
    r"(?:fix|correct|check|proofread|translate|rewrite|rephrase|reword|summari[sz]e|shorten|"
    r"paraphrase|edit|improve|polish|review|analy[sz]e|continue|complete|reply to|respond to|"
    r"answer|format|simplify|explain|classify|extract|convert|critique|rate|grade|comment on|"
    r"debug|annotate|expand|conjugate|transcribe|punctuate|pronounce|clean up|tidy up|read|"
    r"look at|finish|spell-?check)"
)
_TONGUE = rf"(?:{'|'.join(sorted(map(re.escape, words('languages'))))})"
_POLITE = r"(?:(?:(?:can|could|would|will) (?:you|u)|please|pls|help me|now|kindly)[ ,]+)*"
_REWORK = (
    r"(?:translate|proofread|rewrite|rephrase|reword|summari[sz]e|shorten|paraphrase|polish|edit|"
    r"correct|spell-?check|critique)"
)
_ASKED = re.compile(
    rf"[,;]\s+(?=(?:(?:and|so|but|now|then) )?"
    rf"(?:(?:please|pls|kindly|help me|(?:can|could|would|will) (?:you|u))[ ,]+)+"
    rf"(?:please )?{_WORK}\b)",
    re.IGNORECASE,
)
"""Where a request begins within a sentence; what is before it is the user's own."""
_HANDED_OVER = re.compile(
    rf"^{_POLITE}{_WORK}\b|"
    rf"^what (?:do|did|would) you (?:think|make) (?:of|about)\b|^(?:any )?(?:thoughts|feedback)\b|"
    rf"^(?:is|does|do|are|how (?:is|does|do)) (?:this|these|the following|my)\b|"
    rf"^(?:here(?: is|'s| are)|this is|below is|see|these are|i (?:found|got|read|saw|received|"
    rf"wrote|copied|have)|from|my)\b.*\b{_TEXT}\b|"
    rf"\b(?:says|reads|said|goes|states|claims|writes|wrote)(?: that)?:|^quote\b|"
    rf"\b(?:following|below)\b.{{0,30}}:|"
    rf"^(?!(?:i|we|my|our)\b)[^:]*\b(?:this|these|my {_TEXT})\b[^:]{{0,40}}(?::|\s-\s)|"
    rf"^(?:tl;?dr|eli5|thoughts|summary)\W*$|"
    rf"\bhow (?:should|do|would|can) (?:i|we) (?:reply|respond|answer)\W*$|"
    rf"^(?!(?:i|we|my|our)\b).*\b(?:this|these)\b[^.!]*$|"
    rf"\b(?:got|found|saw|received|copied|wrote|sent|posted|forwarded|shared)(?: me| us)? "
    rf"(?:this|these|that|the following)\b|"
    rf"^(?:please )?(?:make|finish|write|continue|guess)\b[^.]*\b(?:{_TEXT}|{_VERSE})\b",
    re.IGNORECASE,
)
"""A sentence that shows something to be worked on, or tells what something says."""
_INTRODUCED = re.compile(
    rf"^(?:here(?: is|'s| are)|this is) (?:[\w']+ ){{0,4}}{_TEXT}\b|"
    rf"^(?:mine|ours|(?:my |the |a )?(?:(?:first|second|current|rough|new|latest) )?(?:answer|"
    rf"attempt|try|pitch|reply|{_TEXT}))(?: (?:so far|now|currently|is|would be|goes))*\s*:|"
    rf"^(?:quick |a )?(?:grammar|spelling|spell|tone|proof)[ -]?(?:check|correction|read)\b"
    rf"[^:.]{{0,20}}(?::|\s-\s)|"
    rf"^[^:]{{0,40}}\b(?:{_VERSE}|{_SAMPLE})\b[^:]{{0,20}}:|"
    rf"^how (?:do|would|can|should) (?:you|i|we) (?:say|write|translate|spell|pronounce|put)\b|"
    rf"\b{_SAMPLE}\b[^:]{{0,25}}\b(?:is|goes|was|to (?:say|write|translate)) "
    rf"(?=(?-i:[A-Z])|that\b)|"
    rf"\b(?:says|said|reads|goes|went|states|claims|writes|wrote|tweeted|posted|promised|promises|"
    rf"shouted|yelled|announced|was like|is like):|"
    rf"^(?!i |my |we )[^:.]{{0,50}}\b(?:in|into|to|for) {_TONGUE}\b[^:.]{{0,20}}:|"
    rf"^(?:[\w' ]+ )?(?:i|we) need [^:.]{{0,30}}\bin {_TONGUE}\b[^:.]{{0,20}}:|"
    rf"^[^:.]{{0,30}}\b{_TONGUE} (?:version|translation)\b[^:.]{{0,10}}:|"
    rf"^{_TONGUE} (?:in)?to {_TONGUE}\b|^{_POLITE}translate (?:this |that )?(?:in)?to {_TONGUE}\b|"
    rf"^[^:.]{{0,40}}\b{_TEXT}\b[^:.]{{0,20}}\b(?:is|was|goes|went|were):|"
    rf"^{_POLITE}{_REWORK} (?:this|these|the following)(?: for [^,.]+)?[.?!]*$|"
    rf"^{_POLITE}{_REWORK} (?:this|these|the|his|her|their|(?:my|our) (?:\w+ )?\w+'s) "
    rf"(?:\w+ )?{_TEXT}\b[^,.]{{0,30}}[.?!]*$|"
    rf"^(?:the|that|this|an?) (?:\w+ ){{0,2}}?(?:{_VERSE}|sayings?|proverb|motto|slogan|meme|"
    rf"chorus) "
    rf"(?:goes|says|reads|went|said)\b|"
    rf"^(?:the|that|his|her|their) [\w' -]{{2,40}} (?:was|read|said|went):|"
    rf"^{_POLITE}make (?:it|this|that) [^:.]{{0,30}}(?::|\s-\s)|"
    r"[:\N{EN DASH}\N{EM DASH}-]\s*dear (?-i:[A-Z])\w",
    re.IGNORECASE,
)
"""What follows it is material even in the same line, and after a full stop."""
_POINTED_AT = re.compile(
    rf"^(?:(?:(?:can|could|would|will) (?:you|u)|please|pls)[ ,]+)*{_WORK}\b.*"
    rf"\b(?:this|that|it|above|the {_TEXT})\b[^:]*$|"
    rf"^(?:what do you think|(?:any )?(?:thoughts|feedback)|is (?:this|that|it) (?:an? )?(?:ok|"
    rf"okay|correct|"
    rf"right|good)|(?:does|how does) (?:this|that|it) (?:sound|read|look))\b.*[?]?$|"
    rf"\b(?:posted|wrote|sent|shared|forwarded)(?: me)? (?:this|that|it)\b",
    re.IGNORECASE,
)
_THAT_WAS = re.compile(
    r"(?:^|[.!?\n]\s*)that(?:'s| is| was) (?:how (?:it|(?:the|my) \w+) (?:starts|begins|goes|opens|"
    r"ends)|(?:the|my) (?:first|opening|last|closing) (?:line|sentence|paragraph|verse)|the chorus)"
    r"[.!]*$",
    re.IGNORECASE,
)
"""An end that says that all before it was material."""
_SALUTATION = re.compile(r"^(?:dear|hi|hello|hey) [\w .'-]{2,40},?$", re.IGNORECASE)
_SIGNED = re.compile(
    r"^(?:(?:best|kind|warm|many|with|all the) .{0,25}|(?:best|yours|sincerely|cheers|thanks|love|"
    r"regards|thank you)(?: \w+)?),?$",
    re.IGNORECASE,
)
"""How letters begin and end."""
_MACHINE = re.compile(
    r"^\s*(?:traceback \(most recent|file [\"'].*[\"'](?:, line|$)|\w*(?:error|exception)\b.*:|"
    r"at [\w.$]+\(.*\)|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?(?:info|warn(?:ing)?|error|debug|trace|"
    r"fatal)\b[\]:]|\$ \w|>>> |from: |to: .*@|subject: |sent: |dear \w|begin forwarded|"
    r"\[?\d{1,2}:\d\d(?::\d\d)?\]? (?:<\w+>|\w+:)|"
    r"-{3,} ?(?:original|forwarded)|on .{5,60} wrote:|[{}<>/#@;]|(?:def|class|import|function|"
    r"const|let|var|public|select) \w+.*[:;({=])|^\s*(?:\[|\()?(?:verse|chorus|bridge|refrain|"
    r"pre-chorus|outro)\b(?: \d+)?(?:\]|\))?:?\s*$|^(?:int|ext)\. |^act [ivx\d]+\b",
    re.IGNORECASE,
)
"""Lines of logs, traces, code, e-mails, lyrics and scripts."""
_SONG = re.compile(
    r"^\s*[\[(]?(?:verse|chorus|bridge|refrain)\b(?: \d+)?[\])]?:?\s*$", re.IGNORECASE
)
_VERSES, _VERSE_WORDS, _RHYME = 4, 10, 3
"""How few lines verses are, how long they may be, and how many letters rhyme."""


def spoken(text: str, named: str = "") -> tuple[str, list[str]]:
    """Who speaks (`user` unless the text names a speaker) and the sentences they say themselves.

    named: who is known to speak.
    """
    if named:
        return named.lower(), list(in_earnest(_own(text, named)))
    label = _label(text)
    if label.lower() in _OTHERS or (label and (names_frame(label) or _hands_over(f"{label}:"))):
        return "user", []
    speaker = speaker_of(text)
    body = text[len(label) + 1 :] if label and not is_head(label) else text
    return speaker.lower() or "user", list(in_earnest(_own(body, speaker)))


def speaker_of(text: str) -> str:
    """The speaker's name in `Ana: I live here.`; empty when there is none.

    A label (`Update:`, `SYSTEM:`) names nobody.
    """
    name = _label(text)
    words = name.lower().split()
    nobody = any(word in _LABELS or word in _OTHERS or _NO_NAME.match(word) for word in words)
    return "" if nobody or is_head(name) or any(map(_SHOUTED.match, name.split())) else name


def _label(text: str) -> str:
    match = _LABEL.match(text)
    return match["name"] if match else ""


def _own(body: str, speaker: str) -> list[str]:
    """The sentences before what is handed over."""
    if _THAT_WAS.search(body.strip()):
        return []
    body = _QUOTED_LINE.sub("\n>", _FENCE.sub(" ", body))
    lines = itemised([line for line in body.splitlines() if line.strip()])
    lines = lines[: _shown_from(lines)]
    own: list[str] = []
    for number, line in enumerate(lines):
        other = speaker_of(line.strip())
        if line.startswith(">") or _MACHINE.match(line) or (number and other not in {"", speaker}):
            break
        said = [part for each in sentences(renamed(unquoted(line))) for part in _ASKED.split(each)]
        more = number < len(lines) - 1
        cut = next(
            (
                n
                for n, each in enumerate(said)
                if _hands_over(each, follows=more and n + 1 == len(said))
            ),
            None,
        )
        own += (part for each in said[:cut] for part in written_apart(written_out(each)))
        if cut is not None:
            break
    return own


def _shown_from(lines: list[str]) -> int:
    """The first line of what is shown as a whole: a song, a letter, verses, what is pointed at."""
    bare = [line.strip() for line in lines]
    if any(map(_SONG.match, bare)) or (len(bare) > 1 and _POINTED_AT.search(bare[-1])):
        return 0
    letter = next((n for n, line in enumerate(bare) if _SALUTATION.match(line)), len(bare))
    signed = any(map(_SIGNED.match, bare[max(letter + 1, len(bare) - 2) :]))
    verse = next((n for n in range(len(bare) - 2) if _is_verse(bare[n:])), len(bare))
    return min(letter if signed else len(bare), verse)


def _is_verse(lines: list[str]) -> bool:
    """Whether lines are verses: short, without full stops, and carried on or rhymed."""
    if len(lines) < _VERSES or any(len(line.split()) > _VERSE_WORDS for line in lines):
        return False
    if sum(line.endswith((".", "!", "?")) for line in lines) > len(lines) // 2:
        return False
    ends = [re.sub(r"\W", "", line.split()[-1].lower())[-_RHYME:] for line in lines]
    rhymes = sum(end in ends[n + 1 : n + 3] for n, end in enumerate(ends))
    commas = sum(line.endswith(",") for line in lines)
    carried = any(
        re.match(r"(?:and|but|nor|oh|while|till)\b", line, re.IGNORECASE) for line in lines
    )
    return carried or rhymes > 1 or 2 * commas >= len(lines)


def _hands_over(sentence: str, *, follows: bool = False) -> bool:
    """Whether what follows a sentence, after its colon or in the next lines, is material."""
    said = without_lead(sentence)
    if _INTRODUCED.search(said):
        return True
    colon = said.endswith(":") or re.search(r"(?::|\s-)\s*\S", said) is not None
    return (colon or follows) and _HANDED_OVER.search(said) is not None
