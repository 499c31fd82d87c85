"""What a worker does: `dramatiq actors`."""

from actors import process

process.start()

from actors import batches, memory  # noqa: E402, F401 - actors register with the broker set above
