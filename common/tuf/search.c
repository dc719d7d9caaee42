/* search.c: a target is looked for in pre-order, depth first, roles in the order in which they are
 * delegated to (5.6.7). A terminating delegation ends the search behind itself. A role that cannot
 * be had or believed ends it too, as a failure: another role must not speak in its place. */
#include "common/text.h"
#include "common/tuf/client_state.h"

#include <inttypes.h>
#include <string.h>

void visit_clear(struct visit *visit)
{
    json_decref(visit->keys);
    json_decref(visit->role);
    *visit = (struct visit){.name = ""};
}

static void pending_clear(struct search *search)
{
    while (search->pending_count > 0) visit_clear(&search->pending[--search->pending_count]);
}

void search_clear(struct search *search)
{
    pending_clear(search);
    json_decref(search->visited);
    json_decref(search->info);
    search->visited = search->info = NULL;
    search->under_way = false;
    search->visits = 0;
}

/* The roles that one role delegates the path to, in their order. */
struct children {
    struct search *search;
    size_t first;
    bool terminated;
};

static bool child_add(void *ctx, const struct tuf_delegation *delegation, struct wg_error *err)
{
    struct children *children = ctx;
    struct search *search = children->search;
    if (search->pending_count == TUF_PENDING_MAX)
        return wg_fail(err, WG_E_LIMIT, "delegations: more than %d roles to look into",
                       TUF_PENDING_MAX);
    struct visit *visit = &search->pending[search->pending_count++];
    (void)wg_copy(visit->name, sizeof visit->name, delegation->name);
    visit->keys = json_incref((json_t *)delegation->keys);
    visit->role = json_incref((json_t *)delegation->role);
    children->terminated = delegation->terminating;
    return true;
}

/* A terminating delegation leaves nothing of what was pending before. */
static void drop_before(struct search *search, size_t first)
{
    for (size_t i = 0; i < first; i++) visit_clear(&search->pending[i]);
    memmove(search->pending, search->pending + first,
            (search->pending_count - first) * sizeof search->pending[0]);
    search->pending_count -= first;
}

static void reverse(struct visit *visits, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct visit other = visits[i];
        visits[i] = visits[count - 1 - i];
        visits[count - 1 - i] = other;
    }
}

static bool children_add(struct search *search, const struct tuf_metadata *role,
                         struct wg_error *err)
{
    struct children children = {.search = search, .first = search->pending_count};
    if (!tuf_delegations_of(role, search->path, child_add, &children, err)) return false;
    reverse(search->pending + children.first, search->pending_count - children.first);
    if (children.terminated) drop_before(search, children.first);
    return true;
}

static bool take_target(struct search *search, const char *role, const struct tuf_metadata *md)
{
    json_t *info = json_object_get(json_object_get(md->body, "targets"), search->path);
    if (!info) return false;
    search->info = json_incref(info);
    (void)wg_copy(search->found.role, sizeof search->found.role, role);
    search->found.length = json_integer_value(json_object_get(info, "length"));
    search->found.hashes = json_object_get(info, "hashes");
    search->found.custom = json_object_get(info, "custom");
    return true;
}

/* The next role that was not looked into yet; the client is ready when there is none. */
static bool next_role(struct tuf_client *client, struct wg_error *err)
{
    struct search *search = &client->search;
    client->stage = STAGE_READY;
    while (search->pending_count > 0) {
        struct visit visit = search->pending[--search->pending_count];
        search->pending[search->pending_count] = (struct visit){.name = ""};
        if (json_object_get(search->visited, visit.name)) {
            visit_clear(&visit);
            continue;
        }
        visit_clear(&client->visit);
        client->visit = visit;
        if (++search->visits > client->limits.visits)
            return wg_fail(err, WG_E_LIMIT, "delegations: more than %d roles to look into",
                           client->limits.visits);
        if (json_object_set_new(search->visited, visit.name, json_true()) != 0)
            return wg_fail_memory(err, "looking for a target");
        client->stage = STAGE_TARGETS_LOAD;
        return true;
    }
    search->under_way = false;
    return true;
}

bool search_role(struct tuf_client *client, const struct tuf_metadata *role, struct wg_error *err)
{
    struct search *search = &client->search;
    if (take_target(search, client->visit.name, role)) {
        pending_clear(search);
        search->under_way = false;
        client->stage = STAGE_READY;
        return true;
    }
    return children_add(search, role, err) && next_role(client, err);
}

bool tuf_client_look_up(struct tuf_client *client, const char *path, struct wg_error *err)
{
    struct search *search = &client->search;
    if (client->stage != STAGE_READY)
        return wg_fail(err, WG_E_CONFLICT, "the update has not come to its end");
    if (!tuf_target_path_check(path, err)) return false;
    search_clear(search);
    search->visited = json_object();
    if (!search->visited) return wg_fail_memory(err, "looking for a target");
    (void)wg_copy(search->path, sizeof search->path, path);
    search->under_way = true;
    (void)wg_copy(client->visit.name, sizeof client->visit.name, tuf_type_text(TUF_TARGETS));
    if (search_role(client, &client->trusted.targets, err)) return true;
    search_clear(search);
    client->stage = STAGE_READY;
    return false;
}

const struct tuf_target *tuf_client_target(const struct tuf_client *client)
{
    const struct search *search = &client->search;
    return client->stage == STAGE_READY && search->info ? &search->found : NULL;
}
