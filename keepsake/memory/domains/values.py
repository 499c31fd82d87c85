"""What a value must be to be one of its attribute: a place, an employer, a substance, a role."""

import re
from collections.abc import Callable
from dataclasses import replace

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import PETS, RELATIONS, Filler
from keepsake.memory.models import Assertion, Slot, Term

_MOST_WORDS = 8
_TIME_WORDS = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|"
    r"august|"
    r"september|october|november|december|today|tomorrow|tonight|yesterday|noon|midnight|christmas|"
    r"easter|summer|winter|spring|autumn)\b|\b\d",
    re.IGNORECASE,
)
_TIMES = frozenset({"DATE", "TIME", "CARDINAL", "ORDINAL", "PERCENT", "MONEY", "QUANTITY"})
_POINTING = re.compile(r"^(?:this|that|these|those|your|his|her|its|their|it|such|each|every|all|"
                       r"both\w*|what|which|who|how|more|less|much|many|other|another|same|"
                       r"one(?= of\b|$)|ones)\b",
                       re.IGNORECASE)  # fmt: skip
_IDLE = words("idle")
"""Nouns that say nothing lasting by themselves."""
_IDLE_ACTS = words("values_idle_acts")
_WORKPLACES = words("workplaces")
_DWELLINGS = words("dwellings")
_LANGUAGES = words("languages")
_STATES = re.compile(
    r"(?:strict |lifelong |practi[cs]ing |total )?(?:vegans?|vegetarians?|pescatarians?|muslim|"
    r"christian|catholic|protestant|jewish|hindu|buddhist|sikh|atheist|agnostic|married|single|"
    r"divorced|separated|widowed|engaged|pregnant|retired|unemployed|self[ -]?employed|freelance|"
    r"left[ -]handed|right[ -]handed|lefty|colou?r[ -]?blind|blind|deaf|diabetic|asthmatic|"
    r"epileptic|dyslexic|autistic|male|female|c(?:o)?eliac|(?:lactose|gluten)[ -]intolerant|"
    r"gluten[ -]free|transgender|trans|gay|lesbian|bisexual|queer|introvert(?:ed)?|"
    r"extrovert(?:ed)?|bilingual|trilingual|teetotal|adopted|nearsighted|short[ -]?sighted)",
    re.IGNORECASE,
)  # fmt: skip
_ROLE = re.compile(
    r"(?:\w{3,}(?:ist|ician|smith|keeper|wright)|\w{2,}(?:eer|ologist|grapher|maker|yer)|"
    r"(?:teach|bak|paint|writ|design|driv|barb|build|cod|danc|sing|surf|hik|runn|plumb|butch|"
    r"weld|tailor|lectur|research|photograph|manag|develop|programm|wait|foot|danc|produc|"
    r"rock climb|climb|swimm|cycl|gam|read|garden|hunt|sail|train|train|help|organiz|organis|"
    r"start|carpent|roof|fish|bank|bartend|babysitt|bouncer|caregiv|blogg|vlogg|stream|publish|"
    r"report|support|stripp|cater|clean|labour|labor|framer|min|plaster|landscap|fire ?fight)er|"
    r"(?:doct|act|auth|profess|direct|edit|tut|sail|translat|instruct|invest|conduct|sculpt|"
    r"contract|operat|administrat|audit|counsel|council|surve?y|tail|mentor|pastor|jur|collect)or|"
    r"\w{3,}[ai]tor|(?:account|consult|assist|attend|serv|merch)ant|(?:stud|resid|ag|superintend|"
    r"presid|par|"
    r"adolesc|correspond)ent|(?:librar|music|electric|techn|optic|politic|mathematic|magic|"
    r"veterinar|histor|guard|comed|civil)ian|\w+(?:man|woman|person|mum|mom|dad)|"
    r"nurse|farmer|chef|cook|dj|vet|lawyer|judge|pilot|paramedic|postdoc|phd|intern|mechanic|"
    r"architect|"
    r"waitress|actress|hostess|stewardess|poet|monk|nun|priest|soldier|officer|clerk|cashier|"
    r"barista|bartender|nanny|au pair|mother|father|mum|mom|dad|parent|grandmother|grandfather|"
    r"grandma|grandpa|twin|only child|orphan|widow|widower|veteran|immigrant|expat|refugee|"
    r"citizen|native|vegan|vegetarian|pescatarian|carnivore|omnivore|introvert|extrovert|lefty|"
    r"atheist|christian|muslim|catholic|buddhist|freshman|sophomore|junior|senior|undergrad|"
    r"graduate|dropout|freelancer|founder|co-?founder|ceo|cto|cfo|owner|boss|head|chief|manager|"
    r"engineer|midwife|beekeeper|hairdresser|entrepreneur|physio|courier|minimalist|homeowner|"
    r"landlord|tenant|fan|lover|enthusiast|nerd|geek|foodie|night owl|early bird|homebody|"
    r"bookworm|smoker|drinker|sleeper|eater|learner|beginner|member|volunteer|captain|coach|"
    r"goalkeeper|striker|drummer|guitarist|maid of honou?r|bridesmaid|best man|godmother|"
    r"godfather|diabetic|asthmatic|insomniac|hypochondriac|cancer survivor|survivor|athlete|"
    r"runner|teacher|baker|butcher|florist|analyst|scientist|chemist|dentist|therapist|tester)s?",
    re.IGNORECASE,
)
_HAD = words("had")
"""What somebody has for long."""
_CONDITIONS = re.compile(
    r"(?:type[ -]\d |chronic |severe |mild )*(?:diabetes|asthma|epilepsy|adhd|add|autism|"
    r"c(?:o)?eliac(?: disease)?|arthritis|migraines?|eczema|psoriasis|hay ?fever|insomnia|anxiety|"
    r"depression|ocd|ptsd|ibs|crohn'?s?(?: disease)?|endometriosis|pcos|fibromyalgia|tinnitus|"
    r"sciatica|"
    r"scoliosis|hypertension|high blood pressure|low blood pressure|dyslexia|vertigo|gout|lupus|"
    r"cancer|anemia|anaemia|hypothyroidism|sleep apn(?:o)?ea|bipolar(?: disorder)?|"
    r"(?:[\w-]+ ){0,2}(?:disease|disorder|syndrome|allergy|intolerance|deficiency)|bad (?:knee|"
    r"back)s?)",
    re.IGNORECASE,
)
_MEDICINE = re.compile(
    r"(?:[\w-]*(?:pril|olol|trexate|azole|dipine|lukast|gliptin|glutide|parin|xaban|sone|solone|tidine|triptyline|tadine|zine|statin|sartan|formin|pam|mycin|cillin|oxine|oxetine|prazole|profen|"
    r"thyroxine|traline|zepam|codone|terol|setron)|ritalin|adderall|prozac|zoloft|xanax|"
    r"ibuprofen|insulin|vitamin \w+|iron|magnesium|zinc|"
    r"aspirin|paracetamol|melatonin|lithium|antidepressants?|antihistamines?|statins?|the pill|"
    r"pill|blood thinners?|beta blockers?|supplements?|creatine|probiotics?)\b.*",
    re.IGNORECASE,
)
_PRODUCTS = words("products")
"""To what one moves without moving house."""
PEOPLES = "|".join(sorted(words("peoples")))
"""What one is with a capital that is no name; a pattern."""
_VEHICLES = words("vehicles")
_WORN = frozenset(each.replace("_", " ") for each in words("worn"))
_LOVED = words("loved")
_PRACTICES = words("practices")
_DEVICES = words("devices")
_TOGETHER = frozenset({"team", "pair", "group", "unit", "rule", "couple", "duo", "whole", "result"})
_DEGREES = frozenset({"phd", "doctorate", "degree", "master", "bachelor", "mba", "apprenticeship"})


