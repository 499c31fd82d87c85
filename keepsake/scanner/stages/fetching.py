"""From a request to a commit in the mirror."""

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.git.cache import evict
from keepsake.scanner.git.remote import resolve
from keepsake.scanner.index_stats import IndexStats
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.stages.run import Checkpoints, Run
from keepsake.storage.mongo import Document


def resolving(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Ask the remote for the commit; one that is indexed already needs nothing more."""
    head = resolve(run.repository.url, run.request.ref, run.token, run.tools.settings)
    run.tools.heads.register(run.repository, run.fence)
    current = run.tools.heads.current(run.repository, head.branch)
    known = checkpoint.moved(head=head, base=current["generation"] if current else 0)
    if current is None:
        yield known.enter(Stage.FETCH)
        return
    kept = IndexStats.model_validate(current["index_stats"])
    if _unchanged(run, current, head.commit, kept):
        yield known.enter(Stage.EMBED, reused=True, kept=kept, tree=current["tree"])
        return
    yield known.enter(Stage.FETCH, kept=kept)


def fetching(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Bring the commit's tree and its small enough blobs into the mirror."""
    yield from run.fetched(checkpoint)
    evict(run.tools.settings)
    tree = run.mirror.tree(checkpoint.known_head.commit)
    if tree is None:
        raise run.mirror.damaged()
    run.tools.files.reset(run.index(checkpoint), checkpoint.generation, run.fence)
    yield checkpoint.enter(Stage.DIFF, tree=tree)


def _unchanged(run: Run, current: Document, commit: str, kept: IndexStats) -> bool:
    """A commit with files that the parser failed on is scanned again: they get another chance."""
    same = current["commit"] == commit and current["parser"] == PARSER_VERSION
    return same and not kept.failed and not run.request.options.force
