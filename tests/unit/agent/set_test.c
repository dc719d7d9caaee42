/* set_test.c: which place is asked for what, what is decided when, and what the set says of itself;
 * with places that only write down what they are asked. */
#include "agent/posix/slot/plan.h"
#include "agent/posix/slot/set.h"
#include "agent/posix/slot/set_record.h"
#include "folder.h"

#define PLACES 3

static const char *const names[PLACES] = {"system", "app", "modem"};

struct fake {
    struct slot_backend backend;
    size_t number;
};

/* What the places are, over restarts; and what they were asked, in order. */
static struct {
    struct folder folder;
    struct slot_backend *set;
    struct slot_status status;
    struct wg_error err;
    char asked[512];
    const char *fails; /* "activate app": this one does */
    struct slot_status places[PLACES];
    bool keeps[PLACES];
    bool stays[PLACES]; /* reverted, it runs until the next boot */
    size_t mute;        /* a place that does not answer; PLACES: none */
} rig;

static bool say(struct slot_backend *backend, const char *verb, struct wg_error *err)
{
    const struct fake *fake = (const struct fake *)backend;
    char text[64];
    (void)wg_format(text, sizeof text, "%s %s", verb, names[fake->number]);
    size_t len = strlen(rig.asked);
    (void)wg_format(rig.asked + len, sizeof rig.asked - len, "%s%s", len ? ", " : "", text);
    return !rig.fails || strcmp(rig.fails, text) != 0 || wg_fail(err, WG_E_FAILED, "no %s", text);
}

static struct slot_status *place_of(struct slot_backend *backend)
{
    return &rig.places[((struct fake *)backend)->number];
}

static bool fake_probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    *out = *place_of(backend);
    return ((struct fake *)backend)->number != rig.mute || wg_fail(err, WG_E_IO, "no answer");
}

static bool fake_begin(struct slot_backend *backend, const struct slot_release *release, bool fresh,
                       int64_t *have, struct wg_error *err)
{
    (void)release;
    *have = 0;
    return say(backend, fresh ? "fresh" : "begin", err);
}

static bool fake_read(struct slot_backend *backend, int64_t at, void *data, size_t len,
                      struct wg_error *err)
{
    (void)at;
    memset(data, 'x', len);
    return say(backend, "read", err);
}

static bool fake_write(struct slot_backend *backend, const void *data, size_t len,
                       struct wg_error *err)
{
    (void)data;
    (void)len;
    return say(backend, "write", err);
}

static bool fake_sync(struct slot_backend *backend, struct wg_error *err)
{
    return say(backend, "sync", err);
}

static bool fake_base(struct slot_backend *backend, const struct slot_release *release,
                      char out[PATH_MAX], struct wg_error *err)
{
    (void)release;
    (void)err;
    return wg_copy(out, PATH_MAX, names[((struct fake *)backend)->number]);
}

static bool fake_program(struct slot_backend *backend, bool idle,
                         const struct slot_release *release, struct slot_program *out,
                         struct wg_error *err)
{
    (void)release;
    (void)wg_copy(out->path, sizeof out->path, names[((struct fake *)backend)->number]);
    return say(backend, idle ? "program" : "runs", err);
}

static bool fake_finish(struct slot_backend *backend, const struct slot_release *release,
                        struct wg_error *err)
{
    (void)release;
    return say(backend, "finish", err);
}

static bool fake_activate(struct slot_backend *backend, struct wg_error *err)
{
    place_of(backend)->marked = true;
    return say(backend, "activate", err);
}

static bool fake_confirm(struct slot_backend *backend, struct wg_error *err)
{
    if (!say(backend, "confirm", err)) return false;
    place_of(backend)->trial = false;
    return true;
}

static bool fake_revert(struct slot_backend *backend, struct wg_error *err)
{
    struct slot_status *place = place_of(backend);
    if (!say(backend, "revert", err)) return false;
    place->marked = false;
    if (rig.stays[((struct fake *)backend)->number]) return true;
    if (place->trial) (void)wg_copy(place->components[0].version, WG_VERSION_MAX, "1.0.0");
    place->trial = false;
    return true;
}

