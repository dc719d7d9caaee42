"""Pages of documentation: their commands, with file and line, and what the programs take."""

import functools
import re
import shlex
from dataclasses import dataclass, field

from tests.lab import programs

PROGRAMS = ("wavegate", "wavegated", "wavegate-pki", "wavegate-agent", "wavegate-signer", "wavegate-enrol", "wavegate-files", "wavegate-fleet",
            "wavegate-api", "wavegate-load", "wavegate-tuf", "wavegate-sim")
FENCE = re.compile(r"\s*(```|~~~)")
MARK = re.compile(r"<!-- run: ([a-z-]+) -->")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
ASSIGNMENT = re.compile(r"[A-Z_]+=")
NO_COMMANDS = {"wavegate artifact url v1"}  # words that are signed
# Of others, which pages tell people to type.
OTHERS = ("aws", "createdb", "docker", "install", "journalctl", "node", "npm", "openssl", "pg_dump", "pg_restore", "pkcs11-tool",
          "psql", "python3", "rclone", "systemctl")
OPERATORS = {";", "|", "||", "&&", "&", "|&", "(", ")"}
REDIRECTIONS = {">", ">>", "<", "2>", ">|"}
BEFORE = {"sudo": 0, "flock": 1}  # what runs the words behind it, and how many are its own
EXTRAS = re.compile(r"\[([^][]*)\]")  # [--wave NAME]: it may be there


def pages():
    """Every page that tells people what to type."""
    root = programs.ROOT
    found = [root / "README.md", root / "deploy/README.md", *root.glob("docs/**/*.md"), *root.glob("examples/**/*.md")]
    return sorted(page for page in found if "node_modules" not in page.parts)


@dataclass
class Line:
    """A line of a code block, with those that a backslash joins to it."""

    where: str
    text: str
    world: str = ""  # of the mark before its block: it is run there


@dataclass
class Call:
    """One of our programs with its words."""

    where: str
    words: list
    whole: bool = True  # False: named in a sentence, arguments may lack

    def __str__(self):
        return f"{self.where}: {' '.join(self.words)}"


def name_of(page):
    return page.relative_to(programs.ROOT) if page.is_relative_to(programs.ROOT) else page


def code_lines(page):
    """What stands in code blocks, fenced or indented by four."""
    fenced, code, blank, world, joined = False, False, True, "", None
    for number, raw in enumerate(page.read_text().splitlines(), 1):
        if FENCE.match(raw):
            fenced, blank = not fenced, False
            world = world if fenced else ""
            continue
        code = fenced or (raw.startswith("    ") and (code or blank))
        blank = not raw.strip()
        if blank:
            continue
        if not code:
            mark = MARK.search(raw)
            world = mark.group(1) if mark else ""
            continue
        line = joined or Line(f"{name_of(page)}:{number}", "", world)
        line.text += raw.strip() if joined else raw[0 if fenced else 4:].strip()
        joined = None
        if line.text.endswith("\\"):
            line.text = line.text[:-1].rstrip() + " "
            joined = line
        else:
            yield line


def spans(page):
    """What sentences have between backticks."""
    text = page.read_text()
    for number, raw in enumerate(text.splitlines(), 1):
        for found in SPAN.findall(raw):
            if found not in NO_COMMANDS:
                yield Line(f"{name_of(page)}:{number}", found)


def words_of(text):
    """Words and operators, as a shell has them; what follows two spaces is an explanation."""
    text = re.split(r"\s{2,}(?![-\\])", re.sub(r"^\$ ", "", text).strip())[0]
    while EXTRAS.search(text):
        text = EXTRAS.sub(r"\1", text)
    reader = shlex.shlex(text, posix=True, punctuation_chars=";|&()<>")
    reader.whitespace_split, reader.commenters = True, ""
    for word in reader:
        if word.startswith("#"):
            return
        yield word


def commands(line):
    """The words of each command in a line, without what is set before it or written where."""
    parts, skip = [[]], False
    try:
        for word in words_of(line.text):
            if word in OPERATORS:
                parts.append([])
            elif word in REDIRECTIONS:
                skip = True
            elif not skip:
                parts[-1].append(word)
            else:
                skip = False
    except ValueError:
        return  # quotes that do not close: no command
    for words in parts:
        while words and (ASSIGNMENT.match(words[0]) or words[0] in BEFORE):
            words = words[1 + BEFORE.get(words[0], 0):]
        if words:
            yield words


def calls(line, whole=True):
    """The calls of our programs, and of make, in a line."""
    for words in commands(line):
        if words[0] in PROGRAMS or words[0] == "make":
            yield Call(line.where, words, whole)


def others(line):
    """The calls of other people's programs."""
    for words in commands(line):
        name = words[0].rpartition("/")[2]
        if name in OTHERS:
            yield Call(line.where, [name, *words[1:]])


@dataclass
class Usage:
    """What one command takes."""

    least: int = 0
    most: float = 0
    first: tuple = ()  # what the first argument may be; empty: anything
    flags: dict = field(default_factory=dict)  # name to whether a value follows


