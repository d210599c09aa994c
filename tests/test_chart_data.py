"""What a learner passes to a chart: refused with a way out in Korean, or rounded to what the eye can see."""

import numpy as np
import pytest
from chart_samples import bars, line
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from course_utils.chart_data import levelled
from course_utils.errors import CourseValueError
from course_utils.figures import bar_chart, line_chart


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: bar_chart([1, 2], {"가": [1]}, title="", y_label=""), "2개.*'가'.*1개.*개수를 같게"),
        (lambda: bar_chart([], {"가": []}, title="", y_label=""), "비어.*labels"),
        (lambda: bar_chart("abc", {"가": [1, 2, 3]}, title="", y_label=""), "labels에는 리스트"),
        (lambda: bar_chart([1], [1], title="", y_label=""), "series에는 이름과 값의 딕셔너리"),
        (lambda: bar_chart([1], {}, title="", y_label=""), "series에는 이름과 값의 딕셔너리"),
        (lambda: bar_chart([1], {1: [1], "1": [2]}, title="", y_label=""), "이름이 둘 있습니다: '1'"),
        (lambda: bar_chart([1], {str(i): [1] for i in range(7)}, title="", y_label=""), "6개 이하로"),
        (lambda: bars([1, float("nan")]), "1번째 값이 nan"),
        (lambda: line([1, float("-inf")]), "1번째 값이 -inf"),
        (lambda: bars(["x", 2]), "숫자"),
        (lambda: bars([[1, 2], [3, 4]]), "숫자"),
        (lambda: bars([1, 0], log_y=True), "0보다 큰.*log_y=False"),
        (lambda: line([1, 2], x=[0, 1], log_x=True), "0보다 큰.*log_x=False"),
        (lambda: bars([1, 1e200]), "1e.100보다 큰"),
        (lambda: bars([1, 48], percent=True), "0과 1 사이.*percent=False"),
        (lambda: line([0.1], percent=True, reference=("기준", 50)), "0과 1 사이"),
        (lambda: line([1], x=5), "x에는 리스트"),
        (lambda: bars([1] * 60), "막대 60개"),
        (lambda: bars([1], width=100), "320 이상"),
        (lambda: bars([1], width="720"), "320 이상"),
        (lambda: bars([1], height=None), "260 이상"),
        (lambda: line([1], reference=0.7), "reference에는 이름과 값"),
        (lambda: line([1], reference="확률"), "reference에는 이름과 값"),
        (lambda: line([1], reference=("확률",)), "reference에는 이름과 값"),
        (lambda: line([1], reference=("확률", "높음")), "숫자"),
    ],
)
def test_what_cannot_be_drawn_is_explained_in_korean(draw, message):
    with pytest.raises(CourseValueError, match=message):
        draw()


def test_too_low_a_picture_says_so():
    rows = {f"아주 긴 이름의 설정 {i}": [1e-9] * 6 for i in range(6)}
    with pytest.raises(CourseValueError, match="height를 늘려"):
        bar_chart(["긴이름" * 6] * 6, rows, title="제목", y_label="세로", height=260, width=400)
    with pytest.raises(CourseValueError, match="height를 늘려"):
        line_chart(range(6), rows, title="긴 제목 " * 20, x_label="가로", y_label="세로", height=260, width=320)


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@example([4.5e15]).via("a constant that one more does not change")
@example([1e-308, 0.0]).via("smaller than arithmetic")
@example([999.1, 999.9, -1e-9]).via("mixed")
@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=5))
def test_whatever_finite_numbers_come_they_are_drawn_without_a_warning(values):
    for picture in (bars(values), line(values), line(range(len(values)), x=values)):
        assert "nan" not in picture.svg and "inf" not in picture.svg
    if min(values) > 0:
        assert bars(values, log_y=True) and line(values, x=values, log_x=True)


@given(st.lists(st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-50), min_size=1, max_size=30))
def test_levelling_moves_nothing_by_more_than_a_thousandth_of_the_range(values):
    values = np.array(values)
    allowed = max(np.ptp(values), 1e-4 * np.abs(values).max()) / 1000 + 5e-6 * np.abs(values).max()
    assert np.abs(levelled(values) - values).max() <= allowed


def test_levelled_values_do_not_tremble_where_numbers_are_round():
    values = np.array([0.0, 0.125, 0.25, 0.0005, 0.5, 1.0])
    assert all((levelled(values * (1 + noise)) == levelled(values)).all() for noise in (1e-6, -1e-6, 1e-9))
