"""The README's table of results, from bench/results/*.json.

`python -m bench.readme` writes it anew between two marks.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import RESULTS

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- results: python -m bench.readme -->", "<!-- end of results -->"
ORDER = (
    "chaos",
    "chaos_cluster",
    "accept",
    "versions",
    "pickup",
    "throughput",
    "growth",
    "fairness",
    "memory",
    "memory_scale",
    "scanner",
    "streams",
    "footprint",
)
"""Benchmarks that have lines in the table, and their order."""
_SMALL = 0.1
_NAMES = {"python": "Python", "mongodb": "MongoDB", "rabbitmq": "RabbitMQ"}


def reports() -> dict[str, dict[str, Any]]:
    """What was measured, by benchmark."""
    found = {name: RESULTS / f"{name}.json" for name in ORDER}
    return {name: json.loads(path.read_text()) for name, path in found.items() if path.exists()}


def rendered(measured: dict[str, dict[str, Any]]) -> str:
    """The table, and what it was measured on."""
    if not measured:
        return "Not yet measured on a quiet machine."
    lines = ["| what | Keepsake | beside | ratio | aim |", "|---|---|---|---|---|"]
    lines += [_row(finding) for report in measured.values() for finding in report["findings"]]
    lines += ["", *(_machines(measured))]
    return "\n".join(lines).strip()


def _row(finding: dict[str, Any]) -> str:
    found = finding["ratio"]
    ratio = "" if found is None else f"{found:.2f}" if found > _SMALL else f"{found:.4f}"
    verdict = {True: ", met", False: ", **not met**", None: ""}[finding["met"]]
    cells = (finding["what"], finding["ours"], finding["beside"], ratio, finding["aim"] + verdict)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def _machines(measured: dict[str, dict[str, Any]]) -> Iterator[str]:
    """One line for each machine or set of versions that was measured on."""
    seen: dict[str, list[str]] = {}
    for name, report in measured.items():
        told = report["machine"]
        versions = [f"{_NAMES.get(key, key)} {value}" for key, value in told.items()
                    if key not in {"cores", "system"}]  # fmt: skip
        machine = f"{told['cores']} cores, {told['system']}, {', '.join(versions)}"
        seen.setdefault(machine, []).append(name)
    for machine, names in seen.items():
        which = "" if len(seen) == 1 else f" ({', '.join(names)})"
        yield f"Measured on {machine}{which}."


def between(text: str) -> tuple[str, str, str]:
    """What is before, in and after the table's marks."""
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    return before, table.strip(), after


def main() -> None:
    """Write the table into the README."""
    before, _, after = between(README.read_text())
    README.write_text(f"{before}{BEGIN}\n{rendered(reports())}\n{END}{after}")


if __name__ == "__main__":
    main()
