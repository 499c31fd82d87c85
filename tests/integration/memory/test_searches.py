"""Searches of one user beside each other, and beside what is written meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

from keepsake.inference.embedding import Embedder
from keepsake.memory.models import MemoryScope
from keepsake.memory.searching.index_cache import IndexCache, MemoryReader
from keepsake.memory.searching.search import MemoryQuery, Search
from tests.integration.memory.conftest import ALICE

OTHER = MemoryScope("alice", "u2")


def test_searches_of_one_user_embed_their_queries_side_by_side(say, database):
    say("I live in Paris.")
    together = threading.Barrier(3)

    class Waiting(Embedder):
        def embed_query(self, text):
            together.wait(timeout=10)
            return super().embed_query(text)

    search = Search(MemoryReader(database), Waiting())

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(search.find, ALICE, MemoryQuery(query="Paris")) for _ in range(3)]
        assert [one.result()[0].content for one in asked] == ["I live in Paris."] * 3


def test_what_is_written_during_searches_is_found_by_the_next(say, memory):
    ended, missed = threading.Event(), []

    def ask():
        while not ended.is_set():
            memory.search.find(ALICE, MemoryQuery(query="number", explain=True))

    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(ask) for _ in range(2)]
        for number in range(12):
            before_and_after = f"2024-05-{15 + number * (-1) ** number:02}"
            say(f"I like number {number}.", session_datetime=before_and_after, session_id="s")
            (hit,) = memory.search.find(ALICE, MemoryQuery(query=f"number {number}", top_k=1))
            missed += [number] if f"number {number}." not in hit.content else []
        ended.set()
        [other.result() for other in others]

    assert missed == []


def test_the_index_of_a_user_whom_nobody_asks_for_is_soon_kept_no_longer(say, database, eventually):
    cache = IndexCache(MemoryReader(database), 1 << 30, idle_seconds=0.2)
    say("I live in Lisbon.")
    say("I live in Oslo.", scope=OTHER)
    cache.current(ALICE)
    both = cache.size_bytes + cache.current(OTHER).index.size_bytes

    def alone() -> bool:
        return cache.current(OTHER).index.size_bytes == cache.size_bytes < both

    eventually(alone, within=20)
    assert len(cache.current(ALICE).index) > 0


def test_turns_told_backwards_are_neighbours_in_the_order_they_were_said(say, database):
    cache = IndexCache(MemoryReader(database), 1 << 20)
    for day in (3, 1, 2):
        say(f"Day {day}.", session_datetime=f"2024-05-0{day}", session_id="s")
        sessions = cache.current(ALICE).index.sessions

    assert sessions.earlier.tolist() == [2, -1, 1]
    assert sessions.later.tolist() == [-1, 2, 0]


def test_in_other_languages_facts_alone_are_answered(say, memory):
    for text in (
        "Ich wohne in Graz und arbeite bei Magna.", "Mein Bruder mag keine Oliven.",
        "Letztes Jahr hätte ich fast in Rom gewohnt.", "Me llamo Inés Vidal.",
        "Mi prima trabaja en Correos.", "我不喜欢咖啡。", "我姐姐住在上海。", "ฉันไม่ชอบกาแฟ",
        "コーヒーは好きじゃない。", "커피를 안 좋아해요.", "Я не люблю кофе.",
    ):  # fmt: skip
        say(text)

    answers = {
        question: memory.retrieval.retrieve(ALICE, question)
        for question in (
            "Wo wohne ich?", "¿Cómo me llamo?", "Where do I live?", "Was mag mein Bruder?",
            "Habe ich in Rom gewohnt?", "¿Dónde trabaja mi hermana?", "我喜欢咖啡吗", "我住在哪里",
            "ฉันชอบกาแฟไหม", "コーヒーは好きですか", "커피를 좋아해요?", "Я люблю кофе?",
            "Do I like coffee?", "Which coffee do I like?",
        )
    }  # fmt: skip

    told = {question: answer.sources[0].content
            for question, answer in answers.items() if answer.known}  # fmt: skip
    assert told == {
        "Wo wohne ich?": "Ich wohne in Graz und arbeite bei Magna.",
        "¿Cómo me llamo?": "Me llamo Inés Vidal.",
        "Where do I live?": "Ich wohne in Graz und arbeite bei Magna.",
    }


def test_what_is_forgotten_is_so_however_it_was_written(say, memory):
    say("I met Jose\u0301 at the fair.")
    say("The weather was fine.")

    say("Forget what I told you about José.")

    found = memory.search.find(ALICE, MemoryQuery(query="Whom did I meet at the fair?"))
    assert [hit.content for hit in found if "fair" in hit.content] == []


def test_a_noun_is_found_that_ends_with_the_one_asked_for(say, memory):
    for text in ("Das Wetter ist schön.", "Der Monatsbericht muss bis Freitag fertig sein.",
                 "Ich war gestern lange im Kino."):  # fmt: skip
        say(text)

    query = MemoryQuery(query="Welcher Bericht?", explain=True, top_k=1)
    (hit,) = memory.search.find(ALICE, query)

    assert "Monatsbericht" in hit.content
    assert hit.explain["lexical"] > 0
