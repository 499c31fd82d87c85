"""Mirrors of repositories: fetched, read and evicted. `environment` gives git its token."""
