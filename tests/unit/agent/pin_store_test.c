/* pin_store_test.c: which list of pins is in force after lists that hold and lists that do not,
 * cuts and damage; and when a newer one is asked for. */
#include "agent/posix/pin_store.h"

#include "common/message_csr.h"
#include "folder.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"
#define THREE "3333333333333333333333333333333333333333333333333333333333333333"

struct bench {
    struct folder folder;
    struct wg_identity_key key, other;
    struct pin_store store;
    struct wg_error err;
};

static char *list_text(const struct wg_identity_key *key, int64_t number, const char *present,
                       const char *backup)
{
    struct wg_error err = {0};
    struct wg_pins pins = {.number = number, .issued = 1000, .count = 2};
    pins.pins[1].backup = true;
    (void)wg_copy(pins.pins[0].sha256, WG_SHA256_HEX, present);
    (void)wg_copy(pins.pins[1].sha256, WG_SHA256_HEX, backup);
    json_t *list = wg_pins_sign(&pins, key, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    char *text = json_dumps(list, JSON_COMPACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    json_decref(list);
    return text;
}

static void put_list(struct bench *bench, const char *name, int64_t number)
{
    char *text = list_text(&bench->key, number, ONE, TWO);
    folder_put(&bench->folder, name, text, 0600);
    free(text);
}

/* The factory's list is "factory.json", the state folder is the whole folder. */
static bool open_store(struct bench *bench)
{
    char factory[PATH_MAX], key[PATH_MAX];
    (void)wg_copy(factory, sizeof factory, folder_file(&bench->folder, "factory.json"));
    (void)wg_copy(key, sizeof key, folder_file(&bench->folder, "pins.pub"));
    pin_store_clear(&bench->store);
    return pin_store_open(&bench->store, bench->folder.path, factory, key, WG_SECOND, &bench->err);
}

static void open_bench(struct bench *bench)
{
    char pem[WG_IDENTITY_PEM_MAX];
    memset(bench, 0, sizeof *bench);
    folder_make(&bench->folder);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &bench->key, &bench->err), &bench->err);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &bench->other, &bench->err), &bench->err);
    ASSERT_OK(wg_identity_public_to_pem(&bench->key.public_key, pem, &bench->err), &bench->err);
    folder_put(&bench->folder, "pins.pub", pem, 0644);
    put_list(bench, "factory.json", 3);
    ASSERT_OK(open_store(bench), &bench->err);
    CU_ASSERT_EQUAL(bench->store.list.number, 3);
}

static void close_bench(struct bench *bench)
{
    pin_store_clear(&bench->store);
    folder_remove(&bench->folder);
}

static bool take(struct bench *bench, const struct wg_identity_key *key, int64_t number,
                 const char *present, const char *backup, const char *issuer)
{
    char *text = list_text(key, number, present, backup);
    bool ok = pin_store_take(&bench->store, text, strlen(text), issuer, &bench->err);
    free(text);
    return ok;
}

/* In force now, and after a restart. */
static void holds(struct bench *bench, int64_t number, const char *present)
{
    CU_ASSERT_EQUAL(bench->store.list.number, number);
    CU_ASSERT_TRUE(wg_pins_have(&bench->store.list, WG_PIN_SERVER, present));
    ASSERT_OK(open_store(bench), &bench->err);
    CU_ASSERT_EQUAL(bench->store.list.number, number);
    CU_ASSERT_TRUE(wg_pins_have(&bench->store.list, WG_PIN_SERVER, present));
}

