"""How the bundled model is made: corpus generator, tokenizer, training, evaluation and model card.

Run all of it with ``make train-mini`` (``python -m tools.mini``).
"""
