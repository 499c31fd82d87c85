"""What users said becomes memories that can be found: a pipeline of plain functions, and search."""

import os

# Workers bring their own threads. OpenBLAS's would fight over the cores and spin while they wait.
# It reads this once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
