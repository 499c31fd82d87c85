from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.search.query_language import free_query
from keepsake.scanner.search.service import CodeSearch
from keepsake.scanner.store import files
from keepsake.scanner.store.readers import EVERYONE, IndexReader, RepositoryName, with_organisation
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.scanner.shop import ANN, FILES, SHOP


def of_guild(owner, organisation="guild"):
    """A reader of an organisation, to which all others belong too."""
    return IndexReader(owner, frozenset([organisation]), lambda owners: dict.fromkeys(
        owners, frozenset([organisation])))  # fmt: skip


class WordCounts:
    """A real if crude embedder: texts that share letter pairs are near."""

    def embed(self, texts):
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for first, second in pairwise(text.lower()):
                row[(ord(first) * 31 + ord(second)) % 64] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@pytest.fixture
def narrow(monkeypatch):
    """One file holds what is looked for, or an answer is truncated."""
    monkeypatch.setattr(files, "_MOST_FILES", 1)


def found(answer):
    return [(hit.qualified, hit.match) for hit in answer.hits]


def test_a_name_is_found_exactly_in_any_case(search):
    assert found(search.by_name(ANN, SHOP, "PriceList"))[0] == ("PriceList", "exact")
    assert found(search.by_name(ANN, SHOP, "pricelist"))[0] == ("PriceList", "exact")


def test_a_qualified_name_is_found_by_its_end(search):
    hits = search.by_name(ANN, SHOP, "OrderBook.total").hits

    assert (hits[0].path, hits[0].line, hits[0].match) == ("shop/orders.py", 6, "exact")


def test_a_name_is_found_by_its_beginning(search):
    assert ("format_amount", "prefix") in found(search.by_name(ANN, SHOP, "form"))


@pytest.mark.parametrize("query", ["httpResponse", "http response", "get_resp", "Response"])
def test_a_name_is_found_by_the_words_inside(search, query):
    assert ("getHTTPResponse", "parts") in found(search.by_name(ANN, SHOP, query))


def test_a_misspelt_name_is_found(search):
    assert ("PriceList.lookup_price", "fuzzy") in found(search.by_name(ANN, SHOP, "lokup_prise"))


def test_meaning_is_lexical_without_an_embedder(search):
    answer = search.search(ANN, SHOP, free_query("what does a thing cost"))[0]

    assert found(answer)[0] == ("PriceList.lookup_price", "lexical")
    assert answer.semantic == 0


def test_headings_are_found_by_meaning(search):
    assert (
        found(search.search(ANN, SHOP, free_query("card charged"))[0])[0][0]
        == "Guide / Paying by card"
    )


def test_meaning_is_hybrid_where_vectors_are(database, tools, repo):
    repo.commit(FILES)
    embedding = replace(tools, embedder=WordCounts(), embedding_model="pairs")
    for _ in Scan(embedding, "ann", ScanRequest(url=repo.url), fence=Unfenced()).steps():
        pass

    answer = CodeSearch(database, None, WordCounts(), "pairs").search(
        ANN, SHOP, free_query("find price")
    )[0]

    assert answer.semantic == 1
    assert ("PriceList.lookup_price", "hybrid") in found(answer)


def test_callers_are_found_with_the_symbol_around_them(search):
    uses = search.callers(ANN, SHOP, "format_amount").uses

    assert [(use.path, use.line, use.symbol, use.confidence) for use in uses] == [
        ("shop/orders.py", 8, "OrderBook.total", "one definition")
    ]


def test_importers_of_a_file_are_found_whatever_form_the_import_has(search):
    uses = search.importers(ANN, SHOP, "shop/prices.py").uses

    assert [(use.path, use.line) for use in uses] == [("shop/orders.py", 2), ("shop/orders.py", 3)]