_DETERMINER = re.compile(r"^(?:(?:a|an|the|my|our|some|in|at|on|to)\s+)+(?=\S)")
_ILLS = frozenset({"covid", "covid-19", "corona", "flu"})


def short(term: Term) -> Term:
    """A term without its `of` if it would be too long for a value."""
    if len(term.text.split()) <= _MOST_WORDS:
        return term
    return replace(term, text=re.split(r" (?:of|in|for) ", term.text, maxsplit=1)[0])


def fits(filler: Filler, term: Term) -> bool:
    """Whether a term can be a value of the kind."""
    brief = 0 < len(term.lower.split()) <= _MOST_WORDS and re.search(r"\w", term.lower)
    return bool(brief) and not _POINTING.match(term.lower) and _KINDS[filler](term)


def _place(term: Term) -> bool:
    if _named(term):
        return term.lower.split()[-1] not in {"team", "department"}
    return term.head in _DWELLINGS


def _employer(term: Term) -> bool:
    workplace = term.head in _WORKPLACES and term.article not in {"this"}
    return _company(term) or workplace or re.search(r"\bof [A-Z]", term.text) is not None


def _business(term: Term) -> bool:
    """What somebody owns and works at; `a Tesla` is a thing that bears its maker's name."""
    thing = term.article in {"a", "an"} and _company(term) and term.head not in _WORKPLACES
    return _employer(term) and not thing


