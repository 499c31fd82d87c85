"""What the document's examples hold: a field's value by its name, an answer's by its operation.

They tell one story: `ana` remembers that she lives in Lisbon, and `pallets/click` is scanned.
"""

from typing import Any

_JOB = "job_01m86fbp9vvy47efjw098vpb1b"
_TURN = f"turn_{_JOB}_0"
_MEMORY = f"mem_{_JOB}_0_0"
_COMMIT = "934813e4d421071a1b3db3973c02fe2721359a6e"
_AT = "2026-01-31T12:00:00Z"
_SLOT = {"subject": "user", "attribute": "lives_in", "value": "Lisbon", "single": True}
_SUPPORT = {"job_id": _JOB, "position": 0, "turn_id": _TURN, "source_id": "turn-17"}
_PYTHON = {"python": 63}
_SCAN = {"org": "pallets", "repo": "click", "branch": "main", "commit": _COMMIT}
_INGESTED = {
    "model": "rules", "classification": [{"source": "profile", "query": "I live in Lisbon."}],
    "profile": {
        "confidence": 0.9,
        "operations": [
            {"type": "ADD", "content": "I live in Lisbon.", "reason": "nothing said it before"}
        ],
        "weaver": {"succeeded": 1, "skipped": 0, "failed": 0},
    },
    "temporal": None, "summary": None, "image": None,
}  # fmt: skip
_SOURCE_V1 = {"domain": "profile", "content": "I live in Lisbon.", "score": 0.87,
              "metadata": {"memory_id": _MEMORY, "job_id": _JOB, "speaker": "user"}}  # fmt: skip