PROJECT: dict[str, str | bytes] = {
    "queue/go.mod": "module github.com/acme/queue\n",
    "queue/types/types.go": "package types\n",
    "queue/client.go": 'package queue\n\nimport "github.com/acme/queue/types"\n',
    "php/composer.json": '{"autoload": {"psr-4": {"Acme\\\\": "src/"}}}',
    "php/src/Exception/Failed.php": "<?php\nnamespace Acme\\Exception;\nclass Failed {}\n",
    "php/src/Client.php": "<?php\nnamespace Acme;\nuse Acme\\Exception\\Failed;\n",
    "json/Reader.cs": "namespace Acme.Json;\nclass Reader {}\n",
    "json/App.cs": "using Acme.Json;\n",
    "site/tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["src/*"]}}}',
    "site/src/lib/a.ts": "export const a = 1\n",
    "site/src/b.ts": "import { a } from '@/lib/a'\n",
    "site/src/c.ts": "import { a } from '~/lib/a'\n",
    "deps/dict.h": "int deps_size;\n",
    "deps/dict.c": '#include "dict.h"\n',
    "core/dict.h": "int core_size;\n",
    "tests/tools.py": "",
    "src/b.py": "import tools\n",
    "net/session.py": "class Session: pass\n",
    "net/use.py": "from requests import Session\nfrom net.session import (\n    Session,\n)\n",
    "broken/package.json": "{",
}  # fmt: skip


IMPORTERS = {
    "queue/types/types.go": [("queue/client.go", "resolved")],
    "php/src/Exception/Failed.php": [("php/src/Client.php", "resolved")],
    "json/Reader.cs": [("json/App.cs", "resolved")],
    "site/src/lib/a.ts": [("site/src/b.ts", "resolved"), ("site/src/c.ts", "ambiguous")],
    "deps/dict.h": [("deps/dict.c", "resolved")],
    "core/dict.h": [],
    "tests/tools.py": [("src/b.py", "ambiguous")],
}


def test_imports_mean_what_the_manifests_of_the_project_say(database, scan, repo):
    repo.commit(PROJECT)
    scan(repo)
    search = CodeSearch(database)

    answers = {path: search.importers(ANN, SHOP, path) for path in IMPORTERS}
    impacts = search.impact(ANN, SHOP, "site/src/lib/a.ts").impacts

    assert {
        path: [(use.path, use.confidence) for use in answer.uses]
        for path, answer in answers.items()
    } == IMPORTERS
    assert {("site/src/b.ts", "resolved"), ("site/src/c.ts", "ambiguous")} <= {
        (impact.path, impact.confidence) for impact in impacts
    }
    sessions, _ = search.references(ANN, SHOP, "Session", {"import"})
    assert [(use.line, use.confidence) for use in sessions.uses] == [
        (1, "name only"), (3, "resolved"),
    ]  # fmt: skip
    unparsed = {(file.path, file.reason) for file in answers["deps/dict.h"].unparsed}
    assert ("broken/package.json", "unreadable manifest") in unparsed


def test_impact_follows_calls_to_their_callers(search):
    reached = search.impact(ANN, SHOP, "shop/prices.py", "PriceList.lookup_price").impacts

    assert [(impact.symbol, impact.distance, impact.confidence) for impact in reached] == [
        ("OrderBook.total", 1, "one definition"),
        ("print_receipt", 2, "one definition"),
    ]


def test_a_stranger_finds_nothing_until_it_is_shared_with_their_organisation(search):
    bob = of_guild("bob")
    with pytest.raises(NotIndexed):
        search.by_name(bob, SHOP, "PriceList")

    search.indexes.share("ann", SHOP, [with_organisation("guild")])

    assert found(search.by_name(bob, SHOP, "PriceList"))[0] == ("PriceList", "exact")
    with pytest.raises(NotIndexed):
        search.by_name(of_guild("eve", "others"), SHOP, "PriceList")


def test_a_rescan_is_seen_by_a_search_that_is_kept(search, scan, repo):
    search.search(ANN, SHOP, free_query("cost"))
    repo.commit({"shop/prices.py": "def voucher_discount(): pass\n"})
    scan(repo)

    assert found(search.search(ANN, SHOP, free_query("voucher"))[0])[0][0] == "voucher_discount"
    assert ("PriceList", "exact") not in found(search.by_name(ANN, SHOP, "PriceList"))


def test_components_of_one_content_are_found_by_the_names_of_their_files(database, scan, repo):
    vue = "<script setup>\nimport { post } from './api'\nfunction save() { post() }\n</script>\n"
    api = "export function post() {}"
    repo.commit({"web/Save.vue": vue, "web/Send.vue": vue, "web/api.js": api})

    scan(repo)

    search = CodeSearch(database)
    for name in ("Save", "Send"):
        best = search.by_name(ANN, SHOP, name).hits[0]
        assert (best.path, best.kind, best.line) == (f"web/{name}.vue", "component", 1)
    assert {use.path for use in search.importers(ANN, SHOP, "web/api.js").uses} == {
        "web/Save.vue", "web/Send.vue"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["shop.customer", "SHOP.Customer"])
def test_a_name_with_a_dot_is_found_exactly(search, name):
    assert found(search.by_name(ANN, SHOP, name))[0] == ("shop.customer", "exact")


@pytest.mark.parametrize("name", ["#hidden", "Counter.#hidden", "Counter#hidden"])
def test_a_private_method_and_its_callers_are_found(search, name):
    assert found(search.by_name(ANN, SHOP, name))[0] == ("Counter.#hidden", "exact")
    uses = search.callers(ANN, SHOP, name).uses
    assert [(use.path, use.symbol, use.confidence) for use in uses] == [
        ("web/counter.js", "Counter.run", "one definition")
    ]


def test_other_branches_do_not_crowd_out_what_is_looked_for(search, scan, repo, narrow):
    repo.git("checkout", "--quiet", "-b", "other")
    repo.commit({f"more/{n}.py": f"class PriceList:\n    size = {n}\n" for n in range(3)})
    scan(repo, branch="other")

    answer = search.by_name(ANN, RepositoryName("acme", "shop", "main"), "PriceList")
    crowded = search.by_name(ANN, RepositoryName("acme", "shop", "other"), "PriceList")

    assert (found(answer)[0], answer.truncated) == (("PriceList", "exact"), False)
    assert crowded.truncated


def test_a_prefix_is_of_one_name_not_between_two(search, scan, repo, narrow):
    repo.commit({"a.py": "def aa(): pass\ndef zz(): pass\n", "m.py": "def middle(): pass\n"})
    scan(repo)

    answer = search.by_name(ANN, SHOP, "mid")

    assert (found(answer)[0], answer.truncated) == (("middle", "prefix"), False)


def test_callers_that_are_too_many_to_tell_are_said_to_be_more(search, scan, repo):
    repo.commit({"many.py": "def many(): pass\n" + "many()\n" * 300})
    scan(repo)

    answer = search.callers(ANN, SHOP, "many")

    assert (len(answer.uses), answer.truncated) == (200, True)


def test_impact_of_a_file_follows_what_imports_it_and_what_imports_that(search, scan, repo):
    repo.commit({
        "shop/desk.py": "from shop.orders import print_receipt\n",
        "shop/door.py": "from shop import desk\n",
    })  # fmt: skip
    scan(repo)

    answer = search.impact(ANN, SHOP, "shop/orders.py")

    assert [(impact.path, impact.distance, impact.confidence) for impact in answer.impacts] == [
        ("shop/desk.py", 1, "resolved"), ("shop/door.py", 2, "resolved"),
    ]  # fmt: skip
    assert answer.truncated is False


def test_impact_tells_calls_of_what_is_imported_from_others_of_the_name(search, scan, repo):
    repo.commit({
        "shop/till.py": "class Till:\n    def format_amount(self): pass\n",
        "shop/far.py": "def far(till):\n    till.format_amount()\n",
    })  # fmt: skip
    scan(repo)

    reached = search.impact(ANN, SHOP, "shop/prices.py", "format_amount", depth=1).impacts

    assert {impact.path: impact.confidence for impact in reached} == {
        "shop/orders.py": "imported", "shop/far.py": "ambiguous",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "symbol"),
    [("nowhere.py", None), ("nowhere.py", "print_receipt"), ("shop/prices.py", "print_receipt")],
)
def test_impact_of_what_is_not_there_is_no_answer(search, path, symbol):
    with pytest.raises(NotIndexed):
        search.impact(ANN, SHOP, path, symbol)


def test_impact_asks_no_more_questions_for_more_symbols(search, scan, repo, database):
    def asked(path):
        database.command("profile", 2)
        search.impact(ANN, SHOP, path)
        database.command("profile", 0)
        indexes = {"op": "query", "ns": {"$regex": rf"^{database.name}\.code_"}}
        count = database["system.profile"].count_documents(indexes)
        database.drop_collection("system.profile")
        return count

    repo.commit({
        "one.py": "def f0(): pass\n",
        "many.py": "".join(f"def g{n}(): pass\n" for n in range(200)),
        "uses.py": "def use():\n    f0()\n" + "".join(f"    g{n}()\n" for n in range(200)),
    })  # fmt: skip
    scan(repo)
    search.impact(ANN, SHOP, "one.py")  # the first answer of an edition reads its files once

    assert asked("many.py") == asked("one.py") > 0


def test_a_strangers_index_is_found_under_the_strangers_name_only(search, scan, tmp_path, repo):
    carl = of_guild("carl")
    search.indexes.share("ann", SHOP, [with_organisation("guild")])
    fake = GitRepo(tmp_path / "elsewhere" / "acme" / "shop")
    fake.commit({"fake.py": "class PriceList: pass\n"})
    scan(fake, owner="eve")
    search.indexes.share("eve", SHOP, [EVERYONE])
    there = replace(SHOP, host=str(tmp_path / "elsewhere"))

    near = search.by_name(carl, SHOP, "PriceList")
    far = search.by_name(carl, replace(there, owner="eve"), "PriceList")

    assert (near.owner, near.host, near.hits[0].path) == ("ann", str(tmp_path), "shop/prices.py")
    assert (far.owner, far.host, far.hits[0].path) == ("eve", there.host, "fake.py")
    assert search.by_name(ANN, SHOP, "PriceList").own
    for place in (there, replace(SHOP, host="nowhere")):
        with pytest.raises(NotIndexed):
            search.by_name(carl, place, "PriceList")
