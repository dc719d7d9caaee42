/* peer_test.c: certificates that come as text. What comes by TLS is tried in
 * tests/system/attacks/test_files_server.py. */
#include "orchestrator/files/peer.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static void test_none(void)
{
    static const char *const rows[] = {
        "",
        "%",
        "%4",
        "%zz",
        "%4g",
        "dev-1",
        "-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----%0A",
        "-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----%0A",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        char name[WG_NAME_MAX + 1] = "";
        CU_ASSERT_FALSE(peers_check_escaped(NULL, rows[i], name, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

static void test_long(void)
{
    static char text[70000];
    struct wg_error err = {0};
    char name[WG_NAME_MAX + 1] = "";
    memset(text, 'a', sizeof text - 1);
    CU_ASSERT_FALSE(peers_check_escaped(NULL, text, name, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

WG_SUITE("orchestrator/files/peer", {"none", test_none}, {"long", test_long})
