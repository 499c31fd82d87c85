"""Embeddings and the language-model client, which memory and scanner share."""
