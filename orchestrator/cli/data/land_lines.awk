# Turns land.txt into C strings, one a line.
/^#/ { next }
{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    print "    \"" $0 "\","
}
