"""``python -m course_utils.grading``; see ``command_line``."""

import sys

from course_utils.grading.command_line import main

if __name__ == "__main__":
    sys.exit(main())
