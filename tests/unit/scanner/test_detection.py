"""As what a file is read: by its name, and by its content where the name does not say."""

import pytest

from keepsake.scanner.parse.cython import as_python
from keepsake.scanner.parse.detection import language_of
from keepsake.scanner.parse.worker import parse_blob
from tests.cpu_time import cpu_under


def names_in(source, path):
    record = parse_blob(source.encode(), language_of(path))
    return record["language"], [symbol["name"] for symbol in record["symbols"]]


@pytest.mark.parametrize(
    ("first", "rest", "language", "name"),
    [
        ("#!/usr/bin/env python3", "def sweep(): pass", "python", "sweep"),
        ("#!/usr/bin/env -S python3 -u", "def sweep(): pass", "python", "sweep"),
        ("#! /usr/local/bin/python2.7 -E", "def sweep(): pass", "python", "sweep"),
        ("#!/usr/bin/env -S uv run --script", "def sweep(): pass", "python", "sweep"),
        ("#!/usr/bin/env FOO=1 LANG=C pypy3", "def sweep(): pass", "python", "sweep"),
        ("#!/bin/sh -e", "sweep() { rm -rf tmp; }", "bash", "sweep"),
        ("#!/bin/zsh", "sweep() { print hi; }", "bash", "sweep"),
        ("#!/usr/bin/env dash", "sweep() { :; }", "bash", "sweep"),
        ("#!/usr/bin/ksh93", "sweep() { :; }", "bash", "sweep"),
        ("#!/usr/bin/env bats", "sweep() { :; }", "bash", "sweep"),
        ("#!/usr/bin/env node", "function sweep() {}", "javascript", "sweep"),
        ("#!/usr/bin/env -S node --no-warnings", "function sweep() {}", "javascript", "sweep"),
        ("#!/usr/bin/env -S deno run --allow-net", "function sweep(a: number) {}", "typescript",
         "sweep"),
        ("#!/usr/bin/env bun", "function sweep(a: number) {}", "typescript", "sweep"),
        ("#!/usr/bin/env -S npx ts-node", "function sweep(a: number) {}", "typescript", "sweep"),
        ("#!/usr/bin/ruby -w", "def sweep; end", "ruby", "sweep"),
        ("#!/usr/bin/env php", "<?php\nfunction sweep() {}", "php", "sweep"),
        ("#!/usr/bin/env lua5.4", "function sweep() end", "lua", "sweep"),
        ("#!/usr/bin/env elixir", "defmodule Sweep do\nend", "elixir", "Sweep"),
        ("#!/usr/bin/perl -w", "sub sweep { }", "perl", None),
        ("#!/usr/bin/awk -f", "{ print }", "other", None),
        ('#!/bin/sh\nexec python3 -x "$0" "$@"', "", "bash", None),
    ],
)  # fmt: skip
def test_a_script_is_read_as_its_first_line_says(first, rest, language, name):
    read_as, names = names_in(f"{first}\n{rest}\n", "bin/tool")

    assert read_as == language
    if name:
        assert name in names


