/* fleet.h: the devices of a scenario: what they say of themselves, what they have received. They do
 * nothing by themselves. */
#ifndef WG_TESTS_SCENARIO_FLEET_H
#define WG_TESTS_SCENARIO_FLEET_H

#include "orchestrator/store/intake.h"
#include "orchestrator/yaml/yaml_doc.h"

#define FLEET_MAX 240
#define FLEET_ORDERS_MAX 24
#define FLEET_COMPONENT "app"

struct machine_order {
    enum wg_order_kind kind;
    char id[WG_ORDER_ID_MAX];
    char campaign[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    int64_t attempt, counter;
};

struct machine {
    char id[WG_NAME_MAX + 1];
    char model[WG_NAME_MAX + 1], region[WG_NAME_MAX + 1], zone[WG_ZONE_MAX + 1];
    char registry_zone[WG_ZONE_MAX + 1]; /* what the registry says of where it stands; "" nothing */
    char version[WG_VERSION_MAX + 1];
    char attributes[512]; /* JSON */
    bool has_position, online, deleted;
    double lat, lon;
    int boots;
    int64_t link;         /* number of its connection in this boot */
    int64_t seq, counter; /* of its last report; the highest of an order */
    size_t metric_count;
    struct wg_metric metrics[WG_METRICS_MAX];
    size_t order_count; /* received, oldest first; those behind the first FLEET_ORDERS_MAX replace
                           the last */
    struct machine_order orders[FLEET_ORDERS_MAX];
    char got[128]; /* orders received in this step: "install 1, withdraw 1" */
    char word[8];  /* the last answer about its order: "go", "wait", "none"; "" no answer yet */
};

struct fleet {
    size_t count;
    struct machine machines[FLEET_MAX];
};

/* A number of devices, or a list of groups; what is wrong becomes a problem of the document. */
void fleet_read(struct fleet *fleet, struct yaml_doc *doc, const struct yaml_value *at);
/* What a device says of itself changes, by the keys of a map. */
void machine_change(struct machine *machine, size_t number, struct yaml_doc *doc,
                    const struct yaml_value *map);
struct machine *fleet_find(struct fleet *fleet, const char *id);

void machine_hello(const struct machine *machine, wg_time now, struct intake_item *out);
/* The broker's word that the connection of that number is gone. */
void machine_will(const struct machine *machine, int64_t link, wg_time now,
                  struct intake_item *out);
/* Of the order; again: with the number of the report before it. */
void machine_report(struct machine *machine, const struct machine_order *order, bool again,
                    wg_time now, struct intake_item *out);
/* The newest install order of the campaign ("" any); back: so many before it. NULL: none. */
const struct machine_order *machine_order(const struct machine *machine, const char *campaign,
                                          size_t back);
/* Takes an order in; false with words when its counter is not new to the device. */
bool machine_receive(struct machine *machine, const struct wg_order *order, char *words,
                     size_t size);

#endif
