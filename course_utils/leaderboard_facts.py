"""What is known about the two leaderboard snapshots: columns and their types, sources, meanings of icons and scores.

Everything here is taken from ``assets/leaderboard/PROVENANCE.md`` and the leaderboards' own documentation.
"""

from __future__ import annotations

from typing import Any

BENCHMARKS = ("ifeval", "bbh", "math", "gpqa", "musr", "mmlu_pro")


class Snapshot:
    """One data file: where it lies, its shape, the type of each column, and where it comes from."""

    def __init__(self, file: str, rows: int, columns: dict[str, str], **stated: Any) -> None:
        """``columns``: name -> pandas dtype, or ``date`` or ``bool``. ``stated``: name, date, source, ..."""
        self.file, self.rows, self.columns = file, rows, columns
        self.name, self.date = stated["name"], stated["date"]
        self.source, self.copied_from, self.licence = stated["source"], stated["copied_from"], stated["licence"]


_SCORES = {"average": "float64", **dict.fromkeys(BENCHMARKS, "float64")}
_RAW = {f"{name}_raw": "float64" for name in BENCHMARKS}

OPEN_LLM = Snapshot(
    "open_llm_leaderboard_v2.csv",
    4_576,
    {
        "rank": "int64",
        "model": "string",
        "type_icon": "category",
        "type": "category",
        "architecture": "string",  # no category: counts of a part would list all the absent ones
        "precision": "category",
        "weight_type": "category",
        "params_b": "float64",
        **_SCORES,
        **_RAW,
        "co2_kg": "float64",
        "license": "string",
        "hub_likes": "int64",
        "upload_date": "date",
        "submission_date": "date",
        "chat_template": "bool",
        "merged": "bool",
        "moe": "bool",
        "flagged": "bool",
        "official_provider": "bool",
        "available_on_hub": "bool",
        "generation": "int64",
        "base_model": "string",
    },
    name="오픈 LLM 리더보드(Open LLM Leaderboard) v2",
    date="2025-03-21",
    source="허깅페이스 데이터셋 open-llm-leaderboard/contents(2025년 3월에 갱신이 멈춘 마지막 표)",
    copied_from="깃허브 fboulnois/llm-leaderboard-csv, csv/huggingface_v2.csv, 커밋 0f4e5c69c6fb",
    licence="깃허브 저장소: MPL-2.0. 원래 데이터셋의 카드에는 라이선스 표시가 없습니다.",
)

ARENA = Snapshot(
    "chatbot_arena.csv",
    218,
    {
        "rank_ub": "int64",
        "rank_style_ctrl": "int64",
        "model": "string",
        "arena_score": "int64",
        "ci_plus": "int64",
        "ci_minus": "int64",
        "ci_95": "string",
        "votes": "int64",
        "organization": "string",
        "license": "string",
        "knowledge_cutoff": "string",
        "url": "string",
        "snapshot_date": "date",
    },
    name="챗봇 아레나(Chatbot Arena) 전체 순위",
    date="2025-07-18",
    source="허깅페이스 스페이스 lmarena-ai/chatbot-arena-leaderboard의 Overall 표",
    copied_from="깃허브 fboulnois/llm-leaderboard-csv, csv/lmsys.csv, 커밋 f1d824adc747",
    licence="깃허브 저장소: MPL-2.0. 스페이스의 README: apache-2.0.",
)

COLUMN_NAMES = {
    "rank": "순위",
    "model": "모델",
    "type_icon": "종류",
    "type": "종류 이름",
    "size_class": "크기 구분",
    "architecture": "아키텍처(Architecture)",
    "precision": "정밀도",
    "weight_type": "가중치 형태",
    "params_b": "파라미터(십억 개)",
    "average": "평균",
    "ifeval": "IFEval",
    "bbh": "BBH",
    "math": "MATH",
    "gpqa": "GPQA",
    "musr": "MUSR",
    "mmlu_pro": "MMLU-PRO",
    **{
        f"{key}_raw": f"{name} 원점수"
        for key, name in zip(BENCHMARKS, ("IFEval", "BBH", "MATH", "GPQA", "MUSR", "MMLU-PRO"), strict=True)
    },
    "co2_kg": "CO₂(kg)",
    "license": "라이선스",
    "hub_likes": "좋아요",
    "upload_date": "허브에 올린 날",
    "submission_date": "평가를 신청한 날",
    "chat_template": "채팅 템플릿 사용",
    "merged": "병합 모델",
    "moe": "전문가 혼합(MoE)",
    "flagged": "신고됨",
    "official_provider": "공식 제공자",
    "available_on_hub": "허브에 있음",
    "generation": "파생 세대",
    "base_model": "바탕 모델",
    "rank_ub": "순위(UB)",
    "rank_style_ctrl": "순위(문체 보정)",
    "arena_score": "아레나 점수",
    "ci_plus": "신뢰구간 위",
    "ci_minus": "신뢰구간 아래",
    "ci_95": "95% 신뢰구간",
    "votes": "대결 수",
    "organization": "만든 곳",
    "knowledge_cutoff": "지식 기준일",
    "url": "주소",
    "snapshot_date": "기준일",
}

TYPE_ICONS = {
    "🟢": ("pretrained", "처음부터 사전 훈련한 모델"),
    "🟩": ("continuously pretrained", "사전 훈련을 이어서 더 한 모델"),
    "🔶": ("fine-tuned on domain-specific datasets", "특정 분야의 데이터로 미세 튜닝한 모델"),
    "💬": ("chat models (RLHF, DPO, IFT, ...)", "대화에 맞게 조정한 모델(RLHF, DPO, 지시 튜닝 등)"),
    "🤝": ("base merges and moerges", "여러 모델의 가중치를 병합한 모델"),
    "🌸": ("multimodal", "글 외에 이미지 등도 다루는 모델"),
    "❓": ("other", "그 밖의 모델"),
}

_LINEAR = "100 × (원점수 − {floor}) ÷ (1 − {floor}), 0보다 작으면 0"
_SUBTASKS = "하위 과제마다 찍어서 맞힐 확률을 빼고 늘린 뒤 평균"
BENCHMARK_TEXTS = {
    "ifeval": ("형식, 길이, 꼭 쓸 낱말 같은 지시를 그대로 지키는가(채점은 프로그램이 합니다)", "100 × 원점수"),
    "bbh": ("여러 단계의 추론이 필요한 어려운 과제 모음", _SUBTASKS),
    "math": ("고등학교 수학 경시 문제 가운데 가장 어려운 5단계", "100 × 원점수"),
    "gpqa": ("생물, 물리, 화학의 대학원 수준 사지선다 문제", _LINEAR.format(floor=0.25)),
    "musr": ("긴 이야기를 읽고 여러 단서를 이어 답하는 추론", _SUBTASKS),
    "mmlu_pro": ("여러 분야의 지식을 묻는 십지선다 문제", _LINEAR.format(floor=0.1)),
}