_PAIRS = {
    "pairs": [{"user_query": "I live in Lisbon.", "agent_response": "Noted."}], "error": None,
}  # fmt: skip
_SIGNED = {
    "name": "echo", "qualified": "echo", "kind": "function", "line": 240, "end_line": 321,
    "signature": "def echo(message: t.Any | None = None, nl: bool = True) -> None",
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "WorkerView.running": [], "DrainView.reason": "its machine goes down",
    "WorkerView.about": {"version": "0.1.0", "queues": ["keepsake.memory"]},
    "accessible": True, "action": "queue.pause", "alive": True, "at": _AT, "attempt": 1,
    "agent_id": "", "agent_response": "Lisbon it is.", "answer": "You live in Lisbon. [1]",
    "as_of": None, "auth_error": None, "backlog": 10_000, "branch": "main",
    "branches": ["8.1.x", "main"], "by": "operations", "bytes": 431_206,
    "Estimate.changed": 63, "changed": 3, "closed_at": None, "closed_by": None, "code": None,
    "commit": _COMMIT, "commit_sha": _COMMIT, "complete": True, "completed_at": _AT,
    "confidence": 0.9,
    "Impact.confidence": "one definition", "Use.confidence": "one definition", "consumers": 2,
    "include": ["src/**", "*.md"], "exclude": ["*_test.py"],
    "EstimateBody.commit": None, "ScanBody.commit": None,
    "content": "I live in Lisbon.", "Edit.content": "I live in Porto.",
    "context": "<memories>\n[1] 2026-01-31, user: I live in Lisbon.\n</memories>", "crashes": 0,
    "created_after": "2026-01-01T00:00:00Z", "created_at": _AT, "created_before": None,
    "deadline_at": "2026-02-01T12:00:00Z", "default_branch": "main", "deleted": 1,
    "Removed.deleted": {"indexes": 1, "files": 143, "symbols": 1_906},
    "degraded": "", "derived": False, "detail": "Field required", "diagnosis": None,
    "Validated.description": None, "died_at": "2026-01-31T12:05:00Z", "distance": 1,
    "doc": "Prints a message plus a newline to the given file.", "domain": "profile", "done": 40,
    "dry_run": True, "elapsed_ms": 12.4, "elapsed_seconds": 41.7,
    "end_line": 321, "ended_at": "2026-01-31T12:00:01Z", "error": None,
    "LetterView.error": {
        "kind": "permanent", "type": "no-turns", "message": "no conversation could be read there",
        "hint": "No conversation could be read there; send another link or text.", "attempt": 1,
        "occurred_at": "2026-01-31T12:05:00Z", "diagnosis": None,
    },
    "ErrorView.message": "the host does not answer", "ErrorView.kind": "transient",
    "ErrorView.type": "unreachable",
    "estimates": {"files": 143, "languages": _PYTHON, "estimated_phase1_seconds": 6.1},
    "event_date": None, "everyone": False, "exception": "httpx.ConnectTimeout",
    "expires_at": "2027-01-31T12:00:00Z", "HitView.explain": None, "HitView.expires_at": None,
    "MemoryView.expires_at": None, "MemoryWithHistory.expires_at": None,
    "StrictIngest.expires_at": None,
    "StrictIngest.messages": [], "BatchItem.expires_at": None, "exported": True, "failed": 0,
    "failures": 1, "files": 143, "first": 1, "first_line": 240, "git_host": "github",
    "github_url": "https://github.com/pallets/click",
    "heartbeat_at": _AT, "how": "Names are matched in syntax trees, not resolved.",
    "hint": "It is tried again by itself; `message` says what was in the way.",
    "history": [], "host": "github.com", "id": _MEMORY, "image_url": "", "is_private": False,
    "IdempotencyView.key": "turn-17", "key": "ksk_shown-this-once", "key_id": "key_01m86f8c3d",
    "job_id": _JOB, "job_ids": [_JOB], "job_url": f"/v1/jobs/{_JOB}", "kept": 0, "kind": "memory",
    "FactInContext.subject": "user", "FactInContext.attribute": "lives_in",
    "EventInContext.first": "2026-02-03", "EventInContext.last": "2026-02-03",
    "EventInContext.content": "My dentist appointment is on Tuesday.", "EventInContext.time": "",
    "ContextView.markdown": '# About the user\n\n## Facts\n\n- lives in: "I live in Lisbon."\n',
    "TimelineItem.kind": "changed", "TimelineItem.content": "I live in Porto.",
    "TimelineItem.before": {"id": _MEMORY, "content": "I live in Lisbon.", "valid_from": _AT,
                            "valid_to": "2026-03-01T09:00:00Z"},
    "MemoryBefore.valid_to": "2026-03-01T09:00:00Z", "changed_at": _AT,
    "CodeHit.kind": "function", "Use.kind": "call", "TreeNode.kind": "folder",
    "known": True, "labels": {"team": "cli"},
    "language": "python", "languages": _PYTHON, "last": 2, "level": "info", "line": 240,
    "lineage": {}, "lines": [[1, "from __future__ import annotations"], [2, ""]],
    "match": "exact", "matched": 3, "max_attempts": 5, "memory_id": _MEMORY,
    "message": "2 turns were read", "Acted.message": "Scan paused.",
    "Started.message": "Scan already in progress", "model": "rules", "mongodb": "ok",
    "ProgressView.message": "", "ProgressEvent.message": "", "name": "laptop",
    "CodeHit.name": "echo", "QueueView.name": "keepsake.memory", "needs_pat": None,
    "next_attempt_at": None, "next_page_token": None, "note": "", "occurred_at": _AT,
    "oldest_waiting_seconds": 0.4, "org": "pallets", "org_id": "pallets", "organisations": [],
    "outcome": "succeeded", "outdated": [], "own": True, "owner": "ana", "owners": [], "pat": "",
    "path": "src/click/utils.py", "TreeNode.path": "src/click", "partial": [], "read_as": "grammar",
    "paused": None,
    "ScheduleView.paused": False,
    "payload": {"url": "https://chatgpt.com/share/6740f2c1", "user_id": "ana"},
    "phase1_status": "complete", "phase2_stats": None, "phase2_status": "not_started",
    "planned": False, "position": 0, "provenance": {**_SUPPORT, "model": "rules"},
    "published_at": _AT, "qualified": "echo", "query": "Where do I live?",
    "MemoryQuestion.query": "Where do I live?", "V1Retrieve.query": "Where do I live?",
    "scanner_symbols_by_name.name": "echo", "scanner_callers.name": "echo",
    "scanner_references.name": "echo", "scanner_subclasses.name": "Command",
    "scanner_implementations.name": "Command", "scanner_references.kind": ["call", "value"],
    "scanner_symbols_by_meaning.query": "printing text", "best_line": 251,
    "V1Question.query": "Where is text printed?", "rabbitmq": "ok",
    "QueueView.rabbitmq": {"ready": 3, "unacked": 8, "consumers": 2}, "overflow": None, "ready": 3,
    "reason": "sent by mistake", "UnparsedFile.reason": "no grammar",
    "refused": 0, "remaining": 0, "removed": 2, "reopened": 0,
    "repo": "click", "request_id": "3f0c8a52b1d94d0e8d5b5f6f1c2a7e90",
    "requests_per_second": 100.0, "response": "", "result": _INGESTED, "result_url": None,
    "revision": 4, "revoked_at": None, "KeyView.role": "owner", "running": 8, "said_at": _AT,
    "scans": 12, "KeyView.scopes": ["memory", "scanner", "jobs"], "score": 0.87, "seconds": 9.5,
    "run_id": "", "semantic": 1.0, "session_datetime": _AT, "session_id": "chat-3",
    "share_index_publicly": False, "shared_with": None,
    "signature": "def echo(message: t.Any | None = None, nl: bool = True) -> None",
    "since": None, "size_bytes": 1_204_224, "size_kb": 1_176, "skip": None,
    "skipped": {"binary": 4}, "slices": 1, "slot": _SLOT, "source_id": "turn-17",
    "source_ids": [_TURN], "speaker": "user", "stage": "parse",
    "stages": {"fetch": 1.9, "parse": 4.2, "embed": 3.4}, "star_count": 12, "starred": True,
    "starred_by_me": True, "started_at": _AT,
    "stats": {"files": 143, "parsed": 63, "symbols": 1_906}, "ItemView.status": "succeeded",
    "ItemEvent.status": "succeeded", "StateEvent.status": "running",
    "JobView.status": "succeeded", "BulkRequest.status": ["retrying"],
    "LetterView.status": "open", "PhaseView.status": "complete",
    "status_url": f"/v1/jobs/{_JOB}", "summary": "", "superseded_by": None, "supersedes": None,
    "support": [{**_SUPPORT, "said_at": _AT}], "symbol": "Context.fail",
    "IndexView.symbols": 1_906, "Estimate.symbols": 1_906,
    "tag": None, "target": "keepsake.memory", "text": "echo", "through": "echo", "token": "",
    "top_k": 5, "total": 63, "Excerpt.total": 627, "CommunityPage.total": 1,
    "traceback": ["keepsake/memory/scraping.py:88 in fetch"], "transcript": "", "truncated": False,
    "type": "memory.ingest", "BulkRequest.type": ["memory.ingest"],
    "AdminBulkRequest.type": ["memory.ingest"], "AdminBulkRequest.status": ["retrying"],
    "EffectView.type": "ADD", "LetterView.type": "memory.scrape", "unacked": 8, "undone": False,
    "unit": "files", "until": None, "updated_at": "2026-01-31T12:00:01Z",
    "url": "https://github.com/pallets/click", "user_id": "ana", "username": "",
    "V1Scrape.url": "https://chatgpt.com/share/6740f2c1", "valid_from": _AT, "valid_to": None,
    "OutdatedView.valid_to": "2026-03-01T09:00:00Z", "waiting": 3, "when": None,
    "worker": "worker-1:4711", "Readiness.workers": "ok", "progress": None,
    "snippet": None, "others": [],
    "max_tokens": 1_000, "scanner_code_map.query": "", "scanner_code_map.path": "",
    "CodeMap.text": "src/click/utils.py:\n  240 def echo(message: t.Any | None = None)\n",
    "Outline.text": "240-321 def echo(message: t.Any | None = None)\n",
    "Snippet.text": "def echo(\n", "missing": None, "tokens": 31, "left_out": 0,
    "CodeMap.matched": 0, "CodeMap.files": [
        {"path": "src/click/utils.py", "language": "python", "symbols": [{**_SIGNED, "rank": 1.0}]}
    ],
    "MapFile.symbols": [{**_SIGNED, "rank": 1.0}], "MapSymbol.kind": "function", "rank": 1.0,
    "MapSymbol.name": "echo", "OutlineSymbol.name": "echo", "OutlineSymbol.kind": "function",
    "Outline.symbols": [{**_SIGNED, "first_line": 240, "exported": True, "depth": 0}], "depth": 0,
    "author": "Ana Silva", "subject": "Print text of every encoding", "committed_at": _AT,
    "LineHistory.reason": None,
    "unparsed": [], "unparsed_count": 0, "unread": [], "unread_count": 0, "counted": True,
    "file_count": 1, "line_count": 1, "repository_count": 1, "offset": 0, "ranges": [[4, 8]],
    **{f"{hit}.{name}": value for hit in ("LineHit", "RepositoryLineHit") for name, value in (
        ("text", "def echo("), ("before", []), ("after", []),
    )},
    "unpublished": 0, "unnotified": 0, "lease_expired": 0, "postdated": 0, "unknown": 0,
    "DivergenceView.indexes": 0, "before": {"turns": 3, "memories": 4, "ledger": 3, "jobs": 1},
    "after": {"turns": 0, "memories": 0, "ledger": 0, "jobs": 0}, "ScannerError.error": "",
}  # fmt: skip
_PENDING = {"status": "pending", "revision": 1, "attempt": 0, "started_at": None, "ended_at": None,
            "expires_at": None, "result": None}  # fmt: skip
