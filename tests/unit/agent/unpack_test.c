/* unpack_test.c: compressed artifacts and patches, also encrypted ones, that come in portions, are
 * cut anywhere, and go on behind the last frame whose content is durable. */
#include "agent/posix/base.h"
#include "agent/posix/part.h"
#include "agent/posix/slot/dir.h"
#include "common/zst/pack.h"

#include "folder.h"

#define PART "state/slots/b/payload.part"
#define CONTENT ((size_t)300000)
#define FRAME ((size_t)20000)

static struct folder folder;
static struct wg_error err;
static char content[CONTENT], old[CONTENT];
static struct wg_buf packed, body;
static struct age_file_key key;
static struct slot_release release;
static struct slot_backend *slots;
static struct core_form form;
static struct zst_base base;
static bool is_age;
static int window_log; /* 0: as without a word */
static atomic_bool cancel;

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *problem)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, problem, "the body");
}

static void pack(void)
{
    const struct zst_pack_config config = {
        .sink = {collect, &packed}, .base = base, .frame = FRAME};
    struct zst_packer *packer = zst_packer_new(&config, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(packer);
    ASSERT_OK(zst_packer_push(packer, content, CONTENT, &err), &err);
    ASSERT_OK(zst_packer_end(packer, &err), &err);
    zst_packer_free(packer);
}

static void seal(void)
{
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){.write = collect, .ctx = &body}, &key, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
    ASSERT_OK(age_encryptor_push(encryptor, packed.data, packed.len, &err), &err);
    ASSERT_OK(age_encryptor_end(encryptor, &err), &err);
    age_encryptor_free(encryptor);
}

/* Content that hardly compresses, so that there is something to cut. */
static void set_up(bool patch, bool age)
{
    uint64_t state = 77;
    struct slot_status status;
    folder_make(&folder);
    slots = dir_new(folder_file(&folder, "state"), &err);
    ASSERT_OK(slots && slots->ops->probe(slots, &status, &err), &err);
    wg_buf_init(&packed, 1 << 21);
    wg_buf_init(&body, 1 << 21);
    for (size_t i = 0; i < CONTENT; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        old[i] = (char)(state >> 56);
        content[i] = (char)(state >> 48);
        if (i % 1000 < 600) content[i] = old[i];
    }
    base = patch ? (struct zst_base){old, CONTENT} : (struct zst_base){NULL, 0};
    is_age = age;
    pack();
    if (age)
        seal();
    else
        wg_buf_add(&body, packed.data, packed.len);
    release = (struct slot_release){.length = (int64_t)CONTENT};
    ASSERT_OK(wg_sha256_of(content, CONTENT, release.sha256, &err), &err);
    form = (struct core_form){
        .length = (int64_t)body.len, .is_age = age, .packed_length = (int64_t)packed.len};
    ASSERT_OK(wg_sha256_of(body.data, body.len, form.sha256, &err), &err);
}

static void tear_down(void)
{
    wg_buf_clear(&packed);
    wg_buf_clear(&body);
    slots->ops->free(slots);
    folder_remove(&folder);
}

static bool try_open(struct part *part)
{
    char nonce[PATH_MAX], mark[PATH_MAX];
    (void)wg_copy(nonce, sizeof nonce, folder_file(&folder, "part.nonce"));
    (void)wg_copy(mark, sizeof mark, folder_file(&folder, "part.mark"));
    const struct part_source source = {.slots = slots,
                                       .nonce_file = nonce,
                                       .mark_file = mark,
                                       .length = form.length,
                                       .key = is_age ? &key : NULL,
                                       .form = &form,
                                       .base = base,
                                       .window_log = window_log,
                                       .cancel = &cancel};
    return part_open(part, &source, &release, false, &err);
}

static void open_part(struct part *part)
{
    ASSERT_OK(try_open(part), &err);
}

static bool add(struct part *part, size_t most)
{
    size_t rest = body.len - (size_t)part->at;
    return part_add(part, body.data + part->at, rest < most ? rest : most, &err);
}

static void add_until(struct part *part, int64_t end, size_t portion)
{
    while (part->at < end) {
        int64_t rest = end - part->at;
        ASSERT_OK(add(part, rest < (int64_t)portion ? (size_t)rest : portion), &err);
    }
}

static bool is_there(const char *name)
{
    return access(folder_file(&folder, name), F_OK) == 0;
}

