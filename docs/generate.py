"""Write docs/keywords.md from the schemas and docs/errors.md from the code that finds problems.

    python docs/generate.py

tests/test_documents.py fails when a page is older than what it is made from.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from engine.authoring.experiment_rules import RULES as EXPERIMENT_RULES  # noqa: E402
from engine.authoring.rules import RULES  # noqa: E402 - found only now when this file is run by itself

NOTICE = "<!-- Written by docs/generate.py. Change what it is made from, then run it again. -->"
# schema -> the file that it describes, in the order in which people need them
FILES = {
    "playbook": "playbooks/NAME.yaml",
    "settings": "playbook.toml",
    "fields": "playbooks/library/fields.yaml",
    "events": "playbooks/library/events.yaml",
    "calendars": "playbooks/library/calendars.yaml",
    "roster": "playbooks/library/roster.yaml",
    "loss-reasons": "playbooks/library/loss-reasons.yaml",
    "questionnaire": "playbooks/library/questionnaires/NAME.yaml",
    "scores": "playbooks/library/scores.yaml",
    "content-rules": "playbooks/library/content-rules.yaml",
    "scenario": "playbooks/scenarios/NAME.yaml",
    "experiment": "playbooks/experiments/NAME.yaml",
    "behaviour": "playbooks/behaviours/NAME.yaml",
    "import": "the mapping of an import",
}
LONGEST_EXAMPLE = 90


def pages() -> dict[Path, str]:
    """Every page that is written here, with its text."""
    return {ROOT / "docs" / "keywords.md": keywords(), ROOT / "docs" / "errors.md": errors()}


# --- keywords -------------------------------------------------------------------------------------------------------


def keywords() -> str:
    """One table per mapping of each schema: keyword, meaning, example, who reads it."""
    lines = [
        "# Keywords", NOTICE, "",
        "Every key of every file, as the schemas say it. What it means when it runs: [semantics](semantics.md).",
        "A key in **bold** must be there. The last column names the code that reads it.",
    ]  # fmt: skip
    known: set[str] = set()
    for name, file in FILES.items():
        schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        title = file if file.startswith("the ") else f"`{file}`"
        lines += ["", f"## {title[0].upper() + title[1:]}", "", schema["description"], ""]
        lines += _table(schema, schema)
        for definition, content in schema.get("$defs", {}).items():
            lines += _definition(definition, content, schema, known)
    return "\n".join(lines) + "\n"


def _definition(name: str, content: Mapping[str, Any], schema: Mapping[str, Any], known: set[str]) -> list[str]:
    """A mapping, a list of words or a form of text that keywords refer to; each is told once for all schemas."""
    if name in known or "description" not in content:
        return []
    known.add(name)
    head = ["", f"### {_spoken(name)}", "", content["description"]]
    if content.get("properties"):
        return [*head, "", *_table(content, schema)]
    words = content.get("markdownEnumDescriptions")
    if words:
        listed = zip(content["enum"], words, strict=True)
        return [*head, "", *(f"- `{word}`: {meaning}" for word, meaning in listed)]
    return [*head, "", f"Examples: {_examples(content)}"] if content.get("examples") else []


def _table(mapping: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| {key} | {_cell(meaning)} | {example} | {function} |"
        for key, meaning, example, function in _rows(mapping, schema, "")
    ]
    return ["| key | meaning | example | read by |", "|---|---|---|---|", *rows]


def _rows(mapping: Mapping[str, Any], schema: Mapping[str, Any], before: str) -> Iterator[tuple[str, str, str, str]]:
    required = mapping.get("required", ())
    for key, content in mapping.get("properties", {}).items():
        dotted = f"{before}{key}"
        found = _with_reference(content, schema)
        code = str(found.get("$comment", ""))
        reader = f"`{code.removeprefix('engine/')}`" if code.startswith("engine/") else code
        bold = "**" if key in required else ""
        yield f"{bold}`{dotted}`{bold}", _meaning(content, found), _examples(found, most=1), reader
        if "$ref" not in content:
            yield from _rows(content, schema, f"{dotted}.")


def _with_reference(content: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword with what it refers to filled in below its own words."""
    referred = content.get("$ref", "").removeprefix("#/$defs/")
    return {**schema["$defs"].get(referred, {}), **content} if referred else dict(content)


