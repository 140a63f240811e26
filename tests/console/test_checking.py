"""`playbook validate NAME`: one playbook, and what all playbooks stand on."""

import pytest


def spoil(shop, path, old, new):
    file = shop.folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def names(shop):
    return sorted(file.stem for file in (shop.folder / "playbooks").glob("*.yaml"))


def test_only_the_playbook_that_is_named_is_told_of(shop, names):
    first, *others = names
    for name in names:
        spoil(shop, f"playbooks/{name}.yaml", "title:", "foo: 1\ntitle:")
    for written in (first, f"playbooks/{first}.yaml"):
        told = shop.run("validate", written)
        assert told.code == 1 and f"playbooks/{first}.yaml" in told.out
        assert not any(f"playbooks/{name}.yaml" in told.out for name in others)


def test_the_library_counts_for_every_playbook(shop, names):
    spoil(shop, "playbooks/library/roster.yaml", "people:", "foo: 1\npeople:")
    told = shop.run("validate", names[0])
    assert told.code == 1 and "playbooks/library/roster.yaml" in told.out


def test_a_playbook_without_problems_of_its_own_is_fine(shop, names):
    assert shop.run("validate", names[0]).code == 0


def test_a_misspelt_name_is_guessed(shop, names):
    told = shop.run("validate", names[0] + "x")
    assert told.code == 2 and names[0] in told.err