def read_usage(text):
    """Of a help text: flags, and the arguments of its first line."""
    usage = Usage(flags={name: bool(value) for name, value in re.findall(r"^\s+(--[a-z0-9-]+)(?: (csv\b|[A-Z][\w./]*))?", text, re.MULTILINE)})
    head = text.splitlines()[0].removesuffix(" [flags]")
    for word in head.split():
        if re.match(r"\[?[A-Z+]", word):
            usage.least += not word.startswith("[")
            usage.most = usage.most + 1 if "..." not in word else float("inf")
    return usage


@functools.cache
def help_of(*words):
    done = programs.run([programs.program(words[0]), *words[1:], "--help"])
    assert done.returncode == 0, done.stderr
    return done.stdout


@functools.cache
def usage_of(program, noun="", verb=""):
    """None: there is no such command."""
    if program == "wavegate":
        done = programs.run([programs.program(program), *filter(None, (noun, verb)), "--help"])
        return read_usage(done.stdout) if done.returncode == 0 else None
    text = help_of(program)
    if not re.match(rf"usage: {program} VERB", text):
        usage = read_usage(text)
        return Usage(most=float("inf") if program == "wavegate-tuf" else 0, flags=usage.flags)
    sections = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    own = [section for section in sections if section.split() and section.split()[0] == noun]
    if not own or not noun:
        return None
    everywhere = [section for section in sections if section.startswith("everywhere")]
    usage = read_usage(own[0] + "".join(everywhere))
    fixed = re.match(r"\S+ ([a-z|]+)\b", own[0].splitlines()[0])
    if fixed:
        usage.first = tuple(fixed.group(1).split("|"))
        usage.least, usage.most = usage.least + 1, usage.most + 1
    return usage


def wrong_make(call):
    text = (programs.ROOT / "Makefile").read_text()
    for word in call.words[1:]:
        name, is_variable, _ = word.partition("=")
        if is_variable and not re.search(rf"\$[({{]{name}\b|^{name}\b", text, re.MULTILINE):
            return f"the Makefile knows no {name}"
        if not is_variable and not re.search(rf"^{re.escape(name)}:", text, re.MULTILINE):
            return f"the Makefile has no target {name}"
    return ""


def split(words, flags):
    """Positionals, and what is wrong with the flags."""
    positionals, left = [], list(words)
    while left:
        word = left.pop(0)
        name, equals, _ = word.partition("=")
        if word == "--":
            return positionals + left, ""
        if not re.match(r"--[a-z]", word):
            positionals.append(word)
        elif name not in flags:
            return positionals, f"no flag {name}"
        elif flags[name] and not equals:
            if not left or left[0].startswith("--"):
                return positionals, f"{name} wants a value"
            left.pop(0)
        elif equals and not flags[name]:
            return positionals, f"{name} takes no value"
    return positionals, ""


def named(call):
    """Noun and verb of a call, and the words behind them."""
    program, *words = call.words
    head = []
    count = 2 if program == "wavegate" else 1 if re.match(rf"usage: {program} VERB", help_of(program)) else 0
    globals_ = usage_of(program).flags if count == 2 else {}
    flags_before = []
    while words and len(head) < count:
        if words[0].startswith("--"):
            name = words[0].partition("=")[0]
            take = 2 if globals_.get(name) and "=" not in words[0] else 1
            flags_before += words[:take]
            words = words[take:]
        else:
            head.append(words.pop(0))
            if program == "wavegate" and head == ["failures"]:
                head = ["campaign", "failures"]  # the one word that stands alone
    return head, flags_before + words


def wrong(call):
    """What is wrong with a call; '' when it could be typed."""
    program = call.words[0]
    if program == "make":
        return wrong_make(call)
    if program == "wavegate" and call.words[1:2] == ["help"]:
        return "" if not call.words[2:] or usage_of(program, *call.words[2:4]) else "help knows no such word"
    head, words = named(call)
    if not call.whole and len(head) < 2 and program == "wavegate" or call.words[1:] == []:
        return "" if not head or usage_of(program, head[0]) else f"no command {head[0]}"
    if "..." in head:
        return ""
    usage = usage_of(program, *head)
    if usage is None or (program == "wavegate" and len(head) < 2 and words and not words[0].startswith("--")):
        return f"no command {' '.join(head)}".rstrip()
    positionals, problem = split([word for word in words if word not in ("...", "..")], usage.flags)
    loose = not call.whole or "..." in words or ".." in words
    if problem:
        return "" if loose and "wants a value" in problem else problem
    if usage.first and positionals and positionals[0] not in usage.first:
        return f"{positionals[0]} is none of {', '.join(usage.first)}"
    if len(positionals) > usage.most:
        return f"too many arguments: {' '.join(positionals)}"
    if len(positionals) < usage.least and not loose and "--help" not in words:
        return "arguments are missing"
    return ""
