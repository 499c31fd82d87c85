"""What comes from elsewhere into memory: conversations, exports of this and of other products."""

from collections.abc import Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from uuid import uuid4

from keepsake_client.models.jobs import JobInfo
from keepsake_client.models.memory import ManyRemembered, Uploaded
from keepsake_client.session import Request, Resource, fitting, given
from keepsake_client.submitting import Submitted, submission, submitted


class ImportCalls(Resource):
    """What brings many turns at once."""

    @submission
    async def import_(
        self,
        file: str | PathLike[str] | None = None,
        *,
        transcript: str | None = None,
        url: str | None = None,
        user_id: str | None = None,
        user_name: str | None = None,
        labels: Mapping[str, str] | None = None,
        run_at: datetime | str | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[ManyRemembered]:
        r"""Remember a conversation: a file with an export or transcript, its text, or its link.

        user_name: who is the user in a chat between people.

        Raises:
            OSError: The file cannot be read.
            UnicodeDecodeError: It is not UTF-8.

        >>> client.memory.import_(transcript="User: I ski.\nAssistant: Nice.").result(60).turns
        1
        """
        if file is not None:
            transcript = Path(file).read_text(encoding="utf-8")
        body = given(transcript=transcript, url=url, user_id=user_id, user_name=user_name,
                     labels=labels, run_at=run_at, priority=priority)  # fmt: skip
        return await submitted(
            self._session, "/v2/memory/scrape", body, ManyRemembered, idempotency_key
        )

    @submission
    async def restore(
        self,
        export: str,
        *,
        user_id: str | None = None,
        labels: Mapping[str, str] | None = None,
        run_at: datetime | str | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[ManyRemembered]:
        """Bring back lines of an export, at most 5,000,000 characters, and skip what is there.

        >>> client.memory.restore('{"id": "no memory"}').result(60).failed
        1
        """
        body = given(export=export, user_id=user_id, labels=labels, run_at=run_at,
                     priority=priority)  # fmt: skip
        return await submitted(
            self._session, "/v2/memory/import", body, ManyRemembered, idempotency_key
        )

    @submission
    async def upload(
        self,
        file: str | PathLike[str],
        *,
        user_id: str | None = None,
        user_name: str | None = None,
        labels: Mapping[str, str] | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[Uploaded]:
        """Remember an export of another product: a file of up to 200 MB, or the zip as it came.

        It is sent as it is read. The job tells how many of its conversations are done.

        Raises:
            OSError: The file cannot be read.

        >>> client.memory.upload(export_file, user_id="ana").result(60).conversations
        1
        """
        labelled = [f"{name}:{value}" for name, value in (labels or {}).items()] or None
        params = given(user_id=user_id, user_name=user_name, label=labelled, priority=priority)
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        request = Request("POST", "/v2/memory/uploads", params, headers=headers, repeatable=True,
                          file=Path(file))  # fmt: skip
        info = await self._session.fetch(request, JobInfo)
        return Submitted(self._session, info, fitting(Uploaded))
