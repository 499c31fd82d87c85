"""Keepsake: durable memory and code search for AI agents, over a job engine that loses nothing."""

__version__ = "0.1.0"
