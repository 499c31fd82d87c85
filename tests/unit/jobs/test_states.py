import pytest

from keepsake.jobs.states import ENDED, INITIAL, MOVES, State, allowed


def test_nothing_moves_out_of_a_final_state():
    assert not [move for move in MOVES if move.sources & ENDED]


def test_every_state_can_be_reached():
    assert {*INITIAL} | {move.target for move in MOVES} == set(State)


def test_every_unfinished_state_can_end():
    ways = {state: {move.target for move in MOVES if state in move.sources} for state in State}
    reached = set(ENDED)
    while more := {state for state in set(State) - reached if ways[state] & reached}:
        reached |= more

    assert reached == set(State)


def test_only_a_token_holder_or_an_expired_lease_moves_a_running_job():
    movers = {move.by for move in MOVES if State.RUNNING in move.sources}

    assert movers == {"worker", "sweeper", "client"}
    assert [m.name for m in MOVES if State.RUNNING in m.sources and m.by == "client"] == [
        "request cancel"
    ]


@pytest.mark.parametrize("state", sorted(ENDED))
def test_nothing_can_be_asked_of_an_ended_job(state):
    assert allowed(state) == []


def test_move_names_are_unique():
    assert len({move.name for move in MOVES}) == len(MOVES)
