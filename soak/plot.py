"""The run as a picture: panels of lines over time, as SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from soak.samples import Sample
from soak.slopes import Row

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _GAP = 900, 150, 70, 190, 34, 46
_COLOURS = ("#0b6e99", "#c4554d", "#448361", "#9065b0", "#cb912f", "#337ea9", "#787774", "#c14c8a")


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines of one unit, by name."""

    title: str
    lines: dict[str, Row]


def panels(samples: Sequence[Sample]) -> list[Panel]:
    """What is shown of a run."""
    parts = sorted({name for sample in samples for name in sample["processes"]})
    asked = ("turn", "turn_to_end", "search", "context", "code_search", "scan")
    collections = ("memories", "jobs", "memory_ledger", "code_blobs")

    def of(part: str, unit: str) -> Row:
        return [(s["at"], s["processes"][part][unit]) for s in samples if part in s["processes"]]

    def latency(name: str, share: str) -> Row:
        return [(s["at"], s["latency"][name][share]) for s in samples if name in s["latency"]]

    def documents(name: str) -> Row:
        return [(s["at"], s["mongodb"]["collections"].get(name, {}).get("count", 0))
                for s in samples]  # fmt: skip

    return [
        Panel("Memory of each part, MB", {part: of(part, "mb") for part in parts}),
        Panel("Descriptors", {part: of(part, "descriptors") for part in parts}),
        Panel("Threads", {part: of(part, "threads") for part in parts}),
        Panel("MongoDB, MB", {name.partition("_")[0]: [(s["at"], s["mongodb"][name])
                              for s in samples] for name in ("data_mb", "index_mb", "storage_mb")}),
        Panel("Documents", {name: documents(name) for name in collections}),
        Panel("Answers, p50, ms", {name: latency(name, "p50") for name in asked}),
        Panel("Answers, p99, ms", {name: latency(name, "p99") for name in asked}),
        Panel("Jobs that wait or run", {"unfinished": [(s["at"], s["jobs"]["unfinished"])
                                                       for s in samples]}),
    ]  # fmt: skip


def svg(shown: Sequence[Panel], faults: Sequence[tuple[float, str]], seconds: float) -> str:
    """All panels below each other; each fault is a grey line."""
    height = len(shown) * (_HEIGHT + _GAP) + _TOP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, panel in enumerate(shown):
        top = _TOP + number * (_HEIGHT + _GAP)
        parts.append(f'<g transform="translate({_LEFT},{top})">')
        parts += _panel(panel, faults, seconds)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, faults: Sequence[tuple[float, str]], seconds: float) -> Iterator[str]:
    width = _WIDTH - _LEFT - _RIGHT
    top = max((value for row in panel.lines.values() for _, value in row), default=1) * 1.05 or 1
    yield f'<text x="0" y="-10" font-weight="bold" fill="#222">{escape(panel.title)}</text>'
    for share in (0, 0.5, 1):
        y = _HEIGHT * (1 - share)
        yield f'<line x1="0" x2="{width}" y1="{y:g}" y2="{y:g}" stroke="#ddd"/>'
        yield _label(-6, y + 4, "end", _short(share * top))
        x = width * share
        yield _label(x, _HEIGHT + 15, "middle", f"{share * seconds / 60:g} min")
    for at, part in faults:
        x = width * at / seconds
        yield (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HEIGHT}" stroke="#bbb" '
               f'stroke-dasharray="3 3"><title>{escape(part)} killed</title></line>')  # fmt: skip
    for number, (name, row) in enumerate(panel.lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{width * at / seconds:.1f},{_HEIGHT * (1 - value / top):.1f}"
                          for at, value in row)  # fmt: skip
        yield (f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        yield (f'<text x="{width + 12}" y="{12 + 15 * number}" fill="{colour}">'
               f"{escape(name)}</text>")  # fmt: skip


def _label(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="#666">{text}</text>'


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
