/* repo_plan_test.c: what may be published in which company, and in which order it is written. */
#include "orchestrator/release/repo_plan.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW ((wg_time)1800000000000)

enum who { ANNA, BEN, ONLINE, SPARE, PEOPLE };

struct scene {
    char folder[64];
    struct repo_signer keys[PEOPLE];
    struct repo_key names[PEOPLE];
    struct repo_state state;
    struct repo_draft draft;
    struct repo_plan plan;
};

static struct wg_error err;
static const struct wg_passphrase_source nobody = {.fd = -1};

static struct repo_role_keys one_of(const struct scene *scene, enum who who)
{
    struct repo_role_keys keys = {.count = 1, .threshold = 1};
    keys.keys[0] = scene->names[who];
    return keys;
}

static void make_key(struct scene *scene, enum who who)
{
    char file[128];
    struct wg_identity_public key;
    (void)snprintf(file, sizeof file, "%s/%d.pem", scene->folder, (int)who);
    ASSERT_OK(wg_signing_key_make(file, who == ONLINE ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519,
                                  NULL, &key, &err),
              &err);
    ASSERT_OK(repo_key_read(file, &nobody, &scene->names[who], &err), &err);
    ASSERT_OK(repo_signer_open(file, &nobody, &scene->keys[who], &err), &err);
    (void)unlink(file);
}

static void open_scene(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    (void)snprintf(scene->folder, sizeof scene->folder, "/tmp/repo-plan-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(scene->folder));
    for (enum who who = ANNA; who < PEOPLE; who++) make_key(scene, who);
    scene->state = (struct repo_state){json_object(), NULL, json_object(), json_object()};
    scene->draft = (struct repo_draft){&scene->state, NOW};
    struct repo_role_keys *roles = calloc(TUF_TARGETS + 1, sizeof *roles);
    json_t *expires = json_pack("{s:s,s:s,s:s,s:s}", "root", "365d", "targets", "90d", "snapshot",
                                "7d", "timestamp", "1d");
    CU_ASSERT_PTR_NOT_NULL_FATAL(roles);
    roles[TUF_ROOT] = roles[TUF_TARGETS] = one_of(scene, ANNA);
    roles[TUF_SNAPSHOT] = roles[TUF_TIMESTAMP] = one_of(scene, ONLINE);
    ASSERT_OK(repo_draft_first(&scene->draft, roles, expires, &err), &err);
    json_decref(expires);
    free(roles);
}

static void close_scene(struct scene *scene)
{
    repo_plan_clear(&scene->plan);
    repo_state_clear(&scene->state);
    for (enum who who = ANNA; who < PEOPLE; who++) repo_signer_close(&scene->keys[who]);
    (void)rmdir(scene->folder);
}

static void sign(struct scene *scene, enum who who, const char *role)
{
    json_t *envelope = json_object_get(scene->state.staged, role);
    CU_ASSERT_PTR_NOT_NULL_FATAL(envelope);
    ASSERT_OK(repo_signer_sign(&scene->keys[who], scene->names[who].id, envelope, &err), &err);
}

static bool plan(struct scene *scene, enum who from, enum who to, wg_time before)
{
    const struct repo_online online = {&scene->keys[from], (size_t)(to - from) + 1};
    repo_plan_clear(&scene->plan);
    wg_error_clear(&err);
    return repo_plan_make(&scene->plan, &scene->draft, &online, before, before, &err);
}

/* The names of what would be written, in order. */
static const char *order(const struct scene *scene)
{
    static char text[1024];
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(scene->plan.writes); i++) {
        const json_t *write = json_array_get(scene->plan.writes, i);
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "",
                       json_string_value(json_array_get(write, 0)) + strlen("metadata/"));
    }
    return text;
}

/* As if written and read back. */
static void publish(struct scene *scene)
{
    for (size_t i = 0; i < json_array_size(scene->plan.writes); i++) {
        json_t *write = json_array_get(scene->plan.writes, i), *text = json_array_get(write, 1);
        const char *name = json_string_value(json_array_get(write, 0)), *at = strchr(name, '/') + 1;
        json_t *envelope = json_loadb(json_string_value(text), json_string_length(text), 0, NULL);
        char role[64];
        if (strcmp(at, "timestamp.json") != 0) at = strchr(at, '.') + 1;
        (void)snprintf(role, sizeof role, "%.*s", (int)(strlen(at) - 5), at);
        (void)json_object_set(scene->state.files, name, text);
        (void)json_object_set_new(scene->state.live, role, envelope);
        (void)json_object_del(scene->state.staged, role);
    }
}

static void publish_first(struct scene *scene)
{
    sign(scene, ANNA, "root");
    sign(scene, ANNA, "targets");
    ASSERT_OK(plan(scene, ONLINE, ONLINE, 0), &err);
    publish(scene);
}

static void publish_component(struct scene *scene)
{
    const struct repo_role_keys none = {.count = 0};
    ASSERT_OK(repo_draft_component(&scene->draft, "brake", &none, &err), &err);
    sign(scene, ANNA, "targets");
    sign(scene, ANNA, "brake");
    ASSERT_OK(plan(scene, ONLINE, ONLINE, 0), &err);
}