def _company(term: Term) -> bool:
    return (_named(term) and term.entity not in {"LANGUAGE", "PERSON"}) or term.entity == "ORG"


def _named(term: Term) -> bool:
    """Whether it is a proper name, of no time: a capital says so where the tagger errs.

    What belongs to a name is none: `Acme's party`.
    """
    owned = re.search(r"'s? [a-z]", term.text)
    return term.text[:1].isupper() and not owned and not _TIME_WORDS.search(term.text)


def _person(term: Term) -> bool:
    return _named(term)


def _school(term: Term) -> bool:
    school = re.search(r"\b(?:university|college|school|academy|institute)\b", term.lower)
    return (bool(school) and term.article not in {"my", "our"}) or (
        _named(term) and term.entity == "ORG"
    )


def _language(term: Term) -> bool:
    return (
        term.head in _LANGUAGES or term.lower in _LANGUAGES or term.lower.split()[-1] in _LANGUAGES
    )


def _state(term: Term) -> bool:
    return _STATES.fullmatch(term.lower) is not None or term.entity == "NORP"


def _role(term: Term) -> bool:
    if _state(term):
        return True
    if term.head in {"fan", "lover"}:
        return False
    if term.head == "person" and len(term.lower.split()) > 1:
        return True
    return (
        (term.tag in {"NN", "NNS"} or " of " in term.lower)
        and term.head not in _IDLE
        and bool(_ROLE.fullmatch(term.head) or _ROLE.fullmatch(term.lower))
    )


def _job(term: Term) -> bool:
    """A role, or what anybody may work as."""
    other = term.tag == "NN" and term.article in {"a", "an"} and not _named(term)
    return _role(term) or (other and term.head not in _IDLE and term.head not in _TOGETHER)


def _noun(term: Term) -> bool:
    nominal = term.tag.startswith("NN") or term.tag == "VBG"
    return nominal and term.head not in _IDLE and term.entity not in _TIMES


def _taste(term: Term) -> bool:
    if term.tag == "VBG":
        pointing = re.search(r"\b(?:it|them|that|this|him|her|you)\b", term.lower)
        return term.lower.split()[0] not in _IDLE_ACTS and not pointing
    general = term.article in {"", "a", "an", "my", "our"} or _named(term) or term.head in _LOVED
    return _noun(term) and general


def _substance(term: Term) -> bool:
    if term.head.endswith("ing") and term.head not in {
        "pudding",
        "icing",
        "herring",
        "seasoning",
        "sting",
    }:
        return False
    people = term.head in RELATIONS and not is_pet(term.head.rstrip("s"))
    return _noun(term) and term.tag != "VBG" and not people


def _food(term: Term) -> bool:
    owned = term.article in {"the", "my", "our"} and (_possession(term) or term.head == "gym")
    bought = term.head in {"membership", "subscription", "account", "job"}
    kept = owned or bought or _practice(term)
    return _substance(term) and not _named(term) and not kept and term.article != "the"


def _degree(term: Term) -> bool:
    return term.head.replace(".", "") in _DEGREES


def _pursuit(term: Term) -> bool:
    act = term.head.endswith("ing") and term.head not in _IDLE
    return act and not _practice(term)


def _diet(term: Term) -> bool:
    return term.head == "diet" and " " in term.lower


def _course(term: Term) -> bool:
    return term.head in {"class", "course", "lesson"} and " " in term.lower and (
        term.article in {"", "a", "an"})  # fmt: skip


