# Turns .sql files into C. A statement opens with "-- name: NOUN_VERB"; a file may hold many.
#   out=names       enum sql_name {...}; for sql_names.h
#   out=texts       {"name", "text"}, ...; for sql_texts.inc
#   out=migrations  {"NNN_what", "whole file"}, ...; for migrations.inc
function quote(s) {
    gsub(/\\/, "&&", s)
    gsub(/"/, "\\\"", s)
    return "\"" s "\\n\""
}
function finish() {
    if (open && out != "names") print "    },"
    open = 0
}
function begin(name) {
    finish()
    if (out == "names") print "    SQL_" toupper(name) ","
    else print "    {\"" name "\","
    open = 1
}
BEGIN {
    if (out == "names") {
        print "/* sql_names.h: generated from the .sql files; do not edit. */"
        print "#ifndef WG_SQL_NAMES_H\n#define WG_SQL_NAMES_H\nenum sql_name {"
    }
}
FNR == 1 && out == "migrations" {
    base = FILENAME
    sub(/.*\//, "", base)
    sub(/\.sql$/, "", base)
    begin(base)
}
/^-- name: / && out != "migrations" {
    begin($3)
    next
}
!open { next }
out != "names" && !/^[ \t]*--/ && !/^[ \t]*$/ { print "     " quote($0) }
END {
    finish()
    if (out == "names") print "    SQL_COUNT\n};\n#endif"
}
