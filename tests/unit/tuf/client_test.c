/* client_test.c: the client's workflow, step by step, against a repository that lies, and with the
 * client abandoned after each of its steps. tests/tuf does the same through the real program. */
#include "tests/unit/tuf/repo.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void test_first_update(void)
{
    struct repo repo;
    repo_init(&repo);
    ASSERT_OK(update(&repo), &repo.err);
    ASSERT_TEXT(repo.asked, "load root.json|fetch 2.root.json|load timestamp.json|"
                            "fetch timestamp.json|store timestamp.json|load snapshot.json|"
                            "fetch 1.snapshot.json|store snapshot.json|load targets.json|"
                            "fetch 1.targets.json|store targets.json");
    ASSERT_OK(update(&repo), &repo.err);
    ASSERT_TEXT(repo.asked, "load root.json|fetch 2.root.json|load timestamp.json|"
                            "fetch timestamp.json|load snapshot.json|load targets.json");
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_TARGETS), 1);
    CU_ASSERT_TRUE(tuf_client_is_consistent(repo.client));
    repo_clear(&repo);
}

static void test_expiry_at_the_start(void)
{
    struct repo repo;
    wg_time end = 0;
    repo_init(&repo);
    CU_ASSERT_TRUE_FATAL(wg_time_parse(LATER, &end));
    repo.start = end - 1;
    ASSERT_OK(update(&repo), &repo.err);
    repo.start = end; /* "must be higher" */
    assert_refused(&repo, WG_E_VERIFY, "root.json: expired: it was good until 2030-01-01");
    repo_clear(&repo);
}

/* What is stored may have expired: it still guards against rollback, and the new takes its place.
 */
static void test_stored_and_expired(void)
{
    struct repo repo;
    repo_init(&repo);
    json_t *body = timestamp_body(5, 1);
    json_object_set_new(body, "expires", json_string("2027-01-31T00:00:00Z"));
    serve(&repo, "timestamp.json", body, SIGNERS(KEY_TIMESTAMP));
    ASSERT_OK(update(&repo), &repo.err);
    repo.start += 365 * WG_DAY;
    assert_refused(&repo, WG_E_VERIFY, "timestamp.json: expired");
    serve(&repo, "timestamp.json", timestamp_body(4, 1), SIGNERS(KEY_TIMESTAMP));
    assert_refused(&repo, WG_E_VERIFY, "rolled back: version 4, but 5 was seen");
    serve(&repo, "timestamp.json", timestamp_body(6, 1), SIGNERS(KEY_TIMESTAMP));
    ASSERT_OK(update(&repo), &repo.err);
    repo_clear(&repo);
}

static void test_roots_in_order(void)
{
    struct repo repo;
    repo_init(&repo);
    json_t *expired = root_body(2, KEY_OTHER, KEY_TIMESTAMP);
    json_object_set_new(expired, "expires", json_string("2020-01-01T00:00:00Z"));
    serve(&repo, "2.root.json", expired, SIGNERS(KEY_ROOT, KEY_OTHER));
    serve(&repo, "3.root.json", root_body(3, KEY_OTHER, KEY_TIMESTAMP), SIGNERS(KEY_ROOT));
    assert_refused(&repo, WG_E_VERIFY, "by the keys of version 2: signed by 0 of its keys");
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_ROOT), 2);
    serve(&repo, "3.root.json", root_body(3, KEY_OTHER, KEY_TIMESTAMP), SIGNERS(KEY_OTHER));
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_ROOT), 3);
    repo_clear(&repo);
}

/* More rotations than one update takes: the next one goes on. */
static void test_bound_of_rotations(void)
{
    struct repo repo;
    char name[32];
    repo_init(&repo);
    for (int version = 2; version <= 6; version++) {
        (void)snprintf(name, sizeof name, "%d.root.json", version);
        serve(&repo, name, root_body(version, KEY_ROOT, KEY_TIMESTAMP), SIGNERS(KEY_ROOT));
    }
    repo.limits.root_rotations = 3;
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_ROOT), 4);
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_ROOT), 6);
    repo_clear(&repo);
}

/* Versions that were driven up are forgotten with the keys that did it, and before the root that
 * says so is stored. */
