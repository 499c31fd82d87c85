"""Upgrades from a former version: its stored records, and its processes beside the present ones."""
