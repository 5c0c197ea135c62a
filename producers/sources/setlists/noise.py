"""Lines with a dash that are no tracks: addresses, services, dates of a tour, facts of the recording."""

import re
from functools import lru_cache

from songnodes.domain.text import norm_v1

ADDRESS = re.compile(r"https?://|\bwww\.|\w@\w", re.IGNORECASE)
HANDLE = re.compile(r"^@[\w.]+$|^/[\w.]+$")
HASHTAG = re.compile(r"^#[^\W\d]\w*$")
DOMAIN = re.compile(
    r"(?<![\w@])(?:[\w-]{2,40}\.){1,3}(?:com|net|org|fm|tv|co|uk|de|fr|nl|es|it|pl|ru|be|eu|at|ch|io|me|"
    r"ly|gl|to"
    r"|info|bio|page|link|app|club|dj|live|online|shop|store)(?P<path>/\S*)?(?![\w.])",
    re.IGNORECASE,
)
SERVICES = frozenset(
    (
        "facebook",
        "fb",
        "instagram",
        "insta",
        "ig",
        "soundcloud",
        "sc",
        "twitter",
        "x",
        "mixcloud",
        "youtube",
        "yt",
        "spotify",
        "beatport",
        "bandcamp",
        "resident advisor",
        "ra",
        "tiktok",
        "tik tok",
        "twitch",
        "patreon",
        "discord",
        "telegram",
        "whatsapp",
        "linktree",
        "website",
        "web",
        "webpage",
        "homepage",
        "site",
        "blog",
        "snapchat",
        "threads",
        "bluesky",
        "mastodon",
        "vk",
        "vkontakte",
        "apple music",
        "itunes",
        "deezer",
        "tidal",
        "hearthis",
        "podomatic",
        "audius",
        "songkick",
        "bandsintown",
        "discogs",
        "traxsource",
        "juno",
        "email",
        "e mail",
        "mail",
        "contact",
        "kontakt",
        "booking",
        "bookings",
        "management",
        "promo",
        "press",
        "phone",
        "tel",
        "paypal",
        "ko fi",
        "merch",
        "shop",
        "newsletter",
        "rss",
        "podcast",
        "reddit",
        "linkedin",
        "pinterest",
        "tumblr",
        "myspace",
        "google",
        "google plus",
        "amazon",
        "amazon music",
        "line",
        "wechat",
        "weibo",
        "kakao",
        "1001tracklists",
        "mixesdb",
        "shazam",
        "residentadvisor",
        "sound cloud",
        "you tube",
        "face book",
    )
)
#: Facts of a recording that people write as "Name - value".
FACTS = frozenset(
    (
        "genre", "genres", "style", "styles", "bpm", "key", "length", "duration", "date", "venue", "location",
        "city", "country", "format", "artwork", "cover", "photo", "photos", "mastering",
        "mastered by", "mixed by",
        "recorded", "recorded at", "recorded by", "recorded live", "hosted by", "host", "producer", "cat no",
        "catalogue", "release date", "released", "label", "labels", "quality", "bitrate", "size",
        "episode", "tags",
        "mood", "tempo", "equipment", "gear", "software", "time", "doors", "tickets", "entry", "price", "day",
        "station", "frequency", "dj", "djs", "line up", "lineup", "event", "who", "what", "when",
        "where", "stil",
        "sound", "lights", "light", "door", "bar", "decoration", "deco", "visuals", "vj", "design", "flyer",
        "text", "words", "hosts", "engineer", "recording", "thanks", "sponsor", "partner", "security",
        "turntable", "turntables", "deck", "decks", "cdj", "cdjs", "player", "players", "mixer", "mixers",
        "effects", "effect", "fx", "recorder", "headphones", "needles", "needle", "cartridge", "cartridges",
        "controller", "controllers", "laptop", "computer", "soundcard", "sound card", "interface", "synth",
        "synths", "synthesizer", "drum machine", "drum machines", "sampler", "samplers", "mic", "microphone",
        "microphones", "monitors", "speakers", "cables", "camera", "cameras", "video", "editing", "edited by",
        "datum", "ort", "fecha", "lugar", "genero", "lieu", "duree", "aufnahme", "grafik", "moderation",
        "redaktion", "produktion", "gestaltung", "foto", "fotos", "bild", "technik", "ton", "gast", "gaste",
        "photographie", "enregistrement", "realisation", "technique", "invite", "production", "produccion",
        "grabacion", "diseno", "fotografia", "invitado", "registrazione", "grafica", "produzione", "regia",
        "ospite", "out now", "pre order", "preorder", "vinyl", "digital", "cd", "cassette", "english",
        "deutsch", "francais", "espanol", "italiano", "q", "a", "question", "answer",
    )
)  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[eé]vr?(?:ier)?|mar(?:ch|s|zo)?|m[aä]rz|maart|"
    r"apr(?:il|ile)?|avril"
    r"|abril|may|mai|mei|mayo|maggio|jun[ei]?|juin|junio|giugno|jul[iy]?|juillet|julio|luglio|"
    r"aug(?:ust)?|ao[uû]t"
    r"|agosto|sept?(?:ember|embre|iembre)?|okt(?:ober)?|oct(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?"
    r"|de[czs](?:ember|embre|iembre)?|d[eé]cembre|янв\w*|фев\w*|мар\w*|апр\w*|ма[йя]|июн\w*|июл\w*|"
    r"авг\w*|сен\w*"
    r"|окт\w*|ноя\w*|дек\w*|enero|febrero|gennaio|febbraio|settembre|ottobre|dicembre"
    r"|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro|januari|februari|maj|augusti|augustus"
    r"|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
    r"|ianuarie|februarie|martie|aprilie|iunie|iulie|septembrie|octombrie|noiembrie|decembrie"
    r"|januári?us|február|március|április|május|június|július|augusztus|szeptember|október|november|december"
    r"|(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuuta?"
    r"|(?:ιανουαρ|φεβρουαρ|μαρτ|απριλ|ιουν|ιουλ|σεπτεμβρ|οκτωβρ|νοεμβρ|δεκεμβρ)ίου|μαΐου|αυγούστου"
    r"|januar|februar|juni|juli|siječnja|veljače|ožujka|travnja|svibnja|lipnja|srpnja|kolovoza|rujna|studenog[a]?"
    r"|ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince"
    r"|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık)\.?"
)
_DAY_NAME = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|samstag"
    r"|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela|pondělí|úterý|středa|čtvrtek|pátek|neděle"
    r"|[月火水木金土日]曜日?|星期[一二三四五六日天]|周[一二三四五六日]|[월화수목금토일]요일"
    r"|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|segunda|terça|quarta|quinta|sexta"
    r"|lunedì|martedì|mercoledì|giovedì|venerdì|domenica|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag"
    r"|sonntag|mo|di|mi|do|fr|sa|so|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|lundi|mardi"
    r"|mercredi|jeudi|vendredi|samedi|dimanche)(?:day)?\.?"
)
_NUMBERS = r"\d{1,2}(?:st|nd|rd|th|er|\.|º)?"
DATE = re.compile(
    rf"^(?:{_DAY_NAME},?\s+)?(?:"
    rf"{_NUMBERS}(?:\s*[-&+/]\s*{_NUMBERS})?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?\d{{2,4}})?"
    rf"|{_MONTH}\s+{_NUMBERS}(?:\s*[-&+/]\s*{_NUMBERS})?(?:,?\s+\d{{4}})?"
    r"|\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{2}|\d{4})|\.)?|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2}월\s?\d{1,2}일|\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月\d{1,2}日"
    rf")(?:\s*\(?{_DAY_NAME}\)?)?:?$",
    re.IGNORECASE,
)
DAY_NAME = re.compile(
    rf"^(?:{_DAY_NAME})(?:\s*[-&/+]\s*{_DAY_NAME})?(?:\s+\d{{1,2}}(?::\d\d)?\s?(?:[ap]m|h|uhr)?)?$",
    re.IGNORECASE,
)
DATED = re.compile(
    rf"^(?:{_DAY_NAME},?\s+{_NUMBERS}(?:\s+{_MONTH})?|{_NUMBERS}\s+(?:of\s+|de\s+)?{_MONTH}(?=\s|,|:)|"
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?"
    r"|(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])[./](?:\d{4}|\d{2})|\d{1,2}/\d{1,2}|"
    r"\d{4}[-./]\d{2}[-./]\d{2})(?=[\s,:@|-])",
    re.IGNORECASE,
)
SPLIT = re.compile(r"\s+-\s+|\s*[:|]\s+|\s+->?\s*")
#: Services whose name is no artist's, beside words around it: "Follow on Instagram", "Facebook Page".
OWN_SERVICES = frozenset(
    str.split(
        "facebook instagram soundcloud twitter mixcloud youtube spotify beatport bandcamp tiktok twitch"
        " patreon discord telegram whatsapp snapchat bluesky linktree"
    )
)
AROUND_SERVICES = frozenset(
    str.split(
        "follow on listen subscribe support like find join us me my our official page fanpage group channel"
        " profile account link at via to the fan and folgt auf seite kanal siguenos en sigueme pagina"
        " canal chaine"
    )
)
COPYRIGHT = re.compile(r"^(?:[©℗]|\([cp]\))\s?(?:[&+]\s?[©℗]\s?)?(?:19|20)\d\d\b", re.IGNORECASE)
WEEKLY = re.compile(
    r"^(?:(?:every|each|jeden|chaque|cada)\s)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)s?)$",
    re.IGNORECASE,
)
PRICE = re.compile(
    r"^(?:[€$£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:€|\$|£|eur|euros?|usd|gbp|chf|pln|zł|kr|kč)\b)\W*$|^\d+\s?[€$£]$",
    re.IGNORECASE,
)
PLACE = re.compile(
    r"^(?:(?:main |second |small |big )?(?:room|floor|stage|area|dance ?floor|tent|hall|salle|sala|raum"
    r"|b[uü]hne)\s*\d*|terrace|garden|basement|rooftop|patio|garten|keller|terrasse|terraza|jard[ií]n)$",
    re.IGNORECASE,
)
#: "20 Uhr", "7pm", "20:00 CET": the hour of a broadcast.
HOUR = re.compile(
    r"^\d{1,2}(?:[:.]\d\d)?\s?(?:h|uhr|hrs?|[ap]\.?m\.?|o'clock|gmt|utc|cet|cest|bst|est|pst|edt|pdt|jst)\.?$",
    re.IGNORECASE,
)
QUANTITY = re.compile(r"^\d{1,2}\s?[x×]\s(?=[^\W\d])", re.IGNORECASE)
AHEAD = re.compile(
    r"^(?:next (?:week|month|show|time)|in (?:\w+) (?:days|weeks|months)|tomorrow|soon)$", re.IGNORECASE
)
THANKS = re.compile(
    r"^(?:(?:special )?thanks to|thank you|shout ?outs? to|big up|danke an|merci [àa]|gracias a"
    r"|grazie a|obrigado a)\b",
    re.IGNORECASE,
)
ONLY_MONTH = re.compile(rf"^{_MONTH}$", re.IGNORECASE)
PROSE_WORDS = 22
CACHE_SIZE = 1 << 12  # lines: each is classified several times while its text is read