static void test_first(void)
{
    struct scene scene;
    open_scene(&scene);
    CU_ASSERT_FALSE(plan(&scene, ONLINE, ONLINE, 0));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    sign(&scene, ANNA, "root");
    CU_ASSERT_FALSE(plan(&scene, ONLINE, ONLINE, 0));
    sign(&scene, BEN, "targets"); /* who is nobody here */
    CU_ASSERT_FALSE(plan(&scene, ONLINE, ONLINE, 0));
    sign(&scene, ANNA, "targets");
    CU_ASSERT_FALSE(plan(&scene, BEN, BEN, 0));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, 0), &err);
    ASSERT_TEXT(order(&scene), "1.targets.json 1.snapshot.json timestamp.json 1.root.json");
    publish(&scene);
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, NOW), &err);
    ASSERT_TEXT(order(&scene), "");
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, NOW + 2 * WG_DAY), &err);
    ASSERT_TEXT(order(&scene), "timestamp.json");
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, NOW + 8 * WG_DAY), &err);
    ASSERT_TEXT(order(&scene), "2.snapshot.json timestamp.json");
    close_scene(&scene);
}

static void test_component(void)
{
    struct scene scene;
    const struct repo_role_keys none = {.count = 0};
    open_scene(&scene);
    publish_first(&scene);
    ASSERT_OK(repo_draft_component(&scene.draft, "brake", &none, &err), &err);
    sign(&scene, ANNA, "targets"); /* a delegation to what is not there yet waits */
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, 0), &err);
    ASSERT_TEXT(order(&scene), "");
    sign(&scene, ANNA, "brake");
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, 0), &err);
    ASSERT_TEXT(order(&scene), "1.brake.json 2.targets.json 2.snapshot.json timestamp.json");
    close_scene(&scene);
}

/* The old key may sign the new version beside the new key, but never get it published alone. */
static void test_rotation_waits_for_the_new_key(void)
{
    struct scene scene;
    open_scene(&scene);
    publish_first(&scene);
    publish_component(&scene);
    publish(&scene);
    const struct repo_role_keys ben = one_of(&scene, BEN);
    const char *const gone[] = {scene.names[ANNA].id};
    ASSERT_OK(repo_draft_rotate(&scene.draft, "targets", &ben, gone, 1, &err), &err);
    ASSERT_OK(repo_draft_rotate(&scene.draft, "brake", &ben, gone, 1, &err), &err);
    CU_ASSERT_EQUAL(repo_version(scene.state.staged, "brake"), 2);
    sign(&scene, ANNA, "root");
    sign(&scene, ANNA, "targets");
    sign(&scene, ANNA, "brake");
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, 0), &err);
    ASSERT_TEXT(order(&scene), "");
    sign(&scene, BEN, "targets");
    sign(&scene, BEN, "brake");
    ASSERT_OK(plan(&scene, ONLINE, ONLINE, 0), &err);
    ASSERT_TEXT(order(&scene),
                "2.brake.json 3.targets.json 3.snapshot.json timestamp.json 2.root.json");
    close_scene(&scene);
}

static void test_root_goes_first_where_old_keys_are_lost(void)
{
    struct scene scene;
    open_scene(&scene);
    publish_first(&scene);
    const struct repo_role_keys spare = one_of(&scene, SPARE);
    const char *const gone[] = {scene.names[ONLINE].id};
    ASSERT_OK(repo_draft_rotate(&scene.draft, "timestamp", &spare, gone, 1, &err), &err);
    sign(&scene, ANNA, "root");
    ASSERT_OK(plan(&scene, ONLINE, SPARE, 0), &err);
    ASSERT_TEXT(order(&scene), "timestamp.json 2.root.json");
    CU_ASSERT_FALSE(plan(&scene, ONLINE, ONLINE, 0));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_OK(plan(&scene, SPARE, SPARE, 0), &err);
    ASSERT_TEXT(order(&scene), "2.root.json timestamp.json");
    close_scene(&scene);
}

static void test_rotation_is_checked(void)
{
    struct scene scene;
    open_scene(&scene);
    const struct repo_role_keys none = {.count = 0}, three = {.count = 0, .threshold = 3};
    const char *const anna[] = {scene.names[ANNA].id}, *const brief[] = {"abc"};
    CU_ASSERT_FALSE(repo_draft_rotate(&scene.draft, "root", &none, anna, 1, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    CU_ASSERT_FALSE(repo_draft_rotate(&scene.draft, "root", &three, NULL, 0, &err));
    CU_ASSERT_FALSE(repo_draft_rotate(&scene.draft, "root", &none, brief, 1, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_FALSE(repo_draft_rotate(&scene.draft, "brake", &none, NULL, 0, &err));
    close_scene(&scene);
}

WG_SUITE("repo plan", {"the first publication", test_first}, {"a component", test_component},
         {"rotation waits for the new key", test_rotation_waits_for_the_new_key},
         {"root goes first where old keys are lost", test_root_goes_first_where_old_keys_are_lost},
         {"rotation is checked", test_rotation_is_checked})