static void test_forgetting_comes_first(void)
{
    struct repo repo;
    repo_init(&repo);
    serve(&repo, "timestamp.json", timestamp_body(1000, 1), SIGNERS(KEY_TIMESTAMP));
    ASSERT_OK(update(&repo), &repo.err);
    serve(&repo, "2.root.json", root_body(2, KEY_ROOT, KEY_OTHER), SIGNERS(KEY_ROOT));
    serve(&repo, "timestamp.json", timestamp_body(2, 1), SIGNERS(KEY_OTHER));
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_PTR_NOT_NULL(strstr(repo.asked, "fetch 2.root.json|forget timestamp.json|"
                                              "forget snapshot.json|store root.json|"));
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_TIMESTAMP), 2);
    repo_clear(&repo);
}

/* A role keeps its keys' ids, but one of the keys behind them is another: rotated all the same. */
static void test_rotation_behind_the_same_id(void)
{
    struct repo repo;
    repo_init(&repo);
    json_t *root = root_body(2, KEY_ROOT, KEY_TIMESTAMP);
    json_object_set_new(json_object_get(root, "keys"), key_name(KEY_TIMESTAMP),
                        key_object(KEY_OTHER));
    serve(&repo, "2.root.json", root, SIGNERS(KEY_ROOT));
    CU_ASSERT_FALSE(update(&repo));
    CU_ASSERT_PTR_NOT_NULL(strstr(repo.asked, "forget timestamp.json"));
    repo_clear(&repo);
}

static void test_snapshot_rollback(void)
{
    struct repo repo;
    repo_init(&repo);
    serve(&repo, "timestamp.json", timestamp_body(2, 2), SIGNERS(KEY_TIMESTAMP));
    serve(&repo, "2.snapshot.json", snapshot_body(2, 1, 3), SIGNERS(KEY_SNAPSHOT));
    ASSERT_OK(update(&repo), &repo.err);
    serve(&repo, "timestamp.json", timestamp_body(3, 1), SIGNERS(KEY_TIMESTAMP));
    assert_refused(&repo, WG_E_VERIFY, "rolls the snapshot back to version 1 from 2");
    serve(&repo, "timestamp.json", timestamp_body(3, 3), SIGNERS(KEY_TIMESTAMP));
    serve(&repo, "3.snapshot.json", snapshot_body(3, 1, 2), SIGNERS(KEY_SNAPSHOT));
    assert_refused(&repo, WG_E_VERIFY, "snapshot.json: a role is rolled back");
    serve(&repo, "3.snapshot.json", snapshot_body(3, 1, 0), SIGNERS(KEY_SNAPSHOT));
    assert_refused(&repo, WG_E_VERIFY, "snapshot.json: a role that was listed is missing");
    serve(&repo, "3.snapshot.json", snapshot_body(4, 1, 3), SIGNERS(KEY_SNAPSHOT));
    assert_refused(&repo, WG_E_VERIFY, "snapshot.json: version 4, expected 3");
    serve(&repo, "3.snapshot.json", snapshot_body(3, 1, 3), SIGNERS(KEY_SNAPSHOT));
    ASSERT_OK(update(&repo), &repo.err);
    repo_clear(&repo);
}

/* The stored snapshot has the version that is listed, but not the hash, or is out of date: the
 * repository's is asked for, and judged. */
static void test_stored_snapshot_is_judged(void)
{
    struct repo repo;
    repo_init(&repo);
    json_t *short_lived = snapshot_body(1, 1, 0);
    json_object_set_new(short_lived, "expires", json_string("2027-01-31T00:00:00Z"));
    serve(&repo, "1.snapshot.json", short_lived, SIGNERS(KEY_SNAPSHOT));
    ASSERT_OK(update(&repo), &repo.err);
    json_t *body = timestamp_body(2, 1);
    json_t *meta = json_object_get(json_object_get(body, "meta"), "snapshot.json");
    json_object_set_new(meta, "hashes", json_pack("{s:s}", "sha256", ZEROS));
    serve(&repo, "timestamp.json", body, SIGNERS(KEY_TIMESTAMP));
    assert_refused(&repo, WG_E_VERIFY, "snapshot.json: sha256 is");
    serve(&repo, "timestamp.json", timestamp_body(3, 1), SIGNERS(KEY_TIMESTAMP));
    ASSERT_OK(update(&repo), &repo.err);
    repo.start += 365 * WG_DAY;
    assert_refused(&repo, WG_E_VERIFY, "snapshot.json: expired");
    CU_ASSERT_PTR_NOT_NULL(strstr(repo.asked, "fetch 1.snapshot.json"));
    repo_clear(&repo);
}

/* What is stored and not signed as today's root wants is as good as absent: it cannot hold back
 * what the repository has. */
