"""Text in the encodings that sources have: what is declared, what statistics tell, what is not."""

# ruff: noqa: RUF001 - letters of other alphabets are what this is about
import pytest

from keepsake.scanner.parse.decoding import as_utf8
from keepsake.scanner.parse.worker import parse_blob, read_blob

JAPANESE = "# 注文の合計を計算する関数です。価格表から単価を取得します。\n"
CHINESE = "# 计算订单的总金额，从价格表中读取单价，然后乘以数量并返回结果。\n"
TRADITIONAL = "# 計算訂單的總金額，從價格表中讀取單價，然後乘以數量並返回結果。\n"
RUSSIAN = "# Вычисляет сумму заказа по прайс-листу и возвращает итоговую стоимость.\n"
GERMAN = "# Größe, Länge und Höhe prüfen; für die Fußnoten genügt das natürlich.\n"
KOREAN = "# 주문의 합계를 계산하고 가격표에서 단가를 가져오는 함수입니다.\n"
CODE = "def total(order):\n    return sum(order)\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (JAPANESE + CODE, "shift_jis"), (CODE + JAPANESE, "cp932"), (JAPANESE * 5, "shift_jis"),
        (JAPANESE + CODE, "euc_jp"), (CODE + JAPANESE, "euc_jp"), (JAPANESE + CODE, "iso2022_jp"),
        (CHINESE + CODE, "gbk"), (CODE + CHINESE, "gb18030"), (TRADITIONAL + CODE, "big5"),
        (RUSSIAN + CODE, "cp1251"), (CODE + RUSSIAN, "koi8_r"),
        (GERMAN + CODE, "cp1252"), (GERMAN + CODE, "latin-1"),
        (KOREAN + CODE, "euc_kr"), ("# Größe\n" + CODE, "cp1252"), (CODE + "# é\n", "latin-1"),
        ("# Oblicza łączną kwotę zamówienia dla źródła.\n" + CODE, "cp1250"),
        ("# Oblicza łączną kwotę zamówienia dla źródła.\n" + CODE, "iso8859-2"),
        ("# Spočítá částku objednávky, žluťoučký kůň.\n" + CODE, "cp1250"),
        ("# Υπολογίζει το σύνολο της παραγγελίας.\n" + CODE, "iso8859-7"),
        ("# Sipariş toplamını hesaplar; ışık, ğ.\n" + CODE, "cp1254"),
        ("# m³ and 5 m² at 20 °C ± 1, “quoted” – © José\n" + CODE, "cp1252"),
        ("msg = 'エラーが発生しました'\n" + CODE, "shift_jis"),
    ],
)  # fmt: skip
def test_an_encoding_is_told_by_statistics(text, encoding):
    decoded = as_utf8(text.encode(encoding))

    assert decoded is not None
    assert decoded[0].decode() == text


@pytest.mark.parametrize("mark", [False, True])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [CODE, GERMAN + CODE, "x = 1\n", JAPANESE + CODE * 4])
def test_wide_encodings_are_read_with_their_mark_and_without(text, encoding, mark):
    source = (("\ufeff" if mark else "") + text).encode(encoding)

    decoded = as_utf8(source)

    assert decoded is not None
    assert decoded[0].decode() == text


@pytest.mark.parametrize(
    ("declaration", "encoding", "text"),
    [
        ("# -*- coding: shift_jis -*-\n", "shift_jis", "# 合計\n"),
        ("#!/usr/bin/python\n# coding=cp1251\n", "cp1251", "# Да\n"),
        ("# vim: set fileencoding=koi8-r :\n", "koi8-r", "# Да\n"),
        ("# encoding: euc-jp\n", "euc_jp", "# 合計\n"),
        ('<?xml version="1.0" encoding="windows-1251"?>\n', "cp1251", "<a>Да</a>\n"),
        ("<?xml version='1.0' encoding='GBK'?>\n", "gbk", "<a>合计</a>\n"),
        ('@charset "iso-8859-2";\n', "iso-8859-2", "/* żółć */\n"),
        ("// -*- coding: gb18030; mode: c++ -*-\n", "gb18030", "// 合计\n"),
        ('<meta charset="euc-kr">\n', "euc_kr", "<p>합계</p>\n"),
        ("# -*- coding: latin-1-unix -*-\n", "latin-1", "# é\n"),
    ],
)
def test_a_declared_encoding_is_believed_where_it_fits(declaration, encoding, text):
    decoded = as_utf8((declaration + text).encode(encoding))

    assert decoded is not None
    assert decoded[0].decode() == declaration + text


