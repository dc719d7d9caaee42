/* clients.c: chained hash over a pool of fixed size, with a list of those that may be forgotten.
 * Names come from certificates that our own authorities issued: nobody can choose them to collide.
 */
#include "broker/clients.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define CHAINS_PER_CLIENT 2

struct clients {
    size_t max, used, connected, chains;
    uint32_t oldest, youngest; /* of those without a session */
    uint32_t *heads;
    struct client *items;
};

struct clients *clients_new(size_t max, struct wg_error *err)
{
    struct clients *clients = calloc(1, sizeof *clients);
    if (clients) {
        clients->max = max;
        clients->chains = max * CHAINS_PER_CLIENT;
        clients->oldest = clients->youngest = NONE;
        clients->items = calloc(max, sizeof clients->items[0]);
        clients->heads = malloc(clients->chains * sizeof clients->heads[0]);
    }
    if (!clients || !clients->items || !clients->heads) {
        clients_free(clients);
        (void)wg_fail_memory(err, "making the table of clients");
        return NULL;
    }
    memset(clients->heads, 0xff, clients->chains * sizeof clients->heads[0]);
    return clients;
}

void clients_free(struct clients *clients)
{
    if (!clients) return;
    free(clients->items);
    free(clients->heads);
    free(clients);
}

/* FNV-1a. */
static uint32_t *chain_of(struct clients *clients, const char *id)
{
    uint64_t hash = 14695981039346656037U;
    for (; *id; id++) hash = (hash ^ (unsigned char)*id) * 1099511628211U;
    return &clients->heads[hash % clients->chains];
}

static uint32_t index_of(const struct clients *clients, const struct client *client)
{
    return (uint32_t)(client - clients->items);
}

static void leave_idle(struct clients *clients, struct client *client)
{
    if (client->older == NONE)
        clients->oldest = client->younger;
    else
        clients->items[client->older].younger = client->younger;
    if (client->younger == NONE)
        clients->youngest = client->older;
    else
        clients->items[client->younger].older = client->older;
}

static void join_idle(struct clients *clients, struct client *client)
{
    uint32_t index = index_of(clients, client);
    client->older = clients->youngest;
    client->younger = NONE;
    if (clients->youngest == NONE)
        clients->oldest = index;
    else
        clients->items[clients->youngest].younger = index;
    clients->youngest = index;
}

static void forget(struct clients *clients, struct client *client)
{
    uint32_t index = index_of(clients, client), *at = chain_of(clients, client->id);
    while (*at != index) at = &clients->items[*at].next;
    *at = client->next;
    leave_idle(clients, client);
}

struct client *clients_find(struct clients *clients, const char *id)
{
    for (uint32_t at = *chain_of(clients, id); at != NONE; at = clients->items[at].next)
        if (strcmp(clients->items[at].id, id) == 0) return &clients->items[at];
    return NULL;
}

struct client *clients_get(struct clients *clients, const char *id)
{
    struct client *client = clients_find(clients, id);
    if (client) {
        if (!client->session) {
            leave_idle(clients, client);
            join_idle(clients, client);
        }
        return client;
    }
    if (clients->used < clients->max) {
        client = &clients->items[clients->used++];
    } else {
        if (clients->oldest == NONE) return NULL;
        client = &clients->items[clients->oldest];
        forget(clients, client);
    }
    uint32_t *head = chain_of(clients, id);
    *client = (struct client){.next = *head};
    (void)wg_copy(client->id, sizeof client->id, id);
    *head = index_of(clients, client);
    join_idle(clients, client);
    return client;
}

void clients_set_session(struct clients *clients, struct client *client, const void *session)
{
    if (!client->session && session) {
        leave_idle(clients, client);
        clients->connected++;
    } else if (client->session && !session) {
        join_idle(clients, client);
        clients->connected--;
    }
    client->session = session;
}

size_t clients_connected(const struct clients *clients)
{
    return clients->connected;
}

struct client *clients_at(struct clients *clients, size_t index)
{
    return index < clients->used ? &clients->items[index] : NULL;
}