static void test_stored_by_a_stranger(void)
{
    struct repo repo, strange;
    repo_init(&repo);
    repo_init(&strange);
    serve(&strange, "timestamp.json", timestamp_body(50, 1), SIGNERS(KEY_OTHER));
    serve(&strange, "snapshot.json", snapshot_body(1, 9, 9), SIGNERS(KEY_OTHER));
    serve(&strange, "targets.json", targets_body(1, "strange"), SIGNERS(KEY_OTHER));
    json_object_update(repo.stored, strange.files);
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_TIMESTAMP), 1);
    ASSERT_OK(tuf_client_look_up(repo.client, "strange", &repo.err) && go_on(&repo), &repo.err);
    CU_ASSERT_PTR_NULL(tuf_client_target(repo.client));
    /* ... but signed ones do, even with a snapshot that is not the timestamp's. */
    serve(&strange, "snapshot.json", snapshot_body(7, 9, 9), SIGNERS(KEY_SNAPSHOT));
    json_object_set(repo.stored, "snapshot.json", json_object_get(strange.files, "snapshot.json"));
    assert_refused(&repo, WG_E_VERIFY, "snapshot.json: a role ");
    repo_clear(&strange);
    repo_clear(&repo);
}

static void test_lengths(void)
{
    struct repo repo;
    struct tuf_ask ask;
    repo_init(&repo);
    json_t *body = timestamp_body(2, 1);
    json_t *meta = json_object_get(json_object_get(body, "meta"), "snapshot.json");
    json_object_set_new(meta, "length", json_integer((json_int_t)1 << 40));
    serve(&repo, "timestamp.json", body, SIGNERS(KEY_TIMESTAMP));
    assert_refused(&repo, WG_E_LIMIT, "snapshot.json: 1099511627776 bytes, at most 262144");
    CU_ASSERT_PTR_NULL(strstr(repo.asked, "fetch 1.snapshot.json"));
    CU_ASSERT_FALSE(tuf_client_ask(repo.client, &ask, &repo.err));
    repo.limits.timestamp = 100; /* the caller bounds the download; if it does not, we do */
    json_object_del(repo.stored, "timestamp.json");
    assert_refused(&repo, WG_E_LIMIT, "timestamp.json: ");
    repo_clear(&repo);
}

/* A stored file that no update of ours can have written is as good as absent. */
static void test_stored_above_the_limit(void)
{
    struct repo repo;
    repo_init(&repo);
    ASSERT_OK(update(&repo), &repo.err);
    repo.limits.targets = 10;
    assert_refused(&repo, WG_E_LIMIT, "targets.json: ");
    repo_clear(&repo);
}

/* Rotated keys, new versions of all, a delegated role: a client that is cut after each step gets to
 * the same end at its next update, and never to less than it had. */
static void test_cut_after_each_step(void)
{
    for (int cut = 1;; cut++) {
        struct repo repo;
        repo_init(&repo);
        ASSERT_OK(update(&repo), &repo.err);
        json_t *targets = targets_body(2, NULL);
        delegate_a(targets, "*");
        serve(&repo, "2.root.json", root_body(2, KEY_OTHER, KEY_TIMESTAMP),
              SIGNERS(KEY_ROOT, KEY_OTHER));
        serve(&repo, "3.root.json", root_body(3, KEY_OTHER, KEY_OTHER), SIGNERS(KEY_OTHER));
        serve(&repo, "timestamp.json", timestamp_body(2, 2), SIGNERS(KEY_OTHER));
        serve(&repo, "2.snapshot.json", snapshot_body(2, 2, 1), SIGNERS(KEY_SNAPSHOT));
        serve(&repo, "2.targets.json", targets, SIGNERS(KEY_TARGETS));
        serve(&repo, "1.a.json", targets_body(1, "file"), SIGNERS(KEY_DELEGATED));
        repo.cut_after = cut;
        bool whole = update(&repo);
        repo.cut_after = 0;
        ASSERT_OK(update(&repo), &repo.err);
        CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_ROOT), 3);
        CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_TIMESTAMP), 2);
        CU_ASSERT_EQUAL(tuf_client_version(repo.client, TUF_TARGETS), 2);
        ASSERT_OK(tuf_client_look_up(repo.client, "file", &repo.err) && go_on(&repo), &repo.err);
        CU_ASSERT_PTR_NOT_NULL(tuf_client_target(repo.client));
        repo_clear(&repo);
        if (whole) break;
        CU_ASSERT_TRUE_FATAL(cut < 100);
    }
}

