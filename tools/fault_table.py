"""Write docs/faults.ko.md: the table of what can go wrong, made from the scenarios that test it.

python -m tools.fault_table
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "faults.ko.md"
SUBJECTS = {
    "network": "네트워크와 내려받기",
    "disk": "디스크와 폴더",
    "gpu": "GPU와 메모리",
    "api": "API와 서버",
    "kernel": "커널",
    "notebooks": "노트북 두 개",
    "questions": "질문의 모양과 길이",
    "text": "입력한 글",
}
INTRO = """\
# 문제가 생겼을 때

수업 중에 일어날 수 있는 일과, 그때 화면에 나오는 것, 할 일, 잃지 않는 것을 모았습니다. 이 표는 손으로 쓴 것이 아니라
`tests/faults/`의 테스트에서 만듭니다. 줄마다 그 상황을 실제로 만들어 실행하는 테스트가 있고, 그 상황을 다루는 코드를
빼면 테스트가 실패하는 것까지 확인합니다. 표를 고치려면 테스트를 고친 뒤 `python -m tools.fault_table`을 실행하십시오.

이 강의의 오류는 노트북에서 짧은 한국어 문장으로 나오고, 무엇을 하면 되는지 알려 줍니다. 긴 영어 오류 추적(traceback)이
나왔다면 이 표에 없는 일입니다. 그 화면을 그대로 강사에게 보여 주십시오.

GPU에 관한 줄은 GPU를 흉내 낸 환경에서 확인했습니다. 실제 T4에서는 아직 실행하지 못했습니다.
"""
HEADERS = ("무슨 일", "화면에 나오는 것", "할 일", "잃지 않는 것")


def page() -> str:
    """The whole page, from the rows registered in ``tests/faults/``."""
    sys.path.insert(0, str(ROOT / "tests"))
    sys.path.insert(0, str(ROOT / "tests" / "faults"))
    from fault import faults

    parts = [INTRO]
    for subject, title in SUBJECTS.items():
        rows = [
            (f"**{each.name}**: {each.what}", each.seen, each.way_out, each.kept)
            for each in faults()
            if each.subject == subject
        ]
        if rows:
            lines = [HEADERS, ["---"] * len(HEADERS), *rows]
            parts.append(f"## {title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
