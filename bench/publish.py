"""The tables of results, from bench/results/*.json.

`python -m bench.publish` writes the whole table into docs/benchmarks.md, some of its lines into
README.md, and what `confidence` means into docs/memory.md, in each between two marks.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import answers, calibration
from bench.figures import RESULTS

ROOT = Path(__file__).parents[1]
README, BENCHMARKS = ROOT / "README.md", ROOT / "docs" / "benchmarks.md"
MEMORY = ROOT / "docs" / "memory.md"
BEGIN, END = "<!-- results: python -m bench.publish -->", "<!-- end of results -->"
ORDER = (
    "chaos",
    "chaos_cluster",
    "upgrade",
    "rolling_deploy",
    "soak",
    "end_to_end",
    "accept",
    "client",
    "versions",
    "pickup",
    "throughput",
    "growth",
    "operator",
    "console",
    "fairness",
    "embedding",
    "memory",
    "languages",
    "answers",
    "facts",
    "memory_scale",
    "scanner",
    "code_search",
    "code_map",
    "streams",
    "footprint",
)
"""Benchmarks that have lines in the table, and their order."""
HIGHLIGHTS = (
    ("Chaos, single servers", ""),
    ("Upgrade beside the former version, and back", ""),
    ("Rolling deploy", ""),
    ("Soak, mixed load", ""),
    ("HTTP to succeeded, CPU of all processes per job", ""),
    ("mongod CPU per job, accept to end, under load", ""),
    ("Throughput of no-ops", "plain dramatiq"),
    ("Throughput of no-ops", "celery"),
    ("Throughput of no-ops", "taskiq"),
    ("Accept, 64 clients", "bare framework"),
    ("Accept, 64 clients", "taskiq"),
    ("Accept, 1 client, p50", ""),
    ("Pick-up, from the durable record, p50", ""),
    ("Pick-up, from the call, p50", ""),
    ("Answer to a turn that takes 50 ms", ""),
    ("Wait beside a flood of 10,000, p99", ""),
    ("`make run` until ready, next start", ""),
    ("Memory, evidence recall@10, no LLM", ""),
)
"""The lines of README.md: what was measured, and how what it stands beside begins."""
_COMMIT = re.compile(r"[0-9a-f]{7,40}\b")
_SMALL = 0.1
_NAMES = {"python": "Python", "mongodb": "MongoDB", "rabbitmq": "RabbitMQ"}
_HEAD = ("| what | Keepsake | beside | ratio | aim |", "|---|---|---|---|---|")
Finding = Mapping[str, Any]


def reports() -> dict[str, dict[str, Any]]:
    """What was measured, by benchmark."""
    paths = {name: RESULTS / f"{name}.json" for name in ORDER}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}


def whole(measured: Mapping[str, dict[str, Any]]) -> str:
    """All lines, and what they were measured on."""
    if not measured:
        return "Not yet measured on a quiet machine."
    return "\n".join([_table(_findings(measured)), "", *_machines(measured)]).strip()


def highlights(measured: Mapping[str, dict[str, Any]]) -> str:
    """The lines that README.md shows."""
    return _table(
        finding
        for what, beside in HIGHLIGHTS
        for finding in _findings(measured)
        if finding["what"] == what and _stands_beside(finding, beside)
    )


def confidence(measured: Mapping[str, dict[str, Any]]) -> str:
    """What docs/memory.md shows: how often what is stored and what is answered was right."""
    tables = [calibration.table(measured["facts"]["rows"]["reliability"])]
    if "answers" in measured:
        tables.append(answers.table(measured["answers"]["rows"]))
    return "\n\n".join(tables)


def _findings(measured: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    for report in measured.values():
        yield from report["findings"]


def _stands_beside(finding: Finding, beside: str) -> bool:
    """Whether a finding is of that peer; a former commit is a peer that has to be named."""
    former = _COMMIT.match(finding["beside"])
    return finding["beside"].startswith(beside) and (bool(beside) or not former)


def _table(findings: Iterator[Finding]) -> str:
    return "\n".join([*_HEAD, *(_row(finding) for finding in findings)])


def _row(finding: Finding) -> str:
    number = finding["ratio"]
    ratio = "" if number is None else f"{number:.2f}" if number > _SMALL else f"{number:.4f}"
    verdict = {True: ", met", False: ", **not met**", None: ""}[finding["met"]]
    cells = (finding["what"], finding["ours"], finding["beside"], ratio, finding["aim"] + verdict)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def _machines(measured: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """One line for each machine or set of versions that was measured on."""
    names: dict[str, list[str]] = {}
    for name, report in measured.items():
        machine = report["machine"]
        versions = [f"{_NAMES.get(key, key)} {value}" for key, value in machine.items()
                    if key not in {"cores", "system"}]  # fmt: skip
        line = f"{machine['cores']} cores, {machine['system']}, {', '.join(versions)}"
        names.setdefault(line, []).append(name)
    for line, benchmarks in names.items():
        which = "" if len(names) == 1 else f" ({', '.join(benchmarks)})"
        yield f"Measured on {line}{which}."


def between(text: str) -> tuple[str, str, str]:
    """What is before, in and after the table's marks."""
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    return before, table.strip(), after


def write(page: Path, table: str) -> None:
    """Replace the table of a page."""
    before, _, after = between(page.read_text())
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


def main() -> None:
    """Write the tables, and the shares that `confidence` is made of."""
    measured = reports()
    write(BENCHMARKS, whole(measured))
    write(README, highlights(measured))
    judged = measured["facts"]["rows"]["reliability"]
    write(MEMORY, confidence(measured))
    calibration.SHARES.write_text(calibration.shares(judged))


if __name__ == "__main__":
    main()
