"""Memories in MongoDB: woven, listed, changed, taken back."""
