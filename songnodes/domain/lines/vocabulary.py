"""The words of version notes, folded to lower-case letters and digits ("Re-Edit" is "reedit").

Counts of words in 32,271 catalogue titles are the basis of the lists; `versions.py` has the rules.
"""

import re


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


#: Words for the length or origin of a copy: the variant, by precedence of the first found.
LENGTH = {
    "remaster": "remaster",
    "remastered": "remaster",
    "remastering": "remaster",
    "remasterizado": "remaster",
    "radio": "radio",
    "extended": "extended",
    "long": "extended",
    "full": "extended",
    "length": "extended",
    "short": "short",
    "single": "short",
    "album": "album",
    "álbum": "album",
    "lp": "album",
    "ep": "album",
    "explicit": "original",
    "dirty": "original",
    "clean": "clean",
    "edited": "clean",
    "original": "original",
    "orginal": "original",
    "digital": "remaster",
    "digitally": "remaster",
    "extendida": "extended",
    "extendido": "extended",
    "extendend": "extended",
    "estesa": "extended",
    "langfassung": "extended",
    "originale": "original",
    "originalversion": "original",
    "orignal": "original",
    "orgnal": "original",
}
VARIANT_ORDER = ("remaster", "radio", "extended", "short", "album", "clean", "edit", "original")

#: Words of making without a meaning of their own ("Mix", "Version").
PLAIN_MAKING = word_set("mix mixes edit ver version versión versione versão versie versiya fassung mezcla")

#: Words of making that name a version only behind a name: "(Zorn Quill Tool)", never "(The Upgrade)".
NAMED_MAKING = word_set(
    """
    reform rephrase reshuffle reimagination reimagining reimagined reinvention restructure resculpt renovation
    recode reconstruct redo retool upgrade update upgraded tool rejam refunk regroove rehab
    repaint reprogram rejig mixdown bootmix tweak overdub dissection deconstruction adaptation adaption
    arrangement makeover rebounce resense rebeat reswing rebass refreak reconfiguration reassembly remold
    remould recast redraft remaking remixx remodel remodelling reimagine rejack redub retrip
    revisit reload retune restyle rescore resample rewrite rewrote reset redesign reinvent recycle
    rerun rearrangement rearranged remezcla rmxd bearbeitung rielaborazione
    """
)
#: Words of making that name a version even without an artist before them.
OWN_MAKING = word_set(
    """
    remix remixes rmx remixed reedit edits rework reworked bootleg booty flip fix refix take treatment remake
    reconstruction retouch touch interpretation reinterpretation reshape rerub remode revamp reboot rethink
    revision relift reblend reblended respray rewake rewire rewired variation mastermix clubmix clubrework
    recut cut blend refit refresh rehash rebuild rewind retake retwist overhaul workout perspective
    translation rewoven undo
    """
)
DUB = frozenset({"dub", "redub", "dubmix", "dubs"})
VIP = frozenset({"vip"})
MASHUP = frozenset({"mashup", "mashups"})
LIVE = frozenset({"live", "aovivo", "envivo"})
ACAPELLA = word_set(
    "acapella acappella accapella accappella acapellas acappellas accapellas acap acca acapela acapellla"
    " vocalonly vocalsonly"
)
INSTRUMENTAL = frozenset({"instrumental", "instrumentals", "instr", "inst", "dubstrumental"})
STEM = ACAPELLA | INSTRUMENTAL
#: A group may end in one of these and be a version of the words before it.
MAKING = PLAIN_MAKING | OWN_MAKING | NAMED_MAKING | DUB | VIP | MASHUP | STEM | {"extended"}

