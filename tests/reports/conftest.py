import pytest

from tests.reports.book import Book


@pytest.fixture
def book(tmp_path):
    book = Book(tmp_path)
    yield book
    book.store.close()
