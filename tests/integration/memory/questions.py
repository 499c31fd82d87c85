"""Sixty questions to six people's memories: half are answered there, in other words than asked.

A question of `answered` has a word that a right answer says. What is stored is near one of `near`
and does not answer it: it is of somebody or something else, of another time, over, or only the
assistant's. Some of these may be answered by what ended it, which is the second part.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What one person told, a day apart, with what the assistant replied; and what is asked."""

    turns: tuple[tuple[str, str], ...]
    answered: tuple[tuple[str, str], ...]
    near: tuple[tuple[str, str], ...]


BAKER = Told(
    turns=(
        ("I bake sourdough for a small shop in Ghent.", ""),
        ("My sister Petra moved to Oslo last year.", ""),
        ("I have two cats, Miso and Tofu.", ""),
        ("I get migraines whenever a storm comes.", ""),
        ("Our kitchen was renovated in January by a firm called Holt.", ""),
        ("I used to swim for the county team.", ""),
        ("On Thursdays I sing in a choir.", ""),
        ("Petra is allergic to penicillin.", ""),
        ("What could I give to my sister?", "A pottery course. Petra likes jazz, too."),
        ("It rained all week.", ""),
        ("I quit the choir.", ""),
    ),
    answered=(
        ("Which company redid my kitchen?", "Holt"),
        ("What sets off my headaches?", "storm"),
        ("Which town does my sister live in now?", "Oslo"),
        ("What are my pets called?", "Miso"),
        ("Which sport did I compete in?", "swim"),
    ),
    near=(
        ("What am I allergic to?", ""),
        ("How old are my cats?", ""),
        ("What music does Petra like?", ""),
        ("On which day do I sing in the choir?", "quit"),
        ("How much did the kitchen cost?", ""),
    ),
)
NURSE = Told(
    turns=(
        ("I work nights as a nurse at Saint Luke's.", ""),
        ("My husband Tariq repairs violins.", ""),
        ("We adopted a greyhound called Comet.", ""),
        ("I'm learning Portuguese because we will spend the summer in Recife.", ""),
        ("My mother had her hip replaced on 4 March 2024.", ""),
        ("I broke my wrist when I fell off a horse.", ""),
        ("Tariq's favourite dish is lamb stew.", ""),
        ("My brother lives in Leeds.", ""),
        ("How can I sleep by day?", "You could buy blackout curtains. You drink too much coffee."),
        ("I want to become a midwife one day.", ""),
        ("I sold my motorbike.", ""),
    ),
    answered=(
        ("Which breed is our dog?", "greyhound"),
        ("How did I injure my arm?", "horse"),
        ("What is my reason for studying Portuguese?", "Recife"),
        ("What does my husband do for a living?", "violins"),
        ("Which hospital employs me?", "Luke"),
    ),
    near=(
        ("Which language does Tariq speak?", ""),
        ("Where does my husband's brother live?", ""),
        ("What is my favourite dish?", ""),
        ("Am I a midwife?", ""),
        ("Do I drink coffee?", ""),
    ),
)
STUDENT = Told(
    turns=(
        ("I study marine biology in Kiel.", ""),
        ("My flatmate Jonas keeps a snake in his room.", ""),
        ("I'm saving up for a diving trip to Egypt.", ""),
        ("My supervisor is called Dr Adeyemi.", ""),
        ("My thesis is due on 30 September 2024.", ""),
        ("I can't stand coriander.", ""),
        ("My grandparents gave me a telescope for my birthday.", ""),
        ("Jonas was born in Vienna.", ""),
        ("Which laptop should I get?", "A light one. Your budget of 900 euros is enough."),
        ("I play the oboe in the university orchestra.", ""),
        ("We drove to Denmark in a borrowed van at Easter.", ""),
    ),
    answered=(
        ("What is my degree in?", "biology"),
        ("What is the deadline of my thesis?", "September"),
        ("From whom did I get the telescope?", "grandparents"),
        ("What do I play in the orchestra?", "oboe"),
        ("What am I putting money aside for?", "Egypt"),
    ),
    near=(
        ("Where was I born?", ""),
        ("Do I have a snake?", ""),
        ("What is my budget for the laptop?", ""),
        ("Which instrument does Jonas play?", ""),
        ("What is my thesis about?", ""),
    ),
)
FRIENDS = Told(
    turns=(
        ("Ines: I opened a flower shop in Porto in May.", ""),
        ("Karl: Congrats, Ines! I am still at the bank, sadly.", ""),
        ("Ines: My daughter Lia started school this week.", ""),
        ("Karl: I ran the Berlin marathon in four hours.", ""),
        ("Ines: I was so ill last winter that I lost ten kilos.", ""),
        ("Karl: My wife Greta is a judge.", ""),
        ("Ines: I paint seascapes to relax.", ""),
        ("Karl: I am teaching my nephew to play chess.", ""),
        ("Ines: We are going to Madeira in December.", ""),
        ("Karl: I stopped drinking alcohol in March.", ""),
        ("Ines: A neighbour, Paulo, helps me in the shop on Saturdays.", ""),
    ),
    answered=(
        ("How does Ines unwind?", "seascapes"),
        ("What was Karl's time in the marathon?", "four hours"),
        ("Who gives Ines a hand in the shop?", "Paulo"),
        ("What kind of business did Ines start?", "flower"),
        ("Who is learning chess from Karl?", "nephew"),
    ),
    near=(
        ("What does Karl paint?", ""),
        ("How long did Ines take for the marathon?", ""),
        ("When did Karl start school?", ""),
        ("Where did Karl open his shop?", ""),
        ("What is the name of Ines's husband?", ""),
    ),
)
COLLEAGUES = Told(
    turns=(
        ("Noor: I adopted a rescue dog from Crete.", ""),
        ("Sam: My band plays folk songs in pubs.", ""),
        ("Noor: My father taught me how to weld.", ""),
        ("Sam: I moved from Cardiff to Bristol two years ago.", ""),
        ("Noor: I gave a talk about coral reefs on Friday.", ""),
        ("Sam: Hey Noor, my twins turned six yesterday.", ""),
        ("Noor: I might buy a boat some day.", ""),
        ("Sam: My uncle left me his vineyard.", ""),
        ("Noor: I have been a vegetarian since 2015.", ""),
        ("Sam: I failed my driving test twice.", ""),
        ("Noor: My office is on the ninth floor.", ""),
    ),
    answered=(
        ("What was Noor's lecture on?", "coral"),
        ("From whom did Noor learn welding?", "father"),
        ("What style of music does Sam's group perform?", "folk"),
        ("How old are Sam's children?", "six"),
        ("Since when has Noor not eaten meat?", "2015"),
    ),
    near=(
        ("How old are Noor's twins?", ""),
        ("Does Noor have a boat?", ""),
        ("What did Sam speak about on Friday?", ""),
        ("Where does Noor live?", ""),
        ("Which floor is Sam's office on?", ""),
    ),
)
RETIRED = Told(
    turns=(
        ("I worked as a train driver for thirty years.", ""),
        ("We live in a cottage near Inverness.", ""),
        ("My son Callum builds wooden boats.", ""),
        ("My knee was operated on in 2021.", ""),
        ("I grow leeks and show them at the fair.", ""),
        ("My wife Morag makes cheese.", ""),
        ("We met at a dance in Perth in 1974.", ""),
        ("Our roof leaks, and the roofer comes on Monday.", ""),
        ("Is whisky good for me?", "In moderation. Your doctor is Dr Reid, I believe."),
        ("Callum lives in Ullapool with his two dogs.", ""),
        ("The roofer comes on Wednesday instead.", ""),
    ),
    answered=(
        ("Where did I get to know my wife?", "Perth"),
        ("What was my profession?", "train driver"),
        ("Which vegetables do I cultivate?", "leeks"),
        ("When did I have surgery on my knee?", "2021"),
        ("What does my wife produce?", "cheese"),
    ),
    near=(
        ("Who is my doctor?", ""),
        ("What does Callum grow?", ""),
        ("Is the roofer coming on Monday?", "Wednesday"),
        ("When was Morag operated on?", ""),
        ("Do I have any dogs?", ""),
    ),
)
PEOPLE = {"baker": BAKER, "nurse": NURSE, "student": STUDENT, "friends": FRIENDS,
          "colleagues": COLLEAGUES, "retired": RETIRED}  # fmt: skip
