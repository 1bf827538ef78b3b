"""A run on disk: its folder, its events and the study of its trials.

Everything is written to a temporary name and renamed, or appended a line at a time and read
tolerantly, so that a process killed at any moment leaves a folder that can be read.
"""
