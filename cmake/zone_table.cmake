# Turns the names of the IANA time zone database into C, sorted: zones and links of tzdata.zi, and
# UTC.
#   cmake -DZONES=tzdata.zi -DOUT=zone_table.inc -P zone_table.cmake
cmake_minimum_required(VERSION 3.25)
file(STRINGS ${ZONES} zones REGEX "^Z [^ ]+ " ENCODING UTF-8)
file(STRINGS ${ZONES} links REGEX "^L [^ ]+ [^ ]+$" ENCODING UTF-8)
list(TRANSFORM zones REPLACE "^Z ([^ ]+) .*" "\\1")
list(TRANSFORM links REPLACE "^L [^ ]+ " "")
set(names ${zones} ${links} UTC)
list(LENGTH names count)
if(count LESS 400)
  message(FATAL_ERROR "${ZONES}: only ${count} zones found; it is not the whole database")
endif()
foreach(name IN LISTS names)
  if(NOT name MATCHES "^[A-Za-z0-9+_/-]+$")
    message(FATAL_ERROR "${ZONES}: \"${name}\" has not the form of a zone's name")
  endif()
endforeach()
list(SORT names)
list(REMOVE_DUPLICATES names)
list(TRANSFORM names REPLACE "(.+)" "    \"\\1\",\n")
list(JOIN names "" names)
file(WRITE ${OUT} "/* zone_table.inc: generated from tzdata; do not edit. */
static const char *const zones[] = {
${names}};
")