def _product(term: Term) -> bool:
    return term.lower in _PRODUCTS


def _possession(term: Term) -> bool:
    branded = re.search(r"\b[A-Z][a-z]", term.text) and term.article in {"a", "an", "my", "our"}
    device = branded and term.head in _DEVICES
    return term.head in _HAD or term.head.rstrip("s") in _HAD or bool(device)


def _condition(term: Term) -> bool:
    return bool(_CONDITIONS.fullmatch(term.lower))


def _medicine(term: Term) -> bool:
    return bool(_MEDICINE.fullmatch(term.lower)) or bool(
        re.search(r"\d ?(?:mg|mcg|ml)\b", term.lower)
    )


def _vehicle(term: Term) -> bool:
    return term.head in _VEHICLES or (_named(term) and term.article in {"a", "an", "my", "our"})


def _practice(term: Term) -> bool:
    act = term.tag == "VBG" and term.lower.split()[0] not in _IDLE_ACTS
    return act or not _PRACTICES.isdisjoint({term.head, term.lower, term.lower.split()[-1]})


def _app(term: Term) -> bool:
    named = _named(term) or re.search(r"[a-z][A-Z]", term.text) is not None
    return (named and term.entity != "NORP") or (
        term.head in {"subscription", "membership", "account"} and " " in term.lower
    )


def _service(term: Term) -> bool:
    return _app(term) and term.entity not in {"PERSON", "GPE", "LOC"} and term.lower not in _ILLS


def _destination(term: Term) -> bool:
    return (
        _place(term)
        and term.lower.split()[0] not in _PRODUCTS
        and term.entity not in {"PRODUCT", "WORK_OF_ART"}
        and not (term.text.isupper() and term.entity != "GPE")  # `moved to HR`
    )


def _worn(term: Term) -> bool:
    return not {term.lower, term.head}.isdisjoint(_WORN)


def _shift(term: Term) -> bool:
    return (
        term.lower in {"nights", "days"}
        or (term.head in {"shift", "hours"} and " " in term.lower)
        or term.lower in {"desk job", "office job"}
    )


def _project(term: Term) -> bool:
    own = term.article in {"a", "an", "my", "our"} and " " in (term.full or term.lower)
    return _noun(term) and own and term.tag != "VBG"


_KINDS: dict[Filler, Callable[[Term], bool]] = {
    "place": _place, "employer": _employer, "business": _business, "company": _company,
    "person": _person,
    "school": _school, "language": _language, "role": _role, "thing": _noun, "taste": _taste,
    "substance": _substance, "possession": _possession, "vehicle": _vehicle,
    "condition": _condition, "project": _project, "medicine": _medicine, "practice": _practice,
    "app": _app, "food": _food, "service": _service, "destination": _destination, "shift": _shift,
    "state": _state,
    "worn": _worn, "degree": _degree, "pursuit": _pursuit, "diet": _diet, "product": _product,
    "course": _course,
    "job": _job,
}  # fmt: skip


def is_pet(noun: str) -> bool:
    """Whether a noun is an animal that somebody keeps."""
    return noun.split()[-1].lower() in PETS


_OF_PET = re.compile(rf"(?:{'|'.join(sorted(PETS))})'s ", re.IGNORECASE)


def is_pet_as_person(assertion: Assertion) -> bool:
    """Whether an animal is said to be somebody, in jest: `my cat is the boss of this house`."""
    what = assertion.terms("is") if assertion.verb == "be" else []
    pet = not PETS.isdisjoint(assertion.subjects)
    role = pet and any(term.article == "the" or (fits("role", term) and not _state(term))
                       for term in what)  # fmt: skip
    return role or any(_OF_PET.match(term.text) for term in what)


def taste(value: str, *, likes: bool, subject: str = "user") -> Slot:
    """Liking and disliking are values of one attribute, so that one supersedes the other."""
    return Slot(
        f"taste for {value}", "likes" if likes else "dislikes", single=True, subject=subject
    )


def bare(text: str) -> str:
    """A value in lower case, without its article."""
    return _DETERMINER.sub("", " ".join(text.lower().strip(" ,.'\"").split()))
