/* kit_test.c: the public test vectors of the age format (npm cctv-age, laid out as files by
 * tests/age_kit). Each one that applies ends as it says, with the content that it says, whatever
 * portions it comes in; and what can be written again is written again, byte for byte. Each one
 * that does not apply is counted under its rule, and is refused all the same. */
#include "common/age/header_part.h"
#include "common/crypto.h"
#include "common/text.h"
#include "tests/unit/age/sink.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define VECTORS WG_SOURCE_DIR "/build/age_kit/vectors"
#define VECTORS_MAX 512
#define IDENTITIES_MAX 4

/* What the kit's generator draws first, always the same: the secret of the first stanza. */
static const char EPHEMERAL[] = "ac5d3f3706e55071d3a604204697b9091b35c6e687dd00da3ac379ac9f742c21";

/* Why a vector does not apply, with how many there are in version 0.2.0. */
enum rule { APPLIES, ARMORED, PASSPHRASE, POST_QUANTUM, RULES };
static const struct {
    const char *text;
    size_t vectors;
} RULE[RULES] = {
    [APPLIES] = {"applies", 69},
    [ARMORED] = {"armored: a text form that we do not read", 33},
    [PASSPHRASE] = {"passphrase: opened by scrypt alone, no X25519 identity", 24},
    [POST_QUANTUM] = {"hybrid: opened by an AGE-SECRET-KEY-PQ- identity alone", 17},
};

struct kit_vector {
    char name[64], expect[32], payload[WG_SHA256_HEX];
    struct age_identity identities[IDENTITIES_MAX];
    size_t identity_count, other_identities;
    bool armored, passphrase;
    struct age_file_key file_key;
    struct wg_buf bytes; /* of the whole vector */
    const char *file;    /* the age file in it */
    size_t file_len;
};

static struct wg_error err;
static char names[VECTORS_MAX][64];
static size_t name_count;

static void read_pair(struct kit_vector *vector, const char *key, const char *value)
{
    if (strcmp(key, "expect") == 0) {
        CU_ASSERT_TRUE(wg_copy(vector->expect, sizeof vector->expect, value));
    } else if (strcmp(key, "payload") == 0) {
        CU_ASSERT_TRUE(wg_copy(vector->payload, sizeof vector->payload, value));
    } else if (strcmp(key, "file key") == 0) {
        /* one vector is about a longer one, which no header of ours can hold */
        if (!wg_unhex(value, vector->file_key.bytes, AGE_FILE_KEY))
            ASSERT_TEXT(vector->expect, "header failure");
    } else if (strcmp(key, "passphrase") == 0) {
        vector->passphrase = true;
    } else if (strcmp(key, "armored") == 0) {
        vector->armored = true;
    } else if (strcmp(key, "identity") == 0 && strncmp(value, "AGE-SECRET-KEY-PQ-", 18) == 0) {
        vector->other_identities++;
    } else if (strcmp(key, "identity") == 0) {
        CU_ASSERT_FATAL(vector->identity_count < IDENTITIES_MAX);
        ASSERT_OK(age_identity_read(value, &vector->identities[vector->identity_count++], &err),
                  &err);
    } else if (strcmp(key, "comment") != 0) {
        CU_FAIL("a key of the kit that this test does not know");
        printf("\n    %s: %s\n", vector->name, key);
    }
}

static void read_vector(const char *name, struct kit_vector *out)
{
    char path[4096], line[256];
    memset(out, 0, sizeof *out);
    wg_buf_init(&out->bytes, (size_t)1 << 28);
    CU_ASSERT_TRUE(wg_copy(out->name, sizeof out->name, name));
    CU_ASSERT_TRUE(wg_format(path, sizeof path, VECTORS "/%s", name));
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    static char part[65536];
    size_t got;
    while ((got = fread(part, 1, sizeof part, file)) > 0) wg_buf_add(&out->bytes, part, got);
    (void)fclose(file);
    ASSERT_OK(wg_buf_check(&out->bytes, &err, name), &err);
    const char *at = out->bytes.data, *end;
    while (*at != '\n' && (end = strchr(at, '\n'))) {
        CU_ASSERT_TRUE(wg_copy_n(line, sizeof line, at, (size_t)(end - at)));
        char *colon = strstr(line, ": ");
        CU_ASSERT_PTR_NOT_NULL_FATAL(colon);
        *colon = '\0';
        read_pair(out, line, colon + 2);
        at = end + 1;
    }
    out->file = at + 1;
    out->file_len = out->bytes.len - (size_t)(out->file - out->bytes.data);
}