static void is_right(struct part *part)
{
    ASSERT_OK(part_end(part, &err), &err);
    part_close(part);
    struct wg_buf bytes;
    wg_buf_init(&bytes, CONTENT + 1);
    ASSERT_OK(wg_file_read(folder_file(&folder, PART), &bytes, &err), &err);
    CU_ASSERT_TRUE(bytes.len == CONTENT && memcmp(bytes.data, content, CONTENT) == 0);
    wg_buf_clear(&bytes);
    CU_ASSERT_FALSE(is_there("part.mark") || is_there("part.nonce"));
}

static void test_portions(void)
{
    static const size_t portions[] = {1, 17, 4096, CONTENT};
    for (int kind = 0; kind < 4; kind++)
        for (size_t p = 0; p < sizeof portions / sizeof portions[0]; p++) {
            struct part part;
            set_up(kind & 1, kind & 2);
            open_part(&part);
            add_until(&part, (int64_t)body.len, portions[p]);
            is_right(&part);
            tear_down();
        }
}

/* How much content may be under way, seen nowhere yet: frames, of an age body also a chunk, which
 * holds half of a patch here. */
static int64_t under_way(void)
{
    return (int64_t)(is_age ? 2 * CONTENT / 3 : 3 * FRAME);
}

/* Cut after every few bytes: no frame comes twice whose content is durable. */
static void test_resumed(void)
{
    for (int kind = 0; kind < 4; kind++) {
        struct part part;
        int64_t end = 0, resumed = 0;
        set_up(kind & 1, kind & 2);
        for (end = 777; end < (int64_t)body.len; end += 7777) {
            open_part(&part);
            CU_ASSERT_TRUE(part.arrived % (int64_t)FRAME == 0 && part.arrived <= part.have);
            resumed += part.arrived > 0;
            int64_t had = part.arrived;
            add_until(&part, end, 1000);
            CU_ASSERT_TRUE(part.have >= had && part.have - had < under_way());
            part_close(&part);
        }
        CU_ASSERT_TRUE(resumed > (is_age ? 4 : 8));
        open_part(&part);
        CU_ASSERT_TRUE(part.resumed && part.have >= release.length - under_way());
        add_until(&part, (int64_t)body.len, 1000);
        is_right(&part);
        tear_down();
    }
}

/* All is there but the end was not said: nothing is unpacked again, and the end is proven. */
static void test_cut_before_the_end(void)
{
    for (int kind = 0; kind < 4; kind++) {
        struct part part;
        set_up(kind & 1, kind & 2);
        open_part(&part);
        add_until(&part, (int64_t)body.len, 4096);
        part_close(&part);
        open_part(&part);
        CU_ASSERT_TRUE(part.have >= release.length - (is_age ? under_way() : 0));
        add_until(&part, (int64_t)body.len, 4096);
        is_right(&part);
        tear_down();
    }
}

static void put_mark(const char *text)
{
    folder_put(&folder, "part.mark", text, 0600);
}

/* A mark of another form, of more content than there is, and one that nobody wrote. */
static void test_marks_of_no_use(void)
{
    char marks[4][128];
    struct part part;
    set_up(false, false);
    (void)snprintf(marks[0], sizeof marks[0], "%s 20 20000\n", release.sha256);
    (void)snprintf(marks[1], sizeof marks[1], "%s 50 150000\n", form.sha256);
    (void)snprintf(marks[2], sizeof marks[2], "%s -5 10\n", form.sha256);
    (void)snprintf(marks[3], sizeof marks[3], "%s 999999999 5\n", form.sha256);
    for (size_t i = 0; i < 4; i++) {
        open_part(&part);
        add_until(&part, 50000, 4096);
        part_close(&part);
        put_mark(marks[i]);
        open_part(&part);
        CU_ASSERT_TRUE(part.at == 0 && part.have == 0 && !part.resumed);
        CU_ASSERT_FALSE(is_there("part.mark"));
        part_close(&part);
    }
    tear_down();
}

static bool goes_to_its_end(struct part *part)
{
    bool ok = try_open(part);
    while (ok && part->at < (int64_t)body.len) ok = add(part, 4096);
    return ok && part_end(part, &err);
}

/* Over other old content it does not open, and nothing stays to go on from. */
static void test_other_base(void)
{
    struct part part;
    set_up(true, false);
    memset(old + 1000, 'x', 50000);
    CU_ASSERT_FALSE(goes_to_its_end(&part));
    CU_ASSERT_TRUE(part.wrong && !part.disk);
    part_remove(&part);
    part_close(&part);
    CU_ASSERT_FALSE(is_there(PART) || is_there("part.mark"));
    tear_down();
}

