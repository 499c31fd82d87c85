"""The preprocessor's conditions that part a construct: one of their branches is read, as if alone.

A grammar reads `#if` between whole declarations or statements. Where a branch opens what another
closes, or a condition stands inside of a head or an expression, it fails.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.recovery.bare import bare, blank

_CONDITION = re.compile(
    rb"^[ \t]*+#[ \t]*+(if(?:n?def)?|el(?:if(?:n?def)?|se)|endif)\b((?:[^\\\n]|\\\r?\n|\\)*+)",
    re.MULTILINE,
)
_NEVER = re.compile(rb"(?:if[ \t(]+(?:0|false)|ifdef[ \t]+__cplusplus)\b")
_BRACKETS = re.compile(rb"[{}()]")
_STEPS = {b"{": 1, b"(": 1, b"}": -1, b")": -1}
_SMALL = 40
"""Lines: a larger condition that has a fault inside parts nothing, as long as it is balanced."""


@dataclass(slots=True)
class _Branch:
    """A branch of a condition: where it is, and how its brackets add up."""

    line: tuple[int, int]
    """The bytes of the directive that begins it."""
    first: int
    never: bool
    depth: int = 0
    lowest: int = 0

    def step(self, by: int) -> None:
        """Count a bracket, or all of a condition inside."""
        self.depth += by
        self.lowest = min(self.lowest, self.depth)

    @property
    def whole(self) -> bool:
        """Whether it closes what it opens, and nothing else."""
        return not self.depth and not self.lowest


@dataclass(slots=True)
class _Condition:
    branches: list[_Branch] = field(default_factory=list)

    @property
    def chosen(self) -> _Branch | None:
        """The branch that is read: the first that may be."""
        return next((branch for branch in self.branches if not branch.never), None)


def without_conditions(text: bytes, lost: Sequence[LineRange]) -> bytes:
    """The text with one branch of each condition that parts a construct, and no other."""
    changed = bytearray(text)
    for start, end in _parting(text, bare(text, "cpp"), lost):
        changed[start:end] = blank(bytes(changed[start:end]))
    return bytes(changed)


def _parting(text: bytes, naked: bytes, lost: Sequence[LineRange]) -> Iterator[tuple[int, int]]:
    """The bytes of directives and branches that are not to be read."""
    open_conditions: list[_Condition] = []
    ends, line, before = [last for _, last in lost], 1, 0
    for match in _CONDITION.finditer(text):
        if open_conditions:
            _count(open_conditions[-1].branches[-1], naked[before : match.start()])
        line += text.count(b"\n", before, match.start())
        before = match.start()
        word = match[1]
        if word.startswith(b"if"):
            open_conditions.append(_Condition())
        if not open_conditions:
            continue
        condition = open_conditions[-1]
        never = bool(_NEVER.match(text, match.start(1)))
        condition.branches.append(_Branch(match.span(), line, never))
        if word == b"endif":
            open_conditions.pop()
            if _parts(condition, lost, ends):
                yield from _unread(condition)
            if open_conditions and (chosen := condition.chosen):
                open_conditions[-1].branches[-1].step(chosen.lowest)
                open_conditions[-1].branches[-1].step(chosen.depth - chosen.lowest)


def _count(branch: _Branch, naked: bytes) -> None:
    for bracket in _BRACKETS.findall(naked):
        branch.step(_STEPS[bracket])


def _parts(condition: _Condition, lost: Sequence[LineRange], ends: Sequence[int]) -> bool:
    """Whether it has to be resolved: unbalanced, or small or never true and with a fault inside."""
    *branches, end = condition.branches
    if not all(branch.whole for branch in branches):
        return True
    first, last = branches[0].first, end.first
    place = bisect_left(ends, first)
    hit = place < len(lost) and lost[place][0] <= last + 1
    return hit and (last - first <= _SMALL or branches[0].never)


def _unread(condition: _Condition) -> Iterator[tuple[int, int]]:
    *branches, end = condition.branches
    end.never = True
    for branch, following in zip(branches, condition.branches[1:], strict=True):
        yield branch.line
        if branch is not condition.chosen:
            yield branch.line[1], following.line[0]
    yield end.line