static void with_delegation(struct repo *repo)
{
    json_t *targets = targets_body(1, "file");
    delegate_a(targets, "x/*");
    serve(repo, "1.targets.json", targets, SIGNERS(KEY_TARGETS));
    serve(repo, "1.snapshot.json", snapshot_body(1, 1, 1), SIGNERS(KEY_SNAPSHOT));
    serve(repo, "1.a.json", targets_body(1, "x/file"), SIGNERS(KEY_DELEGATED));
}

static void test_look_up(void)
{
    struct repo repo;
    repo_init(&repo);
    with_delegation(&repo);
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_PTR_NULL(tuf_client_target(repo.client));
    ASSERT_OK(tuf_client_look_up(repo.client, "x/file", &repo.err), &repo.err);
    CU_ASSERT_PTR_NULL(tuf_client_target(repo.client)); /* not yet */
    ASSERT_OK(go_on(&repo), &repo.err);
    const struct tuf_target *target = tuf_client_target(repo.client);
    CU_ASSERT_PTR_NOT_NULL_FATAL(target);
    ASSERT_TEXT(target->role, "a");
    ASSERT_TEXT(json_string_value(json_object_get(target->custom, "note")), "x/file");
    CU_ASSERT_EQUAL(target->length, 7);
    ASSERT_OK(tuf_client_look_up(repo.client, "file", &repo.err) && go_on(&repo), &repo.err);
    ASSERT_TEXT(tuf_client_target(repo.client)->role, "targets");
    ASSERT_OK(tuf_client_look_up(repo.client, "x/none", &repo.err) && go_on(&repo), &repo.err);
    CU_ASSERT_PTR_NULL(tuf_client_target(repo.client));
    repo_clear(&repo);
}

static void test_failed_search(void)
{
    struct repo repo;
    repo_init(&repo);
    with_delegation(&repo);
    serve(&repo, "1.a.json", targets_body(1, "x/file"), SIGNERS(KEY_TARGETS));
    ASSERT_OK(update(&repo), &repo.err);
    ASSERT_OK(tuf_client_look_up(repo.client, "x/file", &repo.err), &repo.err);
    CU_ASSERT_FALSE(go_on(&repo));
    CU_ASSERT_EQUAL(repo.err.code, WG_E_VERIFY);
    CU_ASSERT_PTR_NULL(tuf_client_target(repo.client));
    CU_ASSERT_PTR_NULL(json_object_get(repo.stored, "a.json"));
    ASSERT_OK(tuf_client_look_up(repo.client, "file", &repo.err) && go_on(&repo), &repo.err);
    CU_ASSERT_PTR_NOT_NULL(tuf_client_target(repo.client));
    CU_ASSERT_FALSE(tuf_client_look_up(repo.client, "../file", &repo.err));
    CU_ASSERT_EQUAL(repo.err.code, WG_E_BAD_INPUT);
    repo_clear(&repo);
}

static void test_wrong_calls(void)
{
    struct repo repo;
    struct tuf_ask ask;
    repo_init(&repo);
    repo.client = tuf_client_new(&repo.limits, START, &repo.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(repo.client);
    CU_ASSERT_FALSE(tuf_client_look_up(repo.client, "file", &repo.err));
    CU_ASSERT_EQUAL(repo.err.code, WG_E_CONFLICT);
    ASSERT_OK(update(&repo), &repo.err);
    CU_ASSERT_FALSE(tuf_client_answer(repo.client, NULL, 0, &repo.err));
    CU_ASSERT_EQUAL(repo.err.code, WG_E_CONFLICT);
    json_object_del(repo.stored, "root.json");
    assert_refused(&repo, WG_E_NOT_FOUND, "root.json: there is no trusted root");
    CU_ASSERT_FALSE(tuf_client_ask(repo.client, &ask, &repo.err));
    CU_ASSERT_FALSE(tuf_client_look_up(repo.client, "file", &repo.err));
    repo_clear(&repo);
}

WG_SUITE("client", {"first update", test_first_update},
         {"expiry at the start", test_expiry_at_the_start},
         {"stored and expired", test_stored_and_expired}, {"roots in order", test_roots_in_order},
         {"bound of rotations", test_bound_of_rotations},
         {"forgetting comes first", test_forgetting_comes_first},
         {"rotation behind the same id", test_rotation_behind_the_same_id},
         {"snapshot rollback", test_snapshot_rollback},
         {"stored snapshot is judged", test_stored_snapshot_is_judged},
         {"stored by a stranger", test_stored_by_a_stranger}, {"lengths", test_lengths},
         {"stored above the limit", test_stored_above_the_limit},
         {"cut after each step", test_cut_after_each_step}, {"look up", test_look_up},
         {"failed search", test_failed_search}, {"wrong calls", test_wrong_calls})
