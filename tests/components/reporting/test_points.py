from components.reporting.points import NamedSlices


def test_rows_of_the_named_slices_are_chosen() -> None:
    wanted = NamedSlices(["gender:*", "race:black"])
    slices = [["overall"], ["overall", "gender:male"], ["overall", "race:white"], ["overall", "race:black", "race:white"]]
    assert wanted.chosen(slices) == [1, 3]
    assert wanted.named(slices[3]) == ["race:black"]


def test_overall_is_no_named_slice() -> None:
    assert NamedSlices(["overall"]).chosen([["overall"], ["overall", "gender:male"]]) == []


def test_no_more_of_a_slice_are_chosen_than_the_limit() -> None:
    """A row of a full slice is still chosen for another that is not full; the count goes on over batches."""
    wanted = NamedSlices(["gender:*"], most=2)
    male, both = ["overall", "gender:male"], ["overall", "gender:male", "gender:female"]
    assert wanted.chosen([male, male, male]) == [0, 1]
    assert wanted.chosen([male, both, both, both]) == [1, 2]
