"""What generators make of the document is whole, type-checks, and works against a real server."""

import re
import shutil

import pytest

from clients.checks.conftest import ROOT, TOOLS, TYPESCRIPT, ran

CHECKS = ROOT / "clients" / "checks"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def operation_ids(document):
    return {
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }


@pytest.mark.timeout(400)
def test_openapi_python_client_takes_all_of_it(server, operation_ids):
    package = TOOLS / "python" / "keepsake_generated"
    ran(
        TOOLS / "bin" / "openapi-python-client", "generate",
        "--path", TOOLS / "openapi.json", "--config", CHECKS / "openapi-python-client.yaml",
        "--output-path", package, "--meta", "none", "--overwrite", "--fail-on-warning",
    )  # fmt: skip
    generated = {path.stem for path in package.glob("api/*/*.py")} - {"__init__"}
    calls, found = CHECKS / "call_generated.py", {"MYPYPATH": str(package.parent)}

    assert generated == operation_ids
    ran(TOOLS / "bin" / "mypy", "--strict", "--config-file=",
        "--cache-dir", TOOLS / "mypy", package, calls, **found)  # fmt: skip
    ran(TOOLS / "bin" / "python", calls, PYTHONPATH=str(package.parent), **server)


@pytest.mark.timeout(400)
def test_openapi_ts_takes_all_of_it(server, operation_ids):
    sdk = TYPESCRIPT / "generated"
    shutil.rmtree(sdk, ignore_errors=True)
    ran("node", "node_modules/@hey-api/openapi-ts/bin/run.js",
        "--input", TOOLS / "openapi.json", "--output", sdk / "sdk")  # fmt: skip
    shutil.copy(CHECKS / "call_generated.ts", sdk)
    generated = re.findall(r"export const (\w+) = <", (sdk / "sdk" / "sdk.gen.ts").read_text())

    assert {name.lower() for name in generated} == {name.replace("_", "") for name in operation_ids}
    ran("node", "node_modules/typescript/bin/tsc", "--project", "tsconfig.generated.json")
    ran("node", sdk / "built" / "call_generated.js", **server)
