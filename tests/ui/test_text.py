"""The catalogues are complete, and in step with the code."""

import re
import string

import pytest

from scripts import text as messages
from ui.text import LANGUAGES, translator

LOCALE = messages.LOCALES / "zh_CN" / "LC_MESSAGES"


@pytest.fixture(scope="module")
def template():
    return messages.collect()


@pytest.fixture(scope="module")
def chinese():
    return messages.read(LOCALE / "messages.po", "zh_CN")


def ids(catalogue):
    return {message.id for message in catalogue if message.id}


def fields(text):
    """Names of the fields of a template, their formats left out."""
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


def test_the_template_is_in_step_with_the_code(template):
    assert messages.po_bytes(template) == messages.TEMPLATE.read_bytes(), "run make text"


def test_every_message_is_translated(template, chinese):
    assert ids(chinese) == ids(template)
    assert [message.id for message in chinese if message.id and not message.string] == []
    assert [message.id for message in chinese if message.id and message.fuzzy] == []


def test_a_translation_keeps_the_fields_of_its_template(chinese):
    wrong = [
        message.id
        for message in chinese
        if message.id and not set(fields(message.string)) <= set(fields(message.id))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_in_step(chinese):
    assert messages.mo_bytes(chinese) == (LOCALE / "messages.mo").read_bytes(), "run make text"


def test_chinese_is_chinese(chinese):
    """A translation holds Chinese letters unless its template holds no word."""
    words = re.compile(r"[A-Za-z]{4,}")
    allowed = {"DBSCAN", "HDBSCAN"}
    bare = [
        message.id
        for message in chinese
        if message.id
        and words.search(re.sub(r"\{[^}]*\}", "", message.id))
        and not re.search(r"[\u4e00-\u9fff]", message.string)
        and message.id not in allowed
    ]
    assert bare == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_empty_template_stays_empty(lang):
    assert translator(lang)("") == ""


def test_an_unknown_template_stays_as_it_is():
    assert translator("zh")("no such message") == "no such message"
    assert translator("en")("Data") == "Data"
    assert translator("zh")("Data") == "数据"
