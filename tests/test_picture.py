"""Pictures: one element with its description, whatever the description says; several in a row."""

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from course_utils.picture import Picture, side_by_side

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 9 9"><text>가 &lt; 나</text></svg>'


def picture(width=100, height=50, alt="막대그래프"):
    return Picture(SVG.format(width, height), alt)


def images(html):
    """The attributes of every img, as a browser's parser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_html_is_one_image_with_alt_size_and_the_svg_itself():
    [(tag, attributes)] = images(picture().html())
    kind, data = attributes["src"].split(",", 1)
    assert (tag, attributes["alt"], attributes["width"]) == ("img", "막대그래프", "100")
    assert kind == "data:image/svg+xml;base64" and base64.b64decode(data).decode("utf-8") == SVG.format(100, 50)
    assert "max-width:100%" in attributes["style"]


@pytest.mark.parametrize("alt", ['"><script>alert(1)</script>', "a & b 'c' \"d\"", "첫 줄\n둘째 줄", "<EC 95>"])
def test_any_description_stays_inside_its_attribute(alt):
    assert [(tag, attributes["alt"]) for tag, attributes in images(picture(alt=alt).html())] == [("img", alt)]


def test_plain_text_is_the_description():
    bundle = picture()._repr_mimebundle_()
    assert bundle == {"text/html": picture().html(), "text/plain": "막대그래프"} and repr(picture()) == "막대그래프"


@pytest.mark.parametrize(("svg", "alt"), [("<svg></svg>", "말"), (SVG.format("7em", 5), "말"), (SVG.format(1, 1), " ")])
def test_no_size_or_no_description_is_refused(svg, alt):
    with pytest.raises(ValueError, match="width and height"):
        Picture(svg, alt)


def test_side_by_side_is_a_row_in_order_that_contains_each_picture_whole():
    row = side_by_side(picture(100, 50, "왼쪽"), picture(80.5, 90, "오른쪽"))
    assert (row.width, row.height, row.alt) == (196.5, 90, "왼쪽\n오른쪽")
    root = ElementTree.fromstring(row.svg)
    boxes = [(float(part.get("x")), float(part.get("width"))) for part in root]
    assert boxes == [(0, 100), (116, 80.5)] and [part[0].text for part in root] == ["가 < 나"] * 2
    assert root.get("viewBox") == "0 0 196.5 90"


def test_side_by_side_of_a_file_with_an_xml_header_is_still_one_document():
    headed = Picture('<?xml version="1.0"?>\n<!DOCTYPE svg>\n' + SVG.format(10, 10), "말")
    assert len(ElementTree.fromstring(side_by_side(headed, headed).svg)) == 2


def test_side_by_side_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        side_by_side()


def test_saved_file_is_the_same_bytes_on_every_system(tmp_path):
    shown = Picture(SVG.format(1, 1) + "\n<!-- 끝 -->\n", "말")
    shown.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_bytes() == shown.svg.encode("utf-8") and not re.search(rb"\r", shown.svg.encode())
