"""A model of the job protocol, and an explorer of all its states within bounds (docs/model.md)."""
