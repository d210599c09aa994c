"""Lines that only Jupyter understands are made harmless, and nothing else is."""

import pytest

from course_utils.grading.magics import plain_python


def test_magic_lines_are_replaced_and_strings_are_not():
    source = "text = '''\n%time\n!ls\n'''\n%pip install \\\n  x\nif True:\n    !ls\ny = %who\nlen?\nz = 5 % 2"
    code_, ignored = plain_python(source)
    space = {}
    exec(code_, space)
    assert space["text"] == "\n%time\n!ls\n" and space["y"] == [] and space["z"] == 1
    assert ignored == ["%pip install \\", "!ls", "y = %who", "len?"]
    assert code_.count("\n") == source.count("\n")


@pytest.mark.parametrize("source", ["x = (", "def f(:\n  pass", "5 %% 3", "\0", "a b\n%time", ""])
def test_other_syntax_errors_stay(source):
    assert plain_python(source)[0] == source


def test_cell_magics():
    assert plain_python("%%bash\nrm -rf /")[0] == "pass"
    assert plain_python("\n%%time\nx = 1")[0] == "\npass\nx = 1"
