"""Short texts in many scripts, written for these tests, and texts that have broken tokenizers before."""

from functools import cache

from hypothesis import strategies as st
from tokenizers import normalizers, pre_tokenizers

from openbook.tokens import bert_text

LANGUAGES = {
    "English": "The kettle was still warm when she came back; nobody had touched the tea, or so it's said.",
    "German": "Die Brücke über den Fluß wurde größer gebaut, als es nötig gewesen wäre. Schöne Grüße!",
    "French": "L'élève naïf a mangé une crêpe à Noël, près du château où l'été ne finit jamais.",
    "Turkish": "İstanbul'da ılık bir rüzgâr esiyor; DİYARBAKIR ise çok sıcak.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy, řekl strýc a zavřel okno.",
    "Vietnamese": "Hôm nay trời đẹp quá, chúng tôi uống cà phê và đọc sách dưới gốc cây.",
    "Greek": "Ο Οδυσσέας γύρισε στο σπίτι του, ΚΑΙ ΟΛΟΣ Ο ΚΟΣΜΟΣ χάρηκε.",
    "Russian": "Ёжик вышел из тумана и спросил: «Который час?» Ответа не было.",
    "Arabic": "القِطُّ نائمٌ على السطح، والكتابُ مفتوحٌ على الطاولة منذ ١٢ يومًا.",
    "Hebrew": "הַיֶּלֶד אכל תפוח ירוק, ואחר כך הלך לישון בשעה 8:30.",
    "Hindi": "नदी के किनारे एक पुराना मंदिर है, जहाँ हर शाम १०८ दीये जलते हैं।",
    "Thai": "แมวดำนอนอยู่บนหลังคาบ้านเก่าตั้งแต่เช้าจนถึงเย็น",
    "Chinese": "今天的天气很好，我们去公园看书吧！他说：“好的。”",
    "Japanese": "カタカナとひらがな、そして漢字が混ざったﾊﾝｶｸの文章です。",
    "Korean": "강아지가 마당에서 뛰어놀고 있었다. 값은 천 원이다.",
    "Code": "def f(x):\n\treturn {'a': x ** 2, \"b\": [i for i in range(10)]}  # 3.14e-10\r\n",
}

ODD = [
    "",
    " ",
    "   \n\n\t  ",
    "a",
    "\0",
    "a\0b\x7f\x1b[31m",
    "\ud800 alone \udfff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 and \U0001f44d\U0001f3fd",
    "e\u0301e\u0301\u0323 q\u0307\u0323",
    "\u202eright to left\u202c \u2066x\u2069",
    "\ufeffwith a mark",
    "don't I'LL 'S we've''s",
    "1234567890 12.5% ½ Ⅷ ²",
    "a\xa0b\u3000c\u2009d\u2028e\u0085f\x1cg",
    "ﬁ ﬀ ß ŉ ǆ İ ı ſ",
    "x" * 150,
    "##ing [UNK] [CLS] <|endoftext|>",
    "한글 \u1112\u1161\u11ab",
    "\U00020000\u4e00a\u9fff",
    "\ufffd\ufffe\uffff",
    "a" * 30 + "b" * 30,
]

TEXTS = [*LANGUAGES.values(), *ODD]

_NORMALISER = normalizers.BertNormalizer()
_CUTTER = pre_tokenizers.BertPreTokenizer()

assigned_text = st.text(st.characters(exclude_categories=("Cn",)), max_size=40)
"""Any text of characters that this Python's Unicode knows, lone surrogates included."""


@cache
def settled(character: str) -> bool:
    """Whether the library, whose tables for BERT are of Unicode 8, and this Python have one view of the character."""
    if "\ud800" <= character <= "\udfff":
        return True
    text = f"a{character}b"
    cut = [word for word, _ in _CUTTER.pre_tokenize_str(_NORMALISER.normalize_str(text))]
    return cut == [word.text for word in bert_text.words(text)]


settled_text = assigned_text.map(lambda text: "".join(filter(settled, text)))
