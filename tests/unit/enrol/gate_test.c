/* gate_test.c: who guesses is not looked at for a while, and locks out nobody but himself. */
#include "pki/enrol/gate.h"

#include "tests/unit/harness.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HERE "192.0.2.1"
#define THERE "192.0.2.2"
#define NOW ((wg_time)1000000)

static const struct claim_settings settings = {.requests = 3, .wrong = 2, .window = 10 * WG_MINUTE};

static struct gate *gate_new(void)
{
    struct gate *gate = malloc(sizeof *gate);
    CU_ASSERT_PTR_NOT_NULL_FATAL(gate);
    gate_init(gate, &settings);
    return gate;
}

static void test_requests(void)
{
    struct gate *gate = gate_new();
    for (int i = 0; i < 3; i++) CU_ASSERT_EQUAL(gate_request(gate, HERE, NOW), 0);
    CU_ASSERT_EQUAL(gate_request(gate, HERE, NOW + 20 * WG_SECOND), 40 * WG_SECOND);
    CU_ASSERT_EQUAL(gate_request(gate, THERE, NOW), 0);
    CU_ASSERT_EQUAL(gate_request(gate, HERE, NOW + WG_MINUTE), 0);
    for (int i = 0; i < 6; i++) CU_ASSERT_TRUE(gate_connect(gate, HERE, NOW));
    CU_ASSERT_FALSE(gate_connect(gate, HERE, NOW));
    free(gate);
}

static void test_wrong_tokens(void)
{
    struct gate *gate = gate_new();
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(gate_look(gate, HERE, "dev-1", NOW), 0);
        gate_wrong(gate, HERE, "dev-1", NOW + i);
    }
    CU_ASSERT_EQUAL(gate_look(gate, HERE, "dev-1", NOW + WG_MINUTE), 9 * WG_MINUTE);
    CU_ASSERT_TRUE(gate_look(gate, HERE, "dev-2", NOW + WG_MINUTE) > 0); /* nor another name */
    CU_ASSERT_EQUAL(gate_look(gate, THERE, "dev-1", NOW), 0);            /* the device itself */
    gate_wrong(gate, THERE, "dev-2", NOW);
    CU_ASSERT_TRUE(gate_look(gate, THERE, "dev-1", NOW) > 0); /* one wrong, and the name is full */
    CU_ASSERT_EQUAL(gate_look(gate, THERE, "dev-2", NOW), 0);
    /* being turned away did not make it longer */
    CU_ASSERT_EQUAL(gate_look(gate, HERE, "dev-1", NOW + 10 * WG_MINUTE), 0);
    free(gate);
}

static void address_is(int family, const char *text, const char *expected)
{
    struct sockaddr_storage from = {.ss_family = (sa_family_t)family};
    char out[GATE_ADDRESS_MAX];
    void *at = family == AF_INET ? (void *)&((struct sockaddr_in *)&from)->sin_addr
                                 : (void *)&((struct sockaddr_in6 *)&from)->sin6_addr;
    CU_ASSERT_EQUAL_FATAL(inet_pton(family, text, at), 1);
    gate_address(&from, out);
    ASSERT_TEXT(out, expected);
}

static void test_addresses(void)
{
    address_is(AF_INET, "192.0.2.1", "192.0.2.1");
    address_is(AF_INET6, "::ffff:192.0.2.1", "192.0.2.1");
    address_is(AF_INET6, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"); /* his whole network */
}

WG_SUITE("gate", {"requests", test_requests}, {"wrong tokens", test_wrong_tokens},
         {"addresses", test_addresses})
