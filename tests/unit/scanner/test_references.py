"""Imports as they are written, and the files that they mean."""

import pytest

from keepsake.scanner.parse.references import read_import, tail
from keepsake.scanner.search.structure import means
from tests.cpu_time import cpu_under


@pytest.mark.parametrize(
    ("language", "text", "imports"),
    [
        ("python", "import a.b, c as d", [("a.b", []), ("c", [])]),
        ("python", "from . import (x,\n  y as z,  # why\n)", [(".", ["x", "y"])]),
        ("python", "from importlib import import_module", [("importlib", ["import_module"])]),
        ("python", "from .import importer", [(".", ["importer"])]),
        ("javascript", "import d, { a, b as c } from './m.js'", [("./m.js", ["a", "b"])]),
        ("typescript", "export * from '../m'", [("../m", [])]),
        ("go", 'f "fmt"', [("fmt", [])]),
        ("rust", "pub use a::b::{c, d as e};", [("a::b", ["c", "d"])]),
        ("rust", "use a::b::C;", [("a::b", ["C"])]),
        ("java", "import static a.b.C.d;", [("a.b.C.d", [])]),
        ("csharp", "using Text = System.Text;", [("System.Text", [])]),
        ("scala", "import a.b.{C, D}", [("a.b", ["C", "D"])]),
        ("php", "require_once 'lib/x.php';", [("lib/x.php", [])]),
        ("php", "use A\\B\\C;", [("A\\B\\C", [])]),
        ("c", "#include <a/b.h>", [("a/b.h", [])]),
        ("ruby", "require_relative 'x/y'", [("x/y", [])]),
        ("bash", "source ./lib.sh", [("./lib.sh", [])]),
    ],
)
def test_a_statement_names_a_module_and_what_is_taken_from_it(language, text, imports):
    assert read_import(language, text) == imports


@pytest.mark.parametrize(
    ("module", "last"),
    [("a.b.c", "c"), ("./m.js", "m"), ("a::b", "b"), ("A\\B", "B"), ("a/b.h", "b"), ("x/", "x")],
)
def test_the_tail_of_a_module_is_its_last_part_without_a_suffix(module, last):
    assert tail(module) == last


@pytest.mark.parametrize(
    ("module", "names", "importer", "target", "meant"),
    [
        ("shop.prices", ["PriceList"], "shop/orders.py", "shop/prices.py", True),
        ("shop.prices", [], "x.py", "src/shop/prices/__init__.py", True),
        ("shop.prices", [], "x.py", "shop/other.py", False),
        (".", ["prices"], "shop/orders.py", "shop/prices.py", True),
        ("..prices", [], "shop/sub/orders.py", "shop/prices.py", True),
        (".prices", [], "other/orders.py", "shop/prices.py", False),
        ("./prices.js", [], "web/app.js", "web/prices.js", True),
        ("../lib", [], "web/app/x.ts", "web/lib/index.ts", True),
        ("crate::prices", ["P"], "src/main.rs", "src/prices.rs", True),
        ("prices.h", [], "a.c", "include/prices.h", True),
    ],
)
def test_an_import_means_a_file(module, names, importer, target, meant):
    assert means(module, names, importer, target) is meant


@pytest.mark.parametrize("language", ["python", "rust", "java"])
def test_an_import_full_of_spaces_costs_no_more_than_its_length(language):
    with cpu_under(seconds=1):
        read_import(language, "use import a" + " " * 100_000 + "b")