static void fake_discard(struct slot_backend *backend)
{
    (void)say(backend, "discard", NULL);
}

static void fake_free(struct slot_backend *backend)
{
    free(backend);
}

static const struct slot_backend_ops keeping = {.name = "keeping",
                                                .keeps = true,
                                                .probe = fake_probe,
                                                .begin = fake_begin,
                                                .read = fake_read,
                                                .write = fake_write,
                                                .sync = fake_sync,
                                                .base = fake_base,
                                                .program = fake_program,
                                                .finish = fake_finish,
                                                .activate = fake_activate,
                                                .confirm = fake_confirm,
                                                .revert = fake_revert,
                                                .discard = fake_discard,
                                                .free = fake_free};
static const struct slot_backend_ops plain = {.name = "plain",
                                              .probe = fake_probe,
                                              .begin = fake_begin,
                                              .write = fake_write,
                                              .sync = fake_sync,
                                              .finish = fake_finish,
                                              .activate = fake_activate,
                                              .confirm = fake_confirm,
                                              .revert = fake_revert,
                                              .discard = fake_discard,
                                              .free = fake_free};

static struct slot_backend *make_place(size_t number)
{
    struct fake *fake = calloc(1, sizeof *fake);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fake);
    fake->backend.ops = rig.keeps[number] ? &keeping : &plain;
    fake->number = number;
    return &fake->backend;
}

static bool start(void)
{
    struct set_part parts[PLACES];
    if (rig.set) rig.set->ops->free(rig.set);
    for (size_t i = 0; i < PLACES; i++)
        parts[i] = (struct set_part){.component = i ? names[i] : NULL, .backend = make_place(i)};
    rig.set = set_new(rig.folder.path, parts, PLACES, &rig.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig.set);
    rig.asked[0] = '\0';
    return rig.set->ops->probe(rig.set, &rig.status, &rig.err);
}

static void open_rig(void)
{
    memset(&rig, 0, sizeof rig);
    rig.mute = PLACES;
    folder_make(&rig.folder);
    for (size_t i = 0; i < PLACES; i++) {
        struct slot_status *place = &rig.places[i];
        rig.keeps[i] = i < 2; /* the modem is an installer's */
        *place = (struct slot_status){.running = "a", .idle = "b", .component_count = 1};
        (void)wg_copy(place->components[0].name, WG_NAME_MAX, names[i]);
        (void)wg_copy(place->components[0].version, WG_VERSION_MAX, "1.0.0");
    }
    ASSERT_OK(start(), &rig.err);
}

static void close_rig(void)
{
    rig.set->ops->free(rig.set);
    folder_remove(&rig.folder);
}

static struct slot_release release_of(const char *component, const char *version)
{
    struct slot_release release = {.length = 10};
    (void)wg_copy(release.component, sizeof release.component, component);
    (void)wg_copy(release.version, sizeof release.version, version);
    memset(release.sha256, '7', sizeof release.sha256 - 1);
    return release;
}

static bool plan(const char *first, const char *second, const char *third)
{
    const char *const wanted[] = {first, second, third};
    struct slot_release releases[PLACES];
    bool needed[SLOT_MEMBERS_MAX];
    size_t count = 0;
    while (count < PLACES && wanted[count]) {
        releases[count] = release_of(wanted[count], "2.0.0");
        count++;
    }
    rig.asked[0] = '\0';
    return slot_plan(rig.set, &rig.status, releases, count, needed, &rig.err);
}

static bool verb(bool (*call)(struct slot_backend *, struct wg_error *))
{
    rig.asked[0] = '\0';
    return call(rig.set, &rig.err);
}

