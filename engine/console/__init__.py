"""The command line: each module holds the commands of one concern; `cli.py` at the top puts them together."""

# command -> the module of this package that holds it (its COMMANDS); loaded only when it is asked for
COMMANDS = {
    "init": "beginning",
    "demo": "beginning",
    "validate": "checking",
    "schema": "checking",
    "import": "importing",
    "tick": "ticking",
    "why": "explaining",
    "due": "looking",
    "deals": "looking",
    "show": "looking",
    "status": "looking",
    "done": "acting",
    "skip": "acting",
    "defer": "acting",
    "reassign": "acting",
    "record": "acting",
    "undo": "acting",
    "pause": "acting",
    "release": "acting",
    "enrol": "acting",
    "excuse": "acting",
    "retry": "acting",
}
