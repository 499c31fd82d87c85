"""What is answered is true: what holds at the moment asked about, whose it is, and who said it."""

import re

import pytest

UNKNOWN = "Not known"


@pytest.fixture
def say(alice):
    def said(text, day="2024-05-01", client=alice, user_id="u1", **fields):
        turn = {"user_query": text, "user_id": user_id, "session_datetime": f"{day}T10:00:00Z"}
        answer = client.post("/v1/memory/ingest", json={**turn, **fields})
        assert answer.status_code == 200, answer.text

    return said


@pytest.fixture
def ask(alice):
    def asked(query, client=alice, user_id="u1", **fields):
        body = {"query": query, "user_id": user_id, **fields}
        answer = client.post("/v2/memory/retrieve", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


@pytest.fixture
def hits(alice):
    def searched(query, **fields):
        body = {"query": query, "user_id": "u1", **fields}
        return alice.post("/v2/memory/search", json=body).json()["hits"]

    return searched


def contents(answer):
    return [source["content"] for source in answer["sources"]]


def is_unknown(answer):
    return (answer["answer"].startswith(UNKNOWN), answer["sources"], answer["known"]) == (
        True, [], False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "then", "question", "holds", "ended"),
    [
        ("I live in Porto.", "I live in Faro.", "Where do I live?", "Faro", "Porto"),
        ("I work at Acme.", "I work at Equinor.", "Who is my employer?", "Equinor", "Acme"),
        ("I live in Porto.", "Sorry, I meant Lyon, not Porto.", "Where is my home?", "Lyon",
         "live in Porto"),
    ],
)  # fmt: skip
def test_what_was_changed_or_corrected_is_answered_as_it_holds_now(
    say, ask, first, then, question, holds, ended
):
    say(first)
    say(then, "2024-05-02")

    answer = ask(question)

    assert holds in answer["answer"]
    assert ended not in answer["answer"]
    assert [source for source in contents(answer) if ended in source] == []


@pytest.mark.parametrize(
    ("first", "then", "question", "value"),
    [
        ("I work at Initech.", "I quit Initech.", "Where do I work?", "Initech."),
        ("I am allergic to nuts.", "I am not allergic to nuts.", "What am I allergic to?", "nuts"),
        ("I like olives.", "Forget that I like olives.", "Do I like olives?", "olives"),
    ],
)
def test_what_was_taken_back_is_said_to_have_ended_and_is_not_asserted(
    say, ask, first, then, question, value
):
    say(first)
    say(then, "2024-05-09")

    answer = ask(question)

    assert "9 May 2024" in answer["answer"]
    assert (value in answer["answer"], answer["known"], answer["sources"]) == (False, False, [])


ID = re.compile(r"_[0-9a-z]{26}")
"""An id of any kind: by chance there is `80k` in one."""
FORGOTTEN = [
    ("My salary is 80k.", "", "Forget what I told you about my salary.", "80k"),
    ("They pay me well, my salary being 80k.", "", "Forget my salary.", "80k"),
    ("How is my pay?", "Your salary of 80k is fine.", "Forget my salary, please.", "80k"),
    ("Is Hamlin a good school for my kids?", "", "Delete everything about my kids.", "Hamlin"),
    ("Of all my kids only Kuba sings.", "", "Please delete everything about my kids.", "Kuba"),
    ("The divorce ruins me.", "", "Forget everything about the divorce.", "ruins"),
    ("My divorce lawyer is Rui.", "", "Forget what I said about the divorce.", "Rui"),
    (
        "My therapist thinks that I work too much.",
        "",
        "Erase everything about my therapist.",
        "much",
    ),
    ("I see my therapist on Fridays.", "", "Forget all about my therapist.", "Fridays"),
    ("Tom owes me a kayak.", "", "Please forget all you know about Tom.", "kayak"),
    ("Guess the weight of our boat: 3 tons!", "", "Forget what you know about our boat.", "tons"),
]


@pytest.mark.parametrize(("said", "response", "then", "word"), FORGOTTEN)
def test_a_turn_about_what_was_forgotten_is_not_found_until_that_is_undone(
    say, ask, hits, alice, said, response, then, word
):
    say(said, agent_response=response)
    say("I like tea.")
    say(then, "2024-05-03")
    (request,) = [hit for hit in hits(then, kinds=["turn"]) if hit["content"] == then]
    job = request["provenance"]["job_id"]

    def found():
        by_v1 = alice.post("/v1/memory/search", json={"query": said, "user_id": "u1"}).json()
        moments = {"as_of": "2024-05-02T00:00:00Z"}, {"as_of": "2024-06-01T00:00:00Z"}
        then = [[hits(said, **moment), ask(said, **moment)] for moment in moments]
        return ID.sub("", str([hits(said), by_v1["data"], ask(said), then]))

    assert word not in found()
    told = [each["content"] for each in alice.get(f"/v2/jobs/{job}/effects").json()["effects"]]
    assert any(said in each for each in told)
    assert alice.post(f"/v2/jobs/{job}:undo").status_code == 200
    assert word in found()


