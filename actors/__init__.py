"""What a worker does: `dramatiq actors`."""

from actors import process

process.start(process.job_types())
