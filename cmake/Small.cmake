# The small agent (docs/decisions/0029-agent-small.md): musl, and the libraries from Debian's source
# packages, reduced to what the agent asks of them. Instead of Dependencies.cmake.
#   deploy/small/sources.sh build/small-sources && cmake --preset small && cmake --build --preset small
find_package(Threads REQUIRED)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

set(WG_SMALL_SOURCES ${CMAKE_SOURCE_DIR}/build/small-sources CACHE PATH "what deploy/small/sources.sh fetched")
set(small ${CMAKE_SOURCE_DIR}/deploy/small)
if(NOT EXISTS ${WG_SMALL_SOURCES}/wolfssl/.version)
  message(FATAL_ERROR "${WG_SMALL_SOURCES} has no sources: run deploy/small/sources.sh ${WG_SMALL_SOURCES}")
endif()

# musl-gcc sees no headers but musl's: those that are not a C library's are linked into a folder.
set(headers ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${headers})
execute_process(COMMAND ${CMAKE_C_COMPILER} -dumpmachine OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
file(GLOB paho_headers /usr/include/MQTT*.h)
foreach(header linux asm-generic ${paho_headers})
  get_filename_component(name ${header} NAME)
  file(CREATE_LINK /usr/include/${name} ${headers}/${name} SYMBOLIC)
endforeach()
file(CREATE_LINK /usr/include/${machine}/asm ${headers}/asm SYMBOLIC)
file(WRITE ${headers}/wolfssl/options.h "/* user_settings.h says it */\n")
file(WRITE ${headers}/jansson_private_config.h "/* all that is needed is said on the command line */\n")
include_directories(SYSTEM ${headers})

# Where the power of the machine matters little and every kilobyte counts.
set(WG_SMALL_SPEED -Oz CACHE STRING "optimisation of the libraries")
set(CMAKE_C_FLAGS_MINSIZEREL "-Oz -DNDEBUG")

add_compile_options(-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables
                    -fPIE -fstack-protector-strong -flto)

# small_library(NAME DIRECTORY dir SOURCES ... FLAGS ...): a static library of somebody else's sources.
function(small_library name)
  cmake_parse_arguments(LIB "" "DIRECTORY" "SOURCES;INCLUDE;FLAGS" ${ARGN})
  list(TRANSFORM LIB_SOURCES PREPEND ${WG_SMALL_SOURCES}/${LIB_DIRECTORY}/)
  list(TRANSFORM LIB_INCLUDE PREPEND ${WG_SMALL_SOURCES}/)
  add_library(${name} STATIC ${LIB_SOURCES})
  target_include_directories(${name} SYSTEM PUBLIC ${LIB_INCLUDE})
  set_target_properties(${name} PROPERTIES C_EXTENSIONS ON)
  target_compile_options(${name} PRIVATE -w ${WG_SMALL_SPEED} ${LIB_FLAGS})
endfunction()

small_library(small_wolfssl DIRECTORY wolfssl INCLUDE wolfssl
  SOURCES src/internal.c src/keys.c src/ssl.c src/tls.c src/tls13.c src/wolfio.c
          wolfcrypt/src/aes.c wolfcrypt/src/asn.c wolfcrypt/src/chacha.c wolfcrypt/src/chacha20_poly1305.c
          wolfcrypt/src/coding.c wolfcrypt/src/cpuid.c wolfcrypt/src/curve25519.c wolfcrypt/src/ecc.c
          wolfcrypt/src/ed25519.c wolfcrypt/src/error.c wolfcrypt/src/fe_low_mem.c wolfcrypt/src/ge_low_mem.c wolfcrypt/src/fe_operations.c
          wolfcrypt/src/ge_operations.c wolfcrypt/src/hash.c wolfcrypt/src/hmac.c wolfcrypt/src/kdf.c
          wolfcrypt/src/logging.c wolfcrypt/src/memory.c wolfcrypt/src/poly1305.c wolfcrypt/src/random.c
          wolfcrypt/src/rsa.c wolfcrypt/src/sha256.c wolfcrypt/src/sha512.c wolfcrypt/src/signature.c
          wolfcrypt/src/sp_c32.c wolfcrypt/src/sp_c64.c wolfcrypt/src/sp_int.c wolfcrypt/src/wc_encrypt.c
          wolfcrypt/src/wc_port.c wolfcrypt/src/wolfmath.c)
target_sources(small_wolfssl PRIVATE ${small}/absent.c)
target_compile_definitions(small_wolfssl PUBLIC WOLFSSL_USER_SETTINGS)
target_include_directories(small_wolfssl PUBLIC ${small})
add_library(PkgConfig::WOLFSSL ALIAS small_wolfssl)

small_library(small_jansson DIRECTORY jansson/src INCLUDE jansson/android jansson/src
  SOURCES dump.c error.c hashtable.c hashtable_seed.c load.c memory.c pack_unpack.c strbuffer.c strconv.c
          utf.c value.c
  FLAGS -DHAVE_STDINT_H -DHAVE_SYS_TIME_H -DHAVE_SYS_TYPES_H -DHAVE_UNISTD_H -DHAVE_FCNTL_H
        -DUSE_URANDOM -DHAVE_OPEN -DHAVE_CLOSE -DHAVE_READ -DHAVE_GETPID -DHAVE_GETTIMEOFDAY)
add_library(PkgConfig::JANSSON ALIAS small_jansson)

small_library(small_zstd DIRECTORY libzstd/lib INCLUDE libzstd/lib
  SOURCES common/debug.c common/entropy_common.c common/error_private.c common/fse_decompress.c
          common/xxhash.c common/zstd_common.c decompress/huf_decompress.c decompress/zstd_ddict.c
          decompress/zstd_decompress.c decompress/zstd_decompress_block.c
  FLAGS -DZSTD_DISABLE_ASM -DDYNAMIC_BMI2=0 -DHUF_FORCE_DECOMPRESS_X1 -DZSTD_LEGACY_SUPPORT=0
        -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DZSTD_NO_INLINE)
add_library(PkgConfig::ZSTD ALIAS small_zstd)

small_library(small_http_parser DIRECTORY http-parser INCLUDE http-parser SOURCES http_parser.c)
set(WG_HTTP_PARSER small_http_parser)

# Debian's archive of Paho, without tables for unwinding and without the objects that paho_absent.c
# stands for; then the names that its C library lacks.
find_library(paho NAMES libpaho-mqtt3as.a REQUIRED PATHS /usr/lib/${machine} NO_DEFAULT_PATH)
execute_process(COMMAND dpkg-query -W -f "\${Version}" libpaho-mqtt-dev OUTPUT_VARIABLE paho_version)
if(NOT paho_version MATCHES "^1\\.3\\.12-")
  message(FATAL_ERROR "libpaho-mqtt-dev is ${paho_version}, not 1.3.12: compare networkHandles and PacketBuffers of "
                      "its Clients.h and MQTTPacket.h with ${small}/paho_absent.c, then change the version here")
endif()
set(paho_here ${CMAKE_BINARY_DIR}/libpaho.a)
execute_process(COMMAND ${CMAKE_OBJCOPY} --remove-section=.eh_frame ${paho} ${paho_here} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_AR} d ${paho_here} WebSocket.c.o MQTTPersistence.c.o MQTTPersistenceDefault.c.o Heap.c.o
                COMMAND_ERROR_IS_FATAL ANY)
add_library(small_paho STATIC ${small}/paho_absent.c ${small}/glibc_names.c)
set(WG_PAHO_ARCHIVE ${paho_here} small_paho)

include_directories(BEFORE ${small}/include)
add_compile_options(-include musl_more.h)
# A file that runs at any address, as -static-pie would make it if musl-gcc knew of it.
string(REPLACE gnu musl musl /usr/lib/${machine})
add_library(small_start OBJECT ${small}/relocate.c)
target_compile_options(small_start PRIVATE -fno-lto -fno-stack-protector)
link_libraries($<TARGET_OBJECTS:small_start>)
add_link_options(-static -nostartfiles ${musl}/rcrt1.o ${musl}/crti.o ${musl}/crtn.o -fPIE
                 -Wl,-pie,--no-dynamic-linker,-z,text,-z,pack-relative-relocs,--wrap=__libc_start_main)
# One segment for all that is read only: the padding between two of them takes 8 kB.
add_link_options(-flto-partition=one -Wl,--gc-sections,-z,noseparate-code,-z,relro,-z,now,-z,noexecstack,-z,stack-size=262144,--build-id=none)
