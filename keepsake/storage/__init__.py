"""MongoDB: connection, durability, indexes and ids, shared by every store."""