/* More content than was announced, less, or other; and frames that end too soon. */
static void test_not_the_ordered(void)
{
    struct part part;
    set_up(false, false);
    for (int i = 0; i < 4; i++) {
        size_t whole = body.len;
        release.length = (int64_t)CONTENT + (i == 0 ? -1 : i == 1 ? 1 : 0);
        if (i == 2) release.sha256[0] = release.sha256[0] == 'a' ? 'b' : 'a';
        if (i == 3) body.len -= 5;
        if (i == 3) form.packed_length = form.length = (int64_t)body.len;
        CU_ASSERT_FALSE(goes_to_its_end(&part));
        CU_ASSERT_TRUE(part.wrong && !part.disk);
        CU_ASSERT_TRUE(part.have <= release.length);
        part_remove(&part);
        part_close(&part);
        CU_ASSERT_FALSE(is_there(PART) || is_there("part.mark"));
        body.len = whole;
    }
    tear_down();
}

/* Where more is there than the mark says, it is passed over. */
static void test_more_is_there(void)
{
    struct unpack unpack;
    struct wg_buf got;
    set_up(false, false);
    wg_buf_init(&got, 1 << 20);
    const struct unpack_config config = {
        .mark = folder_file(&folder, "mark"), .form = form.sha256, .sink = {collect, &got}};
    unpack_init(&unpack, &config);
    CU_ASSERT_EQUAL(unpack_resume(&unpack, 12345), 0);
    ASSERT_OK(unpack_begin(&unpack, 12345, 0, &err), &err);
    ASSERT_OK(unpack_push(&unpack, packed.data, packed.len, &err), &err);
    ASSERT_OK(unpack_end(&unpack, &err), &err);
    CU_ASSERT_TRUE(got.len == CONTENT - 12345 && memcmp(got.data, content + 12345, got.len) == 0);
    unpack_clear(&unpack);
    wg_buf_clear(&got);
    tear_down();
}

static void test_base(void)
{
    char hex[WG_SHA256_HEX], path[PATH_MAX];
    struct zst_base found;
    folder_make(&folder);
    folder_put(&folder, "old", "the old content, and a tail", 0600);
    (void)wg_copy(path, sizeof path, folder_file(&folder, "old"));
    ASSERT_OK(wg_sha256_of("the old content", 15, hex, &err), &err);
    CU_ASSERT_TRUE_FATAL(base_open(path, 15, hex, &cancel, &found));
    CU_ASSERT_TRUE(found.len == 15 && memcmp(found.data, "the old content", 15) == 0);
    base_close(&found);
    CU_ASSERT_FALSE(base_open(path, 14, hex, &cancel, &found));
    CU_ASSERT_FALSE(base_open(path, 1000, hex, &cancel, &found));
    CU_ASSERT_FALSE(base_open(path, 0, hex, &cancel, &found));
    CU_ASSERT_FALSE(base_open(folder_file(&folder, "none"), 15, hex, &cancel, &found));
    CU_ASSERT_FALSE(base_open(folder.path, 15, hex, &cancel, &found));
    atomic_store(&cancel, true);
    CU_ASSERT_FALSE(base_open(path, 15, hex, &cancel, &found));
    atomic_store(&cancel, false);
    folder_remove(&folder);
}

/* A frame of 20,000 bytes wants as much memory as it has content: more than it may have here. */
static void test_window(void)
{
    struct part part;
    for (window_log = 14; window_log <= 15; window_log++) {
        set_up(false, false);
        bool ok = goes_to_its_end(&part);
        CU_ASSERT_EQUAL(ok, window_log == 15);
        if (!ok) {
            CU_ASSERT_TRUE(part.wrong);
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a window of more than 16 KiB"));
        }
        part_close(&part);
        tear_down();
    }
    window_log = 0;
}

WG_SUITE("agent/posix/unpack", {"portions", test_portions}, {"resumed", test_resumed},
         {"cut before the end", test_cut_before_the_end}, {"marks of no use", test_marks_of_no_use},
         {"other base", test_other_base}, {"not the ordered", test_not_the_ordered},
         {"window", test_window}, {"more is there", test_more_is_there}, {"base", test_base})
