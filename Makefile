.DEFAULT_GOAL := help
UV = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: ## Write the locks anew: versions and hashes, no addresses
	.venv/bin/pip install --quiet uv
	$(UV) pyproject.toml --output-file locks/run.lock
	$(UV) pyproject.toml --group dev --output-file locks/dev.lock
	$(UV) --no-deps locks/model.in --output-file locks/model.lock
