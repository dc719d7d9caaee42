/* part_test.c: an encrypted artifact that comes in portions, is cut anywhere, and goes on; and what
 * is not the ordered one. */
#include "agent/posix/part.h"

#include "agent/posix/slot/dir.h"
#include "folder.h"

#define PART "state/slots/b/payload.part"
#define CONTENT (3 * AGE_CHUNK + 1000)

static struct folder folder;
static struct wg_error err;
static char content[CONTENT];
static struct wg_buf body;
static struct age_file_key key;
static struct slot_release release;
static struct slot_backend *slots;
static atomic_bool cancel;

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *problem)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, problem, "the body");
}

static void seal(size_t length)
{
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){.write = collect, .ctx = &body}, &key, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
    ASSERT_OK(age_encryptor_push(encryptor, content, length, &err), &err);
    ASSERT_OK(age_encryptor_end(encryptor, &err), &err);
    age_encryptor_free(encryptor);
    release.length = (int64_t)length;
    ASSERT_OK(wg_sha256_of(content, length, release.sha256, &err), &err);
}

static void set_up(size_t length)
{
    struct slot_status status;
    folder_make(&folder);
    slots = dir_new(folder_file(&folder, "state"), &err);
    ASSERT_OK(slots && slots->ops->probe(slots, &status, &err), &err);
    wg_buf_init(&body, 2 * sizeof content);
    for (size_t i = 0; i < sizeof content; i++) content[i] = (char)(i * 7 + i / 251);
    seal(length);
}

static void tear_down(void)
{
    wg_buf_clear(&body);
    slots->ops->free(slots);
    folder_remove(&folder);
}

static bool try_open(struct part *part)
{
    char nonce[PATH_MAX];
    (void)wg_copy(nonce, sizeof nonce, folder_file(&folder, "part.nonce"));
    const struct part_source source = {.slots = slots,
                                       .nonce_file = nonce,
                                       .length = (int64_t)body.len,
                                       .key = &key,
                                       .cancel = &cancel};
    return part_open(part, &source, &release, false, &err);
}

static void open_part(struct part *part)
{
    ASSERT_OK(try_open(part), &err);
}

static bool add(struct part *part, size_t count)
{
    return part_add(part, body.data + part->at, count, &err);
}

/* In portions of so many bytes, at most up to there. */
static void add_until(struct part *part, int64_t end, size_t portion)
{
    while (part->at < end) {
        int64_t rest = end - part->at;
        ASSERT_OK(add(part, rest < (int64_t)portion ? (size_t)rest : portion), &err);
    }
}

static void is_right(struct part *part)
{
    ASSERT_OK(part_end(part, &err), &err);
    part_close(part);
    struct wg_buf bytes;
    wg_buf_init(&bytes, sizeof content + 1);
    ASSERT_OK(wg_file_read(folder_file(&folder, PART), &bytes, &err), &err);
    CU_ASSERT_TRUE((int64_t)bytes.len == release.length &&
                   memcmp(bytes.data, content, bytes.len) == 0);
    wg_buf_clear(&bytes);
    CU_ASSERT_NOT_EQUAL(access(folder_file(&folder, "part.nonce"), F_OK), 0);
}

static void test_portions(void)
{
    static const size_t lengths[] = {1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, CONTENT};
    static const size_t portions[] = {1, 15, 16, 17, 4096, AGE_SEALED_CHUNK, 2 * sizeof content};
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
        for (size_t p = 0; p < sizeof portions / sizeof portions[0]; p++) {
            struct part part;
            if (portions[p] < 15 && lengths[l] > AGE_CHUNK + 1) continue; /* takes its time */
            set_up(lengths[l]);
            open_part(&part);
            CU_ASSERT_EQUAL(part.at, 0);
            add_until(&part, (int64_t)body.len, portions[p]);
            is_right(&part);
            tear_down();
        }
}

/* Cut anywhere; each time it goes on behind the last whole chunk, and no sooner. */
static void test_resumed(void)
{
    static const int64_t cuts[] = {1,
                                   AGE_NONCE,
                                   AGE_NONCE + 10,
                                   AGE_NONCE + AGE_SEALED_CHUNK - 1,
                                   AGE_NONCE + AGE_SEALED_CHUNK,
                                   AGE_NONCE + AGE_SEALED_CHUNK + 1,
                                   AGE_NONCE + 3 * AGE_SEALED_CHUNK - 1,
                                   AGE_NONCE + 3 * AGE_SEALED_CHUNK + 500};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct part part;
        set_up(CONTENT);
        open_part(&part);
        add_until(&part, cuts[i], 5000);
        int64_t have = part.have;
        part_close(&part);
        open_part(&part);
        CU_ASSERT_EQUAL(part.have, have);
        CU_ASSERT_TRUE(have == 0 ? part.at == 0 : part.at == age_chunk_body(age_chunk_of(have)));
        add_until(&part, (int64_t)body.len, 5000);
        is_right(&part);
        tear_down();
    }
}

/* All content is there, the proof that it ends there is not: the last chunk comes again. */
static void test_end_is_proven(void)
{
    struct part part;
    set_up(CONTENT);
    open_part(&part);
    add_until(&part, (int64_t)body.len, 4096);
    part_close(&part);
    folder_put(&folder, PART, "", 0600);
    ASSERT_OK(wg_file_replace(folder_file(&folder, PART), content, CONTENT, 0600, &err), &err);
    open_part(&part);
    CU_ASSERT_EQUAL(part.at, age_chunk_body(3));
    add_until(&part, (int64_t)body.len, 4096);
    is_right(&part);
    tear_down();
}

