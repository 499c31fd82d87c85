"""What is near a question and does not answer it is not answered: ten of each kind.

A case: what was said, a day apart; a question; what the answer says (nothing: it is not known);
and what it never says unmarked.
"""

import pytest

UNKNOWN = "Not known"

OF_OTHERS = [
    (["My neighbour Ruth is a nurse."], "Am I a nurse?", ""),
    (["My brother plays the drums."], "Do I play the drums?", ""),
    (["My flatmate Ivo has a motorbike."], "Do I have a motorbike?", ""),
    (["Our landlord keeps bees on the roof."], "Do I keep bees?", ""),
    (["My cousin speaks Welsh at home."], "Do I speak Welsh?", ""),
    (["My manager runs every morning."], "When do I run?", ""),
    (["My aunt collects stamps from Peru."], "What do I collect?", ""),
    (["My grandmother was born in Split."], "Where was I born?", ""),
    (["My neighbour Ruth is a nurse. I am a baker."], "Am I a baker?", "baker"),
    (["My brother and I play the drums."], "Do I play the drums?", "drums"),
]
OF_SOMETHING_ELSE = [
    (["My friend Noor is a pilot."], "How many cats does Noor have?", ""),
    (["My colleague Emil loves chess."], "Where does Emil live?", ""),
    (["My sister Petra lives in Ghent."], "What does Petra study?", ""),
    (["My uncle Otto drives a tram."], "Is Otto married?", ""),
    (["Rosa: I teach physics at a school."], "Which instrument does Rosa play?", ""),
    (["Rosa: My garden is full of roses."], "What colour is Rosa's car?", ""),
    (["I bought a red bicycle in Delft."], "How much did my bicycle cost?", ""),
    (["I am reading a novel about whales."], "Who wrote the novel that I am reading?", ""),
    (["My friend Noor is a pilot. Noor has three cats."], "How many cats does Noor have?",
     "three cats"),
    (["I bought a red bicycle in Delft for 300 euros."], "How much did my bicycle cost?",
     "300 euros"),
]  # fmt: skip
WISHED = [
    (["I would love to live in Kyoto."], "Where do I live?", ""),
    (["I want to work at the zoo."], "Where do I work?", ""),
    (["I hope to own a dog one day."], "Do I have a dog?", ""),
    (["I should learn Greek."], "Do I speak Greek?", ""),
    (["I might move to Gdansk."], "Which city do I live in?", ""),
    (["I dream of being a pianist."], "Am I a pianist?", ""),
    (["I'd like to drive a Volvo."], "Which car do I drive?", ""),
    (["I was going to marry Lena."], "Am I married?", ""),
    (["I want to work at the zoo."], "Where do I want to work?", "zoo"),
    (["I would love to live in Kyoto."], "Where would I love to live?", "Kyoto"),
]
NOT_SO = [
    (["I used to live in Rome."], "Where do I live?", ""),
    (["I don't live in Tartu."], "Where do I live?", ""),
    (["I don't work at the mill."], "Who is my employer?", ""),
    (["I thought I was allergic to kiwi, but I'm not."], "What am I allergic to?", ""),
    (["I believed that my flight left at six."], "What flight do I take?", ""),
    (["I never play the harp."], "Which instrument do I play?", ""),
    (["Mona: I hate opera."], "Who loves opera?", ""),
    (["Mona: I can't stand mushrooms."], "What does Mona like?", ""),
    (["I don't live in Tartu."], "Do I live in Tartu?", "don't live in Tartu"),
    (["I used to live in Rome."], "Where did I live?", "used to live in Rome"),
]
KIN_OF_OTHERS = [
    (["My wife's mother is called Clara."], "What is my wife's name?", ""),
    (["My wife's mother is called Clara."], "What is my mother's name?", ""),
    (["Gus's sister lives in Lund."], "Where does Gus live?", ""),
    (["My budget is 900 euros.", "My sister Ana is a vet."], "What is my sister's budget?", ""),
    (["My teacher is Mr Bell."], "Who is my son's teacher?", ""),
    (["My boss's son plays the tuba."], "Which instrument does my son play?", ""),
]
REQUESTED = [
    (["Reserve a room in Bergen for me."], "Where is the room reserved?", ""),
    (["Order two pizzas with ham."], "What pizzas were ordered?", ""),
    (["Send the report to Mira by Friday."], "Who has the report?", ""),
    (["Play some Bach, please."], "Which music is playing?", ""),
    (["Remove the tomatoes from the list."], "Are tomatoes on the list?", ""),
    (["Call my dentist on Monday."], "When did my dentist call?", ""),
    (["Please put milk on the shopping list."], "Is there milk in the house?", ""),
    (["Forget that I like liquorice."], "What about liquorice?", ""),
    (["Please forget that my bank is in Basel."], "Where is my bank?", ""),
    (["Delete what I said about the yacht in Split."], "Where is the yacht?", ""),
]
LATER_ENDED = [
    (["I smoke a pipe after dinner.", "I quit smoking."], "How often do I smoke?", "", "pipe"),
    (["I'm preparing for the sailing exam.", "I gave up on the sailing exam."],
     "What exam am I preparing for?", "", "preparing"),
    (["The book club meets on Thursdays.", "The book club was cancelled."],
     "When does the book club meet?", "", "Thursdays"),
    (["My shoulder hurts when I swim.", "My shoulder no longer hurts."],
     "Does my shoulder hurt?", "", "when I swim"),
    (["The team meeting is in room 4.", "The team meeting was moved to room 9."],
     "Where is the team meeting?", "room 9", "room 4"),
    (["We are renting a cabin by the lake.", "We are not renting the cabin any more."],
     "What are we renting?", "", "by the lake"),
    (["I bike to the office every day.", "I stopped biking to the office."],
     "How do I get to the office?", "", "every day"),
    (["The plumber comes at noon.", "The plumber comes at five instead."],
     "When does the plumber come?", "five", "noon"),
    (["The wifi code is tulip.", "The wifi code has changed to orchid."],
     "What is the wifi code?", "orchid", "tulip"),
    (["Lunch is at Nino's.", "Scratch that, lunch is at Bao's."],
     "Where is lunch?", "Bao's", "Nino's"),
    (["I bought a kayak in Bled.", "I sold the kayak."], "Do I have a kayak?", "sold", "bought"),
]  # fmt: skip


def answered(alice, said, question):
    for day, text in enumerate(said, 1):
        turn = {"user_query": text, "user_id": "u1",
                "session_datetime": f"2024-05-{day:02}T10:00:00Z"}  # fmt: skip
        assert alice.post("/v1/memory/ingest", json=turn).status_code == 200
    asked = {"query": question, "user_id": "u1"}
    return alice.post("/v2/memory/retrieve", json=asked).json()


@pytest.mark.parametrize(
    ("said", "question", "says"),
    [*OF_OTHERS, *OF_SOMETHING_ELSE, *WISHED, *NOT_SO, *KIN_OF_OTHERS, *REQUESTED],
)
def test_a_neighbours_statement_is_no_answer(alice, said, question, says):
    answer = answered(alice, said, question)

    if says:
        assert says in answer["answer"]
    else:
        assert (answer["answer"][:9], answer["known"], answer["sources"]) == (UNKNOWN, False, [])


@pytest.mark.parametrize(("said", "question", "says", "never"), LATER_ENDED)
def test_what_a_later_sentence_ended_is_not_answered(alice, said, question, says, never):
    answer = answered(alice, said, question)

    assert says in answer["answer"]
    assert never not in answer["answer"]
