"""The same fields of the same pages by a Scrapy spider with ItemLoaders: `python spider.py FOLDER REPEATS`.

Run by the interpreter of `scrapy.txt`, without anything of ours. Only the spider's callback is timed: no
engine, no scheduler, no network. What it loads is compared with our records by the benchmark. Prints one
line of JSON.
"""

import json
import re
import sys
import time
from pathlib import Path

import scrapy
from itemloaders.processors import Identity, Join, MapCompose, TakeFirst
from scrapy.http import HtmlResponse
from scrapy.loader import ItemLoader

DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def seconds(text):
    """Of PT1H2M3S."""
    hours, minutes, rest = (int(part or 0) for part in DURATION.fullmatch(text).groups())
    return hours * 3600 + minutes * 60 + rest or None


def tidy(text):
    return " ".join(text.split()) or None


class SetItem(scrapy.Item):
    title = scrapy.Field()
    date_text = scrapy.Field()
    djs = scrapy.Field()
    styles = scrapy.Field()
    declared_tracks = scrapy.Field()
    recordings = scrapy.Field()
    views = scrapy.Field()
    rows = scrapy.Field()


class RowItem(scrapy.Item):
    row_key = scrapy.Field()
    number = scrapy.Field()
    text = scrapy.Field()
    artist_text = scrapy.Field()
    label = scrapy.Field()
    duration_seconds = scrapy.Field()
    genre = scrapy.Field()
    cue_text = scrapy.Field()
    cue_seconds = scrapy.Field()
    mashup = scrapy.Field()
    identified = scrapy.Field()
    track_url = scrapy.Field()
    version_note = scrapy.Field()
    artists = scrapy.Field()
    media_id = scrapy.Field()
    fragment = scrapy.Field()


class SetLoader(ItemLoader):
    default_item_class = SetItem
    default_input_processor = MapCompose(tidy)
    default_output_processor = TakeFirst()
    djs_out = Identity()
    styles_out = Identity()
    recordings_out = Identity()
    rows_in = Identity()
    rows_out = Identity()


class RowLoader(ItemLoader):
    default_item_class = RowItem
    default_input_processor = MapCompose(tidy)
    default_output_processor = TakeFirst()
    duration_seconds_in = MapCompose(tidy, seconds)
    cue_seconds_in = MapCompose(int)
    version_note_out = Join(" ")
    artists_out = Identity()
    fragment_in = Identity()


class TracklistSpider(scrapy.Spider):
    name = "tracklist"

    def parse(self, response):
        loader = SetLoader(selector=response)
        loader.add_xpath("title", "//*[@id='tlTab']/meta[@itemprop='name']/@content")
        loader.add_xpath("date_text", "//*[@id='tlTab']/meta[@itemprop='datePublished']/@content")
        loader.add_xpath("djs", "//*[@id='tlTab']/meta[@itemprop='author']/@content")
        loader.add_xpath("styles", "//*[@id='tlTab']/meta[@itemprop='genre']/@content")
        loader.add_xpath("declared_tracks", "//*[@id='tlTab']/meta[@itemprop='numTracks']/@content")
        loader.add_css("recordings", "[itemtype$=VideoObject] [itemprop=embedUrl]::attr(content)")
        loader.add_css("views", "meta[itemprop=interactionCount]::attr(content)")
        loader.add_value("rows", [self.row(row) for row in response.css("div.tlpItem")])
        yield loader.load_item()

    def row(self, row):
        loader = RowLoader(selector=row)
        loader.add_css("row_key", "::attr(data-id)")
        loader.add_css("number", "[id$=_tracknumber_value]::text")
        loader.add_css("text", "meta[itemprop=name]::attr(content)")
        loader.add_xpath("text", "string(.//*[contains(@class, 'trackValue')])")
        loader.add_css("artist_text", "meta[itemprop=byArtist]::attr(content)")
        loader.add_css("label", "meta[itemprop=publisher]::attr(content)")
        loader.add_css("duration_seconds", "meta[itemprop=duration]::attr(content)")
        loader.add_css("genre", "meta[itemprop=genre]::attr(content)")
        loader.add_css("cue_text", ".cue::text")
        loader.add_css("cue_seconds", "input[id$=_cue_seconds]::attr(value)")
        loader.add_css("mashup", ".bootleg::attr(class)")
        loader.add_xpath("identified", "@data-isided")
        loader.add_css("track_url", "meta[itemprop=url]::attr(content)")
        loader.add_css("version_note", ".trackEditData::text")
        loader.add_css("artists", ".trackValue a[href*='/artist/']::text")
        loader.add_css("media_id", ".mediaRow::attr(data-trackid)")
        loader.add_value("fragment", row.get())
        return dict(loader.load_item())


def main():
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    bodies = [file.read_bytes() for file in sorted(folder.glob("*.html"))]
    spider = TracklistSpider()

    def items():
        for body in bodies:
            response = HtmlResponse("https://example.invalid/", body=body, encoding="utf-8")
            yield dict(next(iter(spider.parse(response))))

    first = list(items())  # warm: selectors are translated once
    begun = time.process_time()
    for _ in range(repeats):
        for _item in items():
            pass
    took = time.process_time() - begun
    print(json.dumps({"pages": repeats * len(bodies), "seconds": took, "items": first}))


if __name__ == "__main__":
    main()
