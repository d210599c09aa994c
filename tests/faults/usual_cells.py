"""Cells that several scenarios begin with, and a handling that does nothing."""

PIPE = 'from course_utils import load_pipeline\npipe = load_pipeline("mini")\n'
CLIENT = 'from course_utils import openai_client\nclient = openai_client(where="local")\n'
ASK = "from course_utils.api_calls import ask\n"
SIDES = PIPE + CLIENT + "from course_utils.chat_session import ChatSession\n"
HOW = ", max_new_tokens=8, do_sample=False"
NOTHING = "lambda *values, **settings: None"
