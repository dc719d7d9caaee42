# Turns ISO 3166 as Debian's iso-codes has it into C: sorted codes, and other words for countries.
#   cmake -DCODES=FOLDER_OF_JSON -DOUT=region_table.inc -P region_table.cmake
cmake_minimum_required(VERSION 3.25)
file(READ ${CODES}/iso_3166-1.json countries)
file(READ ${CODES}/iso_3166-2.json subdivisions)

string(JSON count LENGTH "${countries}" 3166-1)
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON country GET "${countries}" 3166-1 ${i})
  string(JSON code GET "${country}" alpha_2)
  list(APPEND codes ${code})
  foreach(key alpha_3 name common_name)
    string(JSON word ERROR_VARIABLE absent GET "${country}" ${key})
    if(absent)
      continue()
    endif()
    if(word MATCHES "[\"\\;]")
      message(FATAL_ERROR "iso_3166-1.json: the name of ${code} cannot be written into C")
    endif()
    list(APPEND words "{\"${word}\", \"${code}\"}")
  endforeach()
endforeach()

# string(JSON) reads the whole text for each item, which takes minutes here: it only counts.
string(JSON count LENGTH "${subdivisions}" 3166-2)
string(REGEX MATCHALL "\"code\": *\"[^\"]*\"" lines "${subdivisions}")
list(TRANSFORM lines REPLACE ".*\"([^\"]*)\"$" "\\1")
list(LENGTH lines found)
if(NOT found EQUAL count)
  message(FATAL_ERROR "iso_3166-2.json: ${count} subdivisions, but ${found} codes found")
endif()

list(APPEND codes ${lines})
foreach(code IN LISTS codes)
  if(NOT code MATCHES "^[A-Z][A-Z](-[A-Z0-9][A-Z0-9]?[A-Z0-9]?)?$")
    message(FATAL_ERROR "\"${code}\" has not the form of an ISO 3166 code")
  endif()
endforeach()
list(SORT codes)
list(REMOVE_DUPLICATES codes)
list(TRANSFORM codes REPLACE "(.+)" "    \"\\1\",\n")
list(JOIN codes "" codes)
list(SORT words)
list(REMOVE_DUPLICATES words)
list(TRANSFORM words REPLACE "(.+)" "    \\1,\n")
list(JOIN words "" words)
file(WRITE ${OUT} "/* region_table.inc: generated from iso-codes; do not edit. */
static const char codes[][8] = {
${codes}};
static const struct word {
    const char *text, *code;
} words[] = {
${words}};
")
