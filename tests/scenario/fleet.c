/* fleet.c: devices read from the file, and the messages that they send. */
#include "tests/scenario/fleet.h"

#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOURNAL "a0000000000000000000000000000001"

static const char *const group_keys[] = {"count",    "ids",     "zone",       "registry_zone",
                                         "region",   "model",   "version",    "online",
                                         "position", "metrics", "attributes", NULL};

/* ---- patterns: {n}, {n/2}, {n%2}: the number of the device in the fleet, from 0 ---- */

static size_t number_of(const char *inside, size_t number)
{
    long by = inside[1] ? strtol(inside + 2, NULL, 10) : 1;
    if (by < 1) return number;
    return inside[1] == '%' ? number % (size_t)by : number / (size_t)by;
}

static void expand(const char *text, size_t number, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    while (*text && len + 1 < size) {
        const char *end = *text == '{' && text[1] == 'n' ? strchr(text, '}') : NULL;
        if (end) {
            (void)wg_format(out + len, size - len, "%zu", number_of(text + 1, number));
            len = strlen(out);
            text = end + 1;
        } else {
            out[len++] = *text++;
            out[len] = '\0';
        }
    }
}

static void read_pattern(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                         size_t number, char *out, size_t size)
{
    char text[256];
    if (at && yaml_read_text(doc, at, what, text, sizeof text)) expand(text, number, out, size);
}

/* ---- what a device says of itself ---- */

static void read_attributes(struct machine *machine, size_t number, struct yaml_doc *doc,
                            const struct yaml_value *map)
{
    json_t *json = json_object();
    struct wg_buf text;
    for (size_t i = 0; i < map->count && map->kind == YAML_MAP; i++) {
        char value[128] = "";
        read_pattern(doc, map->items[i], "attributes", number, value, sizeof value);
        (void)json_object_set_new(json, map->keys[i]->text, json_string(value));
    }
    wg_buf_init(&text, sizeof machine->attributes - 1);
    if (!wg_json_canonical(json, &text, NULL) ||
        !wg_copy(machine->attributes, sizeof machine->attributes, wg_buf_str(&text)))
        yaml_doc_problem(doc, map, "attributes: too many");
    wg_buf_clear(&text);
    json_decref(json);
}

static void read_metrics(struct machine *machine, struct yaml_doc *doc,
                         const struct yaml_value *map)
{
    machine->metric_count = 0;
    for (size_t i = 0; i < map->count && map->kind == YAML_MAP && i < WG_METRICS_MAX; i++) {
        int64_t value = 0;
        struct wg_metric *metric = &machine->metrics[machine->metric_count++];
        (void)yaml_read_int(doc, map->items[i], map->keys[i]->text, 0, 1000000, &value);
        (void)wg_copy(metric->name, sizeof metric->name, map->keys[i]->text);
        metric->value = (double)value;
    }
}

static void read_position(struct machine *machine, struct yaml_doc *doc,
                          const struct yaml_value *at)
{
    double degrees[2] = {0};
    bool right = at->kind == YAML_LIST && at->count == 2;
    for (size_t i = 0; right && i < 2; i++) {
        char *end = NULL;
        const char *text = at->items[i]->kind == YAML_TEXT ? at->items[i]->text : "";
        degrees[i] = strtod(text, &end);
        right = end != text && !*end;
    }
    if (!right) yaml_doc_problem(doc, at, "position: expected [LATITUDE, LONGITUDE]");
    machine->has_position = right;
    machine->lat = degrees[0];
    machine->lon = degrees[1];
}