_CANCELLED = {"status": "cancelled", "result": None}
_SCANNED = {
    "type": "scanner.scan",
    "result": {
        **_SCAN, "repository": "8a1d0c4b7e2f4f60", "index": "b0c9d6f1a2e34d58", "reused": False,
        "generation": 1, "stats": {"files": 143, "parsed": 63, "symbols": 1_906},
        "phase1": "complete", "phase2": "skipped", "phase2_note": "no language model is configured",
        "warnings": [],
    },
}  # fmt: skip
_COUNTED = {"dry_run": True, "changed": 0, "remaining": 3, "job_ids": []}
_REPLAYED = {**_PENDING, "lineage": {"replay_of": "job_01m85zt3k6h0q8w2c4d6e8f0a1"}}
_DATA: dict[str, Any] = {
    "ingest": _INGESTED,
    "batch_ingest": {"results": [_INGESTED]},
    "search": {"results": [_SOURCE_V1], "total": 1},
    "retrieve": {"model": "rules", "answer": "You live in Lisbon. [1]", "sources": [_SOURCE_V1],
                 "confidence": 0.9},
    "scrape": _PAIRS, "parse_transcript": _PAIRS,
}  # fmt: skip
ANSWERS: dict[str, dict[str, Any]] = {
    "memory_ingest 202": _PENDING,
    "memory_batch_ingest 202": {**_PENDING, "type": "memory.batch_ingest"},
    "memory_batch_ingest 200": {"type": "memory.batch_ingest", "result": {"results": [_INGESTED]}},
    "memory_scrape 202": {**_PENDING, "type": "memory.scrape"},
    "memory_restore 202": {**_PENDING, "type": "memory.import"},
    "memory_restore 200": {"type": "memory.import",
                           "result": {"records": 2, "succeeded": 2, "skipped": 0, "failed": 0}},
    "memory_upload 202": {**_PENDING, "type": "memory.upload"},
    "memory_upload 200": {
        "type": "memory.upload",
        "result": {"conversations": 214, "empty": 3, "unread": 1, "turns": 2_740, "failed": 0,
                   "succeeded": 2_731, "skipped": 9,
                   "named": [{"conversation": "conversations.json 17", "error": "…"}]},
    },
    "memory_scrape 200": {"type": "memory.scrape", "result": {"results": [_INGESTED]}},
    "scanner_start_scan 202": {**_SCANNED, **_PENDING},
    "scanner_start_scan 200": _SCANNED,
    "jobs_cancel": _CANCELLED,
    "jobs_pause": {**_PENDING, "status": "paused", "revision": 2},
    "jobs_resume": {**_PENDING, "revision": 3},
    "jobs_retry": {**_PENDING, "status": "retrying", "revision": 4, "attempt": 1,
                   "started_at": _AT, "next_attempt_at": _AT},
    "jobs_replay": _REPLAYED,
    "dead_letters_replay": {**_REPLAYED, "type": "memory.scrape"},
    "scanner_v1_pause": {"phase1_status": "paused", "phase2_status": "pending"},
    "scanner_v1_resume": {"message": "Scan resumed.", "phase1_status": "pending"},
    **{f"jobs_{action}_many": _COUNTED for action in ("cancel", "retry", "replay")},
    **{f"admin_{action}_jobs": _COUNTED
       for action in ("cancel", "pause", "resume", "retry", "replay")},
    "memories_edit": {"content": "I live in Porto.", "id": "mem_edit_01m86g0c5h_0_0",
                      "supersedes": _MEMORY},
    "health_problems": {"job-not-found": "No such job, or another owner's; check the id."},
    "jobs_result": {"result": _INGESTED},
    "scanner_v1_scan": {"message": None, "reused": False, "phase1_status": "pending"},
    **{f"memory_v1_{name}": {"data": data} for name, data in _DATA.items()},
}  # fmt: skip
"""What an operation's answer has that its schema's fields do not say; of one status, if named."""
TEXTS = {
    "memories_export": f'{{"kind": "turn", "id": "{_TURN}", "content": "I live in Lisbon."}}\n',
    "scanner_v1_chat": f'{{"type": "sources", "sources": [], "commit_sha": "{_COMMIT}"}}\n'
    '{"type": "chunk", "content": "`echo` prints. [1]"}\n{"type": "done"}\n',
    "health_metrics": "# TYPE keepsake_jobs_waiting gauge\n"
    'keepsake_jobs_waiting{queue="keepsake.memory"} 3.0\n',
}
"""Answers that are text, by operation."""
PROBLEMS: dict[str, dict[str, Any]] = {
    "malformed-json": {"position": 17},
    "body-too-large": {"limit_bytes": 1_000_000},
    "forbidden": {"needed": "admin"},
    "illegal-move": {"state": "succeeded", "possible": ["undo"]},
    "dead-letter-closed": {"state": "replayed"},
    "idempotency-key-reused": {"job_id": _JOB},
    "job-not-finished": {"state": "running"},
    "no-result": {"state": "cancelled"},
    "jobs-unfinished": {"job_ids": [_JOB]},
    "host-needed": {"hosts": ["github.com", "gitlab.com"]},
    "not-a-member": {"organisations": ["acme"]},
    "repository-unreadable": {"reason": "RepositoryNotFound"},
    "backlog-full": {"limit": 10_000},
    "quota-exceeded": {"limit_bytes": 10_000_000_000, "stored_bytes": 10_000_004_096},
    "too-many-streams": {"limit": 100},
}
"""What a problem of a kind says beside its detail."""
