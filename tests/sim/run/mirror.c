/* mirror.c: rows into structs. */
#include "tests/sim/run/mirror.h"

#include "orchestrator/campaign/campaign.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include <stdlib.h>
#include <string.h>

void mirror_init(struct mirror *mirror)
{
    memset(mirror, 0, sizeof *mirror);
}

void mirror_clear(struct mirror *mirror)
{
    for (size_t i = 0; i < mirror->campaign_count; i++) campaign_free(mirror->campaigns[i].file);
    mirror->campaign_count = 0;
}

struct row {
    const PGresult *result;
    int number;
};

static const char *text(const struct row *row, int column)
{
    return PQgetvalue(row->result, row->number, column);
}

static int64_t number(const struct row *row, int column)
{
    return strtoll(text(row, column), NULL, 10);
}

static struct mirror_campaign *by_id(struct mirror *mirror, int64_t id)
{
    for (size_t i = 0; i < mirror->campaign_count; i++)
        if (mirror->campaigns[i].id == id) return &mirror->campaigns[i];
    return NULL;
}

struct mirror_campaign *mirror_campaign(struct mirror *mirror, const char *name)
{
    for (size_t i = 0; i < mirror->campaign_count; i++)
        if (strcmp(mirror->campaigns[i].name, name) == 0) return &mirror->campaigns[i];
    return NULL;
}

bool mirror_is_active(const struct mirror *mirror)
{
    for (size_t i = 0; i < mirror->campaign_count; i++)
        if (!campaign_state_is_final(mirror->campaigns[i].state)) return true;
    return false;
}

static const struct setup_campaign *setup_of(const struct sim *sim, const char *name)
{
    for (size_t i = 0; i < sim->setup.campaign_count; i++)
        if (strcmp(sim->setup.campaigns[i].name, name) == 0) return &sim->setup.campaigns[i];
    return NULL;
}

static bool read_file(struct sim *sim, struct mirror_campaign *campaign)
{
    const char *const params[] = {campaign->name};
    PGresult *result = watch_ask(
        sim->ground->watch, "select canonical from campaign where name = $1", params, 1, &sim->err);
    if (!result) return false;
    const char *canonical = PQgetvalue(result, 0, 0);
    campaign_free(campaign->file);
    campaign->file = campaign_parse("stored", canonical, strlen(canonical), NULL, NULL, &sim->err);
    PQclear(result);
    if (campaign->file) campaign->policy = campaign->file->policy;
    return campaign->file != NULL;
}

static void read_campaign(struct sim *sim, const struct row *row)
{
    struct mirror *mirror = &sim->mirror;
    struct mirror_campaign *campaign = by_id(mirror, number(row, 1));
    if (!campaign) {
        if (mirror->campaign_count == MIRROR_CAMPAIGNS_MAX) {
            sim_fail(sim, "more campaigns than the simulation can hold");
            return;
        }
        campaign = &mirror->campaigns[mirror->campaign_count++];
        campaign->id = number(row, 1);
        (void)wg_copy(campaign->name, sizeof campaign->name, text(row, 2));
        campaign->setup = setup_of(sim, campaign->name);
    }
    enum campaign_state before = campaign->state;
    bool known = campaign_state_parse(text(row, 3), &campaign->state);
    bool revised = strcmp(campaign->digest, text(row, 4)) != 0;
    (void)wg_copy(campaign->digest, sizeof campaign->digest, text(row, 4));
    campaign->revision = number(row, 5);
    campaign->members = number(row, 6);
    campaign->held = text(row, 7)[0] == 't';
    campaign->started_at = number(row, 8);
    (void)wg_copy(campaign->stop, sizeof campaign->stop, text(row, 9));
    (void)wg_copy(campaign->cause, sizeof campaign->cause, text(row, 10));
    campaign->state_at = number(row, 11);
    if (!known || (revised && !read_file(sim, campaign))) sim_fail(sim, "reading a campaign");
    if (revised || before != campaign->state)
        sim_tell(sim, campaign->name, "is %s%s: %s", text(row, 3), campaign->held ? ", held" : "",
                 campaign->cause);
}