def test_utf8_outweighs_a_wrong_declaration():
    source = "# -*- coding: latin-1 -*-\n# größe\n".encode()

    assert as_utf8(source) == (source, "utf-8")


def test_a_declaration_that_does_not_fit_is_not_believed():
    decoded = as_utf8(b"# coding: ascii\n" + (GERMAN + CODE).encode("cp1252"))

    assert decoded is not None
    assert GERMAN in decoded[0].decode()


@pytest.mark.parametrize(
    "source",
    [bytes(range(128, 256)) * 9, b"\xff\xfe\xfa" * 50, b"\xff\xfe" + b"\xff\xff\x01\xd8" * 50],
)  # fmt: skip
def test_bytes_that_no_encoding_explains_are_said_to_be_broken(source):
    assert parse_blob(source, "python")["skip"] == "broken encoding"


@pytest.mark.parametrize("codec", ["zip", "base64", "rot13", "unicode_escape", "idna", "undefined"])
def test_a_declared_codec_that_is_no_encoding_of_text_is_not_run(codec):
    decoded = as_utf8(f"# coding: {codec}\n# \\x41\n".encode() + b"# gr\xf6\xdfe und f\xfcr\n")

    assert decoded is not None
    assert b"\\x41" in decoded[0]


def test_symbols_of_a_source_in_another_encoding_have_their_documentation():
    source = f'def total():\n    """{JAPANESE.strip("# ")}"""\n'.encode("shift_jis")

    record = parse_blob(source, "python")

    assert record["symbols"][0]["doc"] == JAPANESE.strip("# \n")


@pytest.mark.parametrize("language", ["python", "javascript", "yaml", "other"])
def test_a_long_line_costs_that_line_and_not_the_file(language):
    long = "data = '" + "x" * 300_000 + "'"
    record = parse_blob(f"def first(): pass\n{long}\ndef last(): pass\n".encode(), language)

    assert record["skip"] is None
    if language == "python":
        assert {"first", "last"} <= {symbol["name"] for symbol in record["symbols"]}


def test_what_stands_far_to_the_right_of_a_long_line_is_no_symbol():
    minified = "".join(f"function a{n}(){{return b{n}()}};" for n in range(9_000))
    source = f"function first() {{}}\n{minified}\nfunction last() {{}}\n" + "first();\n" * 20

    record = parse_blob(source.encode(), "javascript")

    names = [symbol["name"] for symbol in record["symbols"]]
    assert names[0] == "first"
    assert names[-1] == "last"
    assert len(names) < 100
    assert len(record["calls"]) < 100


@pytest.mark.parametrize(
    "source",
    ["f();" * 6_000, "/*! shop 1.0 */\n" + "f();" * 6_000 + "\n",
     "/**\n * shop\n * MIT\n */\n\n" + "f();" * 6_000 + "\n//# sourceMappingURL=a.map\n",
     ("a{b:c}" * 500 + "\n") * 9],
)  # fmt: skip
def test_a_file_of_long_lines_alone_is_minified(source):
    assert parse_blob(source.encode(), "javascript")["skip"] == "minified"


@pytest.mark.parametrize(
    "text", ["# größe\n".encode() + b"# \xba\xcf\xbc\xc6\n", b"# \xc4\xe0\n", b"x = '\xba\xcf'\n"]
)
def test_bytes_that_may_mean_several_things_are_replaced_and_their_lines_are_told(text):
    record, shown = read_blob(text + b"def f(): pass\n" * 4, "python")

    assert record["encoding"] == "unknown"
    assert "\ufffd" in shown.decode()
    assert record["partial"][-1][-1] == text.count(b"\n")
    assert [symbol["name"] for symbol in record["symbols"] if symbol["kind"] == "function"]


def test_lines_that_end_in_cr_alone_are_lines():
    record, text = read_blob(b"def a():\r    return b()\r\rdef c(): pass\r", "python")

    spans = [(each["name"], each["line"], each["end_line"]) for each in record["symbols"]]
    assert spans == [("a", 1, 2), ("c", 4, 4)]
    assert (record["lines"], record["calls"][0]["at"]) == (4, [(2, 0)])
    assert text.splitlines() == [b"def a():", b"    return b()", b"", b"def c(): pass"]


def test_a_nul_in_a_string_does_not_hide_a_source():
    source = b"SEPARATOR = 'a\0b'\n" + b"def part(text):\n    return text.split(SEPARATOR)\n" * 3

    record, _ = read_blob(source, "python")

    assert record["skip"] is None
    assert [each["name"] for each in record["symbols"]][-1] == "part"
    assert read_blob(b"a\0" * 100, "python")[0]["skip"] == "binary"
