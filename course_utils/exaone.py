"""EXAONE 3.0 and 3.5 for plain ``transformers``, without ``trust_remote_code``.

EXAONE 3.x is the Llama architecture under other tensor names and other configuration keys. Importing this module
registers both, so that ``AutoConfig``, ``AutoModelForCausalLM``, ``AutoTokenizer`` and
``pipeline("text-generation", model=...)`` accept ``model_type: "exaone"``. The library's own loader renames the
weights while it reads them, and renames them back in ``save_pretrained``.

Sources: EXAONE 3.5 technical report (arXiv:2412.04862); ``LlamaForCausalLM`` of transformers, the same computation.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from course_utils.errors import CourseError
from course_utils.exaone_names import CONFIG_KEYS, LAYER_NAMES, OUTER_NAMES
from course_utils.tables import listed

OLDEST_TRANSFORMERS = "5.8"


def check_transformers(installed: str) -> None:
    """Raise ``CourseError`` when ``installed`` (a version such as ``"5.15.0"``) is older than this module supports."""
    release = tuple(int(number) for number in re.findall(r"\d+", installed)[:2])
    oldest = tuple(int(number) for number in OLDEST_TRANSFORMERS.split("."))
    if release < oldest:
        raise CourseError(
            f"설치된 transformers {installed} 버전은 너무 오래되어 EXAONE 모델을 불러올 수 없습니다. "
            f"{OLDEST_TRANSFORMERS} 이상이 필요합니다.\n"
            "다음 명령으로 새 버전을 설치한 뒤 커널(kernel)을 다시 시작해 주십시오.\n"
            f'    pip install -U "transformers>={OLDEST_TRANSFORMERS}"'
        )


def _installed_transformers() -> str:
    try:
        import transformers
    except ImportError as error:
        raise CourseError(
            "transformers 라이브러리가 설치되어 있지 않습니다. 다음 명령으로 설치해 주십시오.\n"
            f'    pip install "transformers>={OLDEST_TRANSFORMERS}"'
        ) from error
    return transformers.__version__


# Before the imports below: an old version lacks these modules, and its ImportError would tell a learner nothing.
check_transformers(_installed_transformers())

from transformers.conversion_mapping import register_checkpoint_conversion_mapping  # noqa: E402
from transformers.core_model_loading import WeightRenaming  # noqa: E402
from transformers.models.auto import tokenization_auto  # noqa: E402
from transformers.models.auto.configuration_auto import AutoConfig  # noqa: E402
from transformers.models.auto.modeling_auto import AutoModelForCausalLM  # noqa: E402
from transformers.models.llama.configuration_llama import LlamaConfig  # noqa: E402
from transformers.models.llama.modeling_llama import LlamaForCausalLM  # noqa: E402


def _renamings() -> list[WeightRenaming]:
    # One whole pattern per kind of tensor and no escaped dots: the library inverts these patterns when it saves,
    # and chained or escaped ones come back as names that no EXAONE reader knows.
    pairs = [(f"^{exaone}.", f"{llama}.") for exaone, llama in OUTER_NAMES.items()]
    pairs += [
        (rf"^transformer.h.(\d+).{exaone}.", rf"model.layers.\1.{llama}.") for exaone, llama in LAYER_NAMES.items()
    ]
    return [WeightRenaming(source, target) for source, target in pairs]


def to_exaone_name(name: str) -> str:
    """Tensor name of the loaded model (Llama's) -> the name in an EXAONE checkpoint; other names come back as is."""
    for exaone, llama in OUTER_NAMES.items():
        if name.startswith(llama + "."):
            return exaone + name[len(llama) :]
    layer = re.fullmatch(r"model\.layers\.(\d+)\.(.+)\.(\w+)", name)
    inner = {llama: exaone for exaone, llama in LAYER_NAMES.items()}
    if layer and layer[2] in inner:
        return f"transformer.h.{layer[1]}.{inner[layer[2]]}.{layer[3]}"
    return name


class ExaoneConfig(LlamaConfig):
    """Configuration of an EXAONE 3.x model; reads EXAONE's key names and Llama's, writes EXAONE's.

    All of ``LlamaConfig``'s attributes work; ``num_layers``, ``activation_function`` and ``layer_norm_epsilon`` are
    further names of ``num_hidden_layers``, ``hidden_act`` and ``rms_norm_eps``. Source: LG's ``config.json`` files.
    """

    model_type = "exaone"
    attribute_map = CONFIG_KEYS
    # A checkpoint that does not say so is tied (2.4B); the untied ones (7.8B, 32B) say false.
    tie_word_embeddings: bool = True
    rms_norm_eps: float = 1e-5

    def to_dict(self) -> dict[str, Any]:
        """The configuration under EXAONE's own keys, as LG's code, llama.cpp and vLLM expect them."""
        values = super().to_dict()
        for exaone, llama in CONFIG_KEYS.items():
            values[exaone] = values.pop(llama)
        rope = dict(values.pop("rope_parameters", None) or {})
        values["rope_theta"] = rope.pop("rope_theta", self.default_theta)
        values["rope_scaling"] = rope if rope.get("rope_type", "default") != "default" else None
        # It names Python files of the folder it was read from; the saved folder has none and needs none.
        values.pop("auto_map", None)
        return values

    def to_diff_dict(self) -> dict[str, Any]:
        """What ``config.json`` gets: ``to_dict`` without the library's defaults and without Llama-only switches."""
        values = super().to_diff_dict()
        if "dtype" in values:
            values["torch_dtype"] = values.pop("dtype")  # the key in LG's files; old tools know no other
        for llama_only in ("attention_bias", "mlp_bias", "pretraining_tp"):
            if values.get(llama_only) in (False, None, 1):
                values.pop(llama_only, None)
        return values


class ExaoneForCausalLM(LlamaForCausalLM):
    """EXAONE 3.x with its language-model head: ``LlamaForCausalLM`` that reads and writes EXAONE's checkpoints."""

    config_class = ExaoneConfig
    # Rotary frequencies are computed from the configuration. Files written by very old tools store them as well:
    # they carry no trained values, so they are no reason to refuse a checkpoint.
    _keys_to_ignore_on_load_unexpected = [r"rotary(_emb)?\.inv_freq$"]

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *model_args: Any, **kwargs: Any) -> Any:
        """Like the library's method, but weights that do not fit are an error and not a warning.

        ``ignore_mismatched_sizes=True`` still accepts other shapes, ``output_loading_info=True`` still returns
        ``(model, info)``.

        Raises:
            CourseError: weights are missing, surplus or of another shape; the message names them as the file does.
        """
        wants_info = kwargs.pop("output_loading_info", False)
        accepts_shapes = kwargs.pop("ignore_mismatched_sizes", False)
        # The shapes are then in `info`, and refused below.
        kwargs |= {"output_loading_info": True, "ignore_mismatched_sizes": True}
        source = str(pretrained_model_name_or_path)
        try:
            model, info = super().from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)
        except NotImplementedError:
            # Tying compares the head with the embedding, and one that did not fit was never filled. Read untied, the
            # library lists it like any other tensor.
            _, info = super().from_pretrained(pretrained_model_name_or_path, *model_args, **_untied(kwargs))
            _refuse_wrong_weights(source, info, accepts_shapes=False)
            raise
        _refuse_wrong_weights(source, info, accepts_shapes)
        return (model, info) if wants_info else model


