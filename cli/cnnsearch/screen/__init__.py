"""What a person sees while a run goes on, and when it has ended.

`board` keeps the state that the events tell, `view` draws it, `live` shows it (`lines` without a
terminal), `tables` prints results and `runs` their list to stdout, `svg` makes a picture of a run.
"""
