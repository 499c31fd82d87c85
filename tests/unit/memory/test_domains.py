"""Memory domains: one declaration each, beside its rules."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from keepsake.memory.domains import registry
from keepsake.memory.domains.lasting import settled
from keepsake.memory.domains.registry import DOMAINS, DomainName, classify, extract
from keepsake.memory.models import Action, Candidate, Domain, Operation, Report
from keepsake.memory.pipeline import envelope
from keepsake.memory.turn import Turn
from tests.unit.memory.scoring import EMBEDDER

SAID_ON = date(2024, 5, 15)
DREAM = Domain(
    name="dream",
    belongs=lambda clause: "dreamt" in clause.plain,
    read=lambda clause, _: [Candidate("dream", clause.text)],
    source="dream",
    reported=True,
)


@pytest.fixture
def dreams(monkeypatch):
    monkeypatch.setitem(registry.DOMAINS, DREAM.name, DREAM)


def test_a_new_domain_is_its_declaration_and_its_rules(dreams):
    turn = Turn(user_query="I dreamt of the sea. I live in Lisbon.")

    candidates = settled(extract(turn, classify(turn), SAID_ON), EMBEDDER)
    report = Report(tuple(Operation(Action.ADD, each, "new") for each in candidates))

    domains = [candidate.domain for candidate in candidates]
    assert domains == ["summary", "dream", "profile"]
    shown = envelope(report)
    assert shown["dream"]["operations"][0]["content"] == "I dreamt of the sea."
    assert {"source": "dream", "query": "I dreamt of the sea."} in shown["classification"]


def test_every_domain_says_how_it_is_read():
    unread = {name for name, each in DOMAINS.items() if not (each.read or each.read_turn)}

    assert unread == {"summary"}  # the turn itself, which is always kept
    assert all(bool(each.belongs) == bool(each.read) for each in DOMAINS.values())


def test_only_declared_domains_can_be_asked_for():
    names = TypeAdapter(DomainName)

    assert [names.validate_python(name) for name in DOMAINS] == list(DOMAINS)
    assert names.json_schema()["enum"] == list(DOMAINS)
    with pytest.raises(ValidationError):
        names.validate_python("dream")