/* What was marked boots. */
static bool boot(void)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct slot_status *place = &rig.places[i];
        bool trial = place->marked;
        (void)wg_copy(place->components[0].version, WG_VERSION_MAX,
                      trial                           ? "2.0.0"
                      : place->trial && !rig.stays[i] ? "1.0.0"
                                                      : place->components[0].version);
        place->trial = trial;
        place->marked = false;
        (void)wg_copy(place->running, WG_NAME_MAX, trial ? "b" : place->running);
        (void)wg_copy(place->idle, WG_NAME_MAX, trial ? "a" : place->idle);
    }
    return start();
}

static void test_routes(void)
{
    open_rig();
    const struct slot_backend_ops *ops = rig.set->ops;
    struct slot_release app = release_of("app", "2.0.0"), modem = release_of("modem", "2.0.0");
    struct slot_release other = release_of("app", "3.0.0");
    struct slot_program program;
    char path[PATH_MAX], byte;
    int64_t have = -1;
    CU_ASSERT_FALSE(ops->begin(rig.set, &app, false, &have, &rig.err)); /* not planned */
    CU_ASSERT_FALSE(verb(ops->activate));
    ASSERT_OK(plan("modem", "app", NULL), &rig.err);
    ASSERT_OK(ops->begin(rig.set, &app, false, &have, &rig.err), &rig.err);
    ASSERT_OK(ops->read(rig.set, 0, &byte, 1, &rig.err), &rig.err);
    ASSERT_OK(ops->write(rig.set, "1", 1, &rig.err), &rig.err);
    ops->discard(rig.set); /* of this one alone: what came was not what was ordered */
    CU_ASSERT_FALSE(ops->write(rig.set, "1", 1, &rig.err));
    ASSERT_OK(ops->begin(rig.set, &modem, false, &have, &rig.err), &rig.err);
    CU_ASSERT_FALSE(ops->read(rig.set, 0, &byte, 1, &rig.err));
    ASSERT_OK(ops->write(rig.set, "1", 1, &rig.err) && ops->sync(rig.set, &rig.err), &rig.err);
    CU_ASSERT_FALSE(ops->begin(rig.set, &other, false, &have, &rig.err));
    ASSERT_OK(ops->program(rig.set, true, &app, &program, &rig.err), &rig.err);
    ASSERT_TEXT(program.path, "app");
    ASSERT_OK(ops->program(rig.set, true, &modem, &program, &rig.err), &rig.err);
    ASSERT_TEXT(program.path, ""); /* an installer's */
    ASSERT_OK(ops->finish(rig.set, &modem, &rig.err) && ops->finish(rig.set, &app, &rig.err),
              &rig.err);
    ASSERT_TEXT(rig.asked, "begin app, read app, write app, discard app, fresh modem, write modem, "
                           "sync modem, program app, finish modem, finish app");
    ASSERT_OK(ops->base(rig.set, &app, path, &rig.err), &rig.err);
    ASSERT_TEXT(path, "app");
    CU_ASSERT_FALSE(ops->base(rig.set, &modem, path, &rig.err));
    rig.asked[0] = '\0';
    ops->discard(rig.set);
    ASSERT_TEXT(rig.asked, "discard modem, discard app");
    close_rig();
}

static void test_all_stay(void)
{
    open_rig();
    CU_ASSERT_FALSE(rig.status.trial);
    ASSERT_TEXT(rig.status.running, "a");
    ASSERT_OK(plan("modem", "app", "system"), &rig.err);
    ASSERT_OK(verb(rig.set->ops->activate), &rig.err);
    ASSERT_TEXT(rig.asked, "activate modem, activate app, activate system");
    CU_ASSERT_FALSE(verb(rig.set->ops->confirm)); /* nothing was booted */
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.text, "modem is not on trial"));
    ASSERT_OK(boot(), &rig.err);
    CU_ASSERT_TRUE(rig.status.trial && !rig.status.again);
    ASSERT_TEXT(rig.status.running, "b.1");
    ASSERT_TEXT(rig.status.idle, "a");
    CU_ASSERT_FALSE(plan("app", NULL, NULL)); /* the idle slots are the way back */
    ASSERT_OK(verb(rig.set->ops->confirm), &rig.err);
    ASSERT_TEXT(rig.asked, "confirm modem, confirm app, confirm system");
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_FALSE(rig.status.trial);
    ASSERT_TEXT(rig.status.running, "b.1");
    CU_ASSERT_FALSE(verb(rig.set->ops->activate)); /* that set is done with */
    close_rig();
}

