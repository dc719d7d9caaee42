/* set.c: the verbs of a set, each handed to the places that it is for. */
#include "agent/posix/slot/set.h"

#include "agent/posix/slot/set_state.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define VERBS 3 /* that a place is asked for in one call, at most */

struct set_place *set_find(struct set *set, const char *component)
{
    for (size_t i = 1; i < set->count; i++)
        if (strcmp(set->places[i].component, component) == 0) return &set->places[i];
    return &set->places[0];
}

struct set_place *set_member(struct set *set, size_t member)
{
    return set_find(set, set->record.members[member].component);
}

/* With the last word said about it, a set that was kept is none any more. */
bool set_decide(struct set *set, enum set_decision decision, struct wg_error *err)
{
    struct set_record next = set->record;
    if (next.decided == decision) return true;
    if (decision == SET_COMMIT) next.number++;
    if (next.decided == SET_COMMIT && decision == SET_REVERT) next.number--;
    if (next.decided == SET_COMMIT && decision == SET_UNDECIDED) next.count = 0;
    if (decision == SET_REVERT) memset(next.whole, 0, sizeof next.whole);
    next.decided = decision;
    next.boots = 0;
    if (!set_record_save(set->path, &next, err)) return false;
    set->record = next;
    return true;
}

/* The earlier, the less there is to go on with once it has fallen back: what a boot loader of its
 * own takes back is lost; what nothing boots can be confirmed before it is looked at; the rest can
 * be activated again. */
static int rank(struct set *set, size_t member)
{
    if (set_member(set, member)->backend->ops->keeps) return 2;
    return set->record.in_place[member] ? 1 : 0;
}

void set_confirm_order(struct set *set, size_t out[SLOT_MEMBERS_MAX])
{
    size_t count = 0;
    for (int i = 0; i <= 2; i++)
        for (size_t j = 0; j < set->record.count; j++)
            if (rank(set, j) == i) out[count++] = j;
}

/* Slots of a set are told apart by how many sets were committed before. */
static void name_slot(const char *name, int64_t number, char out[WG_NAME_MAX + 1])
{
    (void)wg_copy(out, WG_NAME_MAX + 1, name);
    if (number > 0) (void)wg_format(out, WG_NAME_MAX + 1, "%.40s.%lld", name, (long long)number);
}

/* What has a place of its own is not asked of another. */
static void add_components(struct set *set, const struct set_place *place, struct slot_status *out)
{
    const struct slot_status *status = &place->status;
    for (size_t i = 0; i < status->component_count; i++) {
        if (set_find(set, status->components[i].name) != place ||
            out->component_count == WG_COMPONENTS_MAX)
            continue;
        out->components[out->component_count] = status->components[i];
        (void)wg_copy(out->sha256[out->component_count], WG_SHA256_HEX, status->sha256[i]);
        out->component_count++;
    }
}

/* Of the set in hand; without one of all places, for nobody knows which is meant. */
static bool is_in_place(struct set *set)
{
    bool in_place = true;
    for (size_t i = 0; i < set->record.count; i++)
        in_place = in_place && set_member(set, i)->status.in_place;
    for (size_t i = 0; set->record.count == 0 && i < set->count; i++)
        in_place = in_place && set->places[i].status.in_place;
    return in_place;
}

static void tell(struct set *set, struct slot_status *out)
{
    const struct slot_status *system = &set->places[0].status;
    int64_t number = set->record.number;
    bool trial = false, marked = false;
    *out = (struct slot_status){
        .again = set->again, .in_place = is_in_place(set), .fallback = system->fallback};
    for (size_t i = 0; i < set->count; i++) {
        if (!set->places[i].there) continue;
        trial = trial || set->places[i].status.trial;
        marked = marked || set->places[i].status.marked;
        add_components(set, &set->places[i], out);
    }
    /* a member that has not booted yet: the trial of all begins with that boot; and what was
     * committed is no trial any more */
    out->marked = marked && (!trial || set->record.decided == SET_TRIAL);
    out->trial = trial && !out->marked && set->record.decided != SET_COMMIT;
    name_slot(system->running, out->trial ? number + 1 : number, out->running);
    name_slot(system->idle, out->trial ? number : number + 1, out->idle);
}

static bool probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    set->open = NULL;
    if (!set_record_load(set->path, &set->record, err) || !set_settle(set, err)) return false;
    tell(set, out);
    return true;
}