static struct mirror_wave *wave_of(struct mirror *mirror, int64_t campaign, int64_t wave)
{
    struct mirror_campaign *found = by_id(mirror, campaign);
    if (!found || wave < 0 || wave >= MIRROR_WAVES_MAX) return NULL;
    if ((size_t)wave >= found->wave_count) found->wave_count = (size_t)wave + 1;
    return &found->waves[wave];
}

static void read_wave(struct sim *sim, const struct row *row)
{
    struct mirror_campaign *campaign = by_id(&sim->mirror, number(row, 1));
    struct mirror_wave *wave = wave_of(&sim->mirror, number(row, 1), number(row, 2));
    if (!wave) {
        sim_fail(sim, "a wave of no campaign");
        return;
    }
    enum wave_state before = wave->state;
    (void)wg_copy(wave->name, sizeof wave->name, text(row, 3));
    if (!wave_state_parse(text(row, 4), &wave->state)) sim_fail(sim, "reading a wave");
    wave->state_at = number(row, 5);
    wave->members = number(row, 6);
    wave->last_finish = number(row, 7);
    (void)wg_copy(wave->manual, sizeof wave->manual, text(row, 8));
    if (before != wave->state)
        sim_tell(sim, campaign->name, "wave %s is %s: %s", wave->name, text(row, 4), text(row, 9));
}

static void read_count(struct sim *sim, const struct row *row)
{
    struct mirror_wave *wave = wave_of(&sim->mirror, number(row, 1), number(row, 2));
    enum wg_state state;
    enum wg_cause cause;
    if (wave && wg_state_parse(text(row, 3), &state) && wg_cause_parse(text(row, 4), &cause))
        wave->count[state][cause] = number(row, 5);
    else
        sim_fail(sim, "reading a counter");
}

static bool device_index(const struct sim *sim, const char *id, size_t *index)
{
    *index = strtoul(id + strcspn(id, "0123456789"), NULL, 10);
    return *index < sim->setup.device_count && !strcmp(sim->setup.devices[*index].id, id);
}

static void tell_place(struct sim *sim, const struct mirror_campaign *campaign, const char *device,
                       const struct mirror_place *place)
{
    sim_tell(sim, device, "in %s: %s%s%s, attempt %lld%s", campaign->name,
             wg_state_text(place->state), place->cause ? " " : "", wg_cause_text(place->cause),
             (long long)place->attempt, place->ready_at ? ", ready" : "");
}

static void read_place(struct sim *sim, const struct row *row)
{
    struct mirror *mirror = &sim->mirror;
    struct mirror_campaign *campaign = by_id(mirror, number(row, 1));
    struct mirror_place now = {.there = true};
    size_t device;
    if (!campaign || !device_index(sim, text(row, 2), &device) ||
        !wg_state_parse(text(row, 4), &now.state) || !wg_cause_parse(text(row, 5), &now.cause)) {
        sim_fail(sim, "reading a place");
        return;
    }
    now.wave = (size_t)number(row, 3);
    now.attempt = number(row, 6);
    (void)wg_copy(now.order, sizeof now.order, text(row, 7));
    now.state_at = number(row, 8);
    now.retry_at = number(row, 9);
    now.ready_at = number(row, 10);
    now.spent = number(row, 11);
    struct mirror_place *place = &campaign->places[device];
    bool moved = !place->there || place->state != now.state || place->cause != now.cause ||
                 place->attempt != now.attempt || place->wave != now.wave ||
                 strcmp(place->order, now.order) != 0 || !place->ready_at != !now.ready_at;
    if (moved && mirror->change_count < MIRROR_CHANGES_MAX) {
        mirror->change[mirror->change_count++] =
            (struct mirror_change){(size_t)(campaign - mirror->campaigns), device, *place};
        tell_place(sim, campaign, text(row, 2), &now);
    }
    *place = now;
}

