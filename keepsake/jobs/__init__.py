"""The job record: accepted, claimed, fenced, retried, ended. Knows no HTTP and no broker."""