static bool is_release(const struct slot_release *one, const struct slot_release *other)
{
    return strcmp(one->component, other->component) == 0 &&
           strcmp(one->version, other->version) == 0 && strcmp(one->sha256, other->sha256) == 0 &&
           one->length == other->length;
}

static bool is_planned(const struct set *set, const struct slot_release *releases, size_t count)
{
    bool same = set->record.decided == SET_UNDECIDED && set->record.count == count;
    for (size_t i = 0; same && i < count; i++)
        same = is_release(&set->record.members[i], &releases[i]);
    return same;
}

static bool check_places(struct set *set, const struct slot_release *releases, size_t count,
                         struct wg_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct set_place *place = set_find(set, releases[i].component);
        if (!place->there)
            return wg_fail(err, WG_E_FAILED, "the place of %s does not answer: %s",
                           releases[i].component, place->why);
        for (size_t j = 0; j < i; j++)
            if (set_find(set, releases[j].component) == place)
                return wg_fail(err, WG_E_CONFLICT,
                               "%s and %s would need the same place: one of them needs its own, "
                               "under \"components\" in agent.json",
                               releases[j].component, releases[i].component);
    }
    for (size_t i = 0; i < set->count; i++)
        if (set->places[i].there && set->places[i].status.trial)
            return wg_fail(err, WG_E_CONFLICT, "what runs is on trial");
    return true;
}

/* What goes back may lose what it had. */
static bool none_whole(struct set *set, struct wg_error *err)
{
    struct set_record next = set->record;
    memset(next.whole, 0, sizeof next.whole);
    if (memcmp(next.whole, set->record.whole, sizeof next.whole) == 0) return true;
    if (!set_record_save(set->path, &next, err)) return false;
    set->record = next;
    return true;
}

static bool is_active(const struct set *set)
{
    bool active = false;
    for (size_t i = 0; i < set->count; i++) active = active || set->places[i].active;
    return active;
}

static bool revert_places(struct set *set, struct wg_error *err)
{
    bool ok = !is_active(set) || none_whole(set, err);
    if (!ok) return false;
    for (size_t i = 0; i < set->count; i++) {
        struct set_place *place = &set->places[i];
        if (!place->active) continue;
        if (place->backend->ops->revert(place->backend, ok ? err : NULL))
            place->active = place->status.trial && place->backend->ops->keeps;
        else
            ok = false;
    }
    return ok;
}

/* A place that runs the new release until the next boot stays reverted until probe() has seen it.
 * What is kept already is carried on with at the next start. */
static bool revert(struct slot_backend *backend, struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    set->open = NULL;
    if (set->record.decided == SET_COMMIT) return true;
    if (set->record.decided == SET_TRIAL && !set_decide(set, SET_REVERT, err)) return false;
    return revert_places(set, err) && (is_active(set) || set_decide(set, SET_UNDECIDED, err));
}

static bool take_plan(struct set *set, const struct slot_release *releases, size_t count,
                      struct wg_error *err)
{
    struct set_record next = {.number = set->record.number, .count = count};
    if (is_planned(set, releases, count)) return true;
    for (size_t i = 0; i < count; i++) {
        next.members[i] = releases[i];
        next.in_place[i] = set_find(set, releases[i].component)->status.in_place;
    }
    if (!set_record_save(set->path, &next, err)) return false;
    set->record = next;
    return true;
}

static bool plan(struct slot_backend *backend, const struct slot_release *releases, size_t count,
                 bool *in_place, struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    if (count == 0 || count > SLOT_MEMBERS_MAX)
        return wg_fail(err, WG_E_LIMIT, "a set of %zu releases: expected 1 to %d", count,
                       SLOT_MEMBERS_MAX);
    if (!check_places(set, releases, count, err) || !revert(backend, err) ||
        !take_plan(set, releases, count, err))
        return false;
    *in_place = is_in_place(set);
    return true;
}

/* Its number; the count of members when it is none. */
static size_t number_of(const struct set *set, const struct slot_release *release)
{
    size_t i = 0;
    while (i < set->record.count && !is_release(&set->record.members[i], release)) i++;
    return i;
}

static bool set_whole(struct set *set, size_t member, bool whole, struct wg_error *err)
{
    struct set_record next = set->record;
    if (next.whole[member] == whole) return true;
    next.whole[member] = whole;
    if (!set_record_save(set->path, &next, err)) return false;
    set->record = next;
    return true;
}

