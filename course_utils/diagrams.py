"""Lesson 02's diagrams, drawn from a configuration: the public names, gathered from where they are made."""

from course_utils.diagram_attention import attention_kinds, rope_rotation
from course_utils.diagram_model import decoder_block, gated_feed_forward, whole_model
from course_utils.diagram_norm import rms_norm_example

__all__ = [
    "attention_kinds",
    "decoder_block",
    "gated_feed_forward",
    "rms_norm_example",
    "rope_rotation",
    "whole_model",
]
