"""The arithmetic on configurations against the real modules, their real cache and a counted forward pass."""

import copy
import json
import subprocess
import sys

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM

from course_utils.architecture import (
    Sizes,
    count_parameters,
    flops_parts,
    flops_per_token,
    kv_cache_bytes,
    sizes,
    weight_bytes,
    with_kv_heads,
)
from course_utils.checkpoint_files import count_parameters as count_in_files
from course_utils.errors import CourseValueError
from course_utils.exaone import CONFIG_KEYS, ExaoneConfig, ExaoneForCausalLM
from course_utils.known_models import KNOWN_MODELS, MINI_FOLDER
from course_utils.published_configs import PUBLISHED_SIZES, published_config

# Published totals, and the sizes without embeddings (2.14B on the 2.4B model's card).
TOTALS = {"2.4B": 2_405_327_360, "7.8B": 7_818_448_896, "32B": 32_003_200_000}
WITHOUT_EMBEDDINGS = {"2.4B": 2_143_183_360, "7.8B": 6_979_588_096, "32B": 30_954_624_000}
TINY = {
    "model_type": "exaone",
    "hidden_size": 64,
    "num_layers": 3,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "intermediate_size": 96,
    "vocab_size": 128,
    "tie_word_embeddings": True,
}


def on_meta(config):
    """The real model without memory for its weights."""
    with torch.device("meta"):
        return (ExaoneForCausalLM if isinstance(config, ExaoneConfig) else LlamaForCausalLM)(config)


def counted(model):
    """``count_parameters``'s answer, read from the names and shapes of a real model's tensors."""
    names = {"q": "q_proj", "k": "k_proj", "v": "v_proj", "o": "o_proj"}
    names |= {"gate": "gate_proj", "up": "up_proj", "down": "down_proj"}
    tensors = dict(model.named_parameters())  # a tied output layer is listed once, as the embedding

    def total(*parts):
        return sum(tensor.numel() for name, tensor in tensors.items() if any(part in name for part in parts))

    layer = {short: total(f"layers.0.self_attn.{name}.", f"layers.0.mlp.{name}.") for short, name in names.items()}
    layer["norm"] = total("layers.0.input_layernorm", "layers.0.post_attention_layernorm")
    return {
        "total": sum(tensor.numel() for tensor in tensors.values()),
        "embedding": total("embed_tokens"),
        "attention": total("self_attn"),
        "feed_forward": total("mlp"),
        "norm": total("norm"),
        "output_layer": total("lm_head"),
        "per_layer": {**layer, "total": total("layers.0.")},
    }


@st.composite
def configurations(draw):
    kv_heads, groups = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    values = {
        "hidden_size": kv_heads * groups * draw(st.integers(1, 9)),  # the library insists on a multiple
        "num_hidden_layers": draw(st.integers(1, 3)),
        "num_attention_heads": kv_heads * groups,
        "num_key_value_heads": kv_heads,
        "head_dim": draw(st.integers(1, 8)) * 2,
        "intermediate_size": draw(st.integers(1, 60)),
        "vocab_size": draw(st.integers(8, 90)),
        "tie_word_embeddings": draw(st.booleans()),
        "attention_bias": draw(st.booleans()),
        "mlp_bias": draw(st.booleans()),
    }
    if draw(st.booleans()):
        del values["head_dim"]
        values["hidden_size"] = 2 * kv_heads * groups * draw(st.integers(1, 4))
    return values


# --- parameters ---


@pytest.mark.parametrize("size", PUBLISHED_SIZES)
def test_published_models_are_counted_exactly_part_by_part(size):
    config = published_config(size)
    counts = count_parameters(config)
    assert counts == counted(on_meta(ExaoneConfig(**config)))
    assert counts["total"] == TOTALS[size]
    assert counts["total"] - counts["embedding"] - counts["output_layer"] == WITHOUT_EMBEDDINGS[size]
    assert (counts["output_layer"] == 0) == (size == "2.4B")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configurations())
def test_any_configuration_is_counted_as_the_real_modules_are(values):
    config = LlamaConfig(**values, pad_token_id=0, bos_token_id=1, eos_token_id=2)
    truth = counted(on_meta(config))
    assert count_parameters(config) == truth
    assert count_parameters(values) == truth
    exaone = {name: values[llama] for name, llama in CONFIG_KEYS.items() if llama in values}
    assert count_parameters({**values, **exaone, "model_type": "exaone"}) == truth