static enum rule rule_of(const struct kit_vector *vector)
{
    if (vector->armored) return ARMORED;
    if (vector->identity_count > 0) return APPLIES;
    if (vector->passphrase) return PASSPHRASE;
    return vector->other_identities > 0 ? POST_QUANTUM : APPLIES;
}

struct outcome {
    const char *text; /* as in the kit */
    struct age_file_key key;
    size_t header_len;
    struct wg_buf content;
};

/* The header, with each identity in turn, as age tries them. */
static const char *open_header(const struct kit_vector *vector, struct outcome *out)
{
    const char *text = "no match";
    if (!age_header_length(vector->file, vector->file_len, &out->header_len, &err))
        return "header failure";
    for (size_t i = 0; i < vector->identity_count; i++) {
        if (age_header_open(vector->file, out->header_len, &vector->identities[i], &out->key, &err))
            return NULL;
        if (err.code == WG_E_BAD_INPUT || err.code == WG_E_LIMIT) return "header failure";
        if (err.code == WG_E_VERIFY) text = "HMAC failure";
    }
    return text;
}

static bool push_all(struct age_decryptor *decryptor, const char *data, size_t len, size_t portion)
{
    for (size_t at = 0; at < len; at += portion) {
        size_t n = portion < len - at ? portion : len - at;
        if (!age_decryptor_push(decryptor, data + at, n, &err)) return false;
    }
    return age_decryptor_end(decryptor, &err);
}

