"""A process of its own that asks for a model's GGUF file, for the tests of the cache and of downloads."""

CODE = """
import sys
from course_utils import CourseError
from course_utils.gguf_files import gguf_for
try:
    file = gguf_for(sys.argv[1])
    print("FILE", file.name, file.path.name, file.parameters)
except CourseError as error:
    print("ERROR", type(error).__name__, error)
"""