static void test_newer(void)
{
    struct bench bench;
    open_bench(&bench);
    ASSERT_OK(take(&bench, &bench.key, 4, TWO, THREE, TWO), &bench.err);
    holds(&bench, 4, TWO);
    CU_ASSERT_FALSE(wg_pins_have(&bench.store.list, WG_PIN_SERVER, ONE));
    /* the same again, and all before it */
    CU_ASSERT_FALSE(take(&bench, &bench.key, 4, TWO, THREE, TWO));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_CONFLICT);
    CU_ASSERT_FALSE(take(&bench, &bench.key, 3, ONE, TWO, TWO));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_CONFLICT);
    holds(&bench, 4, TWO);
    /* a device that is provisioned anew with a list that is newer still */
    put_list(&bench, "factory.json", 9);
    ASSERT_OK(open_store(&bench), &bench.err);
    holds(&bench, 9, ONE);
    close_bench(&bench);
}

static void test_refused(void)
{
    static const char *const garbage[] = {
        "", "{", "null", "[]", "{}", "{\"signed\": {}, \"signatures\": []}", "\xff\xff"};
    struct bench bench;
    open_bench(&bench);
    CU_ASSERT_FALSE(take(&bench, &bench.other, 4, ONE, TWO, ONE));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_VERIFY);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        CU_ASSERT_FALSE(pin_store_take(&bench.store, garbage[i], strlen(garbage[i]), ONE, NULL));
    /* signed, and changed since */
    char *text = list_text(&bench.key, 4, ONE, TWO);
    *strstr(text, "1111") = '3';
    CU_ASSERT_FALSE(pin_store_take(&bench.store, text, strlen(text), ONE, &bench.err));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_VERIFY);
    free(text);
    CU_ASSERT_FALSE(folder_has(&bench.folder, "pins.json"));
    holds(&bench, 3, ONE);
    close_bench(&bench);
}

/* A list under which the device would not get back to where it heard of it. */
static void test_locked_out(void)
{
    struct bench bench;
    open_bench(&bench);
    CU_ASSERT_FALSE(take(&bench, &bench.key, 4, TWO, THREE, ONE));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.err.text, "list 4 would end this connection"));
    CU_ASSERT_FALSE(take(&bench, &bench.key, 4, TWO, THREE, ""));
    CU_ASSERT_FALSE(folder_has(&bench.folder, "pins.json"));
    holds(&bench, 3, ONE);
    /* once the servers have moved to the backup, it is as good as any */
    ASSERT_OK(take(&bench, &bench.key, 4, TWO, THREE, TWO), &bench.err);
    holds(&bench, 4, TWO);
    close_bench(&bench);
}

/* The power is cut while the new list is written: beside the old one, which counts. */
static void test_cut(void)
{
    struct bench bench;
    char *text;
    open_bench(&bench);
    ASSERT_OK(take(&bench, &bench.key, 4, ONE, THREE, ONE), &bench.err);
    text = list_text(&bench.key, 5, ONE, TWO);
    for (size_t len = 0; len <= strlen(text); len += 16) {
        char part[2048] = "";
        (void)wg_copy_n(part, sizeof part, text, len);
        folder_put(&bench.folder, "pins.json.new", part, 0600);
        holds(&bench, 4, ONE);
    }
    folder_put(&bench.folder, "pins.json.new", text, 0600); /* whole, and not yet renamed */
    holds(&bench, 4, ONE);
    ASSERT_OK(pin_store_take(&bench.store, text, strlen(text), ONE, &bench.err), &bench.err);
    holds(&bench, 5, TWO);
    free(text);
    close_bench(&bench);
}

/* A disk that takes nothing: what is in force and what is kept stay the same. */
static void test_not_kept(void)
{
    struct bench bench;
    open_bench(&bench);
    CU_ASSERT_EQUAL_FATAL(mkdir(folder_file(&bench.folder, "pins.json.new"), 0700), 0);
    CU_ASSERT_FALSE(take(&bench, &bench.key, 4, ONE, THREE, ONE));
    holds(&bench, 3, ONE);
    close_bench(&bench);
}

