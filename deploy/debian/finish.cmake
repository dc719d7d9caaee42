# finish.cmake: run by cpack when the packages' files are laid out and before they are packed: what Debian wants compressed,
# the list of what is inside (SPDX), and one time for everything.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  message(FATAL_ERROR "SOURCE_DATE_EPOCH is not set: make packages")
endif()
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  set(package wavegate-${component})
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component})
  set(doc ${root}/usr/share/doc/${package})
  configure_file(${CPACK_WG_DEBIAN}/changelog ${doc}/changelog.Debian COPYONLY)
  configure_file(${CPACK_WG_DEBIAN}/../../CHANGELOG.md ${doc}/changelog COPYONLY)
  if(EXISTS ${CPACK_WG_DEBIAN}/${component}.lintian)
    file(MAKE_DIRECTORY ${root}/usr/share/lintian/overrides)
    configure_file(${CPACK_WG_DEBIAN}/${component}.lintian ${root}/usr/share/lintian/overrides/${package} COPYONLY)
  endif()
  file(GLOB_RECURSE pages ${root}/usr/share/man/*)
  execute_process(COMMAND gzip -9nf ${doc}/changelog.Debian ${doc}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(
    COMMAND /usr/bin/python3 ${CPACK_WG_DEBIAN}/sbom.py ${root} ${package} ${CPACK_WG_VERSION} ${doc}/${package}.spdx.json
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND chmod -R u=rwX,go=rX ${root}/usr COMMAND_ERROR_IS_FATAL ANY)
endforeach()
