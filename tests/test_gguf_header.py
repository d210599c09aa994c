"""The fast reader of GGUF heads against the gguf package's own."""

import random

import numpy as np
import pytest
from gguf import GGUFReader, GGUFValueType, GGUFWriter

from course_utils.gguf_files import gguf_for
from course_utils.gguf_header import read_header


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("gguf") / "kinds.gguf"
    writer = GGUFWriter(path, "llama")
    for kind, value in {
        "uint8": 200,
        "int8": -3,
        "uint16": 60000,
        "int16": -5,
        "uint32": 4 * 10**9,
        "int32": -7,
    }.items():
        getattr(writer, f"add_{kind}")(f"a.{kind}", value)
    writer.add_uint64("a.uint64", 2**63)
    writer.add_int64("a.int64", -(2**62))
    writer.add_float32("a.float32", 0.5)
    writer.add_float64("a.float64", 1e-300)
    writer.add_bool("a.bool", True)
    writer.add_string("a.string", "가나다 🙂")
    writer.add_array("a.strings", ["", "Ġ안", "b"])
    writer.add_array("a.numbers", [1, 2, 3])
    writer.add_key_value("a.floats", [0.25, 0.5], GGUFValueType.ARRAY, GGUFValueType.FLOAT32)
    writer.add_tensor("x.weight", np.zeros((3, 64), np.float32))
    writer.add_tensor("rope_freqs.weight", np.zeros(8, np.float32))
    writer.add_tensor("y.weight", np.zeros((2, 5, 7), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def mini():
    return gguf_for("mini").path


@pytest.mark.parametrize("which", ["every kind of value", "mini"])
def test_metadata_and_shapes_are_those_of_the_packages_reader(file, which):
    path = mini() if which == "mini" else file
    ours, reader = read_header(path), GGUFReader(path)
    own = {key: field.contents() for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    assert ours.metadata == own and len(own) > 10
    assert ours.shapes == {tensor.name: tuple(int(n) for n in tensor.shape) for tensor in reader.tensors}
    counted = sum(int(tensor.n_elements) for tensor in reader.tensors if tensor.name != "rope_freqs.weight")
    assert ours.parameters == counted > 0
    assert ours.architecture == ("exaone" if which == "mini" else "llama")


def test_a_file_cut_off_anywhere_is_a_value_error(file, tmp_path):
    whole = file.read_bytes()
    for length in [0, 3, 4, 20, *random.Random(0).sample(range(24, len(whole) - 40), 60)]:
        (tmp_path / "cut.gguf").write_bytes(whole[:length])
        with pytest.raises(ValueError):
            read_header(tmp_path / "cut.gguf")


@pytest.mark.parametrize(
    "content", [b"GGUF" + b"\xff" * 100, b"PK\x03\x04" + bytes(50), b"version https://git-lfs\n" * 9]
)
def test_what_is_no_gguf_is_a_value_error(tmp_path, content):
    (tmp_path / "x.gguf").write_bytes(content)
    with pytest.raises(ValueError):
        read_header(tmp_path / "x.gguf")


def test_random_damage_in_the_head_never_ends_otherwise(file, tmp_path):
    generator = random.Random(1)
    for _ in range(300):
        content = bytearray(file.read_bytes())
        for _ in range(3):
            content[generator.randrange(4, 900)] = generator.randrange(256)
        (tmp_path / "x.gguf").write_bytes(content)
        try:
            read_header(tmp_path / "x.gguf")
        except ValueError:
            pass


def test_a_tensor_type_of_the_future_is_left_to_the_engine(file, tmp_path):
    content = file.read_bytes().replace(b"x.weight\x02\x00\x00\x00", b"x.weight\x02\x00\x00\x00")
    place = content.index(b"x.weight") + 8 + 4 + 16
    (tmp_path / "x.gguf").write_bytes(content[:place] + (9999).to_bytes(4, "little") + content[place + 4 :])
    assert "x.weight" in read_header(tmp_path / "x.gguf").shapes
