"""A LangChain retriever over Keepsake's memory of a user."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from keepsake_client.client import Keepsake
from keepsake_client.models.memory import Hit


class KeepsakeRetriever(BaseRetriever):
    """Finds memories and turns of a user by words and by meaning.

    kinds: `memory`, `turn` or both. metadata: what they have to have.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Keepsake = Field(default_factory=Keepsake, exclude=True)
    user_id: str
    top_k: int = 5
    kinds: Sequence[str] = ("memory", "turn")
    metadata_filter: Mapping[str, str | float | bool] = {}

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        hits = self.client.memory.search(
            query, user_id=self.user_id, top_k=self.top_k, kinds=list(self.kinds),
            metadata=self.metadata_filter or None,
        )  # fmt: skip
        return [Document(hit.content, id=hit.id, metadata=_about(hit)) for hit in hits]


def _about(hit: Hit) -> dict[str, Any]:
    """What is known of a hit beside its words; its own metadata goes first."""
    names = {"kind", "domain", "score", "said_at", "valid_from", "valid_to", "session_id"}
    return {**hit.metadata, **hit.model_dump(mode="json", include=names, exclude_none=True)}
