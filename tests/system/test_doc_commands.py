"""Every command that a page tells people to type is one: program, noun, verb, flags, number of arguments."""

import pytest

from tests.lab import ledger, pages, programs

GOOD = ["wavegate campaign plan FILE --devices left-out", "wavegate device list --offline --tag lab     # who is away",
        "$ wavegate --json device show ID", "wavegate failures NAME [--wave NAME] [--limit N]", "wavegate help campaign plan",
        "wavegate-pki issue operator anna --role support; wavegate-pki revoke anna", "wavegate device export --tag pilot > pilots.csv",
        "sudo TZ=UTC wavegated --check", "wavegate-agent --once [--claim T [--claim-id D]]", "wavegate-pki key make spare",
        "make soak SOAK=\"--minutes 5\"", "wavegate release add FILE --repository R ... --compress"]
BAD = {"wavegate campaign plane FILE": "no command campaign plane", "wavegate campaigne plan FILE": "no command campaigne plan",
       "wavegate device list --ofline": "no flag --ofline", "wavegate device show": "arguments are missing",
       "wavegate device show ID OTHER": "too many arguments: ID OTHER", "wavegate campaign apply FILE --draft=1": "--draft takes no value",
       "wavegate device list --tag": "--tag wants a value", "wavegated --chek": "no flag --chek", "wavegate-pki isue device d": "no command isue",
       "wavegate-fleet seed --broker mqtt://localhost": "no flag --broker", "wavegate-pki issue phone d": "phone is none of device, server, service, operator",
       "make tests": "the Makefile has no target tests",
       "make soak SOKA=1": "the Makefile knows no SOKA", "true && wavegate fleet helth": "no command fleet helth", "wavegate fleet": "arguments are missing"}


def page_calls():
    for page in pages.pages():
        for line in pages.code_lines(page):
            yield from pages.calls(line)


def sentence_calls():
    for page in pages.pages():
        for line in pages.spans(page):
            yield from pages.calls(line, whole=False)


def judged(text):
    return [pages.wrong(call) for call in pages.calls(pages.Line("here:1", text))]


@pytest.mark.parametrize("text", GOOD)
def test_a_right_command_is_right(text):
    assert judged(text) and not any(judged(text))


@pytest.mark.parametrize("text", BAD)
def test_a_wrong_command_is_found(text):
    assert BAD[text] in judged(text)


def test_blocks_are_found_with_their_lines(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Text\n\n    make \\\n      demo\n\n<!-- run: play -->\n```\nwavegate device list\n```\n\n- item\n    wavegate is a word here\n")
    found = [(line.where.rpartition(":")[2], line.text, line.world) for line in pages.code_lines(page)]
    assert found == [("3", "make demo", ""), ("8", "wavegate device list", "play")]


def test_commands_of_blocks_could_be_typed():
    found = list(page_calls())
    assert len(found) > 150
    assert not [f"{call}: {pages.wrong(call)}" for call in found if pages.wrong(call)]


def test_commands_of_sentences_could_be_typed():
    found = list(sentence_calls())
    assert len(found) > 100
    assert not [f"{call}: {pages.wrong(call)}" for call in found if pages.wrong(call)]


RAN = [(["device", "list", "--tag", "lab"], 0), (["device", "list", "--offline"], 0), (["device", "list", "--alarm"], 1),
       (["campaign", "plan", "FILE"], ledger.PENDING), (["campaign", "apply", "FILE"], ledger.PENDING), (["group", "list", "--help"], 0)]
LACKING = {("wavegate device list --tag a", True): False, ("wavegate group list", True): True, ("wavegate device list --offline --tag a", True): True,
           ("wavegate device list --offline --tag a", False): False, ("wavegate device list --alarm", False): True,
           ("wavegate --json device list", True): False, ("wavegate campaign plan FILE", True): False,
           ("wavegate campaign apply FILE", True): True, ("psql -d wavegate -f roles.sql", True): False,
           ("psql -d wavegate --command x", True): True, ("make soak", True): False, ("make tea", True): True}


def test_what_no_test_ran_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger, "FOLDER", tmp_path)
    for words, code in RAN:
        ledger.note([programs.program("wavegate"), *words], code)
    ledger.note(["sh", "-c", "cd /tmp && PGUSER=a psql -X -d other -f file >log"], 0)
    ran = ledger.read(tmp_path)
    found = {(text, whole): ledger.lacking(call, ran) for text, whole in LACKING for call in ledger.both(pages.Line("here", text))
             for call.whole in [whole]}
    assert found == LACKING
