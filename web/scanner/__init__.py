"""`/v2/scanner`: scans, repositories, and searching what was indexed."""