#: Kinds of mix that are no artist: they belong to the key, not to the version artists.
KINDS = word_set(
    """
    club klub vocal vox ambient chillout chill acoustic intro outro dj festival private unfinished beatless
    umf edc ultra tomorrowland mainstage video vinyl warehouse electro techno trance house progressive breaks
    breakbeat dubstep trap hardstyle orchestral piano unplugged demo main alternative alternate first second
    day night sunrise sunset afterhours peaktime banging pure uplifting dark deep melodic tech raw downtempo
    chill onair bigroom ultimate official stripped mono stereo studio soundtrack english spanish salsa swing
    drumbass drumnbass drumandbass dnb
    spedup slowed nightcore daycore rerecorded karaoke 8d bassboosted
    """
)
#: Words that are no artist where only they precede "Mix", "Version" or "Dub": "(Summer Mix)",
#: "(Beat Version)". Never taken off a name: "Horse Meat Disco Dub".
NO_NAME = word_set(
    """
    new maxi summer winter spring autumn classic late early dance dancefloor hard hardcore slow fast deeper
    groovy latin electric electronic tropical elektro beat beats beatz bass drums drum string strings organ
    guitar sax saxophone brass synth orchestra rave space lounge midnight morning evening afternoon daylight
    nocturnal rhythm bossa nova prog ambience happy basic basics jazz blues funk funky soul soulful reggae
    reggaeton rnb bilingual spanglish italian french german portuguese tv uk us usa miami ibiza peak micro
    power energetic longer regular concert band mixtape halloween christmas xmas carnaval mambo merengue
    bachata cumbia samba edm revised street hit hitradio exclusive bonus maxisingle twerk hypno hypnotic
    disco nudisco minimal acid afro amapiano garage jungle psy psytrance goa tribal alt rehearsal warmup
    opening closing sunday saturday friday beach pool rooftop terrace bedroom opera gospel choir
    """
)
#: Of these, the ones that also precede "Remix" as a kind: "(Disco Remix)".
GENRES = word_set(
    """
    disco nudisco jazz funk soul reggae reggaeton rnb latin tropical minimal acid afro amapiano garage jungle
    psytrance goa tribal electronic bossa hardcore cumbia samba edm rave bachata dance
    """
)
#: Kinds that need no "Version" behind them: "Song - Acoustic".
ALONE = frozenset({"acoustic", "unplugged", "stripped", "demo", "orchestral", "beatless"})
#: Words after which a word of making belongs to a name or a sentence: "In The Mix", "TV On The Radio".
ARTICLES = frozenset(
    {"the", "a", "an", "of", "on", "in", "my", "your", "our", "no", "i", "we", "you", "to", "dont"}
)
#: Behind a word of making: "Remix Part 2", "Mix 1", "Version II".
NUMBER = re.compile(r"^(?:part|pt|v|no)?\d{0,2}$|^i{1,3}$")
YEAR = re.compile(r"^(?:19|20)\d\d$")

