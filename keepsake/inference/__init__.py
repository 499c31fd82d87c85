"""Embeddings, BM25 and language models, which memory and scanner share."""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.inference.bm25 import Ints, Postings, Rows, Vocabulary
    from keepsake.inference.client import (
        BudgetSpent,
        ModelAway,
        ModelError,
        ModelRefused,
        ModelReply,
        ModelUnusable,
        Usage,
        ask_endpoint,
        ask_endpoints,
        endpoints_client,
    )
    from keepsake.inference.embedding import Embedder, shared_embedder
    from keepsake.inference.embedding_models import (
        E5,
        E5_ONNX,
        MINILM,
        EmbeddingModel,
        ModelDamaged,
    )
    from keepsake.inference.layers import DIMENSIONS, Vector
    from keepsake.inference.model import (
        IS_DATA,
        CitedAnswer,
        CitedSentence,
        LanguageModel,
        Message,
        ModelAnswer,
        StepReplies,
        fenced,
    )
    from keepsake.inference.settings import Endpoint, LlmSettings

__all__ = [
    "DIMENSIONS",
    "E5",
    "E5_ONNX",
    "IS_DATA",
    "MINILM",
    "BudgetSpent",
    "CitedAnswer",
    "CitedSentence",
    "Embedder",
    "EmbeddingModel",
    "Endpoint",
    "Ints",
    "LanguageModel",
    "LlmSettings",
    "Message",
    "ModelAnswer",
    "ModelAway",
    "ModelDamaged",
    "ModelError",
    "ModelRefused",
    "ModelReply",
    "ModelUnusable",
    "Postings",
    "Rows",
    "StepReplies",
    "Usage",
    "Vector",
    "Vocabulary",
    "ask_endpoint",
    "ask_endpoints",
    "endpoints_client",
    "fenced",
    "shared_embedder",
]

_HOMES = {
    "bm25": ("Ints", "Postings", "Rows", "Vocabulary"),
    "client": (
        "BudgetSpent", "ModelAway", "ModelError", "ModelRefused", "ModelReply", "ModelUnusable",
        "Usage", "ask_endpoint", "ask_endpoints", "endpoints_client",
    ),
    "embedding": ("Embedder", "shared_embedder"),
    "embedding_models": ("E5", "E5_ONNX", "EmbeddingModel", "MINILM", "ModelDamaged"),
    "layers": ("DIMENSIONS", "Vector"),
    "model": (
        "CitedAnswer", "CitedSentence", "IS_DATA", "LanguageModel", "Message", "ModelAnswer",
        "StepReplies", "fenced",
    ),
    "settings": ("Endpoint", "LlmSettings"),
}  # fmt: skip
__getattr__ = lazily(__name__, {name: home for home, names in _HOMES.items() for name in names})
