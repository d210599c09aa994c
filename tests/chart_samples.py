"""Charts such as the lessons draw, and awkward ones; for the tests of figures and of the browser."""

import numpy as np

from course_utils.figures import bar_chart, line_chart

WORDS = ["밥", "빵", "국수", "커피", "물", "자동차", "하늘", "연필"]
LOGITS = np.array([3.2, 2.9, 2.5, 1.5, 1.1, 0.2, -0.5, -1.0])


def bars(values, **options):
    options = {"title": "제목", "y_label": "세로"} | options
    return bar_chart([f"이름{i}" for i in range(len(values))], {"값": values}, **options)


def line(values, x=None, **options):
    options = {"title": "제목", "x_label": "가로", "y_label": "세로"} | options
    return line_chart(range(len(values)) if x is None else x, {"값": values}, **options)


def softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def coin(noise=0.0):
    values = np.array([48, 52]) * (1 + noise)
    return bar_chart(["앞면", "뒷면"], {"횟수": values}, title="동전을 100번 던진 결과", y_label="나온 횟수")


def steep(noise=0.0):
    shares = softmax(np.array([1, 2, 3, 4, 100.0])) * (1 - abs(noise))
    labels = [1, 2, 3, 4, 100]
    return bar_chart(labels, {"확률": shares}, title="소프트맥스", y_label="확률", x_label="로짓", percent=True)


def temperatures(noise=0.0):
    rows = {f"T = {t}": softmax(LOGITS / t) * (1 + noise) for t in (0.5, 1, 2)}
    return bar_chart(WORDS, rows, title="온도와 확률", y_label="확률", x_label="다음 토큰", percent=True)


def eighths(noise=0.0):
    """Nothing but exact ties of rounding: 1/8, 1/32, 1/64 ..."""
    shares = np.array([0.5, 0.25, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128]) * (1 + noise)
    return bar_chart(list("ABCDEFG"), {"확률": shares}, title="반씩", y_label="확률", percent=True)


def costs(noise=0.0):
    steps = ["소프트맥스", "온도", "top-k", "top-p", "뽑기", "generate 한 걸음"]
    times = np.array([0.43, 0.05, 1.2, 3.4, 0.21, 45.6]) * (1 + noise)
    return bar_chart(steps, {"시간": times}, title="단계별 계산 시간", y_label="시간 (ms)", log_y=True)


def signed(noise=0.0):
    return bar_chart(WORDS, {"로짓": LOGITS * (1 + noise)}, title="로짓", y_label="로짓")


def crowded(noise=0.0):
    labels = [f"아주 긴 이름의 토큰 {i}" for i in range(20)]
    title = "막대가 스무 개이고 이름이 길며 제목도 두 줄로 나뉘어야 할 만큼 길어서 자리가 모자라는 그림"
    shares = softmax(np.sin(np.arange(20.0) ** 2)) * (1 + noise)
    return bar_chart(labels, {"확률": shares}, title=title, y_label="확률", percent=True)


def six_groups(noise=0.0):
    rows = {f"긴 이름의 설정 {i}": softmax(LOGITS * (i + 1) / 3) * 10 * (1 + noise) for i in range(6)}
    return bar_chart(WORDS, rows, title="여섯 설정", y_label="값")


def large_numbers(noise=0.0):
    count = np.arange(1, 3001)
    heads = np.random.default_rng(0).random((3, 3000)) < 0.5
    # Quotients of whole numbers: processors differ in the sixteenth digit only.
    rows = {f"{i}번째 실험": np.cumsum(row) / count * (1 - abs(noise) * 1e-9) for i, row in enumerate(heads, 1)}
    words = {"title": "큰 수의 법칙", "x_label": "던진 횟수", "y_label": "앞면의 상대 빈도"}
    return line_chart(count, rows, **words, log_x=True, percent=True, reference=("진짜 확률", 0.5))


def entropies(noise=0.0):
    points = np.array([0.1, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10])
    bits = [-(softmax(LOGITS / t) * np.log2(softmax(LOGITS / t) + 1e-300)).sum() * (1 + noise) for t in points]
    words = {"title": "온도와 엔트로피", "x_label": "온도", "y_label": "엔트로피 (비트)"}
    return line_chart(points, {"엔트로피": bits}, **words, log_x=True, reference=("최댓값", 3))


def six_lines(noise=0.0):
    rows = {f"분포 {i}": softmax(LOGITS * (i + 1) / 3) * 10 * (1 + noise) for i in range(6)}
    return line_chart(range(8), rows, title="여섯 선", x_label="순위", y_label="값")


ALL = [
    coin,
    steep,
    temperatures,
    eighths,
    costs,
    signed,
    crowded,
    six_groups,
    large_numbers,
    entropies,
    six_lines,
]