static void test_activation_fails(void)
{
    open_rig();
    ASSERT_OK(plan("modem", "app", "system"), &rig.err);
    rig.fails = "activate app";
    CU_ASSERT_FALSE(verb(rig.set->ops->activate));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.text, "no activate app"));
    ASSERT_TEXT(rig.asked, "activate modem, activate app, revert app, revert modem");
    close_rig();
}

static void test_not_all_booted(void)
{
    for (size_t late = 0; late < PLACES; late++) {
        open_rig();
        ASSERT_OK(plan("modem", "app", "system"), &rig.err);
        ASSERT_OK(verb(rig.set->ops->activate), &rig.err);
        rig.places[late].marked = false; /* the power was cut before this one */
        for (size_t i = 0; i < PLACES; i++) rig.stays[i] = i == 0;
        ASSERT_OK(boot(), &rig.err);
        CU_ASSERT_EQUAL(rig.status.again, late != 0); /* the system goes back with a boot */
        rig.stays[0] = false;
        if (rig.status.again) ASSERT_OK(boot(), &rig.err);
        CU_ASSERT_FALSE(rig.status.trial || rig.status.again);
        for (size_t i = 0; i < PLACES; i++)
            ASSERT_TEXT(rig.places[i].components[0].version, "1.0.0");
        close_rig();
    }
}

/* The word was given, and the power cut before or after any confirm: rolled forward. */
static void test_commit_goes_on(void)
{
    static const char *const order[] = {"confirm modem", "confirm app", "confirm system"};
    for (size_t cut = 0; cut < PLACES; cut++) {
        open_rig();
        ASSERT_OK(plan("app", "modem", "system"), &rig.err);
        ASSERT_OK(verb(rig.set->ops->activate), &rig.err);
        ASSERT_OK(boot(), &rig.err);
        rig.fails = order[cut];
        CU_ASSERT_FALSE(verb(rig.set->ops->confirm));
        rig.fails = NULL;
        /* whatever its agent wants now, there is no way back */
        ASSERT_OK(verb(rig.set->ops->revert), &rig.err);
        ASSERT_TEXT(rig.asked, "");
        rig.stays[2] = true; /* an installer's trial lasts over one boot */
        ASSERT_OK(boot(), &rig.err);
        for (int i = 0; i < PLACES && rig.status.again; i++) ASSERT_OK(boot(), &rig.err);
        CU_ASSERT_FALSE(rig.status.again || rig.status.trial);
        ASSERT_TEXT(rig.status.running, "b.1");
        for (size_t i = 0; i < PLACES; i++)
            ASSERT_TEXT(rig.places[i].components[0].version, "2.0.0");
        close_rig();
    }
}

/* A boot that is asked for and never comes is not asked for without end. */
static void test_boots_are_bounded(void)
{
    open_rig();
    ASSERT_OK(plan("app", "system", NULL), &rig.err);
    ASSERT_OK(verb(rig.set->ops->activate), &rig.err);
    rig.places[0].marked = false;
    rig.stays[1] = true;
    ASSERT_OK(boot(), &rig.err);
    for (int i = 0; i < SET_BOOTS_MAX; i++) {
        CU_ASSERT_TRUE(rig.status.again);
        ASSERT_OK(start(), &rig.err);
    }
    CU_ASSERT_FALSE(rig.status.again);
    CU_ASSERT_TRUE(rig.status.trial);
    close_rig();
}

