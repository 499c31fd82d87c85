"""What a worker does: `dramatiq actors`."""

from actors import process

process.start()

from actors import batches, memory, scanner  # noqa: E402, F401 - they register with the broker