void machine_change(struct machine *machine, size_t number, struct yaml_doc *doc,
                    const struct yaml_value *map)
{
    yaml_check_keys(doc, map, "a device", group_keys);
    read_pattern(doc, yaml_get(map, "zone"), "zone", number, machine->zone, sizeof machine->zone);
    read_pattern(doc, yaml_get(map, "registry_zone"), "registry_zone", number,
                 machine->registry_zone, sizeof machine->registry_zone);
    read_pattern(doc, yaml_get(map, "region"), "region", number, machine->region,
                 sizeof machine->region);
    read_pattern(doc, yaml_get(map, "model"), "model", number, machine->model,
                 sizeof machine->model);
    read_pattern(doc, yaml_get(map, "version"), "version", number, machine->version,
                 sizeof machine->version);
    (void)yaml_read_bool(doc, yaml_get(map, "online"), "online", &machine->online);
    if (yaml_get(map, "attributes"))
        read_attributes(machine, number, doc, yaml_get(map, "attributes"));
    if (yaml_get(map, "metrics")) read_metrics(machine, doc, yaml_get(map, "metrics"));
    if (yaml_get(map, "position")) read_position(machine, doc, yaml_get(map, "position"));
}

static struct machine *add(struct fleet *fleet, struct yaml_doc *doc, const struct yaml_value *at)
{
    if (fleet->count == FLEET_MAX) {
        yaml_doc_problem(doc, at, "more than %d devices", FLEET_MAX);
        return NULL;
    }
    struct machine *machine = &fleet->machines[fleet->count];
    *machine = (struct machine){.online = true, .link = 1, .attributes = "{}"};
    (void)wg_format(machine->id, sizeof machine->id, "d%zu", fleet->count);
    (void)wg_copy(machine->model, sizeof machine->model, "box");
    (void)wg_copy(machine->version, sizeof machine->version, "1.0.0");
    fleet->count++;
    return machine;
}

static void read_group(struct fleet *fleet, struct yaml_doc *doc, const struct yaml_value *at)
{
    const struct yaml_value *ids = yaml_get(at, "ids");
    int64_t count = ids ? (int64_t)ids->count : 1;
    (void)yaml_read_int(doc, yaml_get(at, "count"), "count", 1, FLEET_MAX, &count);
    for (int64_t i = 0; i < count; i++) {
        struct machine *machine = add(fleet, doc, at);
        if (!machine) return;
        if (ids && ids->kind == YAML_LIST && (size_t)i < ids->count)
            (void)yaml_read_text(doc, ids->items[i], "ids", machine->id, sizeof machine->id);
        machine_change(machine, fleet->count - 1, doc, at);
    }
}

void fleet_read(struct fleet *fleet, struct yaml_doc *doc, const struct yaml_value *at)
{
    fleet->count = 0;
    if (at && at->kind == YAML_LIST) {
        for (size_t i = 0; i < at->count; i++)
            if (at->items[i]->kind == YAML_MAP) read_group(fleet, doc, at->items[i]);
    } else {
        int64_t count = 1;
        if (!yaml_read_int(doc, at, "fleet", 1, FLEET_MAX, &count)) return;
        for (int64_t i = 0; i < count; i++) (void)add(fleet, doc, at);
    }
}

struct machine *fleet_find(struct fleet *fleet, const char *id)
{
    for (size_t i = 0; i < fleet->count; i++)
        if (strcmp(fleet->machines[i].id, id) == 0) return &fleet->machines[i];
    return NULL;
}

/* ---- messages ---- */

static void begin(const struct machine *machine, enum intake_kind kind, wg_time now,
                  struct intake_item *out)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->received = now;
    (void)wg_copy(out->device, sizeof out->device, machine->id);
}

static void boot_text(const struct machine *machine, char out[WG_BOOT_MAX])
{
    (void)wg_format(out, WG_BOOT_MAX, "%032d", machine->boots);
}

static void component(struct wg_component *out, const char *version)
{
    (void)wg_copy(out->name, sizeof out->name, FLEET_COMPONENT);
    (void)wg_copy(out->version, sizeof out->version, version);
}

