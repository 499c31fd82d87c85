"""Repositories become searchable: git, parsing, the index and its search."""