def test_a_turn_that_a_search_finds_says_what_of_it_has_ended(say, hits, alice):
    say("I live in Porto. I play the cello.")
    say("I live in Faro.", "2024-05-02")

    found = {hit["content"]: hit for hit in hits("Where do I live? The cello?", kinds=["turn"])}
    by_v1 = alice.post("/v1/memory/search", json={"query": "live", "user_id": "u1"}).json()["data"]

    (ended,) = found["I live in Porto. I play the cello."]["outdated"]
    assert (ended["content"], ended["valid_to"][:10]) == ("I live in Porto.", "2024-05-02")
    assert found["I live in Faro."]["outdated"] == []
    marked = {hit["content"]: hit["metadata"].get("outdated") for hit in by_v1["results"]}
    assert marked["I live in Porto. I play the cello."][0]["valid_to"][:10] == "2024-05-02"
    assert not marked["I live in Faro."]


def test_a_turn_that_only_repeated_what_has_ended_says_so_too(say, hits, ask):
    say("I live in Porto.")
    say("I live in Porto. It is windy.", "2024-05-03")
    say("I live in Faro.", "2024-05-05")

    repeated = next(hit for hit in hits("Porto", kinds=["turn"]) if "windy" in hit["content"])

    assert [ended["valid_to"][:10] for ended in repeated["outdated"]] == ["2024-05-05"]
    assert "Porto" not in ask("Where do I live?")["answer"]


def test_a_fact_whose_words_say_something_that_has_ended_says_so_too(say, ask, hits):
    say("I love jazz but hate techno.")
    say("I don't like jazz any more.", "2024-05-03")

    (fact,) = [hit for hit in hits("techno", kinds=["memory"]) if "techno" in str(hit["slot"])]

    assert [ended["valid_to"][:10] for ended in fact["outdated"]] == ["2024-05-03"]
    told = ask("Do I hate techno?")["answer"]
    assert "techno" in told
    assert "ended on 3 May 2024" in told


def test_what_is_planned_is_said_as_planned(say, ask, hits):
    say("I will fly to Oslo on 20 May 2024.")
    say("I ran a marathon in Graz on 28 April 2024.")

    found = {hit["content"]: hit for hit in hits("Oslo Graz", kinds=["memory"])}
    planned = {content: hit["planned"] for content, hit in found.items() if hit["event_date"]}

    assert sorted(planned.values()) == [False, True]
    assert "planned for 20 May 2024" in ask("When do I fly to Oslo?")["answer"]
    assert "planned" not in ask("When did I run in Graz?")["answer"]


def test_what_the_assistant_guessed_is_not_answered_as_a_fact(say, ask, hits):
    say("Do you know my birthday?", agent_response="Your birthday is on 3 March, right?")
    say("No, that is wrong.", "2024-05-02")

    assert "3 March" not in ask("When is my birthday?")["answer"]
    (guess,) = [hit for hit in hits("birthday 3 March", kinds=["turn"]) if hit["response"]]
    assert "3 March" not in guess["content"]


def test_what_the_assistant_said_is_answered_to_who_asks_for_that_and_is_marked(say, ask):
    say("Which tea helps me sleep?", agent_response="Try camomile tea before you go to bed.")

    assert ask("Which tea did you recommend to me?")["answer"].startswith(
        'The assistant said on 1 May 2024: "Try camomile tea'
    )


@pytest.mark.parametrize(
    ("question", "answered", "not_said"),
    [
        ("What is Ana allergic to?", "nuts", "shellfish"),
        ("What is Bob allergic to?", "shellfish", "nuts"),
        ("What is bob allergic to?", "shellfish", "nuts"),
    ],
)
def test_of_two_people_the_one_asked_about_is_answered(say, ask, question, answered, not_said):
    say("Ana: I'm allergic to nuts.")
    say("Bob: I'm allergic to shellfish.")

    answer = ask(question)

    assert answered in answer["answer"]
    assert not_said not in answer["answer"]
    assert {source["speaker"] for source in answer["sources"]} == {question.split()[2].lower()}


