import json
import re

import pytest

from bench.calibration import shares
from bench.facts import OWN, Score, by_class, by_kind, findings, reliability
from bench.statements import (
    LABELS,
    VERDICTS,
    ChatTurn,
    ExpectedFact,
    OwnTurn,
    StatementVerdict,
    StoredStatement,
    own_turns,
    verdicts,
)
from keepsake.memory import Turn


def statement(attribute="", value="", *, subject="user", content="", negated=False, day=""):
    slot = {"subject": subject, "attribute": attribute, "value": value, "negated": negated}
    return StoredStatement.of({
        "domain": "profile" if attribute else "temporal", "content": content or value,
        "slot": slot if attribute else None, "event_date": day or None, "confidence": 0.9,
        "valid_to": None, "support": [{"source_id": "D1:1"}],
    })  # fmt: skip


def chat_turn(*stored, labels=()):
    return ChatTurn("chat", Turn(user_query="Ana: Hi.", source_id="D1:1"), labels, (), stored)


@pytest.mark.parametrize(
    ("expected", "stored", "matches"),
    [
        ("lives_in=.*oslo", statement("lives_in", "Oslo"), True),
        ("-user/lives_in", statement("lives_in", "Oslo", negated=True), True),
        ({"value": "oslo", "attribute": "live|home"}, statement("lives_in", "Oslo"), True),
        ({"value": "oslo", "attribute": "live|home"}, statement("likes", "Oslo"), False),
        ({"value": "oslo"}, statement("lives_in", "Oslo", negated=True), False),
        ({"value": "oslo"}, statement("formerly_lives_in", "Oslo"), False),
        ({"value": "oslo", "state": "former"}, statement("formerly_lives_in", "Oslo"), True),
        ({"value": "oslo", "state": "former"}, statement("lives_in", "Oslo"), False),
        ({"value": "oslo", "state": "planned"}, statement("lives_in", "Oslo"), False),
        ({"value": "oslo", "state": "planned"}, statement("plans_to", "move to Oslo"), True),
        ({"value": "olives", "state": "denied"}, statement("likes", "olives"), False),
        ({"value": "olives", "state": "denied"}, statement("dislikes", "olives"), True),
        ({"value": "nuts", "about": ["wife"]}, statement("has", "nuts"), False),
        ({"value": "nuts", "about": ["wife"]}, statement("has", "nuts", subject="wife"), True),
        ({"value": "nuts"}, statement("has", "nuts", subject="wife"), False),
        ({"value": "viva", "when": "2024-06"}, statement(content="Viva", day="2024-06-12"), True),
        ({"value": "viva", "when": "2024-06"}, statement(content="Viva", day="2024-07-12"), False),
    ],
)  # fmt: skip
def test_an_expected_fact_knows_what_says_it(expected, stored, matches):
    assert ExpectedFact.model_validate(expected).matches(stored) is matches


def test_a_set_is_scored_by_class():
    turn = OwnTurn.model_validate(
        {"class": "home", "said": "…", "store": ["oslo", "ana"], "acceptable": ["cat"]}
    )

    stored = [statement("lives_in", "Oslo"), statement("has", "cat"), statement("is", "a")]

    assert by_class([(turn, stored)]) == {"home": Score(found=1, wanted=2, right=2, stored=3)}


def test_what_is_not_judged_is_never_right():
    right = (statement("lives_in", "Oslo"), StatementVerdict(True, True, True, "home"))
    fleeting = (statement("has", "fever"), StatementVerdict(True, False, True, "health"))
    unknown = (statement("is", "tall"), None)

    scores = by_kind([chat_turn(right, fleeting, unknown, labels=("home", "health"))])

    assert scores == {
        "home": Score(found=1, wanted=1), "health": Score(found=0, wanted=1),
        "stored: fact": Score(right=1, stored=3, unjudged=1),
    }  # fmt: skip
    judged = reliability([chat_turn(right, fleeting, unknown)])
    assert judged == {"fact": {"statements": 2, "right": 1, "true": 2}}
    assert "fact = 0.5\n" in shares(judged)


def test_an_aim_is_met_by_what_is_right_among_all_that_is_stored():
    def verdict(right):
        (finding,) = findings({"real chat": Score(wanted=1, right=right, stored=10)})
        return finding.met

    assert [verdict(7), verdict(8)] == [False, True]


def test_own_turns_are_many_and_a_third_of_them_has_nothing_to_store():
    turns = own_turns(LABELS / "own_unseen.json")

    assert len({turn.said for turn in turns}) == len(turns) >= 90
    assert sum(not turn.store for turn in turns) > len(turns) / 3
    assert [turn.said_at for turn in turns[0].turns()][
        -1
    ].isoformat() == "2024-05-15T12:00:00+00:00"


def test_rows_of_a_table_are_turns():
    turns = own_turns(OWN["own turns, seen"])

    assert len(turns) >= 75
    assert any(turn.is_right(statement("lives_in", "Leeds", negated=True)) for turn in turns)


@pytest.mark.parametrize(("name", "turns"), [("realtalk_dev", 300), ("locomo_dev", 200)])
def test_labels_of_others_chats_are_ids_and_kinds_alone(name, turns):
    chats = json.loads((LABELS / f"{name}.json").read_text())

    assert sum(len(labels) for labels in chats.values()) == turns
    for labels in chats.values():
        assert all(re.fullmatch(r"D\d+:\d+", turn) for turn in labels)
        kinds = {kind for each in labels.values() for kind in each or ()}
        assert all(re.fullmatch(r"[a-z]+(\.\d)?", kind) for kind in kinds)


def test_verdicts_are_of_labelled_turns_and_state_their_labels():
    labels = {f"{chat} {turn}": kinds for name in ("realtalk_dev", "locomo_dev")
              for chat, turns in json.loads((LABELS / f"{name}.json").read_text()).items()
              for turn, kinds in turns.items()}  # fmt: skip
    form = re.compile(r"\S+ D\d+:\d+ [0-9a-f]{16} [t-][l-][i-]( [a-z.\d]+)?")

    assert all(form.fullmatch(line) for line in VERDICTS.read_text().splitlines())
    for place, verdict in verdicts().items():
        kinds = labels[place.rpartition(" ")[0]]
        assert not verdict.states or verdict.states in kinds