def _untied(arguments: dict[str, Any]) -> dict[str, Any]:
    if arguments.get("config") is None:
        return {**arguments, "tie_word_embeddings": False}
    config = copy.deepcopy(arguments["config"])
    config.tie_word_embeddings = False
    return {**arguments, "config": config}


def _refuse_wrong_weights(source: str, info: dict[str, Any], accepts_shapes: bool) -> None:
    problems = [
        _problem_line("없는 가중치(missing)", [to_exaone_name(name) for name in info["missing_keys"]]),
        _problem_line("남는 가중치(unexpected)", [to_exaone_name(name) for name in info["unexpected_keys"]]),
    ]
    if not accepts_shapes:
        shapes = [
            f"{to_exaone_name(name)} (파일 {tuple(found)}, 모델 {tuple(expected)})"
            for name, found, expected in info["mismatched_keys"]
        ]
        problems.append(_problem_line("모양이 다른 가중치(mismatched)", shapes))
    problems = [line for line in problems if line]
    if problems:
        raise CourseError(
            f"체크포인트(checkpoint) '{source}'의 가중치가 config.json의 설정과 맞지 않아 모델을 불러오지 않았습니다.\n"
            + "\n".join(problems)
            + "\n파일이 온전한지, config.json이 같은 모델의 것인지 확인하고 다시 내려받아 주십시오."
        )


def _problem_line(title: str, names: list[str]) -> str:
    return f"- {title} {len(names)}개: {listed(names, shown=10)}" if names else ""


def register_exaone() -> None:
    """Teach transformers' Auto classes and its weight loader about EXAONE. Safe to call again."""
    AutoConfig.register("exaone", ExaoneConfig, exist_ok=True)
    AutoModelForCausalLM.register(ExaoneConfig, ExaoneForCausalLM, exist_ok=True)
    register_checkpoint_conversion_mapping("exaone", _renamings(), overwrite=True)
    # Without this line a folder whose tokenizer_config.json says GPT2Tokenizer gets GPT-2's own word splitting:
    # "2026" becomes one token instead of EXAONE's four digits. TokenizersBackend takes tokenizer.json as it is.
    tokenization_auto.TOKENIZER_MAPPING_NAMES["exaone"] = "TokenizersBackend"


register_exaone()
