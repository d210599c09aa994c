"""nbgrader's settings: `nbgrader generate_assignment ex04_softmax_temperature` and so on work from this folder.

Our own grader (`python -m course_utils.grading`) does not need nbgrader; `exercises/` is released with it.
"""

import os
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor

c = get_config()  # noqa: F821  (nbgrader puts it there)

ROOT = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "llm-generation-course"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# `pass` does nothing and shows nothing: an unsolved cell runs, and the cells after it do too.
c.ClearSolutions.code_stub = {"python": "# 여기에 코드를 작성합니다.\npass"}
c.ClearSolutions.text_stub = "여기에 답을 적어 주십시오."
# A student who deleted a test cell gets it back; without this nbgrader drops its points without a word.
c.OverwriteCells.add_missing_cells = True
c.ExecutePreprocessor.timeout = 60
# Demonstrations on a real model load torch, seconds for every student, and no point depends on them.
c.ExecutePreprocessor.skip_cells_with_tag = DEMO = "demo"


class RunWhatIsGraded(NbGraderPreprocessor):
    """Takes the tag off graded cells: one that was not run has no errors, and nbgrader gives it its full points."""

    def preprocess_cell(self, cell, resources, index):
        if "nbgrader" in cell.metadata and DEMO in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != DEMO]
        return cell, resources


c.Autograde.sanitize_preprocessors.append(RunWhatIsGraded)
# The hidden tests call the answer key, which lies in this folder and is not installed anywhere.
paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
if str(ROOT) not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