static void test_no_place(void)
{
    open_rig();
    CU_ASSERT_FALSE(plan("system", "app", "radio"));
    CU_ASSERT_EQUAL(rig.err.code, WG_E_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.text, "system and radio would need the same place"));
    rig.mute = 1;
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_EQUAL(rig.status.component_count, 2);
    CU_ASSERT_FALSE(plan("system", "app", NULL));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.text, "the place of app does not answer: no answer"));
    ASSERT_OK(plan("system", NULL, NULL), &rig.err);
    rig.mute = 0;
    CU_ASSERT_FALSE(start());
    close_rig();
}

static void test_what_runs_is_left_alone(void)
{
    open_rig();
    struct slot_release releases[] = {release_of("system", "2.0.0"), release_of("app", "1.0.0"),
                                      release_of("modem", "1.0.0")};
    bool wanted[SLOT_MEMBERS_MAX];
    memset(rig.places[1].sha256[0], '7', WG_SHA256_HEX - 1);
    ASSERT_OK(start(), &rig.err);
    ASSERT_OK(slot_plan(rig.set, &rig.status, releases, 3, wanted, &rig.err), &rig.err);
    CU_ASSERT_TRUE(wanted[0] && !wanted[1] && !wanted[2]);
    ASSERT_OK(verb(rig.set->ops->activate), &rig.err);
    ASSERT_TEXT(rig.asked, "activate system");
    ASSERT_OK(verb(rig.set->ops->revert), &rig.err);
    memset(rig.places[1].sha256[0], '8', WG_SHA256_HEX - 1); /* another content by that name */
    ASSERT_OK(start(), &rig.err);
    ASSERT_OK(slot_plan(rig.set, &rig.status, releases, 3, wanted, &rig.err), &rig.err);
    CU_ASSERT_TRUE(wanted[0] && wanted[1] && !wanted[2]);
    CU_ASSERT_FALSE(slot_plan(rig.set, &rig.status, &releases[2], 0, wanted, &rig.err));
    /* alone it is taken: who orders that knows why */
    ASSERT_OK(slot_plan(rig.set, &rig.status, &releases[2], 1, wanted, &rig.err), &rig.err);
    CU_ASSERT_TRUE(wanted[0]);
    close_rig();
}

static void test_whole_is_kept(void)
{
    open_rig();
    const struct slot_backend_ops *ops = rig.set->ops;
    struct slot_release app = release_of("app", "2.0.0");
    int64_t have;
    ASSERT_OK(plan("app", "system", NULL), &rig.err);
    CU_ASSERT_FALSE(ops->is_whole(rig.set, &app));
    ASSERT_OK(ops->note_whole(rig.set, &app, &rig.err), &rig.err);
    ASSERT_OK(start(), &rig.err);
    ASSERT_OK(plan("app", "system", NULL), &rig.err);
    CU_ASSERT_TRUE(rig.set->ops->is_whole(rig.set, &app));
    ASSERT_OK(rig.set->ops->begin(rig.set, &app, false, &have, &rig.err), &rig.err);
    CU_ASSERT_FALSE(rig.set->ops->is_whole(rig.set, &app));
    ASSERT_OK(rig.set->ops->note_whole(rig.set, &app, &rig.err), &rig.err);
    ASSERT_OK(verb(rig.set->ops->revert), &rig.err); /* nothing went back */
    CU_ASSERT_TRUE(rig.set->ops->is_whole(rig.set, &app));
    rig.set->ops->discard(rig.set);
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_FALSE(rig.set->ops->is_whole(rig.set, &app));
    close_rig();
}

