"""Notebooks and components: code inside other documents, with its place in them."""

import json

import pytest

from keepsake.scanner.parse.detection import language_of
from keepsake.scanner.parse.worker import parse_blob, read_blob
from tests.cpu_time import cpu_under

SECRET = "sk-live-0123456789"


def cell(kind, source, **more):
    outputs = {"outputs": [], "execution_count": 1} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **outputs, **more}


def notebook(*cells, language="python", **more):
    metadata = {"kernelspec": {"language": language, "name": language}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, **more}, indent=1)


def shop_notebook():
    printed = [{"output_type": "stream", "text": [f"token {SECRET}\n"]}]
    return notebook(
        cell("markdown", ["# Shop\n", "\n", "How it sells.\n", "## Prices"]),
        cell("code", ["%matplotlib inline\n", "import prices\n", "!pip install tea\n",
                      "def load(name):\n", "    return prices.read(name)"], outputs=printed),
        cell("raw", "not code: def raw(): pass"),
        cell("code", "class Order:\n    def total(self):\n        return load('tea')\n",
             attachments={"a.png": {"image/png": SECRET}}),
    )  # fmt: skip


def place(record, name):
    return next(s for s in record["symbols"] if s["name"] == name)


def test_a_notebook_has_the_symbols_of_its_code_and_the_headings_of_its_text():
    record, text = read_blob(shop_notebook().encode(), "notebook")
    lines = text.decode().splitlines()

    listed = [(s["kind"], s["qualified"]) for s in record["symbols"]]
    assert listed == [
        ("section", "Shop"), ("section", "Shop / Prices"), ("function", "load"),
        ("chunk", "lines 15-15"), ("class", "Order"), ("method", "Order.total"),
    ]  # fmt: skip
    for name, first in [
        ("load", "def load(name):"),
        ("Order", "class Order:"),
        ("total", "    def total(self):"),
        ("Prices", "## Prices"),
    ]:
        assert lines[place(record, name)["line"] - 1] == first
    assert record["read_as"] == "grammar"


def test_lines_are_those_of_the_cells_one_after_the_other_each_below_its_head():
    _, text = read_blob(shop_notebook().encode(), "notebook")

    assert text.decode().splitlines()[:8] == [
        "# %% [1] markdown", "# Shop", "", "How it sells.", "## Prices", "", "# %% [2] python",
        "%matplotlib inline",
    ]  # fmt: skip


def test_calls_and_imports_of_a_notebook_have_the_symbol_around_them():
    record = parse_blob(shop_notebook().encode(), "notebook")
    around = [s["qualified"] for s in record["symbols"]]

    calls = {(call["name"], around[inside]) for call in record["calls"]
             for _, inside in call["at"] if inside >= 0}  # fmt: skip

    assert {("read", "load"), ("load", "Order.total")} <= calls
    assert [statement["module"] for statement in record["imports"]] == ["prices"]
    assert "prices" in record["tails"]


def test_outputs_and_attachments_of_a_notebook_are_nowhere():
    record, text = read_blob(shop_notebook().encode(), "notebook")

    assert SECRET not in text.decode()
    assert SECRET not in json.dumps(record, default=repr)


@pytest.mark.parametrize(
    "code",
    [
        "%%time\ndef load(): pass",
        "%%timeit -n 10\ndef load(): pass",
        "%load_ext autoreload\n%autoreload 2\ndef load(): pass",
        "!ls -la | grep $HOME\ndef load(): pass",
        "files = !ls\ndef load(): pass",
        "frame = %sql select 1\ndef load(): pass",
        "load?\n?load\nload??\ndef load(): pass",
        "def load():\n    %time work()\n    !ls {place}\n    return 1",
        "if True:\n    !ls\ndef load(): pass",
        "%run 'other notebook.ipynb'\n%cd ..\ndef load(): pass",
        "%env KEY=it's\ndef load(): pass",
        "!echo one \\\n  two (\ndef load(): pass",
    ],
)
def test_magics_do_not_cost_the_code_beside_them(code):
    record = parse_blob(notebook(cell("code", code)).encode(), "notebook")

    assert "load" in [symbol["name"] for symbol in record["symbols"]]


