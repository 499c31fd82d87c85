from keepsake.inference.client import Usage


def test_a_jobs_usage_is_that_of_all_its_turns():
    turns = [Usage(1, 100, 20, 0.25).shown(), Usage().shown(), Usage(2, 50, 10, 0.5).shown()]

    assert Usage.total(turns).shown() == {
        "calls": 3, "input_tokens": 150, "output_tokens": 30, "cost": 0.75,
    }  # fmt: skip
    assert Usage.total([]).shown() == {}
