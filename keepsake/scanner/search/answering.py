"""Answers about code without a language model: what the index holds, cited, and nothing else."""

from collections.abc import Iterator, Sequence

from keepsake.scanner.search.hits import Hit

NOTHING = "Nothing in this index answers that."
_TOLD = 5


def answer(hits: Sequence[Hit]) -> Iterator[str]:
    """The best hits as sentences, one at a time; `[n]` is the nth hit."""
    if not hits:
        yield NOTHING
    for number, hit in enumerate(hits[:_TOLD], 1):
        yield f"{_sentence(hit)} [{number}]\n"


def _sentence(hit: Hit) -> str:
    """What a symbol is, where, and what its author says of it."""
    place = f"{hit.path}:{hit.line}"
    said = hit.doc.strip().split("\n\n")[0].replace("\n", " ")
    what = f"`{hit.qualified or hit.name}` ({hit.kind}, {place})"
    return f"{what}: {said or hit.signature}"