def is_noise(text: str) -> bool:
    """Return True if a line with a dash is an address, a link to a service, or a date of a tour."""
    return is_link(text) or is_date(text)


@lru_cache(maxsize=CACHE_SIZE)
def is_link(text: str) -> bool:
    """Return True for an address, a handle, a domain, or the name of a service with something behind it."""
    if ADDRESS.search(text) or COPYRIGHT.match(text):
        return True
    left, right = _halves(text)
    if HASHTAG.match(left) and HASHTAG.match(right):
        return True
    if HANDLE.match(left) or HANDLE.match(right):
        return True
    for match in DOMAIN.finditer(text):
        alone = match[0].casefold() in {left.casefold(), right.casefold(), text.casefold().strip()}
        if match["path"] or (alone and not match[0][0].isupper()):
            return True
    name = norm_v1(left)
    return name in SERVICES or _is_own_service(name)


def _is_own_service(name: str) -> bool:
    """Return True for the name of a service between words of no meaning: "follow on instagram"."""
    words = name.split()
    services = OWN_SERVICES.intersection(words)
    return bool(services) and AROUND_SERVICES.union(services).issuperset(words)


@lru_cache(maxsize=CACHE_SIZE)
def is_listing(text: str) -> bool:
    """Return True for a line that is no track where half of the lines are such: "Harbour Room - 12 March",
    "novaaline - Instagram", "Regular - 15 €", "Room 1 - Nova Aline", "March - Harbour Room".

    Alone, each may be a track.
    """
    left, right = _halves(text)
    if not right:
        return False
    return bool(
        DATE.match(right)
        or HOUR.match(right)
        or (HOUR.match(left) and " - " not in right)
        or QUANTITY.match(left)
        or AHEAD.match(left)
        or THANKS.match(left)
        or PRICE.match(right)
        or PLACE.match(left)
        or ONLY_MONTH.match(left)
        or WEEKLY.match(left)
        or _is_own_service(norm_v1(right))
    )


