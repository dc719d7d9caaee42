/* set_settle.c: after a start: which places run what, and what was decided about them, carried out.
 */
#include "agent/posix/slot/plan.h"
#include "agent/posix/slot/set_state.h"
#include "common/log.h"
#include "common/text.h"

#include <string.h>

static bool probe_place(struct set_place *place, struct wg_error *err)
{
    place->there = place->backend->ops->probe(place->backend, &place->status, err);
    place->active = place->there && (place->status.trial || place->status.marked);
    return place->there;
}

static bool is_member(struct set *set, const struct set_place *place)
{
    bool member = false;
    for (size_t i = 0; i < set->record.count; i++) member = member || set_member(set, i) == place;
    return member;
}

/* One that does not answer keeps the device from starting only where it is needed now. */
static bool probe_rest(struct set *set, struct wg_error *err)
{
    for (size_t i = 0; i < set->count; i++) {
        struct set_place *place = &set->places[i];
        struct wg_error why = {0};
        if (place->there || probe_place(place, &why)) continue;
        if (i == 0 || (set->record.decided != SET_UNDECIDED && is_member(set, place))) {
            if (err) *err = why;
            return i == 0 ? false : wg_context(err, "component %s", place->component);
        }
        (void)wg_copy(place->why, sizeof place->why, why.text);
        wg_log_error("the place of a component does not answer: it is left alone", &why);
    }
    return true;
}

/* *again: a boot is asked for; not, when it was asked for too often and nothing came of it. */
static bool ask_boot(struct set *set, bool *again, struct wg_error *err)
{
    struct set_record next = set->record;
    *again = next.boots < SET_BOOTS_MAX;
    if (!*again) return true;
    next.boots++;
    if (!set_record_save(set->path, &next, err)) return false;
    set->record = next;
    set->again = true;
    return true;
}

static bool settle_revert(struct set *set, struct wg_error *err)
{
    bool left = false, again = false;
    if (!probe_rest(set, err)) return false;
    for (size_t i = 0; i < set->count; i++) {
        struct set_place *place = &set->places[i];
        struct wg_error why = {0};
        /* a mark that could not be read, or not be taken away, is not seen; taking it is harmless
         */
        bool marked = place->backend->ops->keeps && is_member(set, place);
        if (!place->active && !marked) continue;
        if (!place->backend->ops->revert(place->backend, &why))
            wg_log_error("a component cannot be taken back", &why);
        if (!probe_place(place, err)) return false;
        left = left || place->active;
    }
    if (!left) return set_decide(set, SET_UNDECIDED, err);
    if (!ask_boot(set, &again, err)) return false;
    wg_log(again ? WG_LOG_INFO : WG_LOG_ERROR,
           again ? "not all components run the new release: back to the old"
                 : "a component stays on trial, although all were to go back",
           NULL);
    return true;
}

static bool settle_trial(struct set *set, struct wg_error *err)
{
    size_t trial = 0, marked = 0;
    if (!probe_rest(set, err)) return false;
    for (size_t i = 0; i < set->record.count; i++) {
        const struct slot_status *status = &set_member(set, i)->status;
        trial += status->trial;
        marked += status->marked && !status->trial;
    }
    if (trial + marked == set->record.count) return true;
    wg_log(WG_LOG_WARN, "not every component is on trial: all go back", NULL);
    return set_decide(set, SET_REVERT, err) && settle_revert(set, err);
}

enum way { WAY_DONE, WAY_BOOT, WAY_LOST, WAY_ERROR };

/* What a confirm that failed has left is on disk. */
static enum way confirm(struct set_place *place, const struct slot_release *release,
                        struct wg_error *err)
{
    struct wg_error why = {0};
    if (place->backend->ops->confirm(place->backend, &why)) {
        place->status.trial = place->active = false;
        return WAY_DONE;
    }
    wg_log_error("a component cannot be confirmed", &why);
    if (!probe_place(place, err)) return WAY_ERROR;
    return !place->status.trial && slot_runs(&place->status, release) ? WAY_DONE : WAY_BOOT;
}

/* A release that was kept, in the place of one member. */
static enum way go_forward(struct set_place *place, const struct slot_release *release,
                           struct wg_error *err)
{
    const struct slot_backend_ops *ops = place->backend->ops;
    struct wg_error why = {0};
    /* before it looks at how often it was booted; when it is not on trial there is nothing to it */
    if (!ops->keeps && !ops->confirm(place->backend, &why))
        wg_log_error("a component cannot be confirmed", &why);
    if (!probe_place(place, err)) return WAY_ERROR;
    if (place->status.trial) return confirm(place, release, err);
    if (slot_runs(&place->status, release)) return WAY_DONE;
    wg_log(WG_LOG_WARN, "a component has fallen back: it is activated again", "component",
           release->component, "version", release->version, NULL);
    if (!ops->activate(place->backend, &why)) {
        wg_log_error("it cannot be activated again", &why);
        return WAY_LOST;
    }
    if (!probe_place(place, err)) return WAY_ERROR;
    if (place->status.trial) return confirm(place, release, err);
    return place->status.marked ? WAY_BOOT : WAY_LOST;
}

/* As long as nothing was confirmed there is a way back. */
static bool give_up(struct set *set, struct wg_error *err)
{
    wg_log(WG_LOG_ERROR, "the release cannot be kept: all components go back", NULL);
    return set_decide(set, SET_REVERT, err) && settle_revert(set, err);
}

static bool settle_commit(struct set *set, struct wg_error *err)
{
    size_t order[SLOT_MEMBERS_MAX], done = 0;
    bool again = false;
    set_confirm_order(set, order);
    for (size_t i = 0; i < set->record.count; i++) {
        const struct slot_release *release = &set->record.members[order[i]];
        enum way way = go_forward(set_member(set, order[i]), release, err);
        if (way == WAY_ERROR) return wg_context(err, "component %s", release->component);
        if (way == WAY_BOOT && (!ask_boot(set, &again, err) || again)) return again;
        if (way != WAY_DONE && i == 0) return give_up(set, err);
        if (way == WAY_DONE) done++;
    }
    if (!probe_rest(set, err)) return false;
    if (done == set->record.count) return set_decide(set, SET_UNDECIDED, err);
    wg_log(WG_LOG_ERROR, "a component does not run the release that was kept", NULL);
    return true;
}

bool set_settle(struct set *set, struct wg_error *err)
{
    set->again = false;
    for (size_t i = 0; i < set->count; i++) set->places[i].there = set->places[i].active = false;
    switch (set->record.decided) {
    case SET_COMMIT:
        return settle_commit(set, err);
    case SET_REVERT:
        return settle_revert(set, err);
    case SET_TRIAL:
        return settle_trial(set, err);
    default:
        return probe_rest(set, err);
    }
}