@pytest.mark.parametrize(
    ("path", "source", "language", "name"),
    [
        ("app/list.inl", "template <class T> T first(T a) { return a; }", "cpp", "first"),
        ("app/list.tcc", "int first() { return 1; }", "cpp", "first"),
        ("app/list.tpp", "int first() { return 1; }", "cpp", "first"),
        ("gpu/add.cu", "__global__ void add(float *a) { a[0] = 1; }", "cpp", "add"),
        ("gpu/add.cuh", "inline int first() { return 1; }", "cpp", "first"),
        ("blink.ino", "void setup() { }\nvoid loop() { }", "cpp", "loop"),
        ("fast.pyx", "def first(a):\n    return a\n", "python", "first"),
        ("fast.pyx", "cdef int total(int a):\n    return a\n\ndef after(): pass\n", "python",
         "after"),
        ("fast.pyx", "cpdef double total(double a, int b=2) except -1:\n    return a\n", "python",
         "total"),
        ("fast.pxd", "cdef class Shape:\n    cdef int area(self)\n", "python", "Shape"),
        ("rules.bzl", "def _impl(ctx):\n    return []\n", "python", "_impl"),
        ("defs.bazel", "def macro(name):\n    return name\n", "python", "macro"),
        ("pkg/BUILD", "def macro(name):\n    return name\n", "python", "macro"),
        ("WORKSPACE", "def macro(name):\n    return name\n", "python", "macro"),
        ("SConstruct", "def build(env):\n    return env\n", "python", "build"),
        ("wscript", "def configure(ctx):\n    pass\n", "python", "configure"),
        ("Snakefile", "def inputs(wildcards):\n    return []\n", "python", "inputs"),
        ("Tiltfile", "def deploy(name):\n    return name\n", "python", "deploy"),
        ("app.wsgi", "def application(env, start):\n    pass\n", "python", "application"),
        ("config.ru", "def app; end", "ruby", "app"),
        ("Shop.podspec", "def shared; end", "ruby", "shared"),
        ("Podfile", "def shared; end", "ruby", "shared"),
        ("Vagrantfile", "def shared; end", "ruby", "shared"),
        ("fastlane/Fastfile", "def shared; end", "ruby", "shared"),
        ("Brewfile", "def shared; end", "ruby", "shared"),
        ("Guardfile", "def shared; end", "ruby", "shared"),
        ("lib/tasks/db.thor", "class Db < Thor\nend", "ruby", "Db"),
        ("prompt.zsh", "prompt_setup() { :; }", "bash", "prompt_setup"),
        (".bashrc", 'mkcd() { cd "$1"; }', "bash", "mkcd"),
        ("home/.zshrc", 'mkcd() { cd "$1"; }', "bash", "mkcd"),
        (".envrc", "use_tool() { :; }", "bash", "use_tool"),
        ("PKGBUILD", "package() { :; }", "bash", "package"),
        ("test/a.bats", "helper() { :; }", "bash", "helper"),
        ("lib.ksh", "helper() { :; }", "bash", "helper"),
        ("build.sbt", "object Build { def run(): Int = 1 }", "scala", "Build"),
        ("build.cake", "class Build { public void Run() {} }", "csharp", "Build"),
        ("script.csx", "class Build { public void Run() {} }", "csharp", "Build"),
        ("index.es6", "export function first() {}", "javascript", "first"),
        ("a.js.flow", "export function first() {}", "javascript", "first"),
        ("old.inc", "<?php\nfunction first() {}", "php", "first"),
        ("shop.module", "<?php\nfunction shop_help() {}", "php", "shop_help"),
        ("schema.ddl", "CREATE TABLE orders (id int);", "sql", "orders"),
        ("init.pgsql", "CREATE TABLE orders (id int);", "sql", "orders"),
    ],
)  # fmt: skip
def test_a_file_is_read_by_the_grammar_that_fits_its_name(path, source, language, name):
    read_as, names = names_in(source, path)

    assert read_as == language
    assert name in names