static void test_union(void)
{
    open_rig();
    struct slot_status *system = &rig.places[0];
    system->component_count = 3;
    (void)wg_copy(system->components[1].name, WG_NAME_MAX, "app"); /* not its own */
    (void)wg_copy(system->components[2].name, WG_NAME_MAX, "boot");
    (void)wg_copy(system->components[2].version, WG_VERSION_MAX, "7");
    (void)wg_copy(rig.places[1].components[0].name, WG_NAME_MAX, "apps"); /* nor is this */
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_EQUAL_FATAL(rig.status.component_count, 3);
    ASSERT_TEXT(rig.status.components[0].name, "system");
    ASSERT_TEXT(rig.status.components[1].name, "boot");
    ASSERT_TEXT(rig.status.components[2].name, "modem");
    CU_ASSERT_FALSE(rig.status.in_place);
    for (size_t i = 0; i < PLACES; i++) rig.places[i].in_place = i > 0;
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_FALSE(rig.status.in_place);
    ASSERT_OK(plan("app", "modem", NULL), &rig.err);
    CU_ASSERT_TRUE(rig.status.in_place);
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_TRUE(rig.status.in_place);
    close_rig();
}

/* Without a set in hand, as when the agent of an old system began it. */
static void test_alone(void)
{
    open_rig();
    rig.places[0].trial = true;
    ASSERT_OK(start(), &rig.err);
    CU_ASSERT_TRUE(rig.status.trial);
    ASSERT_OK(verb(rig.set->ops->revert), &rig.err);
    ASSERT_TEXT(rig.asked, "revert system");
    rig.places[0].trial = true;
    ASSERT_OK(start(), &rig.err);
    ASSERT_OK(verb(rig.set->ops->confirm), &rig.err);
    ASSERT_TEXT(rig.asked, "confirm system");
    close_rig();
}

static void test_record(void)
{
    struct folder folder;
    struct set_record record = {.decided = SET_COMMIT, .number = 7, .boots = 2, .count = 2}, found;
    struct wg_error err = {0};
    char path[PATH_MAX];
    folder_make(&folder);
    (void)wg_copy(path, sizeof path, folder_file(&folder, "set.json"));
    ASSERT_OK(set_record_load(path, &found, &err), &err);
    CU_ASSERT_TRUE(found.count == 0 && found.decided == SET_UNDECIDED);
    record.members[0] = release_of("app", "2.0.0");
    record.members[1] = release_of("system", "2.0.0");
    record.whole[1] = true;
    ASSERT_OK(set_record_save(path, &record, &err), &err);
    ASSERT_OK(set_record_load(path, &found, &err), &err);
    CU_ASSERT_TRUE(found.decided == SET_COMMIT && found.number == 7 && found.boots == 2);
    CU_ASSERT_TRUE(found.count == 2 && !found.whole[0] && found.whole[1]);
    ASSERT_TEXT(found.members[1].component, "system");
    char text[4096];
    (void)wg_copy(text, sizeof text, folder_get(&folder, "set.json"));
    for (size_t i = 0; text[i]; i++) { /* no byte of it may be another */
        char kept = text[i];
        text[i] = (char)(kept ^ 1);
        folder_put(&folder, "set.json", text, 0600);
        ASSERT_OK(set_record_load(path, &found, &err), &err);
        CU_ASSERT_TRUE(found.count == 2 && found.decided == SET_COMMIT && found.number == 7);
        CU_ASSERT_TRUE(folder_has(&folder, "set.json.damaged"));
        folder_put_twice(&folder, "set.json", text);
        ASSERT_OK(set_record_load(path, &found, &err), &err);
        CU_ASSERT_TRUE(found.count == 0 && found.decided == SET_UNDECIDED && found.number == 0);
        CU_ASSERT_FALSE(folder_has(&folder, "set.json"));
        ASSERT_OK(set_record_save(path, &record, &err), &err);
        text[i] = kept;
    }
    folder_remove(&folder);
}

WG_SUITE("agent/posix/slot/set", {"routes", test_routes}, {"all stay", test_all_stay},
         {"activation fails", test_activation_fails}, {"not all booted", test_not_all_booted},
         {"commit goes on", test_commit_goes_on}, {"boots are bounded", test_boots_are_bounded},
         {"no place", test_no_place}, {"what runs", test_what_runs_is_left_alone},
         {"whole is kept", test_whole_is_kept}, {"union", test_union}, {"alone", test_alone},
         {"record", test_record})
