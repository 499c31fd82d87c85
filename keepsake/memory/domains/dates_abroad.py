"""Days of a month in other languages than English, in what speakers say of themselves."""

import re
from datetime import date

from keepsake.memory.domains import spans
from keepsake.memory.domains.other_languages import is_supposed, stated_part, unaccented
from keepsake.memory.models import When

_MONTHS = (
    "januar janner janvier enero gennaio janeiro", "februar fevrier febrero febbraio fevereiro",
    "marz mars marzo marco", "april avril abril aprile", "mai mayo maggio maio",
    "juni juin junio giugno junho", "juli juillet julio luglio julho", "august aout agosto",
    "september septembre septiembre setiembre settembre setembro",
    "oktober octobre octubre ottobre outubro", "november novembre noviembre novembro",
    "dezember decembre diciembre dicembre dezembro",
)  # fmt: skip
_NUMBER = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_DAY = re.compile(
    r"\b(?P<day>\d{1,2})(?:\.|er)? (?:de |di )?"
    rf"(?P<month>{'|'.join(sorted(_NUMBER, key=len, reverse=True))})\b"
    r"(?:,? (?:de |del )?(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:ich|wir|mein\w*|unser\w*|je|j'|on|nous|mon|ma|mes|notre|nos|tengo|tenemos|voy|vamos|"
    r"viajo|viajamos|vuelo|salgo|empiezo|empezamos|cumplo|nos|me|mi|mis|nuestr[oa]s?|ho|abbiamo|"
    r"vado|andiamo|parto|partiamo|inizio|ci|mi[oa]|miei|mie|nostr[oa]|tenho|temos|vou|comeco|"
    r"faco|fazemos|meus?|minhas?|noss[oa]s?)(?!\w)",
    re.IGNORECASE,
)
"""What says that it is the speaker's."""
_OVER = re.compile(
    r"\b(?:war|waren|hatten?|wurden?|geboren|letzte[nsr]?|vergangene[nsr]?|etait|etais|dernier|passe|"
    r"nee?|pasado|fue|fui|era|naci|nasci|passado|foi|estava|nat[oa]|scorso|stat[oa])\b",
    re.IGNORECASE,
)
"""What is no day to come."""
_EVERY_YEAR = re.compile(
    r"geburtstag|\b(?:cumplo anos|cumpleanos|anniversaire|compleanno|compio|aniversario|"
    r"faco anos)\b",
    re.IGNORECASE,
)
"""Of whom a day is told every year: no event, but a fact."""


def dated_abroad(text: str, said_on: date) -> When | None:
    """The day that a clause names as one of the speaker's, the next such one without a year."""
    stated = stated_part(text)
    plain = unaccented(stated)
    match = _DAY.search(plain)
    if match is None or _EVERY_YEAR.search(plain) or not _OWN.search(plain) or is_supposed(stated):
        return None
    if _OVER.search(plain) and not match["year"]:
        return None
    try:
        day = _resolved(match, said_on)
    except ValueError:  # the 31st of February
        return None
    return When(*spans.day(day), "day", match[0])


def _resolved(match: re.Match[str], said_on: date) -> date:
    month, day = _NUMBER[match["month"].lower()], int(match["day"])
    if match["year"]:
        return date(int(match["year"]), month, day)
    this = date(said_on.year, month, day)
    return this if this >= said_on else date(said_on.year + 1, month, day)