/* A cut nonce is the body's, for us; the kit counts the nonce to the header. */
static void open_file(const struct kit_vector *vector, size_t portion, struct outcome *out)
{
    memset(out, 0, sizeof *out);
    wg_buf_init(&out->content, (size_t)1 << 28);
    out->text = open_header(vector, out);
    if (out->text) return;
    struct age_decryptor *decryptor =
        age_decryptor_new(&out->key, (struct age_sink){sink_collect, &out->content}, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(decryptor);
    if (push_all(decryptor, vector->file + out->header_len, vector->file_len - out->header_len,
                 portion))
        out->text = "success";
    else
        out->text = err.code == WG_E_BAD_INPUT ? "header failure" : "payload failure";
    CU_ASSERT_EQUAL(age_decryptor_done(decryptor), (int64_t)out->content.len);
    age_decryptor_free(decryptor);
}

static void each(void (*run)(const struct kit_vector *vector, enum rule rule))
{
    for (size_t i = 0; i < name_count; i++) {
        struct kit_vector vector;
        unsigned before = CU_get_number_of_failures();
        read_vector(names[i], &vector);
        run(&vector, rule_of(&vector));
        if (CU_get_number_of_failures() != before) printf("\n    in vector %s\n", vector.name);
        wg_buf_clear(&vector.bytes);
    }
}

static void read_as(const struct kit_vector *vector, size_t portion)
{
    struct outcome outcome;
    char hash[WG_SHA256_HEX];
    open_file(vector, portion, &outcome);
    ASSERT_TEXT(outcome.text, vector->expect);
    ASSERT_OK(wg_sha256_of(wg_buf_str(&outcome.content), outcome.content.len, hash, &err), &err);
    if (vector->payload[0])
        ASSERT_TEXT(hash, vector->payload);
    else
        CU_ASSERT_EQUAL(outcome.content.len, 0);
    wg_buf_clear(&outcome.content);
}

static void read_each(const struct kit_vector *vector, enum rule rule)
{
    static const size_t portions[] = {SIZE_MAX, AGE_SEALED_CHUNK, AGE_SEALED_CHUNK + 1, 4099, 1};
    size_t count = vector->file_len < 4 * AGE_CHUNK ? sizeof portions / sizeof portions[0] : 1;
    if (rule != APPLIES) return;
    for (size_t i = 0; i < count; i++) read_as(vector, portions[i]);
}

static bool write_stanza(void *ctx, const struct age_stanza *stanza, struct wg_error *problem)
{
    uint8_t *body = malloc(stanza->body_len + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    bool ok = age_stanza_body(stanza, body, stanza->body_len) ||
              wg_fail(problem, WG_E_FAILED, "a body that was sound is not");
    if (ok) age_stanza_write(ctx, stanza->args, stanza->args_len, body, stanza->body_len);
    free(body);
    return ok;
}

static size_t headers_written, headers_made, bodies_written;

/* Every header that parses, ours to open or not, is written back as it was; its MAC is made again
 * where the kit says the file key. */
static void write_header(const struct kit_vector *vector)
{
    struct wg_buf out;
    struct age_header_end end;
    uint8_t mac[AGE_MAC];
    wg_buf_init(&out, AGE_HEADER_MAX);
    age_header_begin(&out);
    if (age_header_scan(vector->file, vector->file_len, write_stanza, &out, &end, &err)) {
        age_header_mark(&out);
        CU_ASSERT_EQUAL(out.len, end.authenticated);
        ASSERT_OK(age_header_mac(&vector->file_key, out.data, out.len, mac, &err), &err);
        bool changed = strcmp(vector->expect, "HMAC failure") == 0;
        CU_ASSERT_EQUAL(memcmp(mac, end.mac, sizeof mac) != 0, changed);
        age_header_finish(&out, end.mac);
        CU_ASSERT_TRUE(out.len == end.len && memcmp(out.data, vector->file, end.len) == 0);
        headers_written++;
    } else {
        ASSERT_TEXT("header failure", vector->expect);
    }
    wg_buf_clear(&out);
}

/* A header with one stanza that is ours is made again from the kit's secret. */
static void make_header(const struct kit_vector *vector, const struct outcome *outcome)
{
    uint8_t ephemeral[WG_X25519_SIZE];
    char header[AGE_HEADER_SIZE + 1];
    if (outcome->header_len != AGE_HEADER_SIZE) return;
    CU_ASSERT_TRUE_FATAL(wg_unhex(EPHEMERAL, ephemeral, sizeof ephemeral));
    ASSERT_OK(age_header_make_with(&outcome->key, &vector->identities[0].recipient, ephemeral,
                                   header, &err),
              &err);
    CU_ASSERT_EQUAL(memcmp(header, vector->file, AGE_HEADER_SIZE), 0);
    headers_made++;
}

/* The content under the vector's key and nonce is the vector's body. */
static void write_body(const struct kit_vector *vector)
{
    struct outcome outcome;
    struct wg_buf body;
    open_file(vector, SIZE_MAX, &outcome);
    make_header(vector, &outcome);
    const char *nonce = vector->file + outcome.header_len;
    sink_body(&outcome.key, (const uint8_t *)nonce, wg_buf_str(&outcome.content),
              outcome.content.len, &body);
    CU_ASSERT_EQUAL_FATAL(body.len, vector->file_len - outcome.header_len);
    CU_ASSERT_EQUAL(memcmp(body.data, nonce, body.len), 0);
    bodies_written++;
    wg_buf_clear(&body);
    wg_buf_clear(&outcome.content);
}

static void write_each(const struct kit_vector *vector, enum rule rule)
{
    if (rule == ARMORED) return;
    bool header_failed = strcmp(vector->expect, "header failure") == 0;
    if (!header_failed) write_header(vector);
    if (rule == APPLIES && strcmp(vector->expect, "success") == 0) write_body(vector);
}

static size_t counted[RULES];

/* What we do not read gives nothing out; the armored is said to be that. */
static void refuse_each(const struct kit_vector *vector, enum rule rule)
{
    struct outcome outcome;
    counted[rule]++;
    if (rule == APPLIES) return;
    open_file(vector, SIZE_MAX, &outcome);
    CU_ASSERT_EQUAL(outcome.content.len, 0);
    CU_ASSERT_NOT_EQUAL(strcmp(outcome.text, "success"), 0);
    if (strncmp(vector->file, "-----BEGIN AGE ENCRYPTED FILE-----", 34) == 0)
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "armored"));
    wg_buf_clear(&outcome.content);
}

static void test_present(void)
{
    DIR *folder = opendir(VECTORS);
    if (!folder) printf("\n    %s: not there: run deploy/setup.sh\n", VECTORS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        CU_ASSERT_FATAL(name_count < VECTORS_MAX);
        CU_ASSERT_TRUE(wg_copy(names[name_count++], sizeof names[0], entry->d_name));
    }
    (void)closedir(folder);
    CU_ASSERT_EQUAL(name_count, 143);
}

static void test_read(void)
{
    each(read_each);
}

static void test_write(void)
{
    each(write_each);
    printf("%zu headers and %zu bodies written again, %zu headers made again ", headers_written,
           bodies_written, headers_made);
    CU_ASSERT_EQUAL(headers_written, 50);
    CU_ASSERT_EQUAL(bodies_written, 14);
    CU_ASSERT_EQUAL(headers_made, 9);
}

static void test_the_rest(void)
{
    each(refuse_each);
    for (int rule = 0; rule < RULES; rule++) {
        printf("\n    %zu: %s ", counted[rule], RULE[rule].text);
        CU_ASSERT_EQUAL(counted[rule], RULE[rule].vectors);
    }
}

WG_SUITE("age kit", {"all vectors are there", test_present}, {"each one that applies", test_read},
         {"written again", test_write}, {"the rest, by rule", test_the_rest})
