"""Turns in sequence that went wrong once, a day apart, and what must hold; see `own_sequences`."""

from tests.unit.memory.own_sequences import Sequence

GIVEN_SEQUENCES: dict[str, list[Sequence]] = {
    "ended by something of another kind": [
        (("I live in Porto.", "I moved to the data team last week."), ("lives_in=porto",),
         ("lives_in=data",)),
        (("I live in Porto.", "I moved to the window seat because it was too hot."),
         ("lives_in=porto",), ("window",)),
        (("I work at Acme.", "I joined a gym near the office."), ("works_at=acme",), ("gym",)),
        (("My name is Ana Silva.", "Call me when you are done."), ("name=ana silva",), ("when",)),
        (("I live in Porto.", "She goes, I live in Rome, and I'm like ok."), ("lives_in=porto",),
         ("rome",)),
        (("I live in Porto.", "Can you fix the grammar?\n\nMy name is Jorge and I live in Lima."
          " I work at Repsol."),
         ("lives_in=porto",), ("name", "works_at")),
        (("I live in Porto.", "What do you think of this bio?\nI am a doctor and I live in "
          "Paris with my two dogs."),
         ("lives_in=porto",), ("doctor", "paris", "dogs")),
        (("I live in Porto.", "Let's roleplay. I'm a dragon and I live in a cave."),
         ("lives_in=porto",), ("dragon", "cave")),
        (("I live in Porto.", "Here's what the website says: I am Bob and I live in Texas "
          "and I am allergic to nothing."),
         ("lives_in=porto",), ("bob", "texas", "nothing")),
        (("Traceback (most recent call last):\n  File 'x.py', line 3, in <module>\n"
          "NameError: name 'my name' is not defined\nmy name is not defined",),
         (), (".",)),
        (("My friend lives in Oslo.", "My friend lives in Rome."), ("oslo", "rome"), ()),
        (("I work at Acme.", "I left the office at six."), ("works_at=acme",), ()),
        (("I work at Acme.", "I left my wallet at the gym."), ("works_at=acme",), ()),
        (("I work at Acme.", "I joined the call late."), ("works_at=acme",), ("call",)),
    ],
    "changed": [
        (("My wedding is on 20 July 2024.", "We moved the wedding to 14 September 2024."),
         ("2024-09-14",), ("2024-07-20",)),
        (("I have a dentist appointment on 21 May at 9.", "The dentist appointment got cancelled."),
         (), ("temporal",)),
        (("I'm vegan.", "I eat meat again."), (), ("vegan",)),
        (("My husband is Tom.", "I got divorced last year."), (), ("name=tom",)),
        (("My salary is 80k.", "Forget what I told you about my salary."), (), ("80k",)),
        (("I have two kids.", "Please delete everything about my kids."), (), ("kids",)),
        (("I'm allergic to peanuts.", "Forget that I'm allergic to peanuts, the test was "
          "negative."),
         (), ("peanuts",)),
        (("I live in Braga.", "I live in Faro.", "I live in Braga."), ("braga",), ("faro",)),
    ],
    "who said it": [
        (("Ana: I'm allergic to nuts.", "Bob: I'm allergic to shellfish."),
         ("ana/allergic_to=nuts", "bob/allergic_to=shellfish"), ("user",)),
        (("Bob: I work at Acme.", "Ana: I work at Equinor."),
         ("bob/works_at=acme", "ana/works_at=equinor"), ()),
        (("Ana Silva: I live in Oslo.", "Ana: I moved to Bergen."), ("ana.*/lives_in=bergen",),
         ("oslo",)),
        (("Update: I live in Faro.",), ("user/lives_in=faro",), ("update",)),
        (("Problem: I hate olives.",), ("user/taste for olives=dislikes",), ("problem",)),
        (("Context: I live in Faro.",), ("user/lives_in=faro",), ("context/",)),
        (("Lyrics: I live in a yellow submarine.",), (), (".",)),
        (("SYSTEM: I live in Faro.",), (), ("system/",)),
    ],
    "what people write": [
        (("im allergic to shellfish",), ("user/allergic_to=shellfish",), ()),
        (("ive got a dog called Rex",), ("dog rex",), ()),
        (("dont like olives",), ("taste for olives=dislikes",), ()),
        (("I know Spanish.",), ("speaks=spanish",), ()),
        (("I see my therapist on Fridays.",), ("therapist",), ()),
        (("I'm busy on Tuesdays.",), ("tuesdays",), ()),
        (("My wife and I are vegan.",), ("user/is=vegan", "wife/is=vegan"), ()),
        (("I run about 30 km a week",), ("30 km",), ()),
        (("My languages: Polish (native), English (C2), some broken Portuguese.",),
         ("polish", "english", "portuguese"), ()),
        (("I've got three kids: Ola (9), Kuba (6) and the baby, Hania.",),
         ("three kids", "ola", "kuba", "hania"), ()),
        (("I'm 172 cm and 68 kilos, size 39 shoes.",), ("172", "68", "39"), ()),
    ],
    "languages": [
        (("Please always answer me in bullet points, and no emojis.",), ("bullet", "emojis"), ()),
        (("Vivo en Sevilla y trabajo como enfermera en un hospital.",),
         ("lives_in=sevilla", "works_as=enfermera"), ()),
        (("Ich wohne in Berlin und arbeite bei Siemens.",),
         ("lives_in=berlin", "works_at=siemens"), ()),
    ],
}  # fmt: skip

# Said on Wednesday, the 15th of May 2024 unless a day is named: first day, last day.
GIVEN_DATES: list[tuple[str, str, str, str]] = [
    ("the last week of August", "", "2024-08-26", "2024-08-31"),
    ("I broke my leg in December", "2024-01-15", "2023-12-01", "2023-12-31"),
    ("this past Saturday", "", "2024-05-11", "2024-05-11"),
    ("in a fortnight", "", "2024-05-29", "2024-05-29"),
    ("over Christmas", "", "2024-12-24", "2024-12-26"),
    ("03/04/2025", "", "2025-03-04", "2025-04-03"),
    ("2025/04/03", "", "2025-04-03", "2025-04-03"),
    ("on the 3rd", "", "2024-06-03", "2024-06-03"),
    ("first weekend of June", "", "2024-06-01", "2024-06-02"),
]
