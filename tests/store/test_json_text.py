import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.store.base import StoreError
from engine.store.json_text import dump, parse

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@settings(max_examples=60, deadline=None)
@given(values)
def test_every_value_comes_back_as_it_was_and_is_what_the_library_writes(value):
    assert parse(dump(value)) == value
    assert dump(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("text", ["", "{", '{"a":', "[1,", "nul", '"'])
def test_damaged_text_is_a_problem_of_the_store(text):
    with pytest.raises(StoreError, match="not JSON"):
        parse(text)


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError):
        dump({1, 2})