def test_the_bundled_model_is_counted_as_its_file_is():
    config = json.loads((MINI_FOLDER / "config.json").read_text(encoding="utf-8"))
    assert count_parameters(config)["total"] == count_in_files(MINI_FOLDER)


def test_both_sets_of_key_names_and_the_configuration_object_mean_the_same():
    config = published_config("2.4B")
    llama = {CONFIG_KEYS.get(name, name): value for name, value in config.items()}
    assert llama != config
    assert sizes(config) == sizes(llama) == sizes(ExaoneConfig(**config)) == sizes(sizes(config))
    assert sizes(config) == Sizes(2560, 30, 32, 8, 80, 7168, 102_400, tied=True)


def test_what_a_configuration_leaves_out_is_what_transformers_takes():
    short = {name: TINY[name] for name in ("hidden_size", "num_layers", "num_attention_heads", "intermediate_size")}
    short |= {"vocab_size": 128}
    llama = sizes(short)
    assert (llama.kv_heads, llama.head_dim, llama.tied) == (8, 8, False)
    assert sizes({**short, "model_type": "exaone"}).tied
    assert sizes(ExaoneConfig(**short)) == sizes({**short, "model_type": "exaone"})
    assert sizes({**short, "num_key_value_heads": None, "head_dim": None}) == llama


def test_weight_bytes_are_those_of_the_real_tensors():
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        model = on_meta(ExaoneConfig(**TINY)).to(dtype)
        real = sum(tensor.nbytes for tensor in model.parameters())
        assert weight_bytes(TINY, dtype) == weight_bytes(TINY, str(dtype).split(".")[1]) == real
    assert weight_bytes(published_config("2.4B"), "float32") == 9_621_309_440


# --- KV cache ---


