"""Read the code of a Markdown page, run it, and parse the commands of its shell blocks."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from markdown_it import MarkdownIt

from rutterframe import cli

_NOT_RUN = re.compile(r"^\s*% not run:\s*(.*)$")
_LANGUAGES = {"py": "python", "python3": "python", "ipython3": "python", "sh": "bash", "shell": "bash"}
_CODE_DIRECTIVE = re.compile(r"^\{(?:code-block|code-cell|code)\}\s*(\w*)")
_OPTIONS = re.compile(r"(?::[\w-]+:.*\n)+\n*")
_OPERATOR = re.compile(r"^[();<>|&]+$")
#: typer has this exception under a name of its own since it includes click.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
#: A reason has at least this many words.
_REASON_WORDS = 3


@dataclass(frozen=True)
class Block:
    """A block of code of a page: its language, first line, and what the page states about it."""

    language: str
    code: str
    line: int
    #: What stands in the text block that directly follows; None without one.
    output: str | None
    #: Why the block is not run; None if it is.
    not_run: str | None


def blocks_of(text: str, first_line: int = 1) -> list[Block]:
    """Return the blocks of code of a page, those within directives too."""
    lines = text.splitlines()
    fences = [token for token in MarkdownIt().parse(text) if token.type == "fence"]
    blocks: list[Block] = []
    for number, token in enumerate(fences):
        start, end = token.map or (0, 0)
        language = _language_of(token.info)
        if language.startswith("{"):
            blocks += blocks_of(token.content, first_line + start + 1)
            continue
        following = fences[number + 1] if number + 1 < len(fences) else None
        output = None
        if following and following.info.strip() == "text" and following.map:
            is_next = not "".join(lines[end : following.map[0]]).strip()
            output = following.content if is_next else None
        options = _OPTIONS.match(token.content) if token.info.startswith("{") else None
        code = token.content[options.end() :] if options else token.content
        line = first_line + start + 1 + (options[0].count("\n") if options else 0)
        blocks.append(Block(language, code, line, output, _reason(lines[:start])))
    return blocks


def _language_of(info: str) -> str:
    """Return the language of a fence; a directive other than code stays as it is."""
    directive = _CODE_DIRECTIVE.match(info.strip())
    word = directive[1] if directive else (info.split() or [""])[0]
    return _LANGUAGES.get(word, word)


def _reason(lines: list[str]) -> str | None:
    """Return the reason of the comment ``% not run: …`` that the lines end with; None without one."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    comment: list[str] = []
    while lines and lines[-1].lstrip().startswith("%"):
        comment.insert(0, lines[-1])
        lines = lines[:-1]
    if not comment or not (first := _NOT_RUN.match(comment[0])):
        return None
    return " ".join([first[1], *(line.strip(" %") for line in comment[1:])]).strip()


def run_page(path: Path, names: dict[str, Any]) -> int:
    """Run the Python blocks of a page in order in one namespace, and return how many ran.

    A block that is not run is compiled, and its reason has some words. A traceback has the page's lines.
    """
    count = 0
    for block in blocks_of(path.read_text(encoding="utf-8")):
        if block.language != "python":
            continue
        code = compile("\n" * (block.line - 1) + block.code, str(path), "exec")
        if block.not_run is not None:
            words = len(block.not_run.split())
            assert words >= _REASON_WORDS, f"{path}:{block.line}: why is the block not run?"
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)  # noqa: S102 - that it runs is the point
        count += 1
        if block.output is not None:
            assert printed.getvalue() == block.output, f"{path}:{block.line}: other output"
    return count


def commands_of(block: Block) -> Iterator[list[str]]:
    """Yield the arguments of each ``rutterframe …`` of a block of the shell."""
    for line in block.code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        command: list[str] = []
        for word in [*lexer, ";"]:
            if not _OPERATOR.match(word):
                command.append(word)
                continue
            if word.startswith(">") and command and command[-1].isdigit():
                command.pop()  # the 2 of 2>
            while command and "=" in command[0]:
                command.pop(0)  # a variable of the environment
            if command and command[0] == "rutterframe":
                yield command[1:]
            command = []


def mentions_of(text: str) -> Iterator[list[str]]:
    """Yield the words of each command that the prose of a page names, such as `rutterframe status PATH`."""
    for mention in re.findall(r"(?<!`)`rutterframe ([^`]+)`(?!`)", text):
        yield shlex.split(mention)


def check_mention(words: list[str]) -> None:
    """Raise a UsageError where a command of the prose, or one of its options, does not exist."""
    commands: Any = typer.main.get_command(cli.app)
    name, *rest = words
    if name.startswith("--"):
        return
    if name not in commands.commands:
        raise typer.BadParameter(f"no command {name}")
    options = {
        option for one in commands.commands[name].params for option in (*one.opts, *one.secondary_opts)
    }
    for word in rest:
        if word.startswith("--") and word != "--help" and word not in options:
            raise typer.BadParameter(f"{name} has no option {word}")


def check_command(words: list[str]) -> None:
    """Parse a command without running it; an option, argument or choice that is invalid is a UsageError."""
    group: Any = typer.main.get_command(cli.app)
    name, *rest = words
    if name.startswith("-"):
        if name not in {option for parameter in group.params for option in parameter.opts}:
            raise typer.BadParameter(f"no option {name}")
    elif name not in group.commands:
        raise typer.BadParameter(f"no command {name}")
    elif "--help" not in rest:
        group.commands[name].make_context(name, rest)