static void test_damaged(void)
{
    struct bench bench;
    open_bench(&bench);
    ASSERT_OK(take(&bench, &bench.key, 4, ONE, THREE, ONE), &bench.err);
    folder_put(&bench.folder, "factory.json", "{", 0600);
    holds(&bench, 4, ONE);
    put_list(&bench, "factory.json", 3);
    folder_put(&bench.folder, "pins.json", "{", 0600);
    ASSERT_OK(open_store(&bench), &bench.err);
    holds(&bench, 4, ONE);
    folder_put_twice(&bench.folder, "pins.json", "{");
    ASSERT_OK(open_store(&bench), &bench.err);
    holds(&bench, 3, ONE);
    folder_put(&bench.folder, "factory.json", "{", 0600);
    CU_ASSERT_FALSE(open_store(&bench));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_BAD_FILE);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.err.text, "factory.json"));
    put_list(&bench, "factory.json", 3);
    folder_put(&bench.folder, "pins.pub", "no key", 0600);
    CU_ASSERT_FALSE(open_store(&bench));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_BAD_FILE);
    close_bench(&bench);
}

static int64_t asks(struct bench *bench, wg_time now)
{
    struct wg_csr_message question = {.number = -1};
    struct wg_buf out;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    if (pin_store_ask(&bench->store, now, &out)) {
        ASSERT_OK(wg_csr_message_decode(wg_buf_str(&out), out.len, &question, &bench->err),
                  &bench->err);
        CU_ASSERT_EQUAL(question.kind, WG_CSR_PINS);
    }
    wg_buf_clear(&out);
    return question.number;
}

static void test_questions(void)
{
    struct bench bench;
    wg_time now = WG_HOUR;
    int count = 0;
    open_bench(&bench);
    CU_ASSERT_EQUAL(asks(&bench, now), -1);
    CU_ASSERT_EQUAL(bench.store.ask_at, 0);
    pin_store_up(&bench.store, now);
    CU_ASSERT_EQUAL(asks(&bench, now), 3);
    CU_ASSERT_EQUAL(asks(&bench, now), -1);
    for (wg_time end = now + WG_DAY; bench.store.ask_at < end; count++) {
        now = bench.store.ask_at;
        CU_ASSERT_EQUAL(asks(&bench, now - 1), -1);
        CU_ASSERT_EQUAL(asks(&bench, now), 3);
    }
    CU_ASSERT_TRUE(count >= 10 && count <= 20); /* the first after a second */
    for (int i = 0; i < 10; i++) {
        CU_ASSERT_TRUE(bench.store.ask_at - now <= WG_DAY); /* and for ever */
        now = bench.store.ask_at;
        CU_ASSERT_EQUAL(asks(&bench, now), 3);
    }
    ASSERT_OK(take(&bench, &bench.key, 4, ONE, THREE, ONE), &bench.err);
    pin_store_down(&bench.store);
    CU_ASSERT_EQUAL(asks(&bench, now + WG_DAY), -1);
    pin_store_up(&bench.store, now);
    CU_ASSERT_EQUAL(asks(&bench, now), 4);
    CU_ASSERT_TRUE(bench.store.ask_at <= now + WG_SECOND);
    close_bench(&bench);
}

/* A device without pins asks nothing and takes nothing. */
static void test_none(void)
{
    struct bench bench;
    struct pin_store none = {.tls = NULL};
    open_bench(&bench);
    char *text = list_text(&bench.key, 4, ONE, TWO);
    pin_store_up(&none, WG_HOUR);
    CU_ASSERT_EQUAL(none.ask_at, 0);
    CU_ASSERT_FALSE(pin_store_take(&none, text, strlen(text), ONE, &bench.err));
    CU_ASSERT_EQUAL(bench.err.code, WG_E_CONFLICT);
    free(text);
    close_bench(&bench);
}

WG_SUITE("pin_store", {"a newer list is taken and kept", test_newer},
         {"what does not hold is refused", test_refused},
         {"a list that would lock out is refused", test_locked_out},
         {"the power is cut while it is written", test_cut}, {"it cannot be kept", test_not_kept},
         {"damaged lists", test_damaged}, {"when it is asked for", test_questions},
         {"without pins", test_none})
