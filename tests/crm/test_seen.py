from hypothesis import given
from hypothesis import strategies as st

from engine.crm.seen import SeenIds


@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(0, 30).map(str)), max_size=8), max_size=12), st.integers(0, 10)
)
def test_the_first_place_of_an_id_is_found_in_memory_and_on_disk(batches, room) -> None:
    seen = SeenIds(in_memory=room)
    first: dict[str, tuple[int, str]] = {}
    line = 0
    for ids in batches:
        lines = list(range(line, line + len(ids)))
        wanted = []
        for key, at in zip(ids, lines, strict=True):
            wanted.append(first.get(key) if key is not None else None)
            if key is not None:
                first.setdefault(key, (at, f"print {at}"))
        assert seen.first_of(ids, lines, [f"print {at}" for at in lines]) == wanted
        line += len(ids)
    seen.close()
