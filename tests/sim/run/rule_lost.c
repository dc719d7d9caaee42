/* rule_lost.c: rule 7: reports that devices have dropped, and the counters of orders. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rules_forgotten(struct sim *sim, struct machine *machine, int64_t seq)
{
    machine->forgotten = seq;
    sim->rules.forgotten = true;
}

/* "{dev-000,dev-001}" and "{3,17}": who has dropped how many. */
static void list_forgotten(const struct sim *sim, struct wg_buf *ids, struct wg_buf *numbers)
{
    for (size_t i = 0; i < sim->setup.device_count; i++) {
        const char *mark = i == 0 ? "{" : ",";
        wg_buf_printf(ids, "%s%s", mark, sim->setup.devices[i].id);
        wg_buf_printf(numbers, "%s%lld", mark, (long long)sim->machines[i].forgotten);
    }
    wg_buf_text(ids, "}");
    wg_buf_text(numbers, "}");
}

static void check_lost(struct sim *sim, const PGresult *result)
{
    for (int i = 0; i < PQntuples(result); i++)
        rule_broken(sim, 7, PQgetvalue(result, i, 0), NULL,
                    "has dropped reports up to %s as acknowledged, %s of them are stored",
                    PQgetvalue(result, i, 1), PQgetvalue(result, i, 2));
}

void rule_lost(struct sim *sim)
{
    static const char sql[] =
        "select id, seq, stored from (select u.id, u.seq, (select count(*) from report r where "
        "r.device_id = u.id and r.seq between 1 and u.seq) as stored "
        "from unnest($1::text[], $2::bigint[]) as u(id, seq)) x where stored < seq";
    struct wg_buf ids, numbers;
    wg_buf_init(&ids, WG_MESSAGE_MAX);
    wg_buf_init(&numbers, WG_MESSAGE_MAX);
    list_forgotten(sim, &ids, &numbers);
    const char *const params[] = {wg_buf_str(&ids), wg_buf_str(&numbers)};
    PGresult *result = watch_ask(sim->ground->watch, sql, params, 2, &sim->err);
    if (result)
        check_lost(sim, result);
    else
        sim_fail(sim, "looking for reports");
    PQclear(result);
    wg_buf_clear(&ids);
    wg_buf_clear(&numbers);
    sim->rules.forgotten = false;
}

/* A place that had been given back is offered again: the same order, a new counter. */
void rule_renewed(struct sim *sim)
{
    for (size_t i = 0; i < sim->mirror.change_count; i++) {
        const struct mirror_change *change = &sim->mirror.change[i];
        const struct mirror_place *place =
            &sim->mirror.campaigns[change->campaign].places[change->device];
        if (!rule_was_offered(change, place)) continue;
        for (size_t n = 0; n < sim->rules.sent_count[change->device]; n++) {
            struct rule_sent *sent = &sim->rules.sent[change->device][n];
            if (strcmp(sent->id, place->order) == 0) sent->renewed = true;
        }
    }
}

void rules_device(struct sim *sim, size_t device, int64_t order_counter, int64_t report_seq)
{
    const struct mirror_device *before = &sim->mirror.devices[device];
    const char *id = sim->setup.devices[device].id;
    if (!before->there) return;
    if (order_counter < before->order_counter)
        rule_broken(sim, 7, id, NULL, "its order counter went back from %lld to %lld",
                    (long long)before->order_counter, (long long)order_counter);
    if (report_seq < before->report_seq)
        rule_broken(sim, 7, id, NULL, "its acknowledged number went back from %lld to %lld",
                    (long long)before->report_seq, (long long)report_seq);
}

/* The same order as it went out last before this counter; NULL: it did not. */
static const struct rule_sent *predecessor(const struct sim *sim, size_t device,
                                           const struct wg_order *order)
{
    const struct rule_sent *found = NULL;
    for (size_t i = 0; i < sim->rules.sent_count[device]; i++) {
        const struct rule_sent *sent = &sim->rules.sent[device][i];
        bool same = strcmp(sent->id, order->id) == 0 && sent->kind == order->kind;
        if (same && sent->counter < order->counter && (!found || sent->counter > found->counter))
            found = sent;
    }
    return found;
}

/* A new counter has a cause: another boot, the old one's dates are over, or the place had waited.
 */
static void check_sent(struct sim *sim, size_t device, const struct wg_order *order)
{
    const struct rule_sent *before = predecessor(sim, device, order);
    for (size_t i = 0; i < sim->rules.sent_count[device]; i++) {
        const struct rule_sent *sent = &sim->rules.sent[device][i];
        bool same = strcmp(sent->id, order->id) == 0 && sent->kind == order->kind;
        if (!same && sent->counter == order->counter)
            rule_broken(sim, 7, order->device, order->campaign,
                        "two orders went out with counter %lld", (long long)order->counter);
    }
    if (!before || order->kind != WG_ORDER_INSTALL) return;
    if (strcmp(before->boot, order->boot) == 0 && !before->renewed &&
        order->not_before < before->expires)
        rule_broken(sim, 7, order->device, order->campaign,
                    "order %.8s went out with counter %lld and again with %lld", order->id,
                    (long long)before->counter, (long long)order->counter);
}

static void remember(struct rules *rules, size_t device, const struct wg_order *order)
{
    size_t *count = &rules->sent_count[device];
    struct rule_sent *list = rules->sent[device];
    for (size_t i = 0; i < *count; i++)
        if (list[i].counter == order->counter) return;
    if (*count == RULE_SENT_MAX) memmove(list, list + 1, --*count * sizeof *list);
    struct rule_sent *sent = &list[(*count)++];
    *sent = (struct rule_sent){
        .kind = order->kind, .counter = order->counter, .expires = order->expires};
    (void)wg_copy(sent->id, sizeof sent->id, order->id);
    (void)wg_copy(sent->boot, sizeof sent->boot, order->boot);
}

void rules_published(struct sim *sim, const char *who, const char *topic, const void *payload,
                     size_t len)
{
    struct wg_order order;
    struct wg_error err = {0};
    enum wg_topic kind;
    char device[WG_NAME_MAX + 1];
    if (!wg_topic_parse(topic, &kind, device) || kind != WG_TOPIC_DOWN_ORDER) return;
    if (!wg_order_decode(payload, len, &sim->ground->director_key, 1, &order, &err)) {
        rule_broken(sim, 7, device, NULL, "is sent an order that cannot be read: %s", err.text);
        return;
    }
    size_t index = strtoul(device + strcspn(device, "0123456789"), NULL, 10);
    sim_tell(sim, who, "sends %s the %s %.8s of %s, counter %lld", device,
             order.kind == WG_ORDER_INSTALL ? "order" : "withdrawal of", order.id, order.campaign,
             (long long)order.counter);
    if (index >= sim->setup.device_count) return;
    check_sent(sim, index, &order);
    remember(&sim->rules, index, &order);
}
