# A room is one folder of sources that becomes one static library (or program).

# wg_room(NAME LINK lib...): all .c files of the current folder but main.c.
function(wg_room name)
  cmake_parse_arguments(ROOM "" "" "LINK;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  if(sources OR ROOM_SOURCES)
    add_library(${name} STATIC ${sources} ${ROOM_SOURCES})
    target_link_libraries(${name} PUBLIC ${ROOM_LINK})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ROOM_LINK})
  endif()
endfunction()

# wg_program(NAME PACKAGE server|agent|cli LINK lib...): main.c of the current folder.
function(wg_program name)
  cmake_parse_arguments(PROGRAM "" "PACKAGE" "LINK" ${ARGN})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.c)
    add_executable(${name} main.c)
    target_link_libraries(${name} PRIVATE ${PROGRAM_LINK})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ${CMAKE_POSITION_INDEPENDENT_CODE})
    install(TARGETS ${name} COMPONENT ${PROGRAM_PACKAGE})
  endif()
endfunction()