#: Notes on a copy's fate, not on the recording, as whole groups folded to letters and digits.
NOTES = word_set(
    """
    unreleased forthcoming selfreleased freedownload freedl premiere premier promo cdr dubplate testpressing
    exclusive worldpremiere exclusivepremiere premiereexclusive trackpremiere trackoftheday whitelabel white
    bandcamp free unsigned bonus bonustrack digitalonly beatportexclusive bandcampexclusive
    officialvideo officialmusicvideo officialaudio officialvideoclip officialclip officiallyricvideo
    officiallyricsvideo officialvisualizer officialvisualiser officialvideohd officialhdvideo officialmusic
    officialtrack officialstream officialrelease officialreleasevideo officialpreview musicvideo
    lyricvideo lyricsvideo lyrics withlyrics visualizer visualiser videoclip audioonly fullaudio audio
    outnow outsoon outtoday availablenow comingsoon nowavailable newrelease newmusic newtrack newsingle
    freedownloads freetrack freemp3 freemp3download freewav freewavdownload downloadnow download
    downloadinthedescription linkindescription buynow buy buylink streamnow preorder preordernow
    preview teaser snippet clip hq hd 4k hqaudio hdaudio fullhq fullhd hqpreview supportedby
    official oficial letra conletra lyricsletra linkinbio vinylrip radiorip webrip cdrip 320kbps 256kbps wav
    mp3 flac aiff mv officialmv letralyrics fulltrack hdquality highquality lowquality repost reupload
    freerelease freefordownload cdq mastered trackoftheweek tuneoftheweek premaster premastered unmastered
    musikvideo videoclipe
    премьера премєра клип estreno anteprima
    """
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec"
#: Longer notes: "Out Now on Some Label", "Out 12.05.", "Free Download in Description", "Buy = Free DL". Not
#: "Out Of My Mind" or "Available For Love": words of a title go on as a sentence does.
NOTE_PHRASE = re.compile(
    r"^(?:(?:out (?:now|soon|today)|available now|coming soon)(?: (?:on|via|at|from|everywhere)\b.*)?"
    rf"|out (?:on )?(?:\d[\d./-]*(?:st|nd|rd|th)?(?: (?:of )?(?:{_MONTHS})\w*)?|(?:{_MONTHS})\w* \d[\w./-]*)"
    r"(?:,? (?:19|20)\d\d)?"
    r"|out (?:on |this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|out (?:this|next) (?:week|month)"
    r"|out (?:now )?on (?:spotify|beatport|bandcamp|juno|traxsource|soundcloud|vinyl|all (?:platforms"
    r"|stores))\b.*"
    r"|(?:prod\.?|produced) by .+|prod\. ?\S.*|(?:dir\.|directed) by .+|(?:hit|press) (?:the )?buy\b.*"
    r"|forthcoming (?:on )?.*\b(?:records?|recordings?|recs|music|digital|label|audio)"
    r"|(?:dl|download|free dl)? ?link in (?:bio|description|comments?)"
    r"|free (?:download|dl|d/l)\b.*|buy ?[=:].*|(?:click )?(?:buy|download) (?:=|->|link|for free)\s*.*"
    r"|(?:out |available )?now on (?:spotify|beatport|bandcamp|soundcloud|youtube|all platforms)\b.*"
    r"|(?:as )?(?:played|supported|premiered) by .+|link in (?:bio|description)"
    r"|(?!(?:the|a|an|my|la) ).{2,30} premi[eè]re|(?:премьера|premi[eè]re|estreno) (?:19|20)\d\d"
    r"|download in (?:the )?(?:description|bio|comments?)"
    r"|(?:world |exclusive )?premi[eè]re\b(?: (?:by|on|via)\b.*)?)$",
    re.IGNORECASE,
)


#: Nothing but pictures: "(🔥🔥)".
_PICTURES = re.compile(r"^[\s\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff\u200d]+$")
_PHRASE_FIRST = frozenset("oOaAcCfFbBdDhHpPwWeEnNlLsSпП")
_PREMIERES = frozenset({"premiere", "première"})
#: Notes may be made of these words in any order, one of them a noun: "Official Music Video HD".
_UPLOAD_WORDS = word_set(
    """
    official video audio videoclip visualizer visualiser lyric lyrics clip bonus music videos hd hq 4k full
    new with the in high quality only digital track stream uhd 1080p 720p vevo trailer exclusive preview
    snippet teaser oficial officiel officielle ufficiale offizielles offizieller musikvideo videoclipe letra
    con vídeo officieel officiële officiella oficjalny teledysk официальный официальное
    клип видео аудио премьера клипа
    """
)
_MAYBE_UPLOAD = re.compile(
    r"offi[cz]|ofic|uffic|video|audio|lyric|visuali|clip|bonus|letra|клип|видео|аудио", re.IGNORECASE
)


def is_note(text: str) -> bool:
    """Return True for words that uploaders and shops put around a name: "Out Now", "Official Video"."""
    folded = fold(text)
    if folded in NOTES or (not folded and _PICTURES.match(text)):
        return True
    text = text.rstrip(" !.")
    if " " in text and _MAYBE_UPLOAD.search(text) and {fold(word) for word in text.split()} <= _UPLOAD_WORDS:
        return True
    may_be_phrase = text[:1] in _PHRASE_FIRST or text[-8:].casefold() in _PREMIERES
    return may_be_phrase and folded != "out" and NOTE_PHRASE.match(text) is not None


#: Where a copy was heard; the recording is the same: 'From "Frozen"/Soundtrack Version'.
FROM_FILM = re.compile(r"^from (?:[\"'].*|.*\b(?:soundtrack|motion picture|ost)\b.*)$", re.IGNORECASE)
#: Vinyl sizes are lengths.
INCH = re.compile(
    r"^(?P<size>12|7|45)(?:\s?(?:\"|''|inch|-inch))?\s+(?=(?:\w+\s)?(?:mix|version|edit)$)", re.IGNORECASE
)
SIZES = {"12": "Extended ", "7": "Short ", "45": "Short "}
#: Parts of mixes and packs: never a recording of the track.
NOT_A_RECORDING = re.compile(
    r"^(?:.*\bcontin[iu]ous\b.*\bmix\b.*|(?:full )?dj mix|mixed(?: by .*)?|(?:.*\s)?mix ?cut|.*\bremix set)$",
    re.IGNORECASE,
)

#: What a shop adds to a recording that is part of a mix: "(Mixed)", "(Zorn Quill Remix - Mixed)".
PART_OF_MIX = re.compile(
    r"^(?:.*\S(?:\s+-\s+|\s*[;,/|]\s*|\s*[(\[]|(?<=mix|dit)\s))?mixed[)\]]?$", re.IGNORECASE
)

#: Words between a word of making and the artist: "Remix by", "Remix por", "Remix von", "Remix di".
BY = word_set("by por par von de di door av af przez da bởi")
#: Kinds of two words, of which both are taken: "Deep House Mix".
PAIRS = frozenset(
    {
        *(
            f"{front} house"
            for front in ("deep", "tech", "progressive", "electro", "vocal", "dark", "chill", "piano")
        ),
        *(
            f"{front} techno"
            for front in ("melodic", "dark", "deep", "warehouse", "raw", "peaktime", "electro")
        ),
        *("peak time", "main room", "club vocal", "vocal club", "dub vocal", "dj friendly", "tech trance"),
        *(
            "uplifting trance",
            "progressive trance",
            "vocal trance",
            "main vocal",
            "piano vocal",
            "live vocal",
        ),
        *(
            "festival trap",
            "festival house",
            "extended club",
            "deep tech",
            "deep dub",
            "club dub",
            "vocal dub",
            "ambient techno",
        ),
    }
)

_NAMES_UNKNOWN = r"id|i\.d\.|\?+|n/a|tba|tbc|unknown|unidentified|unreleased id|track id"
_NUMBER = r"(?:\s*#?\d{1,3})?"
#: A title, or a remixer, marked as unknown. Not "I D", not the artist "ID ID".
UNKNOWN = re.compile(
    rf"^[(\[]?(?:{_NAMES_UNKNOWN}|unknown (?:title|track|tune|song)){_NUMBER}[)\]]?\??$", re.IGNORECASE
)
#: An artist marked as unknown, or a name of no artist.
UNKNOWN_ARTIST = re.compile(
    rf"^[(\[]?(?:{_NAMES_UNKNOWN}|unknown artists?|various(?: artists?)?|v\.?a\.?|v/a){_NUMBER}[)\]]?\??$",
    re.IGNORECASE,
)


#: Characters that a match of either pattern begins with: nearly all lines need no search.
UNKNOWN_FIRST = frozenset("([iI?nNtTuUvV")


def is_unknown(title: str) -> bool:
    """Return True for a title marked as unknown."""
    return title[:1] in UNKNOWN_FIRST and UNKNOWN.match(title) is not None


def is_unknown_artist(name: str) -> bool:
    """Return True for an artist marked as unknown, or a name of no artist."""
    return name[:1] in UNKNOWN_FIRST and UNKNOWN_ARTIST.match(name) is not None


def fold(word: str) -> str:
    """Return the word in lower case, letters and digits only."""
    return "".join(filter(str.isalnum, word.casefold()))
