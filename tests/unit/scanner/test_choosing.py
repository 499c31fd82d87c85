"""Which files of a tree are read: globs of the request, the repository's attributes, evidence."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from keepsake.scanner.git.trees import Entry
from keepsake.scanner.globs import Globs
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.parse.attributes import Attributes
from keepsake.scanner.selection import by_names
from keepsake.scanner.settings import ScannerSettings
from tests.cpu_time import cpu_under

URL = "https://git.example.com/acme/shop"


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("*.py", ["a.py", "a/b.py", "a/b/c.py"], ["a.pyi", "py", "a.py.txt"]),
        ("src/*.py", ["src/a.py"], ["src/a/b.py", "lib/src/a.py"]),
        ("src/**", ["src/a.py", "src/a/b.py"], ["src", "lib/src/a.py"]),
        ("src", ["src/a.py", "lib/src/a.py", "src"], ["srcs/a.py"]),
        ("src/", ["src/a.py", "lib/src/a.py"], ["src"]),
        ("/src", ["src/a.py", "src"], ["lib/src/a.py"]),
        ("**/test_*.py", ["test_a.py", "a/b/test_a.py"], ["a/best_a.py"]),
        ("a/**/z.py", ["a/z.py", "a/b/z.py", "a/b/c/z.py"], ["b/z.py", "a/b/zz.py"]),
        ("[ab]?.py", ["ax.py", "q/bx.py"], ["cx.py", "a.py"]),
        ("[!a]*.py", ["b.py"], ["a.py"]),
        ("docs/**/*.md", ["docs/a.md", "docs/a/b.md"], ["a/docs/b.md"]),
        ("Café/*", ["Café/a.py"], ["Cafe/a.py"]),
        ("a b/*.py", ["a b/c.py"], ["a/b/c.py"]),
        ("*", ["a", "a/b"], []),
        ("a\\*b", ["a*b"], ["axb"]),
    ],
)
def test_a_glob_fits_paths_as_in_a_gitignore(pattern, fits, does_not):
    globs = Globs((pattern,))

    assert [path for path in [*fits, *does_not] if globs.fit(path)] == fits


@pytest.mark.parametrize("pattern", ["", " ", "\n", "a\nb", "a" * 301, "!a", "../a", "a/../b",
                                     "a//b", "[a", "a\x00b", "/"])  # fmt: skip
def test_a_pattern_that_is_none_is_refused(pattern):
    with pytest.raises(ValidationError):
        ScanRequest(url=URL, include=[pattern])
    with pytest.raises(ValidationError):
        ScanRequest(url=URL, exclude=[pattern])


def test_so_many_patterns_are_refused():
    with pytest.raises(ValidationError):
        ScanRequest(url=URL, include=["a"] * 101)


def test_the_order_of_patterns_and_repeats_are_no_difference():
    assert ScanRequest(url=URL, include=["b", "a", "b"]) == ScanRequest(url=URL, include=["a", "b"])


@pytest.mark.parametrize("pattern", ["*a" * 100, "**/" * 90 + "b", "*" * 290, "[a-z]*" * 45])
def test_a_pattern_takes_linear_time(pattern):
    globs = Globs((pattern,))

    with cpu_under(seconds=1):
        globs.fit("a/" * 60 + "a" * 500 + "!")


@pytest.mark.parametrize(
    ("files", "path", "facts"),
    [
        ({"": "*.js linguist-vendored"}, "a/b.js", {"vendored": True}),
        ({"": "lib/* linguist-vendored"}, "lib/b.js", {"vendored": True}),
        ({"": "lib/* linguist-vendored"}, "lib/a/b.js", {}),
        ({"": "lib/** linguist-vendored"}, "lib/a/b.js", {"vendored": True}),
        ({"": "vendor/** -linguist-vendored"}, "vendor/a.go", {"vendored": False}),
        ({"": "vendor/** linguist-vendored=false"}, "vendor/a.go", {"vendored": False}),
        ({"": "*.py linguist-vendored\na.py -linguist-vendored"}, "a.py", {"vendored": False}),
        ({"": "*.py linguist-vendored\na.py !linguist-vendored"}, "a.py", {}),
        ({"": "*.py linguist-generated=true"}, "a.py", {"generated": True}),
        ({"": "*.sql linguist-language=PLpgSQL"}, "a.sql", {"language": "PLpgSQL"}),
        ({"": "*.h linguist-language=C++"}, "x/a.h", {"language": "C++"}),
        ({"": "docs/** linguist-documentation"}, "docs/a.py", {"documentation": True}),
        ({"": "*.ipynb -linguist-detectable"}, "a.ipynb", {"detectable": False}),
        ({"": "*.py linguist-vendored", "sub": "*.py -linguist-vendored"}, "sub/a.py",
         {"vendored": False}),
        ({"": "*.py linguist-vendored", "sub": "*.py -linguist-vendored"}, "a.py",
         {"vendored": True}),
        ({"sub": "/a.py linguist-generated"}, "sub/a.py", {"generated": True}),
        ({"sub": "/a.py linguist-generated"}, "sub/b/a.py", {}),
        ({"": '"a b/*.py" linguist-generated'}, "a b/c.py", {"generated": True}),
        ({"": "# *.py linguist-generated\n\n  \n"}, "a.py", {}),
        ({"": "*.py text=auto eol=lf linguist-generated diff=python"}, "a.py", {"generated": True}),
        ({"": "[attr]made linguist-generated -diff\n*.py made"}, "a.py", {"generated": True}),
        ({"": "*.py\tlinguist-vendored   linguist-generated\r\n"}, "a.py",
         {"vendored": True, "generated": True}),
        ({"": "!a.py linguist-vendored"}, "a.py", {}),
        ({"": "*.PY linguist-vendored"}, "a.py", {}),
        ({"": "dir/ linguist-vendored"}, "dir/a.py", {}),
    ],
)  # fmt: skip
def test_attributes_hold_as_git_reads_them(files, path, facts):
    attributes = Attributes({folder: text.encode() for folder, text in files.items()})

    assert attributes.of(path) == facts


VENDORED = [
    ["vendor/github.com/pkg/errors/errors.go", "vendor/modules.txt", "go.mod"],
    ["vendor/autoload.php", "vendor/composer/installed.json", "composer.json", "src/A.php"],
    ["vendor/jquery/jquery.js", "vendor/jquery/LICENSE.txt", "index.js"],
    ["vendor/assets/javascripts/jquery.min.js", "app/models/order.rb", "Gemfile"],
    ["vendor/serde/Cargo.toml", "vendor/serde/.cargo-checksum.json", "Cargo.toml"],
    ["vendor/gems/rack-1.0/rack.gemspec", "vendor/gems/rack-1.0/lib/rack.rb", "Gemfile"],
    ["cmd/tool/vendor/github.com/a/b/c.go", "cmd/tool/go.mod", "cmd/tool/main.go"],
    ["src/_vendor/six.py", "src/_vendor/vendor.txt", "src/__init__.py"],
    ["ext/vendor/zlib/README", "ext/vendor/zlib/inflate.c", "ext/main.c"],
    ["vendor/bundle/ruby/3.2.0/gems/a.rb", "Gemfile.lock"],
    ["public/vendor/bootstrap/bootstrap.css", "public/vendor/bootstrap/package.json"],
    ["third_party/abseil/base.h", "main.cc"],
    ["web/node_modules/x/index.js", "web/app.js"],
]
OWN = [
    ["app/models/vendor/contract.py", "app/models/vendor/__init__.py", "app/models/order.py"],
    ["src/vendor/VendorService.java", "src/order/OrderService.java", "pom.xml"],
    ["src/main/java/com/acme/vendor/Vendor.java", "src/main/java/com/acme/App.java"],
    ["vendor/models.py", "vendor/__init__.py", "orders/models.py", "manage.py"],
    ["internal/vendor/vendor.go", "internal/order/order.go", "go.mod"],
    ["src/app/vendor/vendor.component.ts", "src/app/vendor/vendor.service.ts", "package.json"],
    ["app/controllers/vendor/orders_controller.rb", "app/controllers/home_controller.rb"],
    ["lib/vendor/index.js", "lib/vendor/payout.js", "lib/index.js"],
    ["app/Http/Controllers/Vendor/PayoutController.php", "composer.json"],
    ["src/build/planner.py", "src/dist/sum.py", "src/target/aim.py", "src/bin/run.py"],
]


def skip_of_first(paths, **attributes):
    selection = by_names(ScanRequest(url=URL), ScannerSettings(), paths)
    if attributes:
        selection = replace(selection, attributes=Attributes({"": attributes["text"].encode()}))
    return selection.choose(Entry(paths[0].encode(), "100644", "", 10)).skip


@pytest.mark.parametrize("paths", VENDORED)
def test_a_folder_of_others_code_is_told_by_its_evidence(paths):
    assert skip_of_first(paths) == "vendored"


@pytest.mark.parametrize("paths", OWN)
def test_a_domain_s_folder_is_not_one_of_others_code(paths):
    assert skip_of_first(paths) is None


@pytest.mark.parametrize(
    ("text", "paths", "skip"),
    [
        ("vendor/** -linguist-vendored", VENDORED[0], None),
        ("third_party/** linguist-vendored=false", VENDORED[11], None),
        ("src/** linguist-vendored", ["src/a.py"], "vendored"),
        ("*.sql linguist-generated", ["a.sql"], "generated"),
        ("*_pb2.py -linguist-generated", ["a_pb2.py"], None),
        ("*.py linguist-documentation", ["a.py"], None),
        ("*.png -linguist-generated", ["a.png"], "binary"),
    ],
)
def test_what_a_repository_says_of_its_files_outweighs_their_names(text, paths, skip):
    assert skip_of_first(paths, text=text) == skip


@pytest.mark.parametrize(
    ("text", "path", "language", "counted"),
    [
        ("*.h linguist-language=C++", "a.h", "cpp", True),
        ("*.inc linguist-language=PHP", "a.inc", "php", True),
        ("*.x linguist-language=Jupyter-Notebook", "a.x", "notebook", True),
        ("*.py linguist-language=Brainfuck", "a.py", "other", True),
        ("docs/** linguist-documentation", "docs/a.py", "python", False),
        ("*.py -linguist-detectable", "a.py", "python", False),
        ("*.py linguist-documentation linguist-detectable", "a.py", "python", True),
    ],
)
def test_attributes_name_a_language_and_say_whether_a_file_counts_as_it(
    text, path, language, counted
):
    selection = by_names(ScanRequest(url=URL), ScannerSettings(), [path])
    selection = replace(selection, attributes=Attributes({"": text.encode()}))

    chosen = selection.choose(Entry(path.encode(), "100644", "", 10))

    assert (chosen.language, chosen.counted) == (language, counted)


@pytest.mark.parametrize(
    ("include", "exclude", "path", "skip"),
    [
        (["src/**"], [], "src/a.py", None), (["src/**"], [], "docs/a.py", "excluded"),
        (["src/**"], ["*_test.py"], "src/a_test.py", "excluded"),
        ([], ["docs"], "docs/a", "excluded"),
        (["vendor/**"], [], "vendor/a/LICENSE", "vendored"), ([], ["*.png"], "a.png", "excluded"),
    ],
)  # fmt: skip
def test_what_the_request_leaves_out_is_listed_as_excluded(include, exclude, path, skip):
    request = ScanRequest(url=URL, include=include, exclude=exclude)
    selection = by_names(request, ScannerSettings(), [path])

    assert selection.choose(Entry(path.encode(), "100644", "", 10)).skip == skip


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("branch", "refs/heads/main", "main"), ("branch", "feature/x-1", "feature/x-1"),
        ("branch", "heads/main", "heads/main"), ("tag", "refs/tags/v1.0", "v1.0"),
        ("branch", "größe", "größe"), ("commit", "A" * 40, "a" * 40), ("branch", "a.b", "a.b"),
    ],
)  # fmt: skip
def test_a_ref_may_be_written_in_full(field, written, meant):
    assert getattr(ScanRequest(url=URL, **{field: written}), field) == meant


@pytest.mark.parametrize(
    ("field", "written", "reason"),
    [
        ("commit", "0a1b2c3", "whole id"), ("commit", "HEAD", "whole id"),
        ("commit", "g" * 40, "whole id"), ("branch", "refs/tags/v1", "`tag`"),
        ("tag", "refs/heads/main", "`branch`"), ("branch", "refs/pull/1/head", "without `refs/`"),
        ("branch", "refs/heads/", "git allows"), ("branch", "a b", "git allows"),
        ("branch", "a..b", "git allows"), ("branch", "-x", "git allows"),
        ("branch", "a.lock", "git allows"), ("branch", "a/", "git allows"),
        ("branch", "a~1", "git allows"), ("branch", "a@{1}", "git allows"),
        ("tag", "@", "git allows"),
        ("branch", "a\nb", "git allows"), ("branch", "x" * 251, "git allows"),
    ],
)  # fmt: skip
def test_what_can_be_no_ref_is_refused_with_the_reason(field, written, reason):
    with pytest.raises(ValidationError, match=reason):
        ScanRequest(url=URL, **{field: written})
