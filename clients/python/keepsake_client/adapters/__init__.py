"""Adapters for other projects' memory: a module each, which needs that project's package.

Nothing is imported here, so that each needs no package but its own.
"""
