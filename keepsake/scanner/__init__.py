"""The code scanner: a repository becomes searchable, and stays so.

- `job_types` declares the job of a scan. `work` does it: it runs `Scan`, which is in `pipeline`,
  with the token that `credentials` gives.
- `git`: mirrors of repositories. `git.environment` hands git the token.
- `parse`: from a file's bytes to symbols and references. `parse.languages` says what a new
  language takes.
- `resolve`: from an import as it is written to the files that it means, by language.
- `stages`: what a scan does, a bounded batch at a time.
- `store`: indexes in MongoDB.
- `search`: `CodeSearch` finds by name, by meaning and by structure.
- `prompting`: `CodePrompts` has maps, outlines, snippets and histories for prompts.

Importing the package loads none of them: only what is asked for, and a grammar in no process but
the parser's.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.scanner.checkpoint import PUBLISHED_STAGES, Stage
    from keepsake.scanner.credentials import Access, Credentials
    from keepsake.scanner.errors import (
        BranchNotFound,
        EmptyRepository,
        FileSkipped,
        ForbiddenSource,
        NotIndexed,
        PermanentScanError,
        QueryProblem,
        RepositoryNotFound,
        ScanError,
        TokenNeeded,
        Unauthorised,
    )
    from keepsake.scanner.estimate import Estimate, Estimator
    from keepsake.scanner.git.environment import GIT_ENVIRONMENT
    from keepsake.scanner.git.remote import remote_branches, resolve_ref
    from keepsake.scanner.job_types import MIGRATE_TRIGRAMS, SCAN
    from keepsake.scanner.kinds import KINDS
    from keepsake.scanner.mirrors import dropping
    from keepsake.scanner.models import (
        Patterns,
        Repository,
        ResolvedRef,
        ScanOptions,
        ScanRequest,
        ScanResult,
    )
    from keepsake.scanner.parse.pool import ParserPool
    from keepsake.scanner.pipeline import Scan
    from keepsake.scanner.prompting.answers import CodeMap, LineHistory, Outline
    from keepsake.scanner.prompting.service import CodePrompts
    from keepsake.scanner.push_events import (
        FIELDS_MOST,
        BranchGone,
        HookHost,
        Ignored,
        MalformedDelivery,
        Push,
        delivery_id,
        event_name,
        has_signature,
        is_older,
        is_signed,
        read_event,
    )
    from keepsake.scanner.search.answers import (
        NO_ANSWER,
        CodeHit,
        Definitions,
        Excerpt,
        FolderListing,
        ImpactList,
        SourceView,
        SymbolHits,
        TreeNode,
        UseList,
        answer_by_hits,
    )
    from keepsake.scanner.search.everywhere import RepositoryHits
    from keepsake.scanner.search.query_language import (
        MOST_QUERY_CHARACTERS,
        ParsedQuery,
        free_query,
        parsed_query,
    )
    from keepsake.scanner.search.references import UsePlace
    from keepsake.scanner.search.service import CodeSearch
    from keepsake.scanner.search.text_answers import (
        RepositoryTextHits,
        RepositoryTextPlace,
        TextHits,
    )
    from keepsake.scanner.search.text_search import TextPlace
    from keepsake.scanner.settings import ScannerSettings
    from keepsake.scanner.source import parse_source
    from keepsake.scanner.stages import ScanTools
    from keepsake.scanner.store import INDEXES, RECORD_SCHEMAS
    from keepsake.scanner.store.hooks import Hook, Hooks
    from keepsake.scanner.store.listing import Community, ListedRepository
    from keepsake.scanner.store.published import published_index
    from keepsake.scanner.store.readers import (
        EVERYONE,
        IndexReader,
        RepositoryName,
        Right,
        with_organisation,
        with_owner,
    )
    from keepsake.scanner.store.usage import CodeUsage

__all__ = [
    "EVERYONE", "FIELDS_MOST", "GIT_ENVIRONMENT", "INDEXES", "KINDS", "MIGRATE_TRIGRAMS",
    "MOST_QUERY_CHARACTERS", "NO_ANSWER", "PUBLISHED", "PUBLISHED_STAGES", "RECORD_SCHEMAS",
    "REPOSITORIES", "SCAN", "Access", "BranchGone", "BranchNotFound", "CodeHit", "CodeMap",
    "CodePrompts", "CodeSearch", "CodeUsage", "Community", "Credentials", "Definitions",
    "EmptyRepository", "Estimate", "Estimator", "Excerpt", "FileSkipped", "FolderListing",
    "ForbiddenSource", "Hook", "HookHost", "Hooks", "Ignored", "ImpactList", "IndexReader",
    "LineHistory", "ListedRepository", "MalformedDelivery", "NotIndexed", "Outline", "ParsedQuery",
    "ParserPool", "Patterns", "PermanentScanError", "Push", "QueryProblem", "Repository",
    "RepositoryHits", "RepositoryName", "RepositoryNotFound", "RepositoryTextHits",
    "RepositoryTextPlace", "ResolvedRef", "Right", "Scan", "ScanError", "ScanOptions",
    "ScanRequest", "ScanResult", "ScanTools", "ScannerSettings", "SourceView", "Stage",
    "SymbolHits", "TextHits", "TextPlace", "TokenNeeded", "TreeNode", "Unauthorised", "UseList",
    "UsePlace", "answer_by_hits", "delivery_id", "dropping", "event_name", "free_query",
    "has_signature",
    "is_older", "is_signed", "parse_source", "parsed_query", "published_index", "read_event",
    "remote_branches", "resolve_ref", "with_organisation", "with_owner",
]  # fmt: skip
_HOMES = {
    "checkpoint": ("PUBLISHED_STAGES", "Stage"),
    "credentials": ("Access", "Credentials"),
    "errors": (
        "BranchNotFound", "EmptyRepository", "FileSkipped", "ForbiddenSource", "NotIndexed",
        "PermanentScanError", "QueryProblem", "RepositoryNotFound", "ScanError", "TokenNeeded",
        "Unauthorised",
    ),
    "estimate": ("Estimate", "Estimator"),
    "git.environment": ("GIT_ENVIRONMENT",),
    "git.remote": ("remote_branches", "resolve_ref"),
    "job_types": ("MIGRATE_TRIGRAMS", "SCAN"),
    "kinds": ("KINDS",),
    "mirrors": ("dropping",),
    "models": (
        "Patterns", "Repository", "ResolvedRef", "ScanOptions", "ScanRequest", "ScanResult",
    ),
    "parse.pool": ("ParserPool",),
    "pipeline": ("Scan",),
    "prompting.answers": ("CodeMap", "LineHistory", "Outline"),
    "prompting.service": ("CodePrompts",),
    "push_events": (
        "BranchGone", "FIELDS_MOST", "HookHost", "Ignored", "MalformedDelivery", "Push",
        "delivery_id",
        "event_name", "has_signature", "is_older", "is_signed", "read_event",
    ),
    "search.answers": (
        "NO_ANSWER", "CodeHit", "Definitions", "Excerpt", "FolderListing", "ImpactList",
        "SourceView", "SymbolHits", "TreeNode", "UseList", "answer_by_hits",
    ),
    "search.everywhere": ("RepositoryHits",),
    "search.query_language": ("MOST_QUERY_CHARACTERS", "ParsedQuery", "free_query", "parsed_query"),
    "search.references": ("UsePlace",),
    "search.service": ("CodeSearch",),
    "search.text_answers": ("RepositoryTextHits", "RepositoryTextPlace", "TextHits"),
    "search.text_search": ("TextPlace",),
    "settings": ("ScannerSettings",),
    "source": ("parse_source",),
    "stages": ("ScanTools",),
    "store.hooks": ("Hook", "Hooks"),
    "store.listing": ("Community", "ListedRepository"),
    "store.readers": (
        "EVERYONE", "IndexReader", "RepositoryName", "Right", "with_organisation", "with_owner",
    ),
    "store.usage": ("CodeUsage",),
    "store.published": ("published_index",),
    "store": ("INDEXES", "PUBLISHED", "RECORD_SCHEMAS", "REPOSITORIES"),
}  # fmt: skip

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
