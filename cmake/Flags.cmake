# Compiler and linker flags for every target of the project.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(WG_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_compile_definitions(_GNU_SOURCE WG_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
                    -Wvla -Wformat=2 -Wundef -Werror -fno-strict-aliasing)
include_directories(${CMAKE_SOURCE_DIR})

# Three hundred programs are linked: gold (binutils) needs a third of the time. Releases take the usual one.
find_program(WG_GOLD ld.gold)
if(WG_GOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=gold)
endif()

if(WG_SANITIZE)
  # Instrumented code hides from the compiler how large a number can be; the release build has that warning.
  add_compile_options(-fsanitize=${WG_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
                      $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
  add_link_options(-fsanitize=${WG_SANITIZE})
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES C)
  set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                      -fstack-clash-protection -ffunction-sections -fdata-sections)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections)
endif()

# What is built says nothing of the folder that it was built in. For packages alone: a compiler's cache would keep nothing else
# from one folder to the next.
option(WG_PACKAGES "For the Debian packages: no path of this machine in what is built; units and configurations are installed too" OFF)
if(WG_PACKAGES)
  # the last one that fits counts
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build)
endif()
