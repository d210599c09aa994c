"""Handlings that live in the local server's process, which a learner's ``without`` cannot reach by name."""


def in_server(code: str) -> str:
    """For ``without={"course_utils.engine_launch._BOOT": in_server(code)}``: the server runs ``code`` first."""
    return f"original.replace('; from course_utils', '; ' + {code!r} + '; from course_utils')"