@pytest.mark.parametrize(
    "question",
    [
        "What am I allergic to?", "Where does Zoltan work?", "where does zoltan work?",
        "What is Zoltan's favourite drink?", "Where does my sister work?",
        "Where does Bob's sister live?", "What is my salary?", "Am I allergic to penicillin?",
        "Which car do I drive?", "Do I like Bali?",
    ],
)  # fmt: skip
def test_of_what_is_not_stored_no_neighbouring_fact_is_answered(say, ask, question):
    say("I live in Lisbon. I like tea.")
    say("Bob: I work at Acme and I live in Oslo.")
    say("Ana: I'm allergic to nuts.")

    assert is_unknown(ask(question))


def test_another_user_and_another_owner_know_nothing_of_it(say, ask, clients):
    say("I live in Porto.")
    bob = clients("bob")

    assert "Porto" in ask("Where do I live?")["answer"]
    assert is_unknown(ask("Where do I live?", user_id="u2"))
    assert is_unknown(ask("Where do I live?", client=bob))


def test_a_moment_is_answered_as_it_was_then(say, ask):
    say("I live in Porto.", "2022-01-01")
    say("I live in Faro.", "2024-01-01")

    def home(moment):
        return ask("Where do I live?", as_of=f"{moment}T00:00:00Z")

    assert is_unknown(home("2021-06-01"))
    assert contents(home("2023-06-01")) == ["I live in Porto."]
    assert contents(home("2024-06-01")) == ["I live in Faro."]


def test_a_former_state_is_answered_as_one_that_ended(say, ask):
    say("I live in Porto.", "2022-01-01")
    say("I live in Faro.", "2024-01-01")

    answer = ask("Where did I live before?")["answer"]

    assert 'The user said on 1 January 2022: "I live in Porto."' in answer
    assert "ended on 1 January 2024" in answer
    assert "Faro" not in answer


def test_an_answer_says_who_said_it_and_when_and_lists_no_other_source(say, ask):
    say("I live in Porto.", "2024-04-03", source_id="s1")
    say("I adore the sea.", "2024-04-04", source_id="s2")

    answer = ask("Where do I live?")

    assert answer["answer"] == 'The user said on 3 April 2024: "I live in Porto." [1]'
    assert [source["source_ids"] for source in answer["sources"]] == [["s1"]]
    assert answer["known"]


@pytest.mark.parametrize(
    "pasted",
    [
        "Tell me what is wrong here:\n> I live in Paris and I work at Initech.",
        "```\nI live in a cave\n```",
        'She goes "I live in Rome" all the time.',
    ],
)
def test_material_is_no_answer(say, ask, pasted):
    say(pasted)

    assert is_unknown(ask("Where do I live?"))


def test_a_hit_carries_what_is_known_of_it(say, hits):
    said = "I live in Faro. I ran in Graz on 3 April 2024."
    say(said, "2024-04-05", source_id="s1", session_id="walk", agent_response="Lovely.")

    (memory,) = [hit for hit in hits("Faro", kinds=["memory"]) if hit["slot"]]
    (turn,) = hits("Faro", kinds=["turn"])

    assert memory["id"].startswith("mem_")
    assert (memory["speaker"], memory["source_ids"]) == ("user", ["s1"])
    assert memory["slot"]["attribute"] == "lives_in"
    assert memory["said_at"].startswith(memory["valid_from"][:10])
    assert (memory["said_at"][:10], memory["valid_to"]) == ("2024-04-05", None)
    assert (turn["session_id"], turn["response"], turn["slot"]) == ("walk", "Lovely.", None)
    (event,) = hits("Graz", domains=["temporal"])
    assert (event["event_date"], event["planned"]) == ("2024-04-03", False)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cafeteria", "Mi sitio es la cafetería."), ("jamon", "Me gusta el jamo\u0301n."),
        ("Google", "我在Google上班"), ("上班", "我在Google上班"), ("दिल्ली", "मैं दिल्ली में रहता हूँ"),
        ("กรุงเทพ", "ฉันอยู่ที่กรุงเทพ"),
    ],
)  # fmt: skip
def test_a_search_finds_a_word_however_it_is_written(say, hits, asked, said):
    for text in (said, "Mi perro es grande.", "东京的天气", "हवा तेज है", "ฉันชอบแมว", "I like tea."):
        say(text)

    words = {
        hit["content"]: hit["explain"]["lexical"]
        for hit in hits(asked, kinds=["turn"], explain=True)
    }

    assert words.pop(said) > max(words.values())  # a model of English may like another better


@pytest.mark.parametrize(
    "said",
    ["Bob: Thanks, Ana! I like that cake.", "Bob: Hey Ana, I like jazz.", "Bob: I see, Ana."],
)
def test_who_is_called_by_name_is_not_spoken_of(say, ask, said):
    say("Ana: It is raining.")
    say(said)

    assert is_unknown(ask("What does Ana like?"))
