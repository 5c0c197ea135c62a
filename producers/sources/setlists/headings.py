"""Lines that announce a tracklist, end it, or divide it."""

import re
from dataclasses import dataclass

_WORDS = (
    r"(?:full |the |complete |my )*(?:t\s?r\s?a\s?c\s?k\s?l\s?i\s?s\s?t"
    r"|track\s?-?list(?:ing|e|a)?s?|set\s?-?liste?|play\s?-?lista?|song\s?list"
    r"|tracks? (?:played|used|in this mix|in order|featured)|songs? played|music played|tracks\b(?=\W*$)|"
    r"(?:featured|selected) (?:tracks|music|songs)|song selection|track ?id'?s\b(?=\W*$)"
    r"|titelliste|spielliste|tracklijst|kappalelista|biisilista|zeneszámok|dallista|danh sách bài hát"
    r"|daftar lagu"
    r"|liste des (?:titres|morceaux)|lista de (?:temas|canciones|músicas|faixas|reproducción)|"
    r"lista utworów|utwory"
    r"|elenco (?:dei )?brani|scaletta|parça listesi|şarkı listesi|soittolista"
    r"|spilleliste?a?|sporliste|seznam skladeb|låtlista|spelade låtar|afspeellijst|nummers\b(?=\W*$)"
    r"|тр[еэ]к-?\s?лист|плей-?\s?лист|плейлист|сет-?\s?лист|список треков"
    r"|トラックリスト|セットリスト|プレイリスト|セトリ|曲目(?:リスト)?|曲リスト|歌单|曲目表|播放列表|歌曲列表|트랙\s?리스트|선곡표|플레이리스트"
    r"|רשימת (?:ה)?(?:שירים|השמעה|רצועות)|קאלאס|قائمة (?:الأغاني|التشغيل|المقاطع)|لیست آهنگ\S*|"
    r"λίστα(?: τραγουδιών)?)"
)
ANNOUNCED = re.compile(rf"(?<![^\W_]){_WORDS}(?![^\W\d_])", re.IGNORECASE)
ABBREVIATED = re.compile(r"^\W*(?:(?:TL|T/L|Tracks|Songs|Titles)\s*[:：]\s*|T/L\W*$)", re.IGNORECASE)
#: Words that announce a list only where rows follow the line.
FOLLOWED = re.compile(
    r"^\W*(?:(?:we |i )?played|selections?|(?:the )?music|musik|musique|músicas?|titel|titres"
    r"|chansons|morceaux"
    r"|canciones|temas|pistas|brani|faixas|piosenki|písně|skladby|dalok|låtar|музыка|песни"
    r"|in this (?:mix|show|episode)"
    r"|(?:in )?(?:running order|order of (?:play|appearance))|featuring|cue ?sheet|contents?"
    r"|contenido|inhalt|index"
    r"|chapters|what (?:we|i) played)\s*[:：]\W*$|^\W*(?:time ?stamps?|time ?codes?|running order"
    r"|cue ?sheet)\W*$",
    re.IGNORECASE,
)
#: With these a line speaks of a list that is elsewhere, or of another show's.
ELSEWHERE = re.compile(
    r"\b(?:request|soon|later|coming|available (?:at|on|from)|visit|check|see|find|e-?mail|message|dm|"
    r"subscribe|follow"
    r"|no|without|sorry|website|comments?|patreon|discord|spotify|1001|anfrage|folgt|demande|"
    r"last (?:week|month|time|show"
    r"|episode)|previous|next (?:week|month)|letzte woche|semaine derni[eè]re|sin|ohne|sans)\b|https?://|"
    r"www\.|\?\s*$",
    re.IGNORECASE,
)
PREVIOUS = re.compile(
    r"\b(?:last (?:week|month|time|show|episode)|previous|next (?:week|month|show)|coming up|letzte woche)\b",
    re.IGNORECASE,
)
STOP = re.compile(
    r"^\W*(?:follow|find|connect|contact|links?|social|socials|social media|more (?:info|from|at|of)|"
    r"support|subscribe|like|"
    r"upcoming|tour|dates|gigs|next (?:shows?|gigs?|dates)|shows|booking|bookings|management|listen|"
    r"stream|buy|"
    r"thanks|thank you|shout ?outs?|credits|about|bio|biography|equipment|gear|download|website|folgt|"
    r"kontakt|termine|"
    r"sígueme|s[ií]guenos|contacto|suivez|contactez|обо мне|подписывайтесь|контакты|"
    r"フォロー)\b[^-]{0,60}?(?:[:!.]|$)",
    re.IGNORECASE,
)
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th|\.|º|ª|er|e|-?(?:ый|ой|ий|ая|й|я))?|[ivx]{1,4}|one|two|three|four|five|six|first|second|third"
    r"|eins|zwei|drei|deux|trois|uno|dos|due|tres"
    r"|fourth|last|final|premi[eè]re?|deuxi[eè]me|seconde?|troisi[eè]me|quatri[eè]me|erste[rs]?|zweite[rs]?"
    r"|dritte[rs]?|vierte[rs]?|primer[oa]?|segund[oa]|tercer[oa]?|prim[oa]|second[oa]|terz[oa]|eerste|tweede"
    r"|derde|перв(?:ый|ая)|втор(?:ой|ая)|трет(?:ий|ья))"
)
_UNIT = (
    r"(?:hour|hr|part|pt\.?|set|side|cd|disc|disk|tape|mix|session|segment|section|chapter|block|half|"
    r"guest ?mix|stunde|"
    r"teil|seite|heure|partie|face|hora|parte|lado|ora|lato|uur|deel|kant|godzina|część|час|часть|"
    r"сторона|диск|"
    r"第|部|時間目|时|小时|시간|부|שעה|חלק|ساعة|الجزء)"
)
PART = re.compile(
    rf"^\W*(?:(?:the )?{_ORDINAL}\s?{_UNIT}|{_UNIT}\s?(?:[#n°º]*|no\.)\s?(?:{_ORDINAL}|[a-h])|"
    rf"第\s?[\d一二三四五六七八九十]+\s?[部時时]\S{{0,3}}|"
    r"intro(?:duction)?|outro|encore|warm[- ]?up|peak(?: time)?|closing|opening|interlude|after ?hours|"
    r"ambient section|"
    r"(?:special )?guest ?mix|guest|b2b|live set|dj set|main set|bonus(?: tracks?)?|side [a-h]|hot mix|"
    r"זמן|מבוא)(?![^\W\d_])",
    re.IGNORECASE,
)
#: A part with its number: "Hour 1", "SET TWO", "2nd half".
NUMBERED_PART = re.compile(
    rf"^\W*(?:(?:the )?{_ORDINAL}\s?{_UNIT}|{_UNIT}\s?(?:[#n°º]*|no\.)\s?(?:{_ORDINAL}|[a-h]))"
    r"(?:\s?[(\[]?\s?\d{1,2}[:.]\d\d\s?(?:-|to|until)\s?\d{1,2}[:.]\d\d(?:\s?(?:h|uhr|[ap]m))?\s?[)\]]?)?\W*$",
    re.IGNORECASE,
)
DECORATED = re.compile(
    r"^(?:[-=~*_#\[(<|•+]{1,}\s*)(?P<inner>[^-=~*_#\[\]()<>|]+?)\s*(?:[-=~*_#\])>|•+]{1,})$"
)
MAX_HEADING = 90  # characters
MAX_PART = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A line that announces a list. `rest`: what is behind the word and its colon, maybe the list itself.

    `sure`: the line has hardly more than the word, or ends in a colon; else prose may only mention a list.
    `part`: a name of the part, of "Tracklist hour 1".
    """

    rest: str
    sure: bool
    part: str | None = None
    previous: bool = False


def announcement(text: str) -> Heading | None:
    """Return the heading that a line is; None for a line that announces no list."""
    if "track" not in text.casefold() and len(text) > 2_000:
        text = text[:2_000]
    match = ANNOUNCED.search(text) or ABBREVIATED.match(text)
    if match is None:
        return Heading(rest="", sure=False) if FOLLOWED.match(text) else None
    before, behind = text[: match.start()], text[match.end() :]
    words, colon, rest = behind.partition(":") if match.re is not ABBREVIATED else ("", ":", behind)
    if colon and rest.strip() and len(before) <= MAX_HEADING and len(words) <= MAX_HEADING:
        return Heading(
            rest=rest.strip(), sure=True, part=_part_of(words), previous=bool(PREVIOUS.search(text))
        )
    ends = not words.strip() and colon and not rest.strip()
    if len(text) > MAX_HEADING + len(match[0]) or (" - " in before and not ends):
        return None
    if not colon and re.match(r"\s-\s+\S", behind):
        return Heading(rest=behind.strip(" -"), sure=False, previous=bool(PREVIOUS.search(text)))
    alone = len(re.findall(r"\w+", before + behind)) <= 3
    sure = (alone or bool(colon) or text.rstrip().endswith("👇")) and not ELSEWHERE.search(text)
    return Heading(
        rest="", sure=sure, part=_part_of(behind) or _part_of(before), previous=bool(PREVIOUS.search(text))
    )


def _part_of(words: str) -> str | None:
    plain = words.strip(" :-()[]|~*=_")
    return plain if plain and PART.match(plain) and len(plain) <= MAX_PART else None


def is_stop(text: str) -> bool:
    """Return True if a line begins something after the list: links, dates of a tour, thanks."""
    return bool(STOP.match(text)) and len(text) <= 120


def part_name(text: str) -> str | None:
    """Return the name of the part that a line opens; None for a line that opens none.

    Known words ("Hour 1", "Side A", "Intro"), or a short line between marks of decoration or before a colon.
    """
    if len(text) > MAX_PART:
        return None
    decorated = DECORATED.match(text)
    plain = (decorated["inner"] if decorated else text).strip()
    plain = plain.strip("*=~_#|•<>[] ").rstrip(":- ").strip()
    if not plain or not any(char.isalnum() for char in plain):
        return None
    if PART.match(plain) or (decorated and len(plain) > 1):
        return plain
    return plain if text.rstrip().endswith(":") and len(plain.split()) <= 6 else None
