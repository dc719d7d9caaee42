#!/bin/sh
# small.sh: reads the agent's sources as `make agent-small` compiles them: against musl's headers and with the reduced
# wolfSSL. Needs neither network nor the sources of libraries; what only their link would show, it does not see.
#
# usage: tests/small.sh SOURCE_ROOT
set -eu
cd "${1:?usage: small.sh SOURCE_ROOT}"
headers=$(mktemp -d "${TMPDIR:-/tmp}/wg-small.XXXXXX")
trap 'rm -rf "$headers"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# musl-gcc sees no headers but musl's; wolfSSL's options are user_settings.h alone.
ln -s /usr/include/linux /usr/include/asm-generic "/usr/include/$(cc -dumpmachine)/asm" \
    /usr/include/MQTT*.h /usr/include/jansson*.h /usr/include/zstd*.h /usr/include/http_parser.h "$headers"
cp -r /usr/include/wolfssl "$headers"
: >"$headers/wolfssl/options.h"

# What the rooms leave out for WG_SMALL, as their CMakeLists.txt say it.
sed -n 's/.*EXCLUDE REGEX "\(.*\)").*/\1/p' common/CMakeLists.txt common/*/CMakeLists.txt | sed 's/\\\\/\\/g' >"$headers/left_out"
find common agent/core agent/posix deploy/small/token_absent.c deploy/small/place_absent.c deploy/small/outbox_absent.c deploy/small/check_absent.c -name '*.c' | grep -vE -f "$headers/left_out" | sort |
    xargs -n 16 musl-gcc -fsyntax-only -std=c11 -D_GNU_SOURCE -DWG_VERSION='"small"' -DWOLFSSL_USER_SETTINGS \
        -Wall -Wextra -Werror -Wno-unused-parameter -I. -Ideploy/small/include -Ideploy/small \
        -isystem "$headers" -include musl_more.h
echo 'small: the agent reads with the small headers'
