"""Whether what is stored is what is spoken of: the same attribute, event, value or topic."""

from keepsake.memory.domains.frames import same_person
from keepsake.memory.keys import EVENT, event_noun, plain_words, same_value
from keepsake.memory.languages.letters import folded
from keepsake.memory.models import Memory, Slot


def same_attribute(memory: Memory, slot: Slot) -> bool:
    """Whether a memory gives a value of the attribute; a denial gives none."""
    return memory.slot is not None and not memory.slot.negated and of_one(memory.slot, slot)


def of_one(there: Slot, slot: Slot) -> bool:
    """Whether two facts are of one attribute of one person."""
    return there.attribute == slot.attribute and same_person(there.subject, slot.subject)


def same_event(memory: Memory, slot: Slot) -> bool:
    """Whether all that names one event is said of the other."""
    there = memory.slot
    if (
        there is None
        or not there.attribute.endswith(EVENT)
        or (event_noun(there) != event_noun(slot))
    ):
        return False
    return set(slot.attribute.split()) <= {*there.attribute.split(), *plain_words(memory.content)}


def has_value(memory: Memory, slot: Slot) -> bool:
    """Whether a memory gives somebody the value that is no more, of whatever attribute."""
    there = memory.slot
    return (there is not None and not there.negated and same_value(there.value, slot.instead_of)
            and same_person(there.subject, slot.subject))  # fmt: skip


def is_called(there: Slot, slot: Slot) -> bool:
    """Whether a bare noun means an attribute: `that number` is the `phone number`."""
    noun = there.attribute.rsplit(" ", maxsplit=1)[-1]
    return not there.negated and noun == slot.attribute and there.subject == slot.subject


def means(end: Slot, there: Slot) -> bool:
    """Whether what takes back a value means the one that is there; any if it names none."""
    return not end.value or same_value(there.value, end.value)


def is_about(memory: Memory, topic: str) -> bool:
    """Whether a memory is of a topic: its attribute, or all words of the topic are in it."""
    slot = memory.slot
    if slot and slot.attribute in topic.split():
        return True
    there = {*plain_words(memory.content)}
    if slot:
        attribute = (word.removesuffix("s") for word in folded(slot.attribute).split())
        there |= {*plain_words(slot.subject), *attribute, *plain_words(slot.value)}
    return {*plain_words(topic)} <= there