void machine_hello(const struct machine *machine, wg_time now, struct intake_item *out)
{
    begin(machine, INTAKE_HELLO, now, out);
    struct wg_hello *hello = &out->as.hello;
    hello->online = true;
    hello->seq = machine->seq;
    boot_text(machine, hello->boot);
    hello->link = machine->link;
    (void)wg_copy(hello->journal, sizeof hello->journal, JOURNAL);
    (void)wg_copy(hello->agent, sizeof hello->agent, "1.0.0");
    (void)wg_copy(hello->hardware_model, sizeof hello->hardware_model, machine->model);
    (void)wg_copy(hello->hardware_revision, sizeof hello->hardware_revision, "C");
    (void)wg_copy(hello->region, sizeof hello->region, machine->region);
    (void)wg_copy(hello->zone, sizeof hello->zone, machine->zone);
    (void)wg_copy(hello->attributes, sizeof hello->attributes, machine->attributes);
    hello->has_position = machine->has_position;
    hello->lat = machine->lat;
    hello->lon = machine->lon;
    hello->component_count = 1;
    component(&hello->components[0], machine->version);
    hello->metric_count = machine->metric_count;
    memcpy(hello->metrics, machine->metrics, sizeof hello->metrics);
}

void machine_will(const struct machine *machine, int64_t link, wg_time now, struct intake_item *out)
{
    begin(machine, INTAKE_HELLO, now, out);
    boot_text(machine, out->as.hello.boot);
    out->as.hello.link = link;
}

void machine_report(struct machine *machine, const struct machine_order *order, bool again,
                    wg_time now, struct intake_item *out)
{
    begin(machine, INTAKE_REPORT, now, out);
    struct wg_report *report = &out->as.report;
    (void)wg_copy(report->journal, sizeof report->journal, JOURNAL);
    (void)wg_copy(report->order, sizeof report->order, order->id);
    (void)wg_copy(report->campaign, sizeof report->campaign, order->campaign);
    report->attempt = order->attempt;
    report->seq = again ? machine->seq : ++machine->seq;
    report->at = now;
    report->component_count = 1;
    component(&report->components[0], machine->version);
}

/* ---- orders ---- */

const struct machine_order *machine_order(const struct machine *machine, const char *campaign,
                                          size_t back)
{
    for (size_t i = machine->order_count; i-- > 0;) {
        const struct machine_order *order = &machine->orders[i];
        if (order->kind != WG_ORDER_INSTALL) continue;
        if (campaign[0] && strcmp(order->campaign, campaign) != 0) continue;
        if (back-- == 0) return order;
    }
    return NULL;
}

static void note(struct machine *machine, const struct wg_order *order, bool again)
{
    size_t len = strlen(machine->got);
    (void)wg_format(machine->got + len, sizeof machine->got - len, "%s%s %lld%s", len ? ", " : "",
                    order->kind == WG_ORDER_INSTALL ? "install" : "withdraw",
                    (long long)order->attempt, again ? " again" : "");
}

bool machine_receive(struct machine *machine, const struct wg_order *order, char *words,
                     size_t size)
{
    bool again = false;
    for (size_t i = 0; i < machine->order_count; i++) {
        const struct machine_order *old = &machine->orders[i];
        if (strcmp(old->id, order->id) != 0 || old->kind != order->kind) continue;
        if (old->counter == order->counter) return true; /* sent once more */
        again = true;
    }
    if (order->counter <= machine->counter) {
        (void)wg_format(words, size, "%s was sent counter %lld after %lld", machine->id,
                        (long long)order->counter, (long long)machine->counter);
        return false;
    }
    if (machine->order_count < FLEET_ORDERS_MAX) machine->order_count++;
    struct machine_order *to = &machine->orders[machine->order_count - 1];
    *to = (struct machine_order){
        .kind = order->kind, .attempt = order->attempt, .counter = order->counter};
    (void)wg_copy(to->id, sizeof to->id, order->id);
    (void)wg_copy(to->campaign, sizeof to->campaign, order->campaign);
    (void)wg_copy(to->version, sizeof to->version, order->version);
    machine->counter = order->counter;
    note(machine, order, again);
    return true;
}
