"""Git by its command line: bounded child processes, bare mirrors, never a checkout."""
