from engine.crm.contacts import read_contacts, read_people


def test_several_people_in_one_cell_are_read_in_order() -> None:
    assert read_people("Ann Lee (ann@x.com);Bo Ray (bo@y.com)") == [
        {"name": "Ann Lee", "email": "ann@x.com"},
        {"name": "Bo Ray", "email": "bo@y.com"},
    ]


def test_a_name_alone_and_an_address_alone_are_people_too() -> None:
    assert read_people("Ann Lee; bo@y.com ;;") == [{"name": "Ann Lee"}, {"email": "bo@y.com"}]
    assert read_people("Lee (Ann) (a@x.com)") == [{"name": "Lee (Ann) (a@x.com)"}]


def test_ids_beside_the_names_belong_to_them_in_order() -> None:
    people = read_contacts("Ann (ann@x.com);Bo (bo@y.com)", {"id": "11;12"}, ";", "A1")
    assert [(each["id"], each["email"]) for each in people] == [("11", "ann@x.com"), ("12", "bo@y.com")]


def test_ids_that_do_not_fit_the_names_are_not_dealt_out() -> None:
    people = read_contacts("Ann (Ann@x.com);Bo", {"id": "11;12;13"}, ";", "A1")
    assert [each["id"] for each in people] == ["ann@x.com", "A1 / Bo"]


def test_own_columns_make_one_contact_and_ids_alone_make_several() -> None:
    assert read_contacts(None, {"id": "7", "role": "decision_maker"}, "", None) == (
        {"id": "7", "role": "decision_maker"},
    )
    assert read_contacts(None, {"id": "7;8"}, ";", None) == ({"id": "7"}, {"id": "8"})
    assert read_contacts(None, {}, ";", "A1") == ()


def test_the_same_person_twice_is_one_contact() -> None:
    assert len(read_contacts("Ann (ann@x.com);Ann (ANN@x.com)", {}, ";", None)) == 1