static bool note_whole(struct slot_backend *backend, const struct slot_release *release,
                       struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    size_t member = number_of(set, release);
    return member == set->record.count || set_whole(set, member, true, err);
}

static bool is_whole(struct slot_backend *backend, const struct slot_release *release)
{
    const struct set *set = (const struct set *)backend;
    size_t member = number_of(set, release);
    return member < set->record.count && set->record.whole[member];
}

static bool begin(struct slot_backend *backend, const struct slot_release *release, bool fresh,
                  int64_t *have, struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    size_t member = number_of(set, release);
    if (member == set->record.count || set->record.decided != SET_UNDECIDED)
        return wg_fail(err, WG_E_CONFLICT, "%s %s does not belong to what is installed now",
                       release->component, release->version);
    if (!set_whole(set, member, false, err)) return false;
    set->open = set_find(set, release->component);
    const struct slot_backend_ops *ops = set->open->backend->ops;
    return ops->begin(set->open->backend, release, fresh || !ops->read, have, err);
}

static bool check_open(const struct set *set, struct wg_error *err)
{
    return set->open || wg_fail(err, WG_E_FAILED, "nothing was begun");
}

static bool read_open(struct slot_backend *backend, int64_t at, void *data, size_t len,
                      struct wg_error *err)
{
    const struct set *set = (const struct set *)backend;
    if (!check_open(set, err)) return false;
    const struct slot_backend_ops *ops = set->open->backend->ops;
    return ops->read ? ops->read(set->open->backend, at, data, len, err)
                     : wg_fail(err, WG_E_FAILED, "this place cannot be read");
}

static bool write_open(struct slot_backend *backend, const void *data, size_t len,
                       struct wg_error *err)
{
    const struct set *set = (const struct set *)backend;
    return check_open(set, err) &&
           set->open->backend->ops->write(set->open->backend, data, len, err);
}

static bool sync_open(struct slot_backend *backend, struct wg_error *err)
{
    const struct set *set = (const struct set *)backend;
    return check_open(set, err) && set->open->backend->ops->sync(set->open->backend, err);
}

static bool base(struct slot_backend *backend, const struct slot_release *release,
                 char out[PATH_MAX], struct wg_error *err)
{
    struct slot_backend *place = set_find((struct set *)backend, release->component)->backend;
    return place->ops->base ? place->ops->base(place, release, out, err)
                            : wg_fail(err, WG_E_NOT_FOUND, "this place has no file with what runs");
}

static bool program(struct slot_backend *backend, bool idle, const struct slot_release *release,
                    struct slot_program *out, struct wg_error *err)
{
    struct slot_backend *place = set_find((struct set *)backend, release->component)->backend;
    *out = (struct slot_program){.path = ""};
    return !place->ops->program || place->ops->program(place, idle, release, out, err);
}

static bool finish(struct slot_backend *backend, const struct slot_release *release,
                   struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    struct slot_backend *place = set_find(set, release->component)->backend;
    set->open = NULL;
    return place->ops->finish(place, release, err) || wg_context(err, "%s", release->component);
}

static bool activate_members(struct set *set, struct wg_error *err)
{
    for (size_t i = 0; i < set->record.count; i++) {
        struct set_place *place = set_member(set, i);
        if (place->status.trial) continue;
        place->active = true;
        if (!place->backend->ops->activate(place->backend, err))
            return wg_context(err, "%s", set->record.members[i].component);
    }
    return true;
}

static bool activate(struct slot_backend *backend, struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    struct wg_error also = {0};
    set->open = NULL;
    if (set->record.count == 0) return wg_fail(err, WG_E_FAILED, "nothing was installed");
    if (set->record.decided > SET_TRIAL)
        return wg_fail(err, WG_E_CONFLICT, "what was decided before is not carried out yet");
    if (!set_decide(set, SET_TRIAL, err)) return false;
    if (activate_members(set, err)) return true;
    if (!revert(backend, &also)) wg_log_error("what was activated is not back yet", &also);
    return false;
}

static bool confirm_place(struct set_place *place, struct wg_error *err)
{
    if (!place->backend->ops->confirm(place->backend, err)) return false;
    place->status.trial = place->active = false;
    return true;
}

/* Nobody has said what belongs together. */
static bool confirm_alone(struct set *set, struct wg_error *err)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->places[i].status.trial && !confirm_place(&set->places[i], err)) return false;
    return true;
}

