"""What users said becomes memories that can be found: a pipeline of plain functions, and search."""