@pytest.mark.parametrize(
    ("path", "language"),
    [("Dockerfile.dev", "docker"), ("api.Dockerfile", "docker"), ("Containerfile", "docker"),
     ("Makefile.am", "make"), ("rules.mak", "make"), ("CMakeLists.txt", "cmake"),
     ("tool.cmake", "cmake"), ("Jenkinsfile", "groovy"), ("build.gradle", "groovy"),
     ("README.fr", "text"), ("LICENSE-MIT", "text"), ("Pipfile", "toml"), (".eslintrc", "json"),
     ("a/b.py", "python"), ("x.h", "c"), ("X.HPP", "cpp"), ("Gemfile", "ruby"), ("a.tsx", "tsx"),
     ("Dockerfile", "docker"), ("notes", "other"), ("archive.tar.gz", "other")],
)  # fmt: skip
def test_a_language_is_told_by_the_name_of_the_file(path, language):
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("# vim: set ft=python :\ndef sweep(): pass\n", "python"),
        ("x = 1\n# vim: ts=4 sw=4 filetype=ruby\n", "ruby"),
        ("# -*- mode: python -*-\ndef sweep(): pass\n", "python"),
        ("// -*- C++ -*-\nclass A {};\n", "cpp"),
        ("// -*- mode: c++; tab-width: 4 -*-\nclass A {};\n", "cpp"),
        ("# -*- sh -*-\nsweep() { :; }\n", "bash"),
        ("# -*- mode: shell-script; -*-\nsweep() { :; }\n", "bash"),
        ("<?php\nfunction sweep() {}\n", "php"),
        ("<?xml version='1.0'?>\n<a/>\n", "xml"),
        ("#compdef sweep\n_sweep() { :; }\n", "bash"),
        ("Some notes on vim: set up python.\n", "other"),
        ("# -*- mode: nothing-known -*-\n", "other"),
    ],
)
def test_a_modeline_or_a_mark_tells_the_language_of_a_file_without_a_known_name(source, language):
    assert names_in(source, "bin/tool")[0] == language


def test_a_known_extension_outweighs_what_stands_in_the_file():
    assert names_in("#!/bin/sh\ndef f(): pass\n", "a.py") == ("python", ["f"])


@pytest.mark.parametrize(
    ("path", "source", "how"),
    [
        ("a.py", "x = 1\n", "grammar"),
        ("bin/tool", "#!/bin/sh\n", "grammar"),
        ("a.md", "# Title\n", "headings"),
        ("a.md", "no heading\n", "chunks"),
        ("a.pl", "sub f {}\n", "chunks"),
        ("notes", "some words\n", "chunks"),
    ],
)
def test_a_record_says_how_its_file_was_read(path, source, how):
    assert parse_blob(source.encode(), language_of(path))["read_as"] == how


CYTHON = b"""cimport numpy as np
from libc.math cimport sqrt
cdef extern from "math.h":
    double cos(double x)
cdef struct Point:
    double x
cdef int LIMIT = 3
cpdef np.ndarray[double, ndim=1] total(np.ndarray[double, ndim=1] values, int n=1) except *:
    cdef double[:] view = values
    return sqrt(<double>n)
cdef class Shape(Base):
    cdef public int width
    def __init__(self, int width, str name not None, *args, **kw):
        self.width = width
    cdef int _area(self) nogil:
        return 1
cdef (int, int) pair(int a, int b):
    return a, b
"""


def test_cython_is_read_as_python_whose_lines_and_signatures_are_its_own():
    record = parse_blob(CYTHON, "python")

    assert [(s["qualified"], s["line"]) for s in record["symbols"]] == [
        ("Point", 5), ("LIMIT", 7), ("total", 8), ("Shape", 11), ("Shape.__init__", 13),
        ("Shape._area", 15), ("pair", 17),
    ]  # fmt: skip
    signatures = {s["name"]: s["signature"] for s in record["symbols"]}
    assert signatures["_area"] == "cdef int _area(self) nogil"
    assert [statement["module"] for statement in record["imports"]] == ["numpy", "libc.math"]
    assert "sqrt" in {call["name"] for call in record["calls"]}


@pytest.mark.parametrize(
    "source",
    [b"def f" + b"*" * 100_000, b"cdef " + b"a:*" * 50_000, b"cdef:\n" * 20_000,
     b"cdef struct a\n" + b" \n" * 50_000, b"<a " * 50_000, b"cdef int f(" + b"a," * 50_000],
)  # fmt: skip
def test_hostile_cython_takes_linear_time(source):
    with cpu_under(seconds=1):
        assert len(as_python(source)) == len(source)
