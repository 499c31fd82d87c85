import random

from hypothesis import given
from hypothesis import strategies as st

from keepsake.memory.searching.sessions import Sessions

TURNS = st.lists(
    st.tuples(st.sampled_from([None, "a", "b", ""]), st.integers(0, 20_000)), max_size=30
)


def linked(turns):
    """Each turn with the one before and the one after, by their times."""
    sessions = Sessions()
    for start in range(0, len(turns), 4):  # as they come: a few at a time
        names, times = zip(*turns[start : start + 4], strict=True)
        sessions.extend(names, times)
    sessions.settle()
    return sessions


def order(sessions, turns):
    """The chains of times, whatever the rows."""
    chains = []
    for row, (session, _) in enumerate(turns):
        if session is None or sessions.earlier[row] >= 0:
            continue
        chain, at = [], row
        while at >= 0:
            chain.append((session, turns[at][1]))
            at = sessions.later[at]
        chains.append(chain)
    return sorted(chains)


@given(TURNS, st.randoms(use_true_random=False))
def test_sessions_do_not_depend_on_the_order_of_arrival(turns, shuffler: random.Random):
    shuffled = list(turns)
    shuffler.shuffle(shuffled)

    assert order(linked(turns), turns) == order(linked(shuffled), shuffled)


@given(TURNS)
def test_every_turn_is_in_one_chain_in_the_order_of_time(turns):
    chains = order(linked(turns), turns)

    assert sorted(turn for chain in chains for turn in chain) == sorted(
        turn for turn in turns if turn[0] is not None
    )
    assert all(chain == sorted(chain, key=lambda turn: turn[1]) for chain in chains)


def test_turns_without_a_session_belong_together_for_half_an_hour():
    sessions = linked([("", 0), ("", 1_700), ("", 3_600), (None, 3_700)])

    assert list(sessions.number) == [0, 0, 1, -1]
    assert (list(sessions.earlier), list(sessions.later)) == ([-1, 0, -1, -1], [1, -1, -1, -1])
