"""Reads objects of a mirror through one long-lived git: starting one costs more than most reads."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from keepsake.scanner.errors import MirrorDamaged
from keepsake.scanner.git.process import GitProcess

_NAMES_PER_QUERY = 256
"""Names in one question: few enough to fit a pipe, so that neither side waits for the other."""


@dataclass(slots=True)
class Objects:
    """`git cat-file --batch-command`, started with the first question; for one thread at a time.

    start: makes the child. damaged: called when it died, gives the error. seconds: how long one
    question may take.
    """

    start: Callable[[], GitProcess]
    damaged: Callable[[], MirrorDamaged]
    seconds: float
    _child: GitProcess | None = field(default=None, init=False)

    def name(self, expression: str) -> str | None:
        """The id of what an expression such as `COMMIT^{tree}` means; None when it is not there."""
        return next((header[0] for header, _ in self._query("info", [expression])), None)

    def sizes(self, oids: Sequence[str]) -> dict[str, int]:
        """The bytes of each object that is there."""
        return {header[0]: int(header[2]) for header, _ in self._query("info", oids)}

    def contents(self, oids: Sequence[str]) -> dict[str, bytes]:
        """Each object that is there."""
        return {header[0]: content for header, content in self._query("contents", oids)}

    def close(self) -> None:
        """End the child, if there is one; the next question starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.__exit__(None, None, None)

    def _query(self, verb: str, names: Sequence[str]) -> Iterator[tuple[list[str], bytes]]:
        for start in range(0, len(names), _NAMES_PER_QUERY):
            yield from self._answers(verb, names[start : start + _NAMES_PER_QUERY])

    def _answers(self, verb: str, names: Sequence[str]) -> list[tuple[list[str], bytes]]:
        """What is there of some names: the words of each answer's first line, and its content.

        Raises:
            MirrorDamaged: The child died, or took too long.
        """
        child = self._running()
        alarm = threading.Timer(self.seconds, child.kill)
        alarm.start()
        try:
            child.write("".join(f"{verb} {name}\n" for name in names).encode() + b"flush\n")
            answers = [_answer(child, with_content=verb == "contents") for _ in names]
        except (BrokenPipeError, EOFError) as error:
            raise self.damaged() from error
        finally:
            alarm.cancel()
        return [answer for answer in answers if answer[0][-1] != "missing"]

    def _running(self) -> GitProcess:
        if self._child is None:
            self._child = self.start().__enter__()
        return self._child


def _answer(child: GitProcess, *, with_content: bool) -> tuple[list[str], bytes]:
    header = child.read_line().decode().split()
    if not with_content or header[-1] == "missing":
        return header, b""
    return header, child.read_bytes(int(header[2]) + 1)[:-1]