@pytest.mark.parametrize(
    ("magic", "body", "name"),
    [("%%bash", "deploy() { :; }", "deploy"), ("%%sh", "deploy() { :; }", "deploy"),
     ("%%javascript", "function draw() {}", "draw"), ("%%js", "function draw() {}", "draw"),
     ("%%ruby", "def sell; end", "sell"), ("%%sql", "CREATE TABLE tea (id int);", "tea"),
     ("%%script bash", "deploy() { :; }", "deploy"),
     ("%%writefile shop.py", "def sell(): pass", "sell")],
)  # fmt: skip
def test_a_cell_of_another_language_is_read_by_its_grammar(magic, body, name):
    record = parse_blob(notebook(cell("code", f"{magic}\n{body}\n")).encode(), "notebook")

    assert name in [symbol["name"] for symbol in record["symbols"]]


@pytest.mark.parametrize("magic", ["%%html", "%%latex", "%%perl", "%%nonesuch"])
def test_a_cell_that_no_grammar_reads_gives_no_false_symbols(magic):
    source = notebook(cell("code", f"{magic}\ndef f(): pass"), cell("code", "def g(): pass"))

    record = parse_blob(source.encode(), "notebook")

    assert [s["name"] for s in record["symbols"] if s["kind"] == "function"] == ["g"]


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [("R", "load <- function(x) x", None), ("ruby", "def load; end", "load"),
     ("javascript", "function load() {}", "load"), ("scala", "def load(): Int = 1", "load"),
     ("C++17", "int load() { return 1; }", "load"), ("typescript", "function load() {}", "load"),
     ("python3", "def load(): pass", "load"), ("bash", "load() { :; }", "load")],
)  # fmt: skip
def test_a_notebook_is_read_in_its_kernel_s_language(language, code, name):
    record = parse_blob(notebook(cell("code", code), language=language).encode(), "notebook")

    assert [s["name"] for s in record["symbols"] if s["kind"] != "chunk"] == (
        [name] if name else []
    )


@pytest.mark.parametrize(
    "metadata",
    [{}, {"language_info": {"name": "python"}}, {"kernelspec": {"name": "python3"}},
     {"kernelspec": {"display_name": "Python 3"}}, {"kernelspec": None}],
)  # fmt: skip
def test_a_notebook_without_a_named_language_is_python(metadata):
    source = json.dumps({"cells": [cell("code", "def load(): pass")], "metadata": metadata})

    assert place(parse_blob(source.encode(), "notebook"), "load")["line"] == 2


def test_a_notebook_of_the_third_format_has_its_cells_in_worksheets():
    cells = [{"cell_type": "code", "input": ["def load():\n", "    pass"], "language": "python"},
             {"cell_type": "heading", "level": 2, "source": ["Prices"]}]  # fmt: skip
    source = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3})

    record = parse_blob(source.encode(), "notebook")

    assert [s["name"] for s in record["symbols"]] == ["load", "Prices"]


def test_a_broken_cell_costs_the_others_nothing():
    source = notebook(cell("code", "def first(): pass"), cell("code", "def ((( 'x"),
                      cell("code", "def last(): pass"))  # fmt: skip

    names = [s["name"] for s in parse_blob(source.encode(), "notebook")["symbols"]]

    assert names[0] == "first"
    assert names[-1] == "last"


@pytest.mark.parametrize(
    "source",
    ['{"cells": [', "", "[]", "null", '{"cells": 3}', '{"cells": [3, null]}', "{}", "<<<<<<< HEAD",
     '{"cells": [{"cell_type": "code", "source": 7}]}', "[" * 100_000, '{"cells": {"a": 1}}',
     '{"metadata": 7, "cells": [{}]}'],
)  # fmt: skip
def test_what_is_no_notebook_is_said_and_not_shown(source):
    record = parse_blob(source.encode(), "notebook")

    assert record["skip"] == "broken notebook"


def test_a_notebook_with_one_odd_cell_is_read():
    source = json.dumps({"cells": [3, None, {"cell_type": "code", "source": ["def f(): ", 5]},
                                   cell("code", "def load(): pass")]})  # fmt: skip

    assert "load" in [s["name"] for s in parse_blob(source.encode(), "notebook")["symbols"]]


