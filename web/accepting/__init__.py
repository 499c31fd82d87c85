"""The way of every request that makes a job: is there room, the record, the ring, the 202."""