static bool confirm_members(struct set *set, struct wg_error *err)
{
    size_t order[SLOT_MEMBERS_MAX];
    set_confirm_order(set, order);
    for (size_t i = 0; i < set->record.count; i++)
        if (!confirm_place(set_member(set, order[i]), err))
            return wg_context(err, "%s", set->record.members[order[i]].component);
    return true;
}

static bool confirm(struct slot_backend *backend, struct wg_error *err)
{
    struct set *set = (struct set *)backend;
    struct wg_error also = {0};
    set->open = NULL;
    if (set->record.decided == SET_UNDECIDED) return confirm_alone(set, err);
    for (size_t i = 0; set->record.decided != SET_COMMIT && i < set->record.count; i++)
        if (set->record.decided == SET_REVERT || !set_member(set, i)->status.trial)
            return wg_fail(err, WG_E_CONFLICT, "%s is not on trial",
                           set->record.members[i].component);
    if (!set_decide(set, SET_COMMIT, err) || !confirm_members(set, err)) return false;
    /* all of them are kept; the record's last word may be written at the next start */
    if (!set_decide(set, SET_UNDECIDED, &also)) wg_log_error("the set's record stays", &also);
    return true;
}

static bool well(struct slot_backend *backend, struct wg_error *err)
{
    const struct set *set = (struct set *)backend;
    bool ok = true;
    for (size_t i = 0; i < set->count; i++) {
        const struct set_place *place = &set->places[i];
        if (place->there && place->backend->ops->well)
            ok = place->backend->ops->well(place->backend, ok ? err : NULL) && ok;
    }
    return ok;
}

static void discard(struct slot_backend *backend)
{
    struct set *set = (struct set *)backend;
    if (set->open) {
        set->open->backend->ops->discard(set->open->backend);
        set->open = NULL;
        return;
    }
    struct wg_error err = {0};
    if (set->record.decided != SET_UNDECIDED) return;
    if (!none_whole(set, &err)) {
        wg_log_error("what is in the idle slots stays", &err);
        return;
    }
    for (size_t i = 0; i < set->record.count; i++) {
        struct set_place *place = set_member(set, i);
        if (place->there && !place->status.trial) place->backend->ops->discard(place->backend);
    }
}

static void free_set(struct slot_backend *backend)
{
    struct set *set = (struct set *)backend;
    for (size_t i = 0; i < set->count; i++)
        set->places[i].backend->ops->free(set->places[i].backend);
    free(set);
}

static const struct slot_backend_ops ops = {.name = "set",
                                            .plan = plan,
                                            .note_whole = note_whole,
                                            .is_whole = is_whole,
                                            .probe = probe,
                                            .begin = begin,
                                            .read = read_open,
                                            .write = write_open,
                                            .sync = sync_open,
                                            .base = base,
                                            .program = program,
                                            .finish = finish,
                                            .activate = activate,
                                            .confirm = confirm,
                                            .well = well,
                                            .revert = revert,
                                            .discard = discard,
                                            .free = free_set};

static bool take_parts(struct set *set, const char *state, const struct set_part *parts,
                       struct wg_error *err)
{
    if (!wg_path_join(set->path, sizeof set->path, state, "set.json", err)) return false;
    for (size_t i = 0; i < set->count; i++) {
        struct set_place *place = &set->places[i];
        if (i == 0) continue;
        if (!parts[i].component || set_find(set, parts[i].component) != &set->places[0] ||
            !wg_copy(place->component, sizeof place->component, parts[i].component))
            return wg_fail(err, WG_E_BAD_FILE, "components: a component has two places");
    }
    return true;
}

struct slot_backend *set_new(const char *state, const struct set_part *parts, size_t count,
                             struct wg_error *err)
{
    struct set *set = count > 0 && count <= SET_PLACES_MAX ? calloc(1, sizeof *set) : NULL;
    if (!set) {
        for (size_t i = 0; i < count; i++) parts[i].backend->ops->free(parts[i].backend);
        (void)wg_fail_memory(err, "opening the places of components");
        return NULL;
    }
    set->backend.ops = &ops;
    set->count = count;
    for (size_t i = 0; i < count; i++) {
        wg_duration limit = parts[i].backend->limit;
        set->places[i].backend = parts[i].backend;
        set->backend.limit += VERBS * (limit ? limit : SLOT_LIMIT);
    }
    if (take_parts(set, state, parts, err)) return &set->backend;
    free_set(&set->backend);
    return NULL;
}
