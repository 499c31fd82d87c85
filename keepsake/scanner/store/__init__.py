"""Indexes in MongoDB: repositories, published indexes, files by generation, blobs by content.

A file row is visible in the generations from `born` to before `died`. A published index names its
current generation, so publishing is one compare-and-set and a rescan writes only what changed.
What is parsed belongs to a blob of a repository, so branches share what is equal.
"""
