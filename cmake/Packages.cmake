# The Debian packages: one a component (docs/packages.md). `cpack` in a build of the preset "packages" makes them.
set(debian ${CMAKE_SOURCE_DIR}/deploy/debian)

# Of the first entry of deploy/debian/changelog; its time is that of all files in the packages.
execute_process(COMMAND dpkg-parsechangelog -l ${debian}/changelog -S Version
                OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "^${PROJECT_VERSION}-[0-9]+$")
  message(FATAL_ERROR "deploy/debian/changelog begins with ${version}, the project is ${PROJECT_VERSION}")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wavegate)
set(CPACK_DEBIAN_PACKAGE_VERSION ${version})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each has its own
set(CPACK_PACKAGE_CONTACT "Wavegate maintainers <maintainers@wavegate.invalid>")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL server agent cli)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/finish.cmake)
set(CPACK_WG_DEBIAN ${debian})
set(CPACK_WG_VERSION ${version})

# sysusers and tmpfiles; deb-systemd-helper.
set(systemd "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, init-system-helpers (>= 1.54~)")

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME wavegate-server)
set(CPACK_COMPONENT_SERVER_DESCRIPTION "orchestrator of over-the-air updates over MQTT
Wavegate rolls software out to fleets of devices over MQTT: in waves, each
behind a gate, with proof on the device of what it was told, by whom, and
that it worked.
.
This package has the orchestrator (wavegated), the HTTP API with the
dashboard (wavegate-api), the signer of orders (wavegate-signer), the
enrolment of devices (wavegate-enrol), the artifact server (wavegate-files)
and a plugin that judges clients inside Mosquitto. Nothing is started
before it is configured.")
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "${systemd}, curl")
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS "wavegate-cli")
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "mosquitto (>= 2.0), nginx, postgresql-15-postgis-3")
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)

set(CPACK_DEBIAN_AGENT_PACKAGE_NAME wavegate-agent)
set(CPACK_COMPONENT_AGENT_DESCRIPTION "agent of over-the-air updates over MQTT
Wavegate rolls software out to fleets of devices over MQTT: in waves, each
behind a gate, with proof on the device of what it was told, by whom, and
that it worked.
.
This package has what runs on a device: the agent, which fetches, checks and
installs releases and goes back when they do not prove healthy, installers
for what is not two slots, and example hooks.")
set(CPACK_DEBIAN_AGENT_PACKAGE_DEPENDS "init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_AGENT_PACKAGE_SUGGESTS "rauc, swupdate, libubootenv-tool")

set(CPACK_DEBIAN_CLI_PACKAGE_NAME wavegate-cli)
set(CPACK_COMPONENT_CLI_DESCRIPTION "command of over-the-air updates over MQTT
Wavegate rolls software out to fleets of devices over MQTT: in waves, each
behind a gate, with proof on the device of what it was told, by whom, and
that it worked.
.
This package has what people work with: wavegate, which plans, applies,
approves and watches rollouts; wavegate-pki, which makes the authorities and
certificates; wavegate-tuf, a client of TUF repositories.")
set(CPACK_DEBIAN_CLI_PACKAGE_SUGGESTS "bash-completion")

foreach(component server agent cli)
  string(TOUPPER ${component} upper)
  file(GLOB scripts ${debian}/${component}/*)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${scripts}")
endforeach()

include(CPack)
