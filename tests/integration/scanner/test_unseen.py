"""An answer about a name is whole only when all that may use it was read, however it is written."""

import pytest

from keepsake.scanner.search.query_language import parsed_query
from keepsake.scanner.search.service import CodeSearch
from keepsake.scanner.store.readers import IndexReader, RepositoryName

ANN = IndexReader("ann")
SHOP = RepositoryName("acme", "shop")
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
FILES = {
    "shop/prices.py": "def price(): pass\nclass Row: pass\n"
    "class Till:\n    def __eq__(self, o): pass\n",
    "shop/orders.py": "from shop.prices import price as cost, Row as Line\n"
    "class Order(Line):\n    def total(self): return cost() + other.cost\n",
    "shop/Bill.php": "<?php\nclass Bill { public $due; function pay() { return $this->due; } }\n"
    "$ledger = open();\necho $ledger;\n",
    "shop/tables.sql": "CREATE TABLE Stock (id int);\nSELECT * FROM stock;\nSELECT 1 FROM STOCK;\n",
    "shop/till.rb": "class Drawer\n  def coin=(v); @coin = v; end\n  def <=>(o); @coin; end\nend\n"
    "Drawer.new.coin = 1\n",
    "shop/near.rs": "macro_rules! note { () => {} }\nfn f() { note!(); }\n",
}


@pytest.fixture
def found(database, scan, repo):
    """Searches over a scan of the files and some more."""

    def of(more=None, **request) -> CodeSearch:
        repo.commit({**FILES, **(more or {})})
        scan(repo, **request)
        return CodeSearch(database)

    return of


def unparsed(answer):
    return {(file.path, file.reason) for file in answer.unparsed}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"lib/a.dart": "price();\n"}, "excluded"),
        ({"lib/a.py": POINTER}, "lfs pointer"),
        ({"lib/a.ipynb": POINTER}, "lfs pointer"),
        ({"lib/a.py": b"\0GITCRYPT\0\x12\xf3\x90" * 9}, "binary"),
    ],
)
def test_code_that_was_not_read_makes_no_answer_whole(found, more, reason):
    search = found(more, exclude=["lib/*.dart"])
    unread = {(path, reason) for path in more}

    answer, _ = search.references(ANN, SHOP, "price")
    lines, _ = search.texts.of(ANN, SHOP, parsed_query("path:lib price"), 10)

    assert (unparsed(answer), answer.complete) == (unread, False)
    assert ({(file.path, file.reason) for file in lines.unread}, lines.complete) == (unread, False)


def test_a_submodule_makes_no_answer_whole_and_a_picture_does(found, repo, scan):
    search = found({"logo.png": b"\x89PNG\0", "notes.txt": POINTER})
    assert search.callers(ANN, SHOP, "open").complete
    commit = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},plugins")
    repo.git("commit", "-q", "-m", "submodule")

    scan(repo)

    assert unparsed(search.callers(ANN, SHOP, "open")) == {("plugins", "submodule")}
    for where, complete in (("lang:php", False), ("path:shop/", True), ("path:plugins/", False),
                            ("path:*.c", False)):  # fmt: skip
        answer, _ = search.texts.of(ANN, SHOP, parsed_query(f"nowhere {where}"), 10)
        assert answer.complete is complete


def test_who_imports_a_name_under_another_one_uses_it(found):
    search = found()

    calls = search.callers(ANN, SHOP, "price")
    below = search.subclasses(ANN, SHOP, "Row")
    reached = search.impact(ANN, SHOP, "shop/prices.py", "price")

    assert [(use.path, use.line, use.text) for use in calls.uses] == [
        ("shop/orders.py", 3, "price")
    ]
    assert [(use.symbol, use.line) for use in below.uses] == [("Order", 2)]
    assert [impact.symbol for impact in reached.impacts] == ["Order.total"]


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ("price()", [1, 3]), (" price ", [1, 3]), ("$due", [2]), ("$this->due", [2]),
        ("\\Acme\\Bill->pay()", []), ("$ledger", [4]), ("ledger", [4]), ("coin=", [5]),
        ("@coin", [2, 3]), ("note!", [2]), ("Stock", [2, 3]), ("STOCK", [2, 3]),
        ("Row<T>", [1, 2]), ("Drawer#coin", [5]), ("Drawer:coin", [5]),
    ],
)  # fmt: skip
def test_a_name_is_found_as_it_is_written_at_a_use(found, asked, lines):
    answer, _ = found().references(ANN, SHOP, asked)

    assert ([use.line for use in answer.uses], answer.complete) == (lines, True)


@pytest.mark.parametrize(
    "asked", ["<=>", "Drawer::<=>", "operator==", "Till.__eq__", "~Till", "[]"]
)
def test_what_syntax_uses_without_a_name_is_not_known(found, asked):
    search = found()

    answer, _ = search.references(ANN, SHOP, asked)

    assert (answer.uses, answer.complete) == ([], False)
    assert "without writing this name" in answer.how
    assert not search.implementations(ANN, SHOP, asked).complete


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        ("price", {"shop/__init__.py": "from shop.prices import price as cost\n",
                   "shop/a.py": "from shop import cost\ncost()\n"}),
        ("open", {"web/files.js": "export function open() {}\n",
                  "web/index.js": "export { open as cost } from './files';\n",
                  "web/a.js": "import { cost } from './index';\ncost();\n"}),
        ("Till", {"src/lib.rs": "pub use crate::till::Till as cost;\n",
                  "src/a.rs": "use crate::cost;\nfn f() { cost::of(); }\n"}),
    ],
)  # fmt: skip
def test_what_others_know_under_another_name_is_told(found, asked, files):
    without_user = {path: text for path, text in files.items() if "a." not in path}

    unused = found(without_user).callers(ANN, SHOP, asked)
    used = found(files).callers(ANN, SHOP, asked)

    assert (unused.complete, used.complete) == (True, False)
    assert "other files may know it as `cost`" in used.how.lower()


@pytest.mark.parametrize(
    ("exported", "imported"),
    [
        ("export default function price() {}\n", "import cost, { x } from './p';\n"),
        (
            "function price() {}\nexport default price;\n",
            "import { default as cost } from './p';\n",
        ),
        ("module.exports = function price() {};\n", "const cost = require('./p');\n"),
        ("function price() {}\nexport { price as default };\n", "import cost from './p';\n"),
    ],
)
def test_who_imports_a_default_under_another_name_is_told(found, exported, imported):
    files = {"web/p.js": exported, "web/r.js": "import React from 'react';\nReact.run();\n"}
    same = found(files | {"web/a.js": imported.replace("cost", "price") + "price();\n"})
    alike = same.callers(ANN, SHOP, "price")
    other = found(files | {"web/a.js": imported + "cost();\n"})

    calls = other.callers(ANN, SHOP, "price")

    assert ("web/a.js" in {use.path for use in alike.uses}, alike.complete) == (True, True)
    assert (unparsed(calls), calls.complete) == ({("web/a.js", "other name")}, False)
