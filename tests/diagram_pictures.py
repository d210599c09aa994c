"""Pictures of every kind and of extreme sizes for the tests of the diagrams, and their words and numbers."""

import json
import re
import xml.etree.ElementTree as ET

from course_utils.architecture import Sizes, with_kv_heads
from course_utils.diagrams import (
    attention_kinds,
    decoder_block,
    gated_feed_forward,
    rms_norm_example,
    rope_rotation,
    whole_model,
)
from course_utils.known_models import MINI_FOLDER
from course_utils.published_configs import PUBLISHED_SIZES, published_config

SVG = "{http://www.w3.org/2000/svg}"
OF_CONFIG = (whole_model, decoder_block, gated_feed_forward, attention_kinds)
MINI = json.loads((MINI_FOLDER / "config.json").read_text(encoding="utf-8"))
LARGE = Sizes(32_768, 200, 128, 16, 256, 131_072, 1_000_000)
SMALL = Sizes(1, 1, 1, 1, 1, 1, 1, tied=True)


def words(picture):
    """The texts of the picture, in the order in which they are drawn."""
    return [element.text for element in ET.fromstring(picture.svg).iter(SVG + "text")]


def numbers(texts):
    """Every whole number in ``texts``, without the commas."""
    return [int(found.replace(",", "")) for text in texts for found in re.findall(r"\d[\d,]*", text)]


def examples():
    """Pictures of every kind and of extreme sizes, by name."""
    configs = {size: published_config(size) for size in PUBLISHED_SIZES} | {
        "mini": MINI,
        "large": LARGE,
        "small": SMALL,
    }
    configs |= {"MHA": with_kv_heads(MINI, 8), "MQA": with_kv_heads(MINI, 1)}
    pictures = {f"{draw.__name__} {name}": draw(config) for draw in OF_CONFIG for name, config in configs.items()}
    pictures |= {f"attention_kinds {heads}": attention_kinds(heads) for heads in (1, 2, 7, 64, 127)}
    pictures["rope"] = rope_rotation()
    pictures["rope far"] = rope_rotation(((32_767, 0), (32_766, 32_767)), degrees=-179.98765)
    pictures["rope same angle"] = rope_rotation(((0, 0), (3, 4)), degrees=45)
    pictures["rms"] = rms_norm_example()
    pictures["rms wide"] = rms_norm_example((-9999, 9999, -1234.5, 0.0123, 0))
    pictures["rms pair"] = rms_norm_example((-2, -2))
    pictures["long title"] = whole_model(MINI, title="아주 긴 제목 " * 20)
    return pictures
