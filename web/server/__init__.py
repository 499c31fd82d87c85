"""The HTTP server: a master that keeps the web processes, and what each does with connections."""
