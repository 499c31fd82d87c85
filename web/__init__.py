"""HTTP: one module per resource. `uvicorn --factory web.app:serve`."""
