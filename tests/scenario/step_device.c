/* step_device.c: what devices say, and what is done to them. */
#include "tests/scenario/rules.h"
#include "tests/scenario/step_part.h"
#include "tests/scenario/who.h"

#include <stdlib.h>
#include <string.h>

/* ---- what devices say ---- */

static bool who_of(struct acted *acted, const struct yaml_value *at, struct who *who)
{
    char campaign[WG_NAME_MAX + 1] = "";
    return step_read(acted, "campaign", campaign, sizeof campaign) &&
           who_read(acted->scene, at, campaign, who);
}

/* Each says what make() writes. */
static bool say(struct acted *acted, const struct who *who,
                bool (*make)(struct acted *acted, struct machine *machine,
                             struct intake_item *item))
{
    struct intake_item *items = calloc(who->count + 1, sizeof *items);
    if (!items) return scene_fail(acted->scene, NULL, "no memory");
    bool ok = true;
    for (size_t i = 0; i < who->count && ok; i++) ok = make(acted, who->machines[i], &items[i]);
    ok = ok && scene_take(acted->scene, items, who->count);
    free(items);
    return ok;
}

static bool make_report(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    struct scene *scene = acted->scene;
    char campaign[WG_NAME_MAX + 1] = "", state[STEP_TEXT_MAX], *cause;
    int64_t back = 0, attempt = 0;
    bool again = false;
    (void)step_read(acted, "campaign", campaign, sizeof campaign);
    (void)yaml_read_int(scene->doc, step_beside(acted, "orders_back"), "orders_back", 0, 10, &back);
    (void)yaml_read_bool(scene->doc, step_beside(acted, "again"), "again", &again);
    const struct machine_order *order = machine_order(machine, campaign, (size_t)back);
    if (!order)
        return scene_fail(scene, acted->value, "%s has received no such order", machine->id);
    (void)wg_copy(state, sizeof state, acted->text);
    cause = strchr(state, ' ');
    if (cause) *cause++ = '\0';
    struct wg_report said = {0};
    if (!wg_state_parse(state, &said.state) || !wg_cause_parse(cause, &said.cause))
        return scene_fail(scene, acted->value, "expected STATE or STATE CAUSE, got \"%s\"",
                          acted->text);
    if (said.state == WG_SUCCEEDED)
        (void)wg_copy(machine->version, sizeof machine->version, order->version);
    machine_report(machine, order, again, scene->now, item);
    item->as.report.state = said.state;
    item->as.report.cause = said.cause;
    (void)step_read(acted, "detail", item->as.report.detail, sizeof item->as.report.detail);
    if (yaml_read_int(scene->doc, step_beside(acted, "attempt"), "attempt", 1, 100, &attempt) &&
        attempt)
        item->as.report.attempt = attempt;
    return true;
}

bool step_report(struct acted *acted)
{
    struct who who;
    return who_of(acted, step_beside(acted, "who"), &who) && say(acted, &who, make_report);
}

static bool make_will(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    machine->online = false;
    machine_will(machine, machine->link, acted->scene->now, item);
    return true;
}

/* Of the connection before the present one, or of the boot before, by a broker that was slow to
 * notice. */
static bool make_late_will(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    struct machine before = *machine;
    if (before.link == 1) before.boots--;
    machine_will(&before, before.link > 1 ? before.link - 1 : 1, acted->scene->now, item);
    return true;
}

static bool make_hello(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    machine->online = true;
    machine_hello(machine, acted->scene->now, item);
    return true;
}

static bool make_connection(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    machine->link++;
    return make_hello(acted, machine, item);
}

/* Of the present connection, though it may have ended. */
static bool make_late_hello(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    machine_hello(machine, acted->scene->now, item);
    return true;
}

/* Who was offline says it on another connection. */
static bool make_change(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    size_t number = (size_t)(machine - acted->scene->fleet.machines);
    machine_change(machine, number, acted->scene->doc, acted->value);
    return machine->online ? make_hello(acted, machine, item)
                           : make_connection(acted, machine, item);
}

static bool make_boot(struct acted *acted, struct machine *machine, struct intake_item *item)
{
    machine->boots++;
    machine->link = 1;
    return make_hello(acted, machine, item);
}

bool step_offline(struct acted *acted)
{
    struct who who;
    return who_of(acted, acted->value, &who) && say(acted, &who, make_will);
}

bool step_late_will(struct acted *acted)
{
    struct who who;
    return who_of(acted, acted->value, &who) && say(acted, &who, make_late_will);
}

bool step_late_hello(struct acted *acted)
{
    struct who who;
    return who_of(acted, acted->value, &who) && say(acted, &who, make_late_hello);
}

bool step_online(struct acted *acted)
{
    struct who who;
    return who_of(acted, acted->value, &who) && say(acted, &who, make_connection);
}

bool step_boot(struct acted *acted)
{
    struct who who;
    return who_of(acted, acted->value, &who) && say(acted, &who, make_boot);
}

bool step_hello(struct acted *acted)
{
    struct who who;
    if (!acted->value || acted->value->kind != YAML_MAP)
        return scene_fail(acted->scene, NULL, "hello: expected what changed");
    return who_of(acted, step_beside(acted, "who"), &who) && say(acted, &who, make_change);
}

/* A device that was never heard of before. */
bool step_join(struct acted *acted)
{
    struct scene *scene = acted->scene;
    struct who who = {0};
    size_t before = scene->fleet.count;
    if (!acted->value || acted->value->kind != YAML_MAP || before == FLEET_MAX)
        return scene_fail(scene, NULL, "join: expected a device");
    struct machine *machine = &scene->fleet.machines[scene->fleet.count++];
    *machine = (struct machine){.link = 1, .attributes = "{}"};
    (void)wg_format(machine->id, sizeof machine->id, "d%zu", before);
    (void)wg_copy(machine->model, sizeof machine->model, "box");
    (void)wg_copy(machine->version, sizeof machine->version, "1.0.0");
    who.machines[who.count++] = machine;
    return say(acted, &who, make_change);
}

/* ---- what is done to devices ---- */

static bool on_each(struct acted *acted, const char *sql, bool dated)
{
    struct who who;
    char at[24];
    if (!who_of(acted, acted->value, &who)) return false;
    (void)wg_format(at, sizeof at, "%lld", (long long)acted->scene->now);
    for (size_t i = 0; i < who.count && !acted->refused; i++) {
        const char *const params[] = {who.machines[i]->id, at};
        PGresult *rows = db_query_text(acted->scene->db, sql, dated ? 2 : 1, params, &acted->err);
        acted->refused = rows == NULL;
        PQclear(rows);
    }
    return rules_check(acted->scene);
}

bool step_revoke(struct acted *acted)
{
    return on_each(acted, "update device set revoked_at = wg_at($2::bigint) where id = $1", true);
}

bool step_delete_device(struct acted *acted)
{
    return on_each(acted, "delete from device where id = $1", false);
}
