"""Search in what was indexed: by name, by meaning, by structure; and the tree and its sources."""
