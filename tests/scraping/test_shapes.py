"""The shape of answers: which fields there are, compared with those that we know."""

from hypothesis import given
from hypothesis import strategies as st

from overround.scraping.shapes import AnswerShape, compare, field_paths

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc1"), inner, max_size=3),
    max_leaves=12,
)


def test_rows_of_a_list_are_one():
    """What one row has and another lacks is there; ids as keys are one key."""
    answer = [{"a": 1}, {"b": {"17": {"c": None}, "18": {"d": []}}}]
    assert field_paths(answer, "[0-9]+") == {
        "[]", "[].a", "[].b", "[].b.*", "[].b.*.c", "[].b.*.d",
    }  # fmt: skip


def test_an_empty_list_has_no_rows():
    """So that fields of its rows count as missing."""
    assert field_paths({"data": []}, "x") == {"data"}
    assert compare(AnswerShape(("data", "data[]", "data[].id")), {"data"}).missing == ("data[]",)


def test_known_fields_may_come_and_go():
    """Only required ones are missed, only unheard-of ones are new."""
    shape = AnswerShape(("id",), ("name",))
    assert compare(shape, {"id"}) == compare(shape, {"id", "name"})
    assert compare(shape, {"id", "fame"}).new == ("fame",)


@given(JSON)
def test_an_answer_has_its_own_shape(answer):
    """Whatever it is, compared with itself nothing is missing or new."""
    paths = field_paths(answer, "[0-9]+")
    difference = compare(AnswerShape(tuple(paths)), paths)
    assert (difference.missing, difference.new) == ((), ())


@given(JSON, JSON)
def test_every_difference_is_covered_by_a_field_that_is_named(before, after):
    """The named fields are different ones, and each other difference lies below one of them."""
    known, found = field_paths(before, "x"), field_paths(after, "x")
    named = compare(AnswerShape(tuple(known)), found).missing
    for path in known - found:
        assert any(path == one or path.startswith((one + ".", one + "[]")) for one in named)
    assert set(named) <= known - found
