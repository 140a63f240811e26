"""A patch is merged as RFC 7396 says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.variants import merge_patch

APPENDIX_A = [  # original, patch, result, as the standard lists them
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', "{}"),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', "null", "null"),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
    ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]


@pytest.mark.parametrize(("original", "patch", "result"), APPENDIX_A)
def test_a_patch_does_what_the_standard_says(original, patch, result):
    assert merge_patch(json.loads(original), json.loads(patch)) == json.loads(result)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
)


@given(JSON, JSON)
def test_a_patch_changes_neither_side_and_is_done_after_once(original, patch):
    before = json.dumps([original, patch])
    once = merge_patch(original, patch)
    assert json.dumps([original, patch]) == before
    assert merge_patch(once, patch) == once


@given(st.dictionaries(st.sampled_from("abcdef"), JSON), st.dictionaries(st.sampled_from("abcdefgh"), JSON))
def test_a_patched_key_keeps_its_place_and_a_new_one_comes_last(original, patch):
    merged = list(merge_patch(original, patch))
    kept = [key for key in original if key not in patch or patch[key] is not None]
    assert merged == kept + [key for key in patch if key not in original and patch[key] is not None]
