# Prints a text file as lines of C strings; -v name=NAME.
BEGIN { printf "/* Made from a file: not to be edited. */\n#include \"orchestrator/api/openapi.h\"\n\nconst char %s[] =\n", name }
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "    \"%s\\n\"\n", $0
}
END { print "    \"\";" }