def test_large_outputs_do_not_make_a_notebook_minified():
    image = [{"output_type": "display_data", "data": {"image/png": "A" * 400_000}}]
    source = notebook(cell("code", "def load(): pass", outputs=image))

    assert place(parse_blob(source.encode(), "notebook"), "load")


VUE = """<template>
  <button @click="save">{{ label }}</button>
</template>

<script lang="ts">
import { defineComponent } from 'vue'
export default defineComponent({ name: 'SaveButton' })
export function label(a: string): string { return a }
</script>

<script setup lang="ts">
import { post } from './api'
function save(): void { post('x') }
</script>

<style scoped>
.a { color: red }
</style>
"""

SVELTE = """<script context="module" lang="ts">
  export function preload(page: string) { return fetch(page) }
</script>
<script lang="ts">
  import { onMount } from 'svelte'
  export let name: string
  function greet() { preload(name) }
</script>

<h1 on:click={greet}>Hello {name}</h1>
"""

ASTRO = """---
import Layout from '../layouts/Layout.astro'
interface Props { title: string }
function slug(text: string): string { return text }
---
<Layout title={slug('x')}>
  <script>
    function hydrate() { slug('y') }
  </script>
</Layout>
"""


@pytest.mark.parametrize(
    ("path", "source", "names"),
    [("web/SaveButton.vue", VUE, {"label": 8, "save": 13}),
     ("web/Hello.svelte", SVELTE, {"preload": 2, "greet": 7}),
     ("web/Post.astro", ASTRO, {"Props": 3, "slug": 4, "hydrate": 8})],
)  # fmt: skip
def test_the_scripts_of_a_component_are_read_where_they_stand(path, source, names):
    name = path.rpartition("/")[2].partition(".")[0]

    record = parse_blob(source.encode(), language_of(path), name)

    assert {s["name"]: s["line"] for s in record["symbols"] if s["name"] in names} == names
    assert all(s["name"] != "chunk" for s in record["symbols"])
    component = record["symbols"][0]
    assert (component["kind"], component["name"], component["line"]) == ("component", name, 1)
    assert component["end_line"] == len(source.splitlines())
    assert component["exported"]
    assert record["imports"]


def test_the_template_of_a_component_is_found_as_chunks():
    record = parse_blob(VUE.encode(), "vue", "SaveButton")

    chunks = [s for s in record["symbols"] if s["kind"] == "chunk"]
    assert chunks
    assert any("{{ label }}" in chunk["doc"] for chunk in chunks)
    assert not any("defineComponent" in chunk["doc"] for chunk in chunks)


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("<script>\nfunction f() {}\n</script>", "f"),
        ("<script lang='tsx'>\nconst f = () => <a/>\n</script>", "f"),
        ('<script lang="jsx">\nfunction f() { return <a/> }\n</script>', "f"),
        ('<SCRIPT LANG="TS">\nfunction f(a: number) {}\n</SCRIPT>', "f"),
        ("<script\n  setup\n  lang=ts\n>\nfunction f(a: number) {}\n</script>", "f"),
        ('<script generic="T extends Map<string, A>" lang="ts">\nfunction f() {}\n</script>', "f"),
        ("<script>function f() {}</script>", "f"),
        ("<script>\nfunction f() { return '<template>' }\n</script\n>", "f"),
        ("<script type='application/ld+json'>\n{\"function f() {}\": 1}\n</script>", None),
        ("<!-- <script>\nfunction f() {}\n</script> -->", None),
        ("<script src='./a.js'></script>", None),
        ("<script>\nfunction f() {}", "f"),
    ],
)
def test_a_script_is_told_from_what_only_looks_like_one(script, name):
    record = parse_blob(f"<template>\n<p/>\n</template>\n{script}\n".encode(), "vue", "Page")

    names = [s["name"] for s in record["symbols"] if s["kind"] not in ("chunk", "component")]
    assert names == ([name] if name else [])


@pytest.mark.parametrize("source", ["<script" * 20_000, "<!--" * 40_000, "<script>" * 20_000,
                                    "<script " + 'a="' * 40_000, "---\n" * 30_000])  # fmt: skip
@pytest.mark.parametrize("language", ["vue", "svelte", "astro"])
def test_a_hostile_component_costs_little(source, language):
    with cpu_under(seconds=2):
        parse_blob(source.encode(), language, "Page")