def _meaning(content: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    text = str(found.get("description", ""))
    referred = [content, content.get("items", {}), content.get("additionalProperties", {})]
    names = [part["$ref"].rpartition("/")[2] for part in referred if isinstance(part, dict) and "$ref" in part]
    told = names and ("properties" in found or content.get("items") or content.get("additionalProperties"))
    if told:
        text += f" See [{_spoken(names[0])}](#{_spoken(names[0]).replace(' ', '-')})."
    if "enum" in content:
        text += f" One of {', '.join(f'`{word}`' for word in content['enum'])}."
    return text


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _examples(content: Mapping[str, Any], most: int = 6) -> str:
    shown = [_flow(example) for example in content.get("examples", ())]
    fitting = [text for text in shown if len(text) <= LONGEST_EXAMPLE] or [
        f"{text[:LONGEST_EXAMPLE]}…" for text in shown
    ]
    return ", ".join(f"`{_cell(text)}`" for text in fitting[:most])


def _flow(example: Any) -> str:
    """One value on one line, as it would be written in YAML."""
    text = yaml.safe_dump(example, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return text.strip().removesuffix("...").strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# --- problems -------------------------------------------------------------------------------------------------------

# where a rule's name and its message stand among the arguments of the call that reports it
REPORTS = {
    "add": (1, 2), "complain": (0, 1), "problem": (0, 2), "_at_key": (2, 3), "_at_value": (2, 3),
    "NoBaseError": (0, 1), "at_extends": (0, 1), "_warning": (1, 2), "_one_of": (4, 99),
}  # fmt: skip
PLACES = ("engine/authoring", "engine/core/building", "engine/scenarios")
GROUPS = {
    "Reading the file": ("encoding", "strictness", "syntax", "composing", "source", "known"),
    "The shape of the file": ("schema", "findings"),
    "Settings, library and playbooks": (),  # every other module
    "Scenarios": ("checking", "reading"),
}


def errors() -> str:
    """Every rule that `playbook validate` knows: what it says, and for rules about meaning why and what to write."""
    lines = [
        "# Problems", NOTICE, "",
        "What `playbook validate` can find. A problem is printed as `file:line:column: level rule: what is wrong`,",
        "with what to write instead below it. Here are the rules by name. `…` stands for a word of your file.",
    ]  # fmt: skip
    said = messages()
    for title in GROUPS:
        lines += ["", f"## {title}", "", "| rule | says |", "|---|---|"]
        lines += [
            f"| `{rule}` | {'; '.join(sorted(texts)) or 'in its message, what exactly is wrong at that place'} |"
            for (group, rule), texts in sorted(said.items())
            if group == title
        ]
    lines += ["", "## What a playbook means", "", "Each with its reason, and an example of how to write it.", ""]
    lines += [line for rule, check in RULES.items() for line in _rule(rule, check)]
    arms = "What is wrong with the parameters of an arm is told as in a playbook."
    lines += ["## What an experiment means", "", arms, ""]
    lines += [line for rule, check in EXPERIMENT_RULES.items() for line in _rule(rule, check)]
    return "\n".join(lines).rstrip() + "\n"


def _rule(name: str, check: Callable[..., object]) -> list[str]:
    """The page of one semantic rule: the docstring of its module."""
    module = sys.modules[check.__module__]
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    level = "warning" if 'level="warning"' in source else "error"
    return [f"### {name}", "", f"*{level}*. {_indented(module.__doc__ or '')}", ""]


def _indented(docstring: str) -> str:
    """The docstring with its example, its last paragraph, as a block of code; it may stand at the margin."""
    head, _, example = docstring.strip().rpartition("\n\n")
    if not head or example.startswith("    "):
        return docstring.strip()
    return f"{head}\n\n{textwrap.indent(example, '    ')}"


def messages() -> dict[tuple[str, str], set[str]]:
    """(group, rule) -> what it says, from every call in the code that reports a problem."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted(path for place in PLACES for path in (ROOT / place).glob("*.py")):
        group = next((title for title, modules in GROUPS.items() if path.stem in modules), "")
        if path.parent.name == "build":
            group = ""
        for rule, text in _reported(ast.parse(path.read_text(encoding="utf-8"))):
            texts = found.setdefault((group or "Settings, library and playbooks", rule), set())
            texts.update([text] if text.strip("…") else [])
    return found


def _reported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(rule, message) of every problem that the functions of a module report."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        texts = _assigned(function)
        for node in ast.walk(function):
            for rule, message in _rule_and_message(node):
                for name in _constants(rule, texts):
                    yield name, _text(message, texts)


def _rule_and_message(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    if isinstance(node, ast.Tuple) and len(node.elts) in (3, 4):  # (rule, place, message, hint) of strictness.py
        if isinstance(node.elts[0], ast.Constant) and str(node.elts[0].value).startswith("yaml-"):
            yield node.elts[0], None if isinstance(node.elts[2], ast.Starred) else node.elts[2]
    elif isinstance(node, ast.Call):
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if "rule" in keywords:
            yield keywords["rule"], keywords.get("message")
            return
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        rule, message = REPORTS.get(called, (99, 99))
        if rule < len(node.args) and not any(isinstance(part, ast.Starred) for part in node.args[: rule + 1]):
            yield node.args[rule], node.args[message] if message < len(node.args) else None


def _constants(node: ast.expr, texts: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """The names that a rule's argument can be: a text, one of two, or what a variable was given."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body, texts)
        yield from _constants(node.orelse, texts)
    elif isinstance(node, ast.Name):
        for value in texts.get(node.id, ()):
            yield from _constants(value, {})


def _assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _text(node: ast.expr | None, texts: Mapping[str, list[ast.expr]]) -> str:
    """A message as people see it, with … where words of the file stand."""
    if isinstance(node, ast.Constant):
        return _cell(str(node.value))
    if isinstance(node, ast.JoinedStr):
        parts = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        return _cell(re.sub("(?<=.)…+$", "…", parts).replace("……", "…"))
    if isinstance(node, ast.Name):
        return _joined(texts.get(node.id, ()))
    return _joined([node.body, node.orelse]) if isinstance(node, ast.IfExp) else ""


def _joined(nodes: Iterable[ast.expr]) -> str:
    return "; ".join(text for node in nodes if (text := _text(node, {})) and text != "…")


def main() -> None:
    """Write the pages that changed."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
