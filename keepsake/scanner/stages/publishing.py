"""From a complete generation to the one that readers see; then away with what nobody sees."""

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.errors import TooLarge
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.stages.enriching import why_skipped
from keepsake.scanner.stages.run import Checkpoints, Run

_TIDY_ROWS = 1_000


def publishing(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Move the head, if it is still the one that this scan built upon.

    Raises:
        TooLarge: A process that searches it could not hold it.
    """
    _weigh(run, checkpoint)
    head, skipped = checkpoint.known_head, why_skipped(run)
    current = {
        "generation": checkpoint.generation,
        "commit": head.commit,
        "tree": checkpoint.tree,
        "parser": PARSER_VERSION,
        "index_stats": checkpoint.index_stats.model_dump(mode="json"),
        "phase2": "skipped" if skipped else "pending",
        "phase2_note": skipped,
    }
    run.tools.heads.publish(run.repository, head.branch, checkpoint.base, current, run.fence)
    yield checkpoint.enter(Stage.EMBED)


def _weigh(run: Run, checkpoint: Checkpoint) -> None:
    symbols, most = checkpoint.index_stats.symbols, run.tools.settings.scan_max_symbols
    if symbols > most:
        raise TooLarge(f"the index would hold {symbols:,} symbols, and {most:,} are allowed")


def tidying(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Delete rows that had ended before the former generation, and blobs that no row has.

    The former generation stays until the next scan, for readers that are just looking at it.
    """
    files, index = run.tools.files, run.index(checkpoint)
    while rows := files.past(index, checkpoint.base, _TIDY_ROWS):
        ids = [row["_id"] for row in rows]
        keys = sorted({row["key"] for row in rows if row["key"]})
        unused = sorted(set(keys) - files.used(keys, besides=ids))
        run.tools.blobs.forget(unused, ids, run.fence)
        checkpoint = checkpoint.moved(done=checkpoint.done + len(rows))
        yield checkpoint
    yield from _recorded(run, checkpoint)


def _recorded(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    if not checkpoint.reused:
        facts = {
            "added": checkpoint.added.model_dump(mode="json"),
            "first": checkpoint.base == 0,
            "seconds": checkpoint.seconds,
            "stages": sorted(run.stages),
        }
        index = run.index(checkpoint)
        run.tools.history.add(index, checkpoint.generation, facts)
    yield checkpoint.enter(Stage.DONE)
