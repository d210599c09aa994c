"""Results of an invented class for the tests of the reports, with everything that can go wrong in it."""

import random

from course_utils.grading.results import AspectGrade, SubmissionResult, TaskGrade

EVIL = '<script>document.title="XSS"</script><img src=x onerror=alert(1)> & "따옴표"'
SECRET = "[17.25, 99.5, -3.125]"  # stands for a hidden test's input
HOME = "/home/teacher/course/answer_key/ex04/softmax.py"
NO_MAX = "로짓이 크면 exp()가 넘칩니다. 줄마다 가장 큰 로짓을 먼저 뺐는지 확인해 주십시오."
NO_RETURN = "아무 값도 돌려주지 않았습니다(None). 아직 작성하지 않았거나 return 문이 빠졌습니다."
SHOWN = (("입력", "softmax([1.0, 2.0])"), ("기댓값", "[0.26894142 0.73105858]"), ("받은 값", "[0.5 0.5]"))


def aspect(name="row", title="로짓 한 줄을 확률로", points=1, earned=1, **rest):
    return AspectGrade(name, title, points, earned, **rest)


def failed(mistake="no_max", diagnosis=NO_MAX, shown=SHOWN, **rest):
    return aspect(earned=0, mistake=mistake, diagnosis=diagnosis, shown=shown, **rest)


def task(name="softmax", title="소프트맥스", aspects=None, **rest):
    aspects = (aspect(), aspect("large", "아주 큰 로짓에서도 넘치지 않음")) if aspects is None else tuple(aspects)
    points = sum(one.points for one in aspects) + rest.get("manual_points", 0)
    earned = rest.pop("earned", sum(one.earned for one in aspects))
    return TaskGrade(name, title, rest.pop("kind", "function"), points, earned, aspects=aspects, **rest)


def reason(points=None):
    """The task that is graded by hand; ``None``: it still waits."""
    rest = {"manual_points": 2, "pending": points is None, "earned": points or 0}
    return task("predict_reason", "예측한 까닭", (), kind="text", **rest)


def result(student="홍길동", tasks=None, status="graded", exercise="ex04", **rest):
    tasks = (task(), reason()) if tasks is None else tuple(tasks)
    settings = {"file": f"{student}/ex04_softmax_temperature.ipynb", "digest": "0" * 64, "sandbox": "bubblewrap"}
    return SubmissionResult(student, exercise, status=status, tasks=tasks, **{**settings, "seconds": 0.2, **rest})


def many_faults():
    """One submission in which every kind of thing is to be told."""
    tasks = [
        task(),
        task("temperature", "온도 나누기", [failed(), failed(title="아주 큰 로짓")]),
        task("top_k", "top-k 거르기", [aspect(), failed("other", f"기댓값은 {SECRET}입니다.", (), hidden=True)]),
        task("entropy", "엔트로피", [failed("no_return", NO_RETURN, ())]),
        task("draw", "뽑기", [failed("FileNotFoundError", f"FileNotFoundError 오류: {HOME}\n이름을 확인합니다.", ())]),
        reason(),
    ]
    notes = ("복사한 셀이 하나 있어 첫 번째 것만 채점했습니다.", f"{HOME} 파일을 읽었습니다.", EVIL)
    texts = {"predict_reason": f"온도가 낮으면 확률이 한 토큰에 몰립니다.\n{EVIL}"}
    return result(tasks=tasks, notes=notes, texts=texts, file=HOME, when="2026-03-28T09:10:00+09:00", clock="zip")


PARTS = (("row", "로짓 한 줄을 확률로"), ("large", "아주 큰 로짓에서도 넘치지 않음"), ("table", "표는 줄마다 따로"))
TYPE_ERROR = "TypeError 오류가 났습니다: f() takes 1 argument\n값의 종류가 맞지 않을 때 나는 오류입니다."


def a_class(size=40, seed=1):
    """Honest, partly right, blank, crashed, unreadable and absent students, some with odd names."""
    rng = random.Random(seed)
    names = ["softmax", "temperature", "top_k", "entropy", "draw"]
    titles = ["소프트맥스", "온도 나누기", "top-k 거르기", "엔트로피", "여러 번 뽑아 빈도 세기"]
    mistakes = [("no_max", NO_MAX), ("no_return", NO_RETURN), ("timeout", "정해진 시간 5초 안에 끝나지 않았습니다.")]
    mistakes.append(("TypeError", TYPE_ERROR))
    found = [many_faults()]
    for i in range(size):
        skill = rng.random()
        tasks = []
        for name, title in zip(names, titles, strict=True):
            parts = []
            for part, words in PARTS:
                if rng.random() < skill + 0.2:
                    parts.append(aspect(part, words))
                else:
                    mistake, text = mistakes[rng.randrange(4) if rng.random() < 0.4 else 0]
                    hidden = rng.random() < 0.4
                    parts.append(failed(mistake, text, () if hidden else SHOWN, name=part, title=words, hidden=hidden))
            tasks.append(task(name, title, parts, seconds=rng.random() * 0.2))
        given = rng.choice([None, None, 0.5, 1, 2])
        texts = {"predict_reason": f"답 {i}: 온도를 나누면 로짓의 차이가 커지거나 작아지기 때문입니다."}
        found.append(result(f"수강생{i:02}", [*tasks, reason(given)], texts=texts, seconds=0.1 + rng.random() / 3))
    blank = [task(name, title, [failed("no_return", NO_RETURN, ())]) for name, title in zip(names, titles, strict=True)]
    crash = [task("softmax", "소프트맥스", [failed("crash", "실행하던 프로그램이 갑자기 끝났습니다.", ())]), reason(1)]
    found += [result("=HYPERLINK(0)", blank), result("빈 답안", blank), result("충돌", crash)]
    found.append(result("깨진 파일", (), "unreadable", notes=("노트북 파일이 아닙니다(JSON 오류).",)))
    return [*found, result("결석", [task(aspects=[failed("", "", ())])], "absent", notes=("제출물이 없습니다.",))]