static void read_device(struct sim *sim, const struct row *row)
{
    struct mirror_device *device;
    size_t index;
    if (!device_index(sim, text(row, 1), &index)) return;
    device = &sim->mirror.devices[index];
    bool online = text(row, 2)[0] == 't';
    sim->mirror.changes += device->online != online;
    if (device->there && device->online != online)
        sim_tell(sim, text(row, 1), "counts as %s", online ? "online" : "offline");
    rules_device(sim, index, number(row, 5), number(row, 6));
    device->there = true;
    device->online = online;
    (void)wg_copy(device->zone, sizeof device->zone, text(row, 3));
    (void)wg_copy(device->boot, sizeof device->boot, text(row, 4));
    device->order_counter = number(row, 5);
    device->report_seq = number(row, 6);
    device->revoked_at = number(row, 7);
    device->settled_at = number(row, 9);
}

static void read_lease(struct sim *sim, const struct row *row)
{
    const struct mirror_campaign *campaign = by_id(&sim->mirror, number(row, 1));
    if (campaign)
        rules_lease(sim, (size_t)(campaign - sim->mirror.campaigns), text(row, 2), number(row, 3));
}

static void read_kind(struct sim *sim, const PGresult *result, char kind,
                      void (*read)(struct sim *sim, const struct row *row))
{
    for (int i = 0; i < PQntuples(result) && sim_goes_on(sim); i++)
        if (PQgetvalue(result, i, 0)[0] == kind) {
            read(sim, &(struct row){result, i});
            sim->mirror.changes += kind != 'd' && kind != 'l';
        }
}

static void remember_states(struct mirror *mirror)
{
    mirror->change_count = 0;
    for (size_t c = 0; c < MIRROR_CAMPAIGNS_MAX; c++) {
        const struct mirror_campaign *campaign = &mirror->campaigns[c];
        mirror->campaign_before[c] = campaign->state;
        for (size_t w = 0; w < MIRROR_WAVES_MAX; w++)
            mirror->wave_before[c][w] = campaign->waves[w].state;
    }
}

/* A revision may have taken places away: only counting shows that. */
static bool lacks_some(const struct mirror *mirror, int64_t places)
{
    int64_t there = 0;
    for (size_t c = 0; c < mirror->campaign_count; c++)
        for (size_t d = 0; d < SETUP_DEVICES_MAX; d++)
            there += mirror->campaigns[c].places[d].there;
    return there != places;
}

static bool read_all(struct sim *sim, bool all, int64_t *places)
{
    PGresult *result = watch_read(sim->ground->watch, all, &sim->err);
    if (!result) {
        sim_fail(sim, "looking at the database");
        return false;
    }
    static const struct {
        char kind;
        void (*read)(struct sim *sim, const struct row *row);
    } kinds[] = {{'c', read_campaign}, {'w', read_wave},  {'n', read_count},
                 {'d', read_device},   {'p', read_place}, {'l', read_lease}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        read_kind(sim, result, kinds[i].kind, kinds[i].read);
    *places = number(&(struct row){result, PQntuples(result) - 1}, 2);
    PQclear(result);
    return sim_goes_on(sim);
}

static void forget_waiting(struct mirror *mirror)
{
    for (size_t c = 0; c < mirror->campaign_count; c++) {
        struct mirror_campaign *campaign = &mirror->campaigns[c];
        for (size_t d = 0; d < SETUP_DEVICES_MAX; d++) {
            struct mirror_place *place = &campaign->places[d];
            if (place->state == WG_WAITING && place->attempt == 0) place->there = false;
        }
        for (size_t w = 0; w < MIRROR_WAVES_MAX; w++)
            memset(campaign->waves[w].count, 0, sizeof campaign->waves[w].count);
        campaign->wave_count = 0;
    }
}

void mirror_look(struct sim *sim)
{
    int64_t places = 0;
    if (!sim_goes_on(sim)) return;
    remember_states(&sim->mirror);
    int64_t before = sim->mirror.changes;
    if (!read_all(sim, false, &places)) return;
    if (lacks_some(&sim->mirror, places)) {
        forget_waiting(&sim->mirror);
        if (!read_all(sim, true, &places)) return;
    }
    if (lacks_some(&sim->mirror, places))
        rule_broken(sim, 3, "place", NULL, "places of devices that had been offered are gone");
    if (sim->mirror.changes != before) rules_look(sim);
}