def ends_in_service(text: str) -> bool:
    """Return True for "Nova Aline - Instagram": behind the dash is the name of a service and nothing more."""
    right = _halves(text)[1]
    return bool(right) and _is_own_service(norm_v1(right))


def is_fact(text: str) -> bool:
    """Return True for a fact of the recording: "Genre - Techno", "BPM: 128"."""
    left, right = _halves(text)
    return bool(right) and norm_v1(left) in FACTS


@lru_cache(maxsize=CACHE_SIZE)
def is_date(text: str) -> bool:
    """Return True for "12 March - Harbour Room": the text before the dash is a day and nothing more."""
    left, right = _halves(text)
    return bool(right and (DATE.match(left) or DAY_NAME.match(left))) or bool(
        right and DAY_NAME.match(right) and DAY_NAME.match(left)
    )


def begins_with_date(text: str) -> bool:
    """Return True for "12/03 Lisbon - Harbour Room": a day before the words, without a dash between."""
    return DATED.match(text) is not None


def is_prose(text: str) -> bool:
    """Return True for a sentence: long, or ended by a full stop after many words."""
    words = text.split()
    if len(words) > PROSE_WORDS:
        return True
    return len(words) > 8 and text.rstrip()[-1:] in {".", "!"} and not text.rstrip().endswith("...")


@lru_cache(maxsize=CACHE_SIZE)
def _halves(text: str) -> tuple[str, str]:
    match = SPLIT.search(text)
    return (text[: match.start()].strip(), text[match.end() :].strip()) if match else (text.strip(), "")
