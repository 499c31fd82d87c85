"""Imports as they are written, and the files that they mean."""

import pytest

from keepsake.scanner.parse.import_readers import read_import
from keepsake.scanner.parse.imports import looked_up_by
from keepsake.scanner.parse.worker import parse_blob
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
        ("c", "#include <a/b.h>", [("<a/b.h>", [])]),
        ("c", '#include "a.h" // "b.h"', [("a.h", [])]),
        ("ruby", "require_relative 'x/y'", [("./x/y", [])]),
        ("ruby", "require_relative('../x')", [("../x", [])]),
        ("ruby", "require 'x/y'", [("x/y", [])]),
        ("ruby", "autoload :Shop, 'acme/shop'", [("acme/shop", [])]),
        ("ruby", "require File.expand_path('../lib/x', __FILE__)", [("./lib/x", [])]),
        ("ruby", "require File.join(__dir__, 'x')", [("./x", [])]),
        ("ruby", 'require "#{__dir__}/x"', [("./x", [])]),
        ("ruby", 'load "#{ROOT}/x.rb"', [("*/x.rb", [])]),
        ("bash", "source ./lib.sh", [("./lib.sh", [])]),
        ("bash", ". lib/x.sh arg", [("lib/x.sh", [])]),
        ("bash", 'source "$(dirname "$0")/lib.sh"', [("./lib.sh", [])]),
        ("bash", '. "$(dirname "$(dirname "$0")")/lib.sh"', [("../lib.sh", [])]),
        ("bash", '. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/x.sh" a', [("./x.sh", [])]),
        ("bash", 'source "${BASH_SOURCE%/*}/../x.sh"', [("../x.sh", [])]),
        ("bash", 'source "$HERE/x.sh"', [("*/x.sh", [])]),
        ("typescript", "import j from './a.json' with { type: 'json' }", [("./a.json", [])]),
        ("typescript", "import { type A, B as C } from './t'", [("./t", ["A", "B"])]),
        ("typescript", "import x = require('./y')", [("./y", [])]),
        ("javascript", "import('./v.js')", [("./v.js", [])]),
        (
            "rust",
            "use a::{b::{C, D}, self, e::*};",
            [("a::b", ["C", "D"]), ("a", []), ("a::e", ["*"])],
        ),
        ("rust", "pub(crate) use super::r#type::X as Y;", [("super::type", ["X"])]),
        ("rust", "extern crate serde as s;", [("serde", [])]),
        ("rust", "use ::matcher::Matcher;", [("matcher", ["Matcher"])]),
        ("java", "import a.b.*;", [("a.b.*", [])]),
        ("kotlin", "import a.`in`.C as D", [("a.in.C", [])]),
        ("scala", "import a.b.{C => E, _}, x.Y", [("a.b", ["C", "_"]), ("x.Y", [])]),
        ("csharp", "global using static A.B.C;", [("A.B.C", [])]),
        ("csharp", "using X = global::A.List<int>;", [("A.List", [])]),
        ("php", "use A\\{B, C as D};", [("A", ["B", "C"])]),
        ("php", "use A\\B, C\\D as E;", [("A\\B", []), ("C\\D", [])]),
        ("php", "use function A\\f;", [("A\\f", [])]),
        ("php", "require_once __DIR__ . '/x.php'", [("./x.php", [])]),
        ("php", "require dirname(__DIR__, 2) . '/x.php'", [("../../x.php", [])]),
        ("php", "include(dirname(dirname(__FILE__)) . '/x.php')", [("../x.php", [])]),
        ("php", "require ABSPATH . 'wp/x.php'", [("*/wp/x.php", [])]),
        ("swift", "@testable import Shop", [("Shop", [])]),
        ("swift", "import struct Shop.Item", [("Shop.Item", [])]),
    ],
)
def test_a_statement_names_a_module_and_what_is_taken_from_it(language, text, imports):
    assert read_import(language, text) == imports


@pytest.mark.parametrize(
    ("language", "module", "names", "words"),
    [
        ("python", "a.b.c", ["D"], "c D"),
        ("python", "..", ["x"], ".. x"),
        ("typescript", "./m.test.js", ["A"], "m A"),
        ("tsx", "@acme/ui/button", [], "button @acme/ui"),
        ("javascript", "../", [], ".."),
        ("go", "github.com/acme/queue/v2", [], "v2 github.com"),
        ("c", "<a/b.h>", [], "b"),
        ("ruby", "./x/y", [], "y"),
        ("rust", "crate::a::b::c", ["C"], "a b c C"),
        ("rust", "crate::a", ["C"], "crate a C"),
        ("rust", "super", ["*"], "super *"),
        ("java", "a.b.C.d", [], "b C d"),
        ("java", "a.b.*", [], "b.* a b"),
        ("scala", "a.b", ["_"], "a b a.* b.* _"),
        ("csharp", "Acme.Json", [], "Acme Json Json.*"),
        ("php", "A\\B", ["C\\D"], "A B D"),
        ("php", "./lib/x.php", [], "x"),
    ],
)
def test_an_import_is_looked_up_by_the_last_parts_of_what_it_names(language, module, names, words):
    assert looked_up_by(language, module, names) == set(words.split())


@pytest.mark.parametrize("language", ["python", "rust", "java"])
def test_an_import_full_of_spaces_costs_no_more_than_its_length(language):
    with cpu_under(seconds=1):
        read_import(language, "use import a" + " " * 100_000 + "b")


PACKAGED = {
    "java": "package a.b;\nclass C { class D {} }\ninterface E {}",
    "kotlin": "package a.`in`\nfun top() {}\nclass C { fun m() {} }",
    "scala": "package a.b\npackage c\nclass C\npackage object d { def f = 1 }",
    "csharp": "namespace A.B { namespace C { class D { void M() {} } } class E {} }\nclass F {}",
    "php": "<?php\nnamespace A\\B;\nclass C { function m() {} }\nnamespace D;\nfunction f() {}",
}


@pytest.mark.parametrize(
    ("language", "packages"),
    [
        ("java", [["a.b", "C", "E"]]),
        ("kotlin", [["a.in", "top", "C"]]),
        ("scala", [["a.b"], ["a.b.c", "C"], ["a.b.c.d", "f"]]),
        ("csharp", [["", "F"], ["A.B", "E"], ["A.B.C", "D"]]),
        ("php", [["A.B", "C"], ["D", "f"]]),
    ],
)
def test_a_file_tells_its_packages_and_what_is_right_inside_them(language, packages):
    assert parse_blob(PACKAGED[language].encode(), language)["packages"] == packages


def test_a_rust_file_imports_the_files_of_its_modules():
    source = (
        b'mod a;\n#[cfg(unix)]\n#[path = "os/unix.rs"]\nmod b;\nmod c { pub mod d; fn f() {} }\n'
    )

    imports = parse_blob(source, "rust")["imports"]

    assert [(item["module"], item["line"]) for item in imports] == [
        ("self::a", 1), ("./os/unix.rs", 4), ("self::c::d", 5),
    ]  # fmt: skip
