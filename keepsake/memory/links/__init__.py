"""Shared links: fetched by the rules, read as conversations."""
