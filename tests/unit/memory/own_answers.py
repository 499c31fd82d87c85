"""What agents asked and what users answered, with what must be known then; see `own_turns`.

All were written before the rules were tried on them.
"""

OWN_ANSWERS: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = [
    ("Which city are you based in?", "Tromsø", ("tromsø",), ()),
    ("Got it. Do you have any dietary restrictions?", "yes, no pork", (), ("has=",)),
    ("Are you lactose intolerant?", "yep", ("is=lactose intolerant",), ("^-",)),
    ("Do you own a car?", "Nope.", ("^-user/has=car",), ("^user/",)),
    ("How many siblings do you have?", "three, all older", ("has=three siblings",), ()),
    ("What's your partner's name?", "Imke", ("imke",), ()),
    ("What do you do for work?", "I'm a beekeeper", ("beekeeper",), ()),
    ("And which languages do you speak?", "Farsi and Dutch", ("=farsi", "=dutch"), ()),
    ("Is your daughter allergic to anything?", "yes, eggs", (), ("user/",)),
    ("Is your son left-handed?", "yes, like me", ("son/is=left-handed",), ()),
    ("Do you live alone?", "yes", ("lives_with=alone",), ()),
    ("Do you work at a hospital?", "no, at a school", (), ("^user/works_at=hospital",)),
    ("Do you still live in Bath?", "no, Bristol. It's nicer.", ("lives_in=bristol",),
     ("^user/lives_in=bath",)),
    ("Do you play an instrument?", "the oboe", ("oboe",), ()),
    ("Would you like me to book the table?", "yes, for two", (), (".",)),
    ("Shall I add nuts to the list?", "yes", (), (".",)),
    ("Are you ready?", "yes, let's go", (), (".",)),
    ("Do you want the short version?", "yes please", (), (".",)),
    ("Are you a vegetarian?", "maybe one day", (), (".",)),
    ("Do you like jazz?", "not really", ("taste for jazz=dislikes",), ("=likes",)),
    ("Where do you work?", "IKEA, in Delft", ("works_at=ikea",), ()),
    ("Did it help?", "yes, thanks!", (), (".",)),
    ("How old are you, if I may ask?", "52", ("age=52",), ()),
    ("Here you go: three ideas. Anything else?", "no", (), (".",)),
    ("Is the meeting on Tuesday?", "no, Thursday", (), ("^user/(?!meeting)",)),
]  # fmt: skip
