"""Does a repository's map hold what somebody who knows it would name first?

`make bench-code_map` scans four sdists and fills their maps. The names were written down
before any map was looked at. Beside it, in the same run and budget: the longest symbols, and those
whose names are used most. Then how long a map takes once its ranking is kept.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import figures
from bench.figures import Finding
from bench.scan_tools import scan_tools
from bench.scanner import TREES, scanned
from bench.scanner_projects import sdist_tree
from bench.scanner_trees import SourceTree, repository
from keepsake.scanner import (
    CodePrompts,
    CodeSearch,
    IndexReader,
    RepositoryName,
    ScanTools,
)
from keepsake.scanner.prompting.mapping import MapMaker
from keepsake.scanner.prompting.ranking import SymbolRanking
from keepsake.scanner.prompting.use_graph import Floats, used_names
from keepsake.scanner.search.symbol_index import SymbolIndex

TOKENS = (1_000, 4_000)
_ROUNDS = 40
_READER = IndexReader("bench")
NAMED = {
    "django": "Model QuerySet Manager Field ForeignKey Q F HttpRequest HttpResponse View "
    "TemplateView ListView Form ModelForm Template Context URLResolver AppConfig "
    "LazySettings BaseCommand ModelAdmin AdminSite User AbstractUser Migration Signal "
    "Paginator Storage TestCase Client MiddlewareMixin BaseHandler "
    "BaseDatabaseWrapper Query SQLCompiler Widget Engine SessionBase EmailMessage",
    "sqlalchemy": "Engine Connection Session Query Select Column Table MetaData ForeignKey Mapper "
    "DeclarativeBase Mapped create_engine sessionmaker select Dialect Pool Result Row "
    "Insert Update Delete Inspector TypeEngine String Integer relationship "
    "InstrumentedAttribute AsyncSession AsyncEngine ColumnElement ClauseElement "
    "SQLCompiler Executable text Join Subquery hybrid_property Load",
    "flask": "Flask Blueprint Request Response Config SessionInterface AppContext "
    "RequestContext render_template url_for jsonify abort redirect flash View "
    "MethodView App Scaffold FlaskClient FlaskCliRunner SecureCookieSessionInterface "
    "JSONProvider send_file stream_with_context AppGroup FlaskGroup make_response",
    "celery": "Celery Task AsyncResult GroupResult Signature chain group chord shared_task "
    "WorkController Service Scheduler Backend Consumer Request TaskPool EventReceiver "
    "EventDispatcher Settings crontab schedule Control Inspect State BaseLoader "
    "RedisBackend DatabaseBackend Retry Ignore Reject ScheduleEntry Context",
}
QUERIES = ("sending mail", "http response", "database transaction", "")
Rank = Callable[[SymbolIndex, SymbolRanking, Counter[str]], Floats]


@dataclass(frozen=True, slots=True)
class MapRow:
    """Of one project and budget: how many of its names each way to fill a map holds."""

    project: str
    tokens: int
    names: int
    held: dict[str, int]
    missing: list[str]


def by_lines(symbols: SymbolIndex, ranking: SymbolRanking, _: Counter[str]) -> Floats:
    """The longest first."""
    lines = [
        symbol["end_line"] - symbol["first_line"] + 1
        for symbol, *_ in map(symbols.symbol, range(symbols.size))
    ]
    return np.array(lines, dtype=np.float32) * (ranking.worth > 0)


def by_count(symbols: SymbolIndex, ranking: SymbolRanking, uses: Counter[str]) -> Floats:
    """Those whose names are used most."""
    counts = [uses[symbol["name"]] for symbol, *_ in map(symbols.symbol, range(symbols.size))]
    return np.array(counts, dtype=np.float32) * (ranking.worth > 0)


WAYS: dict[str, Rank] = {
    "map": lambda _, ranking, __: ranking.rank,
    "most lines": by_lines,
    "most used": by_count,
}


def measured(tools: ScanTools, name: str, folder: Path) -> tuple[list[MapRow], dict[str, Any]]:
    """One project: what the maps hold, and what they take."""
    result = scanned(tools, _repository(name, folder), _READER.owner).result
    search = CodeSearch(tools.database, tools.settings)
    prompts = CodePrompts(tools.database, search, tools.settings)
    place = RepositoryName(result.org, result.repo)
    began = time.perf_counter()
    prompts.map(_READER, place)
    cold = time.perf_counter() - began
    symbols = search.symbol_indexes.of(search.listing.index(_READER, place))
    uses, blobs = Counter[str](), list(used_names(tools.blobs, symbols))
    for blob in blobs:
        for use in (*blob["calls"], *blob["uses"]):
            uses[use["name"]] += use["count"]
    ranking = SymbolRanking(symbols, iter(blobs))
    rows = [
        _row(
            name, tokens, {way: rank(symbols, ranking, uses) for way, rank in WAYS.items()}, symbols
        )
        for tokens in TOKENS
    ]
    return rows, {
        "symbols": symbols.size, "ranking_mb": round(ranking.bytes / (1 << 20), 1),
        "cold_seconds": round(cold, 2), **_times(prompts, place),
    }  # fmt: skip


def _repository(name: str, folder: Path) -> SourceTree:
    """The sdist of a package, committed."""
    if name in TREES:
        return repository(folder, name)
    shutil.copytree(sdist_tree(name), folder / name, symlinks=True)
    return SourceTree(name, folder / name).commit_all()


def _row(name: str, tokens: int, ranks: dict[str, Floats], symbols: SymbolIndex) -> MapRow:
    wanted = NAMED[name].split()
    shown = {way: _names(MapMaker(symbols, rank, tokens)) for way, rank in ranks.items()}
    held = {way: sum(each in names for each in wanted) for way, names in shown.items()}
    return MapRow(name, tokens, len(wanted), held,
                  [each for each in wanted if each not in shown["map"]])  # fmt: skip


def _names(filled: MapMaker) -> set[str]:
    return {symbol.name for file in filled.files() for symbol in file.symbols}


def _times(prompts: CodePrompts, place: RepositoryName) -> dict[str, float]:
    """Milliseconds of a map whose ranking is kept: of everything, and seen from a query."""
    times: dict[str, list[float]] = {"all": [], "query": []}
    for number in range(_ROUNDS):
        query = QUERIES[number % len(QUERIES)]
        began = time.perf_counter()
        prompts.map(_READER, place, 2_000, query)
        times["query" if query else "all"].append((time.perf_counter() - began) * 1_000)
    return {f"p50_{what}_ms": round(figures.percentile(listed, 0.5), 1)
            for what, listed in times.items()}  # fmt: skip


def findings(rows: Sequence[MapRow], costs: dict[str, dict[str, Any]]) -> list[Finding]:
    """What was aimed at, and what it is."""
    of_maps = [
        Finding(f"{row.project}: names in {row.tokens:,} tokens",
                figures.share(row.held["map"], row.names),
                ", ".join(f"{way} {held}" for way, held in row.held.items() if way != "map"))
        for row in rows
    ]  # fmt: skip
    return of_maps + [
        Finding(f"{name}: map, p50", f"{cost['p50_all_ms']} ms",
                f"seen from a query {cost['p50_query_ms']} ms",
                aim="at most 50 ms", met=cost["p50_all_ms"] <= 50)
        for name, cost in costs.items()
    ]  # fmt: skip


def main() -> None:
    """Measure on private servers."""
    with scan_tools() as (tools, folder):
        measures = {project: measured(tools, project, folder) for project in NAMED}
        rows = [row for listed, _ in measures.values() for row in listed]
        costs = {project: cost for project, (_, cost) in measures.items()}
        for row in rows:
            print(f"{row.project} {row.tokens}: not in the map: {', '.join(row.missing)}")
        kept = {f"{row.project}_{row.tokens}": row.held | {"names": row.names} for row in rows}
        figures.keep("code_map", kept | {"costs": costs}, findings(rows, costs))


if __name__ == "__main__":
    main()
