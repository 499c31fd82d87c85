"""Which questions are about a person as a whole, and about whom."""

from datetime import date

from keepsake.memory.searching.question import parse_question

WHOLE = {
    "user": (
        "What do you know about me?", "What do you remember about me", "Tell me about myself.",
        "Tell me everything you know about me, please", "What have you learned about me so far?",
        "Describe me", "Can you summarize me?", "What is in my profile?", "Show me my user profile",
        "What information do you have on me?", "Give me a summary of what you know about me.",
        "Do you know anything about me?", "What facts are stored about me?",
        "What is known about the user?", "Describe this user", "Summarize the user's profile.",
        "Who is the user?", "Tell me what you know about u-17", "What do you know about Ana Silva?",
        "WHAT DO YOU KNOW ABOUT ME", "what've you got on me", "everything about me",
        "Was weißt du über mich?", "Que sais-tu sur moi ?", "¿Qué sabes de mí?",
        "¿Qué sabes sobre mí?", "Cosa sai di me?", "O que você sabe sobre mim?",
        "Beschreibe mich", "Décris-moi",
    ),
    "bob": ("What do you know about Bob?", "Describe Bob", "Show Bob's profile", "Bob's summary"),
    "sister ana": ("What do you know about my sister?", "Describe my sister",
                   "Tell me about Ana"),
}  # fmt: skip
OTHERS = (
    "What do you know about my job?", "Where do I live?", "What do I like?", "Who am I?",
    "What do you know about Lisbon?", "Tell me about Lisbon", "What should I eat?",
    "What did I do last week?", "What do you think of me?", "What do people say about me?",
    "How do I get to work?", "Remember me to your sister", "What is new about me and my car?",
    "What do you know about me from last year?", "Give me a summary of the meeting", "Help me",
    "Tell me a joke about me", "Do you remember me?", "What is my sister's name?", "me", "",
    "What do you know about Python?", "Which of my friends know about me?", "Wo wohne ich?",
)  # fmt: skip


def whole(query):
    speakers, subjects = ["bob"], ["user", "bob", "sister ana"]
    names = ("u-17", "ana silva")
    return set(parse_question(query, speakers, subjects, date(2026, 1, 31), (), names).whole)


def test_paraphrases_ask_about_a_person_as_a_whole():
    wrong = [(query, whole(query)) for person, queries in WHOLE.items() for query in queries
             if whole(query) != {person}]  # fmt: skip

    assert wrong == []


def test_a_question_about_something_of_a_person_is_another():
    assert [(query, whole(query)) for query in OTHERS if whole(query)] == []
