"""The index in MongoDB: repositories, heads, files by generation, blobs by content.

A file row is visible in the generations from `born` to before `died`; a head names the current
generation, so publishing is one compare-and-set and a rescan writes only what changed. What is
parsed belongs to a blob of a repository, so branches share what is equal.
"""
