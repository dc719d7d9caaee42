/* tick_claim.c: who is offered the update now: within the window, the caps and the slots. */
#include "orchestrator/daemon/tick.h"

#include "orchestrator/store/place.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE "{}"
#define ARRAY_MAX (WG_WINDOWS_MAX * 8 + 8)

static void add(char *out, size_t size, long long number)
{
    char text[24];
    (void)wg_format(text, sizeof text, "%s%lld", out[1] ? "," : "", number);
    size_t len = strlen(out);
    (void)wg_copy(out + len, size - len, text);
}

static bool find_zones(struct tick *tick, char **out, struct wg_error *err)
{
    const struct wg_windows *windows = &tick->policy->window;
    char days[ARRAY_MAX] = "{", begins[ARRAY_MAX] = "{", ends[ARRAY_MAX] = "{";
    for (size_t i = 0; i < windows->count; i++) {
        add(days, sizeof days, windows->items[i].days);
        add(begins, sizeof begins, windows->items[i].from);
        add(ends, sizeof ends, windows->items[i].to);
    }
    (void)wg_copy(days + strlen(days), sizeof days - strlen(days), "}");
    (void)wg_copy(begins + strlen(begins), sizeof begins - strlen(begins), "}");
    (void)wg_copy(ends + strlen(ends), sizeof ends - strlen(ends), "}");
    const struct place_windows ask = {.days = days,
                                      .begins = begins,
                                      .ends = ends,
                                      .zone = windows->kind == WG_WINDOW_NAMED ? windows->zone : "",
                                      .by_site = windows->kind == WG_WINDOW_SITE};
    return place_open_zones(tick->db, tick->row.id, &ask, tick->now, out, err);
}

bool tick_zones(struct tick *tick, const char **zones, struct wg_error *err)
{
    struct open_zones *kept =
        policies_zones(tick->ticker->policies, tick->db, tick->row.id, tick->row.digest, err);
    char *found = NULL;
    *zones = NULL;
    if (!kept) return false;
    /* windows are of whole minutes */
    if (!kept->text || kept->at / WG_MINUTE != tick->now / WG_MINUTE) {
        if (!find_zones(tick, &found, err)) {
            free(found);
            return false;
        }
        free(kept->text);
        *kept = (struct open_zones){.text = found, .at = tick->now};
    }
    *zones = kept->text;
    return true;
}

/* The first that is offered something has its orders at once: issued by the claim itself they cost
 * less, and go as far as one call sends. */
static bool take(struct tick *tick, struct place_claim *claim, struct wg_error *err)
{
    struct ticker_result *result = tick->result;
    struct place_claimed claimed;
    if (tick->ticker->issues && result->issued.count == 0) {
        claim->issues = tick->ticker->settings->order_lifetime;
        if (claim->limit > TICKER_ISSUED_MAX) claim->limit = TICKER_ISSUED_MAX;
    }
    if (!place_claim(tick->db, claim, tick->now, &claimed, err)) {
        order_lot_clear(&claimed.issued);
        tick->overtaken = err && err->code == WG_E_CONFLICT;
        return false;
    }
    if (claimed.issued.count > 0) result->issued = claimed.issued;
    tick->slots -= claimed.offered;
    tick->orders = tick->orders || claimed.offered > 0;
    return true;
}

bool tick_claim(struct tick *tick, const struct engine_action *action, struct wg_error *err)
{
    const struct policy *policy = tick->policy;
    bool window = policy->window.count > 0;
    const char *zones = NULL;
    if (window && !tick_zones(tick, &zones, err)) return false;
    if (window && strcmp(zones, NOWHERE) == 0) return true;
    struct place_claim claim = {.campaign = tick->row.id,
                                .wave = action->wave,
                                .limit = action->limit < tick->slots ? action->limit : tick->slots,
                                .per_count = policy->per_count,
                                .counts_offers = policy->rate.start > 0};
    if (claim.limit <= 0) return true;
    /* the window of a named zone is open for all or for nobody */
    if (window && policy->window.kind != WG_WINDOW_NAMED) {
        claim.zones = zones;
        claim.site_zone = policy->window.kind == WG_WINDOW_SITE;
    }
    for (size_t i = 0; i < policy->per_count; i++) {
        claim.per_attribute[i] = policy->per[i].attribute;
        claim.per_most[i] = policy->per[i].most;
    }
    return take(tick, &claim, err);
}
