"""Which encodings a text that is not UTF-8 may be in, judged by what its letters would be."""

import re

from charset_normalizer import from_bytes

_SAMPLE_BYTES = 16_384
_FIRST_FOREIGN = 0x80
_SHORT_BYTES = 24
"""Of foreign bytes: fewer fit several encodings by chance."""
_LINES = re.compile(rb"[^\n]{0,2000}[\x80-\xff][^\n]{0,2000}\n?")
_RUNS = re.compile(rb"([A-Za-z]?)([\x80-\xff]+)([A-Za-z]?)")
_EUROPEAN = re.compile(
    "[À-žſȘșȚțẞ€£¥§¶©®°±²³µ·«»¿¡ªº¹¼½¾\u00a0\u2013\u2014\u2018-\u201e\u2022\u2026\u2122]+"
)
_LATIN = ("cp1252", "cp1254", "cp1250", "iso8859-2")
"""The alphabets of Europe, the likeliest first."""
_LONGEST_RUN, _MEAN_RUN = 3, 1.5
_ODD = re.compile(
    r"(?<=[^\W\d_])[^\w\s\x00-\x7f\xa0\u2010-\u2026]|[¹²³](?=[^\W\d_])|[ðþýÐÞÝ]"
    r"|(?<=[a-zß-ÿ])[À-ÖØ-Þ](?=[a-zß-ÿ])"
)
"""What seldom stands in a word: signs, capitals between small letters, letters of Iceland alone."""
_EASTERN = {
    "cp932": ("euc_jp", 0xB0, 0xCF),
    "euc_jp": ("euc_jp", 0xB0, 0xCF),
    "gb18030": ("gb2312", 0xB0, 0xD7),
    "big5": ("big5", 0xA4, 0xC6),
    "cp949": ("euc_kr", 0xB0, 0xC8),
}
"""By encoding: in another one, the first bytes of the characters that are in daily use."""
_WESTERN = {
    "cp1251": "[Ѐ-ӿ]", "koi8_r": "[Ѐ-ӿ]", "cp866": "[Ѐ-ӿ]", "iso8859_5": "[Ѐ-ӿ]",
    "cp1253": "[Ͱ-Ͽ]", "iso8859_7": "[Ͱ-Ͽ]", "cp1255": "[֐-׿]", "cp1256": "[؀-ۿ]",
    "cp874": "[฀-๿]",
}  # fmt: skip
"""By encoding its letters; of each alphabet the usual encoding first."""
_MIXED = re.compile(
    r"[\u0430-\u045f\u03b1-\u03ce][\u0400-\u042f\u0391-\u03a9]|[A-Za-z][^\W\d_A-Za-z]|[^\W\d_A-Za-z][A-Za-z]"
)
"""A capital behind a small letter, or two scripts in a word: so the wrong encoding looks."""
_MOST_MIXED = 0.05
_HALF_WIDTH = re.compile(rb"[\x00-\x7f\xa1-\xdf]*")
"""Of the east alone the Japanese write so, a byte for each of their letters."""
_JAPANESE = ("cp932", "euc_jp")
_KANA = re.compile("[\u3041-\u30ff]")
_LEAST_COMMON = 0.85
_LEAST_LETTERS, _LEAST_ALPHABET = 0.6, 0.8


def guessed(source: bytes) -> list[str]:
    """The encoding that is meant; none where it is anybody's guess."""
    sample = b"".join(_LINES.findall(source, 0, 1 << 18))[:_SAMPLE_BYTES]
    if _is_european(sample) and (european := _european(sample)):
        return european
    likely = [name for name in (*_EASTERN, *_WESTERN) if _fits(sample, name)]
    if sum(byte >= _FIRST_FOREIGN for byte in sample) < _SHORT_BYTES:
        return _of_short(sample, likely)
    best = from_bytes(sample, cp_isolation=likely).best() if likely else None
    if best is not None:
        return [best.encoding]
    return likely[:1]


def _of_short(sample: bytes, likely: list[str]) -> list[str]:
    """Japanese by its kana, an alphabet by its usual encoding; characters may fit several."""
    kana = [name for name in likely if name in _JAPANESE and _kana(sample, name)]
    eastern = [name for name in likely if name in _EASTERN]
    if kana or len(eastern) == 1:
        return (kana or eastern)[:1]
    return [] if eastern or _HALF_WIDTH.fullmatch(sample) else likely[:1]


def _kana(sample: bytes, encoding: str) -> bool:
    return bool(_KANA.search(sample.decode(encoding, "ignore")))


def _is_european(sample: bytes) -> bool:
    """Whether foreign bytes stand alone between ASCII letters, as accented ones do."""
    runs = _RUNS.findall(sample)
    beside = sum(bool(before or after) for before, _, after in runs)
    lengths = [len(run) for _, run, _ in runs]
    inside = all(before and after for before, _, after in runs)
    return (
        max(lengths) <= _LONGEST_RUN
        and (inside or sum(lengths) <= _MEAN_RUN * len(runs))
        and (2 * beside >= len(runs) or max(lengths) == 1)
    )


def _european(sample: bytes) -> list[str]:
    """The likeliest, unless several signs stand in its words that are letters in another."""
    texts = {name: sample.decode(name, "replace") for name in _LATIN}
    odd = {
        name: len(set(_ODD.findall(text)))
        for name, text in texts.items()
        if all(_EUROPEAN.match(char) for char in text if ord(char) >= _FIRST_FOREIGN)
    }
    if odd.get(_LATIN[0], _LONGEST_RUN) <= 1:
        return [_LATIN[0]]
    return sorted(odd, key=odd.__getitem__)[:1]


def _fits(sample: bytes, encoding: str) -> bool:
    """Whether it decodes, mostly to letters, which are of the encoding's own script."""
    text = sample.decode(encoding, "replace")
    foreign = [char for char in text if ord(char) >= _FIRST_FOREIGN]
    letters = [char for char in foreign if char.isalpha()]
    least = _LEAST_ALPHABET if encoding in _WESTERN else _LEAST_LETTERS
    if "\ufffd" in text[:-1] or len(letters) < least * len(foreign):
        return False
    if encoding in _WESTERN:
        if len(_MIXED.findall(text)) > _MOST_MIXED * len(letters):
            return False
        common = sum(bool(re.match(_WESTERN[encoding], char)) for char in letters)
    else:
        if encoding != "cp932" and _HALF_WIDTH.fullmatch(sample):
            return False
        common = sum(_is_common(char, encoding) for char in letters)
    return common >= _LEAST_COMMON * len(letters)


def _is_common(char: str, encoding: str) -> bool:
    if _KANA.match(char):
        return encoding in _JAPANESE
    table, first, last = _EASTERN[encoding]
    try:
        return first <= char.encode(table)[0] <= last
    except UnicodeEncodeError:
        return False
