# manual.awk: a man page of what a program's --help prints. Variables: program, section, version, date, about.
# Lines that begin "usage:", and those indented behind them, are the synopsis; "  --flag WORD   text" is an
# option; an indented line is told as it stands; any other is a paragraph.
function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    sub(/^[.']/, "\\\\\\&&", text)
    return text
}
# Lines of the source, of at most 80 bytes where it has blanks.
function wrapped(text,    out, at) {
    while (length(text) > 80) {
        for (at = 80; at > 1 && substr(text, at, 1) != " "; at--);
        if (at <= 1) break
        out = out substr(text, 1, at - 1) "\n"
        text = substr(text, at + 1)
    }
    return out text
}
function fill(on) {
    if (on == filled) return
    print on ? ".fi" : ".nf"
    filled = on
}
BEGIN {
    filled = 1
    print ".\\\" Printed from what " program " --help says; do not edit."
    print ".TH " toupper(program) " " section " \"" date "\" \"wavegate " version "\" \"Wavegate\""
    print ".SH NAME"
    print roff(program) " \\- " roff(about)
    print ".SH SYNOPSIS"
    fill(0)
    synopsis = 1
}
/^usage: / { print roff(substr($0, 8)); next }
synopsis && /^ / && !/^  --/ { sub(/^       /, ""); print roff($0); next }
synopsis && /^$/ { next }
synopsis { options(); fresh = 1 }
function options() {
    synopsis = 0
    fill(1)
    print ".SH OPTIONS"
}
/^  --/ {
    if (synopsis) options()
    fresh = 0
    fill(1)
    line = substr($0, 3)
    at = match(line, /  +/)
    if (!at) { match(line, / URI /); at = RSTART + 4 }
    words = split(substr(line, 1, at - 1), word, " ")
    print ".TP"
    printf "\\fB%s\\fR", roff(word[1])
    for (i = 2; i <= words; i++) printf " \\fI%s\\fR", roff(word[i])
    text = substr(line, at)
    sub(/^ +/, "", text)
    print "\n" wrapped(roff(text))
    next
}
/^ / { fill(0); print roff($0); next }
/^$/ { fill(1); next }
{
    fill(1)
    if (!fresh) print ".PP"
    print "\\fB" roff($0) "\\fR"
    print ".br"
    fresh = 0
}
END {
    fill(1)
    print ".SH SEE ALSO"
    print program == "wavegate-agent" ? "/usr/share/doc/wavegate\\-agent" : ".BR wavegate (1)"
}
