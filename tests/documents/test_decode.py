"""Bytes become text in the order BOM, declaration, UTF-8, detection, and nothing else about them changes."""

import codecs
from pathlib import PurePath

import pytest

from openbook.documents.decode import declared_in, decode
from openbook.documents.kinds import HEAD_BYTES, kind_of

POLISH = "Zażółć gęślą jaźń. Pchnąć w tę łódź jeża lub ośm skrzyń fig.\n"
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю.\n"
GERMAN = "Der Bär läuft über die Straße, weil er müde ist. „Schön“, sagte sie – für heute.\n"
FRENCH = "L’été dernier, nous avons été à la plage où les élèves étaient très contents.\n"
JAPANESE = "これは日本語のテキストです。文字コードを確認します。\n"
CHINESE = "这是一个中文文本，用于检测编码。今天天气很好。\n"
KOREAN = "이것은 한국어 텍스트입니다. 인코딩을 확인합니다.\n"
GREEK = "Αυτό είναι ένα ελληνικό κείμενο για δοκιμή της κωδικοποίησης.\n"


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_bom_decides_and_goes(bom: bytes, encoding: str) -> None:
    assert decode(bom + RUSSIAN.encode(encoding), declared="cp1252").text == RUSSIAN


SCRIPTS = [
    *(RUSSIAN, KOREAN, GREEK, "房租每月一号支付。\n", "يدفع الإيجار في أول كل شهر\n", "किराया हर महीने देना है।\n"),
    *("ค่าเช่าครบกำหนด\n", "ኪራይ በወሩ መጀመሪያ\n", "𐌰𐌱𐌲𐌳 𐌴𐌵𐌶\n", "🙂🎉🏠\n", "\ue001\ue002\ue003\n", "page\f\fpage\n"),
]


@pytest.mark.parametrize("text", SCRIPTS)
@pytest.mark.parametrize("times", [1, 2000])
@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_wide_text_with_a_bom_is_a_document_in_any_script(bom: bytes, encoding: str, text: str, times: int) -> None:
    data = bom + (text * times).encode(encoding)
    assert kind_of(PurePath("a.txt"), data[:HEAD_BYTES]) == "text"


@pytest.mark.parametrize(
    "start", [b"GIF89a is the later of two versions", b"BZh9 is how it begins", b"RIFF is a container", b"a\0b"]
)
def test_a_text_about_a_format_is_a_document(start: bytes) -> None:
    assert kind_of(PurePath("a.txt"), start + b" and so it goes on.\n" * 40) == "text"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_bom(encoding: str) -> None:
    text = "plain words, with a few accents: café, naïve\n"
    assert decode(text.encode(encoding)).text == text


def test_a_declaration_wins_over_utf8_and_gives_way_where_it_is_wrong() -> None:
    both = "Ä".encode()  # valid UTF-8, and two characters of windows-1252
    assert decode(both, declared="windows-1252").text == "Ã„"
    assert decode(both, declared="ascii").text == "Ä"
    assert decode(both, declared="no-such-encoding").text == "Ä"


@pytest.mark.parametrize("name", ["", "\0", "\ud800", "ä", "x" * 1000, "utf-8\n", "../x"])
def test_a_declaration_may_be_anything(name: str) -> None:
    assert decode(b"plain", declared=name).text == "plain"


def test_latin1_means_windows_1252_as_in_browsers() -> None:
    assert decode(b"\x93quoted\x94 \x80 5", declared="iso-8859-1").text == "“quoted” € 5"


@pytest.mark.parametrize(
    "name", ["unicode_escape", "raw_unicode_escape", "rot13", "hex", "zlib", "idna", "punycode", "utf-7"]
)
def test_a_declared_codec_that_is_no_character_set_is_not_used(name: str) -> None:
    assert decode(b"\\u0041 +AEE- plain", declared=name).text == "\\u0041 +AEE- plain"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        (GREEK, "cp1253"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
    ],
)
def test_an_undeclared_encoding_is_detected(text: str, encoding: str) -> None:
    assert decode((text * 5).encode(encoding)).text == text * 5


def test_detection_reads_a_sample_that_cuts_no_character() -> None:
    text = JAPANESE.strip() * 3000  # one line, far longer than the sample
    assert decode(text.encode("cp932")).text == text


@pytest.mark.parametrize(
    "before", [b"a" * 2_000_000, b"a\n" * 500_000, b"a" * 2_000_000 + b"\n", b"\xe9" + b"a" * 2_000_000]
)
def test_detection_is_linear_wherever_the_bytes_are_that_tell(before: bytes) -> None:
    assert decode(before + FRENCH.encode("cp1252")).text == before.decode("cp1252") + FRENCH


def test_a_single_odd_byte_is_windows_1252() -> None:
    assert decode(b"caf\xe9 and more plain words").text == "café and more plain words"


def test_utf8_with_some_broken_bytes_stays_utf8() -> None:
    assert decode(RUSSIAN.encode() + b"\xff broken \xc3( here").text == RUSSIAN + "\ufffd broken \ufffd( here"


def test_line_ends_nul_and_surrogates_are_normalised_and_nothing_else() -> None:
    assert (
        decode(b"a\r\nb\rc\n\rd\0e\x0bf\x0cg\xc2\x85h\xe2\x80\xa8i").text == "a\nb\nc\n\nd\ufffde\x0bf\x0cg\x85h\u2028i"
    )
    assert decode("plain words \ud800 here".encode("utf-16-le", "surrogatepass")).text == "plain words \ufffd here"
    assert decode(b"\xed\xa0\x80x").text == "\ufffd\ufffd\ufffdx"  # a surrogate, encoded as UTF-8 forbids
    decomposed = "e\u0301 \u1100\u1161 ﬁ Å"
    assert decode(decomposed.encode()).text == decomposed


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"# -*- coding: latin-1 -*-\n", "latin-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n", "cp1251"),
        (b"x = 1\n\n# coding: latin-1\n", None),
        (b'<?xml version="1.0" encoding="ISO-8859-2"?>', "ISO-8859-2"),
        (b"<html><head><meta charset=koi8-r>", "koi8-r"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "windows-1251"),
        (b"encoding is a word", None),
    ],
)
def test_what_a_file_declares(head: bytes, found: str | None) -> None:
    assert declared_in(head) == found


def test_a_little_french_is_western() -> None:
    text = "Le père Noël a déjà bu à la fête. La forêt appartient à Hélène Lefèvre."
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("El señor Núñez vive en España desde hace veinte años. ¿Cuántos niños tiene?\n", "cp1252"),
        ("L'été dernier, nous avons mangé à la crêperie où naît la forêt.\n", "cp1252"),
        ("Çok güzel bir şehir, İstanbul'da yaşıyoruz, ığdır\n", "cp1254"),
    ],
)
def test_of_encodings_that_fit_alike_the_commoner_is_taken(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text
