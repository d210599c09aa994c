"""Write down which options ``vllm serve`` and ``ray start`` have, from their wheels, without installing them.

    pip download --no-deps --only-binary :all: -d WHEELS vllm==VERSION ray==VERSION
    python -m tools.vllm_options WHEELS/vllm-*.whl WHEELS/ray-*.whl

The source inside the wheels is parsed, never run. The result, tools/vllm_options.json, is what the tests compare the
printed command lines with; renew it together with requirements/vllm.txt.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

FACTS = Path(__file__).with_name("vllm_options.json")
ENGINE = "vllm/engine/arg_utils.py"  # add_argument("--tensor-parallel-size", ...)
FRONTEND = "vllm/entrypoints/common/cli_args.py"  # fields of FrontendArgs become options; add_argument for the rest
CONFIGS = "vllm/config/"  # the fields that the engine's options take their types and choices from
RAY = "ray/scripts/scripts.py"  # @click.option above def start
FLAG_ACTIONS = ("store_true", "store_false", "BooleanOptionalAction")


def vllm_options(sources: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Option -> ``{"value": bool}`` and, where known, ``"choices"`` and ``"short"``; from file name -> source text.

    An option with ``value`` false is a switch.
    """
    literals, fields = _literals(sources), _fields(sources)
    found: dict[str, dict[str, Any]] = {}
    for path in (ENGINE, FRONTEND):
        for call in _calls(ast.parse(sources[path]), "add_argument"):
            names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            long = [name for name in names if name.startswith("--")]
            if long:
                found[long[0]] = _described(call, names, fields.get(long[0][2:].replace("-", "_"), ""), literals)
    for name, annotation in _class_fields(sources[FRONTEND], ("BaseFrontendArgs", "FrontendArgs")):
        found[f"--{name.replace('_', '-')}"] = _typed(annotation, literals)
    return dict(sorted(found.items()))


def ray_start_options(source: str) -> dict[str, dict[str, Any]]:
    """The same for ``ray start``."""
    [start] = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == "start"]
    found = {}
    for call in (d for d in start.decorator_list if isinstance(d, ast.Call) and _name(d.func) == "option"):
        [name, *_] = [a.value for a in call.args if isinstance(a, ast.Constant) and str(a.value).startswith("--")]
        found[name] = {"value": not any(k.arg == "is_flag" for k in call.keywords)}
    return dict(sorted(found.items()))


def _described(call: ast.Call, names: list[str], annotation: str, literals: dict[str, list[str]]) -> dict[str, Any]:
    action = next((k.value for k in call.keywords if k.arg == "action"), None)
    row = {"value": False} if action is not None and _name(action) in FLAG_ACTIONS else _typed(annotation, literals)
    short = [name for name in names if not name.startswith("--")]
    return {**row, "short": short[0]} if short else row


def _typed(annotation: str, literals: dict[str, list[str]]) -> dict[str, Any]:
    words = [word.strip() for word in annotation.split("|")]
    choices = [choice for word in words for choice in literals.get(word, [])]
    row: dict[str, Any] = {"value": "bool" not in words}
    return {**row, "choices": choices} if choices and "str" not in words else row


def _literals(sources: dict[str, str]) -> dict[str, list[str]]:
    """Alias -> its words, for lines such as ``ModelDType = Literal["auto", "half"]``."""
    found = {}
    for source in sources.values():
        for node in ast.parse(source).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
                values = [v.value for v in ast.walk(node.value.slice) if isinstance(v, ast.Constant)]
                if _name(node.value.value) == "Literal" and isinstance(node.targets[0], ast.Name):
                    found[node.targets[0].id] = [value for value in values if isinstance(value, str)]
    return found


def _fields(sources: dict[str, str]) -> dict[str, str]:
    """Field -> annotation: those of EngineArgs, else those of the configuration classes."""
    found: dict[str, str] = {}
    for path, source in sources.items():
        if path.startswith(CONFIGS):
            found |= dict(_class_fields(source, None))
    return found | dict(_class_fields(sources[ENGINE], ("EngineArgs", "AsyncEngineArgs")))


def _class_fields(source: str, classes: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and (classes is None or node.name in classes):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.target.id, ast.unparse(field.annotation)


def _calls(tree: ast.AST, method: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == method)


def _name(node: ast.AST) -> str:
    """``b`` of ``a.b`` and of ``b``; the text of a constant."""
    return str(getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "value", ""))


def wheel_sources(wheel: Path, wanted: Sequence[str]) -> dict[str, str]:
    """Path -> text of the Python files in ``wheel`` whose path starts with one of ``wanted``."""
    with zipfile.ZipFile(wheel) as packed:
        names = [n for n in packed.namelist() if n.endswith(".py") and n.startswith(tuple(wanted))]
        return {name: packed.read(name).decode("utf-8") for name in names}


def provenance(wheel: Path) -> dict[str, str]:
    """Where the facts are from: the wheel's file name and SHA-256, and what it says of itself."""
    with zipfile.ZipFile(wheel) as packed:
        [metadata] = [n for n in packed.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1]
        lines = packed.read(metadata).decode("utf-8").split("\n\n")[0].splitlines()
    said = dict(line.split(": ", 1) for line in lines if line.startswith(("Version: ", "Requires-Python: ")))
    with open(wheel, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    needs = {
        line.split(": ", 1)[1] for line in lines if line.startswith(("Requires-Dist: torch=", "Requires-Dist: tran"))
    }
    return {"version": said["Version"], "python": said["Requires-Python"], "wheel": wheel.name, "sha256": digest} | (
        {"requires": ", ".join(sorted(needs))} if needs else {}
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write tools/vllm_options.json from two wheels.")
    parser.add_argument("vllm", type=Path)
    parser.add_argument("ray", type=Path)
    options = parser.parse_args(arguments)
    sources = wheel_sources(options.vllm, (ENGINE, FRONTEND, CONFIGS))
    facts = {
        "vllm": {**provenance(options.vllm), "files": [ENGINE, FRONTEND, CONFIGS + "*.py"]},
        "ray": {**provenance(options.ray), "files": [RAY]},
        "vllm serve": vllm_options(sources),
        "ray start": ray_start_options(wheel_sources(options.ray, (RAY,))[RAY]),
    }
    FACTS.write_text(_one_option_a_line(facts), encoding="utf-8")
    return 0


def _one_option_a_line(facts: dict[str, dict[str, Any]]) -> str:
    parts = []
    for name, rows in facts.items():
        inner = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in rows.items())
        parts.append(f"{json.dumps(name)}: {{\n{inner}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
