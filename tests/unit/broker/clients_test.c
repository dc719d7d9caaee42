/* clients_test.c: nobody with a session is forgotten, nothing grows. */
#include "broker/clients.h"

#include "tests/unit/harness.h"

static const int sessions[8];

static struct clients *make(size_t max)
{
    struct wg_error err = {0};
    struct clients *clients = clients_new(max, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(clients);
    return clients;
}

static void test_the_quietest_is_forgotten(void)
{
    struct clients *clients = make(3);
    CU_ASSERT_PTR_NOT_NULL(clients_get(clients, "a"));
    CU_ASSERT_PTR_NOT_NULL(clients_get(clients, "b"));
    CU_ASSERT_PTR_NOT_NULL(clients_get(clients, "c"));
    CU_ASSERT_PTR_NOT_NULL(clients_get(clients, "a")); /* heard of again */
    CU_ASSERT_PTR_NOT_NULL(clients_get(clients, "d"));
    CU_ASSERT_PTR_NULL(clients_find(clients, "b"));
    CU_ASSERT_PTR_NOT_NULL(clients_find(clients, "a"));
    CU_ASSERT_PTR_NOT_NULL(clients_find(clients, "c"));
    CU_ASSERT_PTR_NOT_NULL(clients_find(clients, "d"));
    clients_free(clients);
}

static void test_sessions_stay(void)
{
    struct clients *clients = make(2);
    struct client *a = clients_get(clients, "a"), *b = clients_get(clients, "b");
    clients_set_session(clients, a, &sessions[0]);
    CU_ASSERT_PTR_EQUAL(clients_get(clients, "c"), b);
    clients_set_session(clients, clients_find(clients, "c"), &sessions[1]);
    CU_ASSERT_EQUAL(clients_connected(clients), 2);
    CU_ASSERT_PTR_NULL(clients_get(clients, "d"));
    clients_set_session(clients, a, &sessions[2]); /* taken over */
    CU_ASSERT_EQUAL(clients_connected(clients), 2);
    clients_set_session(clients, a, NULL);
    CU_ASSERT_EQUAL(clients_connected(clients), 1);
    CU_ASSERT_PTR_EQUAL(clients_get(clients, "d"), a);
    CU_ASSERT_PTR_NULL(clients_find(clients, "a"));
    clients_free(clients);
}

/* Against a plain model: who is in the table is who must be. */
static void test_many(void)
{
    enum { ROOM = 100, NAMES = 1000 };
    struct clients *clients = make(ROOM);
    uint32_t random = 7;
    size_t connected = 0;
    static bool has[NAMES];
    for (int step = 0; step < 200000; step++) {
        char name[16];
        random = random * 1664525u + 1013904223u;
        unsigned number = (random >> 8) % NAMES;
        CU_ASSERT_TRUE(wg_format(name, sizeof name, "dev-%u", number));
        struct client *client = clients_get(clients, name);
        if (!client) {
            CU_ASSERT_EQUAL(connected, ROOM);
            CU_ASSERT_FALSE(has[number]);
            for (size_t i = 0; (client = clients_at(clients, i)) != NULL; i++)
                clients_set_session(clients, client, NULL);
            for (unsigned i = 0; i < NAMES; i++) has[i] = false;
            connected = 0;
            continue;
        }
        ASSERT_TEXT(client->id, name);
        CU_ASSERT_EQUAL(client->session != NULL, has[number]);
        bool join = (random >> 24) % 3 != 0;
        connected = connected + (join && !has[number]) - (!join && has[number]);
        has[number] = join;
        clients_set_session(clients, client, join ? &sessions[1] : NULL);
        if (clients_connected(clients) != connected) CU_FAIL_FATAL("the count is wrong");
    }
    clients_free(clients);
}

WG_SUITE("clients", {"the quietest is forgotten first", test_the_quietest_is_forgotten},
         {"who has a session stays", test_sessions_stay}, {"many, at random", test_many})