static void test_begun_anew(void)
{
    struct part part;
    set_up(CONTENT);
    open_part(&part);
    add_until(&part, (int64_t)2 * AGE_SEALED_CHUNK, 4096);
    part_close(&part);
    open_part(&part); /* the server does not go on in the middle */
    CU_ASSERT_TRUE(part.at > 0 && part.resumed);
    ASSERT_OK(part_restart(&part, &err), &err);
    CU_ASSERT_TRUE(part.at == 0 && part.have == 0 && !part.resumed);
    add_until(&part, (int64_t)body.len, 4096);
    is_right(&part);
    tear_down();
}

/* The part of another body: its nonce lies beside it, and nothing fits. */
static void test_without_nonce(void)
{
    struct part part;
    set_up(CONTENT);
    folder_put(&folder, PART, "something else", 0600);
    open_part(&part);
    CU_ASSERT_EQUAL(part.at, 0);
    add_until(&part, (int64_t)body.len, 4096);
    is_right(&part);
    tear_down();
}

/* What cannot be read cannot be hashed again: it is begun afresh. */
static void test_slot_that_cannot_read(void)
{
    struct part part;
    set_up(CONTENT);
    struct slot_backend_ops blind = *slots->ops;
    blind.read = NULL;
    slots->ops = &blind;
    open_part(&part);
    add_until(&part, (int64_t)2 * AGE_SEALED_CHUNK, 4096);
    part_close(&part);
    open_part(&part);
    CU_ASSERT_TRUE(part.at == 0 && part.have == 0 && !part.resumed);
    add_until(&part, (int64_t)body.len, 4096);
    is_right(&part);
    tear_down();
}

static int writes_left;
static enum wg_error_code write_fails;

static bool write_few(struct slot_backend *backend, const void *data, size_t len,
                      struct wg_error *problem)
{
    (void)backend;
    (void)data;
    (void)len;
    if (writes_left-- > 0) return true;
    return wg_fail(problem, write_fails, "the disk is full");
}

static int syncs;

static bool count_syncs(struct slot_backend *backend, struct wg_error *problem)
{
    (void)backend;
    (void)problem;
    syncs++;
    return true;
}

/* The slot's failure is told from the network's, and nothing is synced behind it. */
static void slot_fails(enum wg_error_code code, bool disk, bool wrong, bool later)
{
    struct part part;
    set_up(CONTENT);
    write_fails = code;
    struct slot_backend_ops full = *slots->ops;
    full.write = write_few;
    full.sync = count_syncs;
    slots->ops = &full;
    writes_left = 1;
    syncs = 0;
    open_part(&part);
    bool ok = true;
    while (ok && part.at < (int64_t)body.len) {
        int64_t rest = (int64_t)body.len - part.at;
        ok = add(&part, rest < 4096 ? (size_t)rest : 4096);
    }
    CU_ASSERT_FALSE(ok);
    CU_ASSERT_TRUE(part.disk == disk && part.wrong == wrong && part.later == later);
    CU_ASSERT_EQUAL(part.have, AGE_CHUNK);
    ASSERT_TEXT(err.text, "the disk is full");
    part_close(&part);
    CU_ASSERT_EQUAL(syncs, 0);
    tear_down();
}

static void test_slot_that_fails(void)
{
    slot_fails(WG_E_IO, true, false, false);
    slot_fails(WG_E_VERIFY, false, true, false);  /* an installer: not what was ordered */
    slot_fails(WG_E_CONFLICT, true, false, true); /* an installer: not now */
}

/* No byte of a chunk that does not hold is ever written. */
static void test_tampered(void)
{
    static const int64_t places[] = {0, AGE_NONCE, AGE_NONCE + AGE_SEALED_CHUNK + 9,
                                     AGE_NONCE + 3 * AGE_SEALED_CHUNK + 999};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct part part;
        set_up(CONTENT);
        body.data[places[i]] ^= 1;
        open_part(&part);
        bool ok = true;
        while (ok && part.at < (int64_t)body.len) {
            int64_t rest = (int64_t)body.len - part.at;
            ok = add(&part, rest < 4096 ? (size_t)rest : 4096);
        }
        ok = ok && part_end(&part, &err);
        CU_ASSERT_FALSE(ok);
        CU_ASSERT_TRUE(part.wrong && !part.disk);
        CU_ASSERT_EQUAL(part.have, places[i] / AGE_SEALED_CHUNK * AGE_CHUNK);
        part_close(&part);
        tear_down();
    }
}

static void test_not_the_ordered(void)
{
    struct part part;
    set_up(CONTENT);
    release.length--;
    CU_ASSERT_FALSE(try_open(&part));
    CU_ASSERT_TRUE(part.wrong);
    part_close(&part);
    release.length++;
    release.sha256[0] = release.sha256[0] == 'a' ? 'b' : 'a';
    open_part(&part);
    add_until(&part, (int64_t)body.len, 4096);
    CU_ASSERT_FALSE(part_end(&part, &err));
    CU_ASSERT_TRUE(part.wrong);
    part_close(&part);
    tear_down();
}

WG_SUITE("agent/posix/part", {"portions", test_portions}, {"resumed", test_resumed},
         {"the end is proven", test_end_is_proven}, {"begun anew", test_begun_anew},
         {"without its nonce", test_without_nonce},
         {"slot that cannot read", test_slot_that_cannot_read},
         {"slot that fails", test_slot_that_fails}, {"tampered", test_tampered},
         {"not the ordered", test_not_the_ordered})
