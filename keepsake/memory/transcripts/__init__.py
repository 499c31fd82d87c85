"""Conversations out of pages and files: exports, shared links, Markdown and plain text."""
