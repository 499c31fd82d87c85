"""Percentiles, tables and result files: what every benchmark prints and keeps."""

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pika

from keepsake.storage import connect
from middleware.broker import BrokerSettings

RESULTS = Path(__file__).parent / "results"
_PACKAGES = (
    "dramatiq", "fastapi", "pydantic", "pymongo", "pika", "uvicorn", "celery", "taskiq",
    "taskiq-aio-pika",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table of results.

    what: what was measured. ours, beside: both sides, with their units. ratio: ours / beside.
    aim: what was wanted, in words. met: whether it is; None when there was no aim.
    """

    what: str
    ours: str
    beside: str = ""
    ratio: float | None = None
    aim: str = ""
    met: bool | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not count:
        return 0.0, 1.0
    share, z = hits / count, 1.96
    middle = share + z * z / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(middle - half, 0) / scale, (middle + half) / scale


def share(hits: int, count: int) -> str:
    """A share with its interval, as `12/20 60 % (39 to 78)`."""
    if not count:
        return ""
    low, high = interval(hits, count)
    return f"{hits}/{count} {100 * hits / count:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under a head, aligned: the first column left, the others right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def keep(
    name: str,
    rows: Mapping[str, Any],
    findings: Sequence[Finding],
    settings: Mapping[str, Any] | None = None,
    measures: Mapping[str, Any] | None = None,
) -> None:
    """Write bench/results/NAME.json and print the findings. measures: figures to find by name."""
    report = {
        **(measures or {}),
        "machine": machine(),
        "settings": dict(settings or {}),
        "rows": dict(rows),
        "findings": [asdict(finding) for finding in findings],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    for finding in findings:
        print(_line(finding))


def machine() -> dict[str, str]:
    """What it was measured on: cores and versions."""
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "mongodb": _mongodb(),
        "rabbitmq": _rabbitmq(),
        **{package: number for package in _PACKAGES if (number := _version(package))},
    }


def _line(finding: Finding) -> str:
    ratio = "" if finding.ratio is None else f": {finding.ratio:.2f} x"
    beside = f" beside {finding.beside}" if finding.beside else ""
    verdict = {True: "met", False: "NOT met", None: ""}[finding.met]
    aim = f" (aim {finding.aim}: {verdict})" if finding.aim else ""
    return f"{finding.what}: {finding.ours}{beside}{ratio}{aim}"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _mongodb() -> str:
    database = connect()
    number = database.client.server_info()["version"]
    database.client.close()
    return str(number)


def _rabbitmq() -> str:
    with pika.BlockingConnection(BrokerSettings().parameters("bench")) as connection:
        number = connection._impl.server_properties["version"]  # noqa: SLF001 - nothing public has it
    return number.decode() if isinstance(number, bytes) else str(number)
