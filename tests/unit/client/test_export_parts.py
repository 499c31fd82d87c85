"""A long export is sent in parts that a request takes."""

from itertools import count, islice

from keepsake_client.commands import memory


def test_lines_go_together_up_to_a_bound_and_are_read_as_they_are_sent(monkeypatch):
    monkeypatch.setattr(memory, "_PART_BYTES", 30)
    read = count()
    lines = (f"{next(read)} 12345\n" for _ in range(1_000))

    parts = list(islice(memory._parts(lines), 2))

    assert parts == ["0 12345\n1 12345\n", "2 12345\n3 12345\n"]
    assert next(read) == 5
    assert list(memory._parts(["x" * 99, "y"])) == ["x" * 99, "y"]
