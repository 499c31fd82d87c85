"""The TypeScript client: its types, its tests under Node, and the package as it is published."""

import json
import re
import shutil

import pytest

from clients.checks.conftest import TOOLS, TYPESCRIPT, npm, ran

TSC = TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc"
README = (TYPESCRIPT / "README.md").read_text()


@pytest.fixture(scope="session")
def typed(document):
    """Generates the client's types from the document."""
    shutil.rmtree(TYPESCRIPT / "src" / "generated", ignore_errors=True)
    ran("node", "node_modules/@hey-api/openapi-ts/bin/run.js", "--input", TOOLS / "openapi.json",
        "--output", "src/generated", "--plugins", "@hey-api/typescript")  # fmt: skip


@pytest.fixture(scope="session")
def package(typed):
    """The package, as it is published."""
    shutil.rmtree(TYPESCRIPT / "dist", ignore_errors=True)
    ran("node", TSC, "--project", "tsconfig.build.json")
    packed = json.loads(npm("pack", "--json", "--pack-destination", TOOLS))[0]
    return packed["filename"], {entry["path"] for entry in packed["files"]}


@pytest.mark.timeout(400)
def test_it_type_checks_and_holds_against_a_real_server(server, typed):
    ran("node", "node_modules/prettier/bin/prettier.cjs", "--check", ".")
    ran("node", TSC, "--project", "tsconfig.json")
    said = ran("node", "--test", "--test-reporter=tap", "test/*.test.ts", **server)

    assert re.search(r"^# pass [1-9]\d+$", said, re.MULTILINE), said[-2_000:]


@pytest.mark.timeout(200)
def test_what_is_published_is_what_is_needed_and_does_what_its_readme_says(
    server, package, tmp_path
):
    filename, files = package
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text('{"type": "module", "private": true}')
    npm("--prefix", project, "install", "--offline", TOOLS / filename)
    (project / "readme.js").write_text(re.search(r"```js\n(.*?)```", README, re.DOTALL)[1])
    (project / "typed.ts").write_text(
        'import { Keepsake, type JobView } from "keepsake-client";\n'
        "export const view = (client: Keepsake): Promise<JobView> =>\n"
        '  client.jobs.get("job_x").then((job) => job.refresh());\n'
    )

    said = ran("node", project / "readme.js", **server).splitlines()
    ran("node", TSC, "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022",
        "--lib", "es2022,dom,dom.iterable,dom.asynciterable", project / "typed.ts")  # fmt: skip

    assert said[0] == "snapshot"
    assert "I live in Lisbon." in said
    assert said[-1] == "app/price.py"
    assert {path.partition("/")[0] for path in files} == {
        "dist", "README.md", "LICENSE", "package.json",
    }  # fmt: skip
    assert {"dist/index.js", "dist/index.d.ts", "dist/generated/types.gen.d.ts"} <= files
