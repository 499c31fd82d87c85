from datetime import date

import pytest

from keepsake.memory.domains.dates import when

SAID_ON = date(2024, 5, 15)  # a Wednesday


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("I ran today", "2024-05-15"),
        ("I met Ana yesterday", "2024-05-14"),
        ("the day before yesterday I flew", "2024-05-13"),
        ("I fly tomorrow", "2024-05-16"),
        ("I fly the day after tomorrow", "2024-05-17"),
        ("I saw her last Friday", "2024-05-10"),
        ("last Wednesday I swam", "2024-05-08"),
        ("I leave on Friday", "2024-05-17"),
        ("I leave next Friday", "2024-05-24"),
        ("we met two weeks ago", "2024-05-01"),
        ("I moved 3 days ago", "2024-05-12"),
        ("I leave in a week", "2024-05-22"),
        ("my party is on July 4", "2024-07-04"),
        ("I was born on 3rd of March 1990", "1990-03-03"),
        ("due 2024-12-24", "2024-12-24"),
        ("May 5th, 2023 was warm", "2023-05-05"),
    ],
)
def test_a_phrase_is_resolved_against_when_it_was_said(sentence, day):
    assert when(sentence, SAID_ON).first == date.fromisoformat(day)


@pytest.mark.parametrize(
    "sentence",
    ["I like cake", "version 3.11", "I may go", "2024-13-45", "February 31", "2 apples and May"],
)
def test_what_is_no_date_is_left_alone(sentence):
    assert when(sentence, SAID_ON) is None
