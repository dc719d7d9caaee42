# The libraries; docs/decisions/ says why each is here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(WOLFSSL REQUIRED IMPORTED_TARGET wolfssl>=5.5)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.14)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.5.4)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.75)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.7)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.85)

# Paho's static archive: its TLS calls are answered by common/posix/paho_tls.c, not by OpenSSL.
find_library(WG_PAHO_ARCHIVE NAMES libpaho-mqtt3as.a REQUIRED)
find_library(WG_HTTP_PARSER NAMES http_parser REQUIRED)
find_library(WG_CUNIT NAMES cunit)