@pytest.mark.parametrize("kv_heads", [8, 4, 2, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kv_cache_bytes_are_those_of_the_real_cache(kv_heads, dtype):
    config = with_kv_heads(ExaoneConfig(**TINY), kv_heads)
    model = ExaoneForCausalLM(config).to(dtype).eval()
    for batch, tokens in ((1, 1), (2, 7), (3, 20)):
        with torch.no_grad():
            cache = model(torch.ones(batch, tokens, dtype=torch.long), use_cache=True).past_key_values
        real = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
        assert kv_cache_bytes(config, tokens, batch, dtype.itemsize) == real
    assert kv_cache_bytes(config, 0) == 0


def test_kv_cache_of_the_published_models_and_what_sharing_saves():
    per_token = [kv_cache_bytes(published_config(size), 1) for size in PUBLISHED_SIZES]
    assert per_token == [76_800, 131_072, 262_144]
    config = published_config("2.4B")
    whole, grouped, single = (kv_cache_bytes(with_kv_heads(config, n), 32_768) for n in (32, 8, 1))
    assert (whole, grouped, single) == (4 * grouped, 2_516_582_400, grouped // 8)


# --- operations ---


@pytest.mark.parametrize("kv_heads", [8, 2, 1])
@pytest.mark.parametrize("context", [1, 2, 9, 40])
def test_operations_are_those_of_a_counted_forward_pass(kv_heads, context):
    """Tolerance: at most one head dimension too few, the products with which the library computes RoPE's angles."""
    config = with_kv_heads(ExaoneConfig(**TINY), kv_heads)
    config._attn_implementation = "eager"  # its two products are counted one by one
    model = ExaoneForCausalLM(config).eval()
    ids = torch.ones(1, context, dtype=torch.long)
    with torch.no_grad():
        cache = model(ids[:, :-1], use_cache=True).past_key_values if context > 1 else None
        with FlopCounterMode(display=False) as counter:
            model(ids[:, -1:], past_key_values=cache, use_cache=True)
    assert 0 <= counter.get_total_flops() - flops_per_token(config, context) <= config.head_dim


def test_operations_of_the_published_model_without_its_weights():
    config = ExaoneConfig(**published_config("2.4B"), attn_implementation="eager")
    model = on_meta(config).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        # With a mask of its own the library looks at no token's value, and there is none here.
        nothing_hidden = torch.zeros(1, 1, 1, 1, device="meta")
        model(torch.ones(1, 1, dtype=torch.long, device="meta"), attention_mask=nothing_hidden, use_cache=False)
    assert 0 <= counter.get_total_flops() - flops_per_token(config, 1) <= config.head_dim


def test_operations_are_twice_the_parameters_that_multiply_plus_a_part_that_grows_with_the_context():
    config = published_config("2.4B")
    parts, counts = flops_parts(config, 1000), count_parameters(config)
    assert sum(parts.values()) == flops_per_token(config, 1000)
    assert sum(parts.values()) - parts["scores"] == 2 * (counts["total"] - counts["norm"])  # tied: the table is used
    assert parts["scores"] == 1000 * flops_parts(config, 1)["scores"]
    assert flops_parts({**config, "tie_word_embeddings": False}, 1000) == parts
    assert flops_parts({**config, "attention_bias": True, "mlp_bias": True}, 1000) == parts


# --- other numbers of KV heads ---


@pytest.mark.parametrize("kind", [dict, ExaoneConfig, LlamaConfig, Sizes])
def test_with_kv_heads_gives_a_changed_copy_of_the_same_kind(kind):
    plain = {CONFIG_KEYS.get(name, name): value for name, value in TINY.items() if name != "model_type"}
    config = {dict: lambda: dict(TINY), Sizes: lambda: sizes(TINY)}.get(kind, lambda: kind(**plain))()
    before = copy.deepcopy(config)
    for kv_heads, name in ((8, "MHA"), (4, "GQA"), (1, "MQA")):
        changed = with_kv_heads(config, kv_heads)
        assert type(changed) is type(config)
        assert (sizes(changed).kv_heads, sizes(changed).head_dim, sizes(changed).kind) == (kv_heads, 8, name)
    assert sizes(config) == sizes(before)
    if kind in (ExaoneConfig, LlamaConfig):
        multi_query = with_kv_heads(config, 1)
        assert counted(on_meta(multi_query)) == count_parameters(multi_query)


# --- the published configurations ---


def test_published_configurations_agree_with_the_catalogue_and_are_the_callers_own():
    catalogue = {row.hub_id.split("-")[-2]: row.parameters for row in KNOWN_MODELS if row.hub_id}
    assert catalogue == TOTALS
    published_config("32B")["rope_scaling"]["factor"] = 1.0
    assert published_config("32B")["rope_scaling"]["factor"] == 8.0


def test_published_configuration_survives_transformers():
    back = ExaoneConfig(**published_config("2.4B")).to_dict()  # which writes into the dicts that it is given
    config = published_config("2.4B")
    assert {name: back[name] for name in config} == config


# --- refusals ---


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden_size": None}, "hidden_size"),
        ({"num_layers": None}, "num_hidden_layers 또는 num_layers"),
        ({"vocab_size": 0}, "vocab_size"),
        ({"intermediate_size": 7.5}, "intermediate_size"),
        ({"intermediate_size": True}, "intermediate_size"),
        ({"num_attention_heads": "8"}, "num_attention_heads"),
        ({"num_key_value_heads": 3}, "약수"),
        ({"num_key_value_heads": 0}, "kv_heads"),
        ({"num_attention_heads": 7, "num_key_value_heads": 7, "head_dim": None}, "head_dim"),
        ({"model_type": "gpt2"}, "gpt2"),
        ({"tie_word_embeddings": "False"}, "tied"),
        ({"attention_bias": "False"}, "attention_bias"),
    ],
)
def test_a_configuration_that_cannot_be_counted_is_refused_in_korean(change, words):
    with pytest.raises(CourseValueError, match="십시오") as refusal:
        count_parameters({**TINY, **change})
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: kv_cache_bytes(TINY, -1),
        lambda: kv_cache_bytes(TINY, 1.5),
        lambda: kv_cache_bytes(TINY, 1, batch=0),
        lambda: kv_cache_bytes(TINY, 1, bytes_per_value=0),
        lambda: flops_per_token(TINY, 0),
        lambda: weight_bytes(TINY, "int3"),
        lambda: with_kv_heads(TINY, 3),
        lambda: with_kv_heads(TINY, 16),
        lambda: published_config("9B"),
        lambda: count_parameters(None),
    ],
)
def test_arguments_that_make_no_sense_are_refused_in_korean(call):
    with pytest.raises(CourseValueError, match="십시오"):
        call()


def test_the_arithmetic_needs_neither_torch_nor_transformers():
    code = (
        "import sys; import course_utils.architecture, course_utils.diagrams, course_utils.published_configs as p\n"
        "course_utils.diagrams.whole_model(p.published_config('2.4B'))\n"
        "print(sorted({'torch', 'transformers', 'matplotlib', 'numpy'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
