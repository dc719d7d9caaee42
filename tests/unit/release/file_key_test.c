/* file_key_test.c: file keys at rest: wrapped, kept, brought under a new key-encryption key. */
#include "orchestrator/release/file_key_folder.h"

#include "common/age/body.h"
#include "common/age/header.h"
#include "common/crypt/aead.h"
#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct wg_error err;

static const struct wg_passphrase_source NOBODY = {.fd = -1};
static const struct age_file_key KEY = {.bytes = "YELLOW SUBMARINE"};
static const char ARTIFACT[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

static struct kek kek_of(uint8_t fill)
{
    uint8_t bytes[KEK_SIZE];
    struct kek kek;
    memset(bytes, fill, sizeof bytes);
    ASSERT_OK(kek_from_bytes(bytes, &kek, &err), &err);
    return kek;
}

static void wrap(const struct kek *kek, struct wg_buf *out)
{
    wg_buf_init(out, FILE_KEY_ENVELOPE_MAX);
    ASSERT_OK(file_key_wrap(kek, ARTIFACT, &KEY, out, &err), &err);
}

static void expect_key(struct kek_ring ring, const struct wg_buf *text)
{
    struct age_file_key key;
    ASSERT_OK(file_key_unwrap(ring, ARTIFACT, text->data, text->len, &key, &err), &err);
    CU_ASSERT_EQUAL(memcmp(&key, &KEY, sizeof key), 0);
}

static bool refused(struct kek_ring ring, const char *artifact, const char *text, size_t len)
{
    struct age_file_key key;
    memset(&key, 0x55, sizeof key);
    bool opened = file_key_unwrap(ring, artifact, text, len, &key, &err);
    return !opened && key.bytes[0] == 0x55;
}

static void test_wrapped(void)
{
    struct kek keks[] = {kek_of(1), kek_of(2)};
    struct wg_buf a, b;
    char hex[2 * AGE_FILE_KEY + 1];
    wrap(&keks[0], &a);
    wrap(&keks[0], &b);
    expect_key((struct kek_ring){keks, 2}, &a);
    CU_ASSERT_NOT_EQUAL(memcmp(a.data, b.data, a.len), 0);
    wg_hex(KEY.bytes, AGE_FILE_KEY, hex);
    CU_ASSERT_PTR_NULL(strstr(a.data, hex));
    CU_ASSERT_PTR_NOT_NULL(strstr(a.data, keks[0].id));
    CU_ASSERT_NOT_EQUAL(strcmp(keks[0].id, keks[1].id), 0);
    CU_ASSERT_TRUE(refused((struct kek_ring){&keks[1], 1}, ARTIFACT, a.data, a.len));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_TRUE(refused((struct kek_ring){NULL, 0}, ARTIFACT, a.data, a.len));
    CU_ASSERT_TRUE(refused((struct kek_ring){keks, 2}, "another", a.data, a.len));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    wg_buf_clear(&a);
    wg_buf_clear(&b);
}

/* Each byte changed to each of some others; each length. */
static void test_changed(void)
{
    struct kek kek = kek_of(1);
    struct kek_ring ring = {&kek, 1};
    struct wg_buf text;
    wrap(&kek, &text);
    for (size_t i = 0; i < text.len - 1; i++) {
        char was = text.data[i];
        for (const char *c = "0a9f\"{} \\\x01\xff"; *c; c++) {
            if (*c == was) continue;
            text.data[i] = *c;
            CU_ASSERT_TRUE(refused(ring, ARTIFACT, text.data, text.len));
        }
        text.data[i] = was;
        CU_ASSERT_TRUE(refused(ring, ARTIFACT, text.data, i));
    }
    expect_key(ring, &text);
    wg_buf_clear(&text);
}

/* Whoever writes the envelope anew for another artifact, or another key's id, has no seal for it.
 */
static void test_bound(void)
{
    struct kek kek = kek_of(1), other = kek;
    struct wg_buf text;
    wrap(&kek, &text);
    char *at = strstr(text.data, ARTIFACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    if (!at) return; /* for static analysis */
    at[0] = at[0] == '0' ? '1' : '0';
    char renamed[sizeof ARTIFACT];
    (void)wg_copy_n(renamed, sizeof renamed, at, sizeof ARTIFACT - 1);
    CU_ASSERT_TRUE(refused((struct kek_ring){&kek, 1}, renamed, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    at[0] = ARTIFACT[0];
    other.id[0] = kek.id[0] == '0' ? '1' : '0';
    *strstr(text.data, kek.id) = other.id[0];
    CU_ASSERT_TRUE(refused((struct kek_ring){&other, 1}, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    wg_buf_clear(&text);
}

static void test_rewrapped(void)
{
    struct kek keks[] = {kek_of(1), kek_of(2)};
    struct wg_buf old, new;
    wrap(&keks[0], &old);
    wg_buf_init(&new, FILE_KEY_ENVELOPE_MAX);
    ASSERT_OK(file_key_rewrap((struct kek_ring){keks, 2}, &keks[1], ARTIFACT, old.data, old.len,
                              &new, &err),
              &err);
    expect_key((struct kek_ring){&keks[1], 1}, &new);
    CU_ASSERT_TRUE(refused((struct kek_ring){&keks[0], 1}, ARTIFACT, new.data, new.len));
    wg_buf_clear(&old);
    wg_buf_clear(&new);
}

/* A token whose key is of bytes that we know, and that may go away. */
struct fake_token {
    uint8_t key[WG_AEAD_KEY], next_iv;
    bool away;
};

static bool fake_seal(void *ctx, const char *bound, const void *data, size_t len,
                      uint8_t iv[WG_TOKEN_CIPHER_IV], uint8_t *out, struct wg_error *problem)
{
    struct fake_token *token = ctx;
    if (token->away) return wg_fail(problem, WG_E_IO, "away");
    memset(iv, ++token->next_iv, WG_TOKEN_CIPHER_IV);
    const struct wg_aead_use use = {token->key, iv, bound, strlen(bound)};
    return wg_aead_seal(&use, data, len, out, problem);
}

static bool fake_unseal(void *ctx, const char *bound, const uint8_t iv[WG_TOKEN_CIPHER_IV],
                        const uint8_t *sealed, size_t len, uint8_t *out, struct wg_error *problem)
{
    const struct fake_token *token = ctx;
    const struct wg_aead_use use = {token->key, iv, bound, strlen(bound)};
    return token->away ? wg_fail(problem, WG_E_IO, "away")
                       : wg_aead_open(&use, sealed, len, out, problem);
}

static struct kek token_kek(struct fake_token *token, uint8_t fill)
{
    struct kek kek = {.token = {fake_seal, fake_unseal, token}};
    memset(token, 0, sizeof *token);
    memset(token->key, fill, sizeof token->key);
    memset(kek.id, 'a' + fill % 6, KEK_ID - 1);
    return kek;
}

static void test_under_a_token(void)
{
    struct fake_token token;
    struct kek keks[] = {token_kek(&token, 1), kek_of(2)};
    struct kek_ring ring = {keks, 2};
    struct wg_buf text, again;
    wrap(&keks[0], &text);
    wrap(&keks[0], &again);
    expect_key(ring, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "\"wavegate-file-key-2\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "\"iv\":\"010101"));
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), keks[0].id));
    CU_ASSERT_NOT_EQUAL(strcmp(wg_buf_str(&text), wg_buf_str(&again)), 0);
    CU_ASSERT_TRUE(refused((struct kek_ring){keks + 1, 1}, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_TRUE(refused(ring, "another", text.data, text.len));
    token.away = true;
    CU_ASSERT_TRUE(refused(ring, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_IO);
    wg_buf_clear(&text);
    wg_buf_clear(&again);
}

/* Every byte of the line: a change is seen, or says the same. */
static void test_a_tokens_envelope_changed(void)
{
    struct fake_token token;
    struct kek kek = token_kek(&token, 1);
    struct wg_buf text;
    wrap(&kek, &text);
    for (size_t i = 0; i + 1 < text.len; i++) {
        text.data[i] = (char)(text.data[i] ^ 1);
        CU_ASSERT_TRUE(refused((struct kek_ring){&kek, 1}, ARTIFACT, text.data, text.len));
        text.data[i] = (char)(text.data[i] ^ 1);
    }
    expect_key((struct kek_ring){&kek, 1}, &text);
    wg_buf_clear(&text);
}

/* The format says what kind of key is meant; a key of the other kind under that id does nothing. */
static void test_formats_are_not_mixed(void)
{
    struct fake_token token;
    struct kek inside = token_kek(&token, 1), of_file = kek_of(1);
    struct wg_buf text;
    memcpy(of_file.id, inside.id, KEK_ID);
    wrap(&inside, &text);
    CU_ASSERT_TRUE(refused((struct kek_ring){&of_file, 1}, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    wg_buf_clear(&text);
    wrap(&of_file, &text);
    CU_ASSERT_TRUE(refused((struct kek_ring){&inside, 1}, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    *strstr(text.data, "key-1") = 'K';
    CU_ASSERT_TRUE(refused((struct kek_ring){&of_file, 1}, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    wg_buf_clear(&text);
}

/* A key that is not open has no id, and nothing can be under it. */
static void test_no_key_without_an_id(void)
{
    struct kek kek = kek_of(1), none = {.id = ""};
    struct wg_buf text;
    wrap(&none, &text);
    CU_ASSERT_TRUE(refused((struct kek_ring){&none, 1}, ARTIFACT, text.data, text.len));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_TRUE(refused((struct kek_ring){&kek, 1}, ARTIFACT, text.data, text.len));
    wg_buf_clear(&text);
}

static void test_rewrapped_between_kinds(void)
{
    struct fake_token tokens[2];
    struct kek keks[] = {kek_of(1), token_kek(&tokens[0], 2), token_kek(&tokens[1], 3)};
    static const size_t way[] = {0, 1, 2, 0};
    struct wg_buf old, new;
    wrap(&keks[0], &old);
    for (size_t i = 1; i < sizeof way / sizeof way[0]; i++) {
        const struct kek *to = &keks[way[i]];
        wg_buf_init(&new, FILE_KEY_ENVELOPE_MAX);
        ASSERT_OK(file_key_rewrap((struct kek_ring){keks, 3}, to, ARTIFACT, old.data, old.len, &new,
                                  &err),
                  &err);
        expect_key((struct kek_ring){to, 1}, &new);
        wg_buf_clear(&old);
        old = new;
    }
    wg_buf_clear(&old);
}

static char folder[] = "/tmp/wavegate-kek-XXXXXX";
static char kek_file[256], key_folder[256];

static void test_kek_file(void)
{
    struct kek made, loaded;
    struct stat info;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    (void)wg_format(kek_file, sizeof kek_file, "%s/kek", folder);
    ASSERT_OK(kek_make(kek_file, &NOBODY, &made, &err), &err);
    CU_ASSERT_TRUE_FATAL(stat(kek_file, &info) == 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0600);
    ASSERT_OK(kek_load(kek_file, &NOBODY, &loaded, &err), &err);
    ASSERT_TEXT(made.id, loaded.id); /* it is made of the key */
    CU_ASSERT_FALSE(kek_make(kek_file, &NOBODY, &made, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    ASSERT_OK(kek_load(kek_file, &NOBODY, &loaded, &err), &err);
    static const mode_t open_to_others[] = {0640, 0604, 0660, 0644, 0610};
    for (size_t i = 0; i < sizeof open_to_others / sizeof open_to_others[0]; i++) {
        CU_ASSERT_EQUAL(chmod(kek_file, open_to_others[i]), 0);
        CU_ASSERT_FALSE(kek_load(kek_file, &NOBODY, &loaded, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    }
    CU_ASSERT_EQUAL(chmod(kek_file, 0600), 0);
    CU_ASSERT_EQUAL(truncate(kek_file, KEK_SIZE - 1), 0);
    CU_ASSERT_FALSE(kek_load(kek_file, &NOBODY, &loaded, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    CU_ASSERT_FALSE(kek_load(folder, &NOBODY, &loaded, &err));
    CU_ASSERT_FALSE(kek_load("/tmp/wavegate-no-such-kek", &NOBODY, &loaded, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_EQUAL(unlink(kek_file), 0);
}

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *problem)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, problem, "collecting");
}

/* The body's key, as a device gets it from what is at rest. */
static void expect_readable(struct kek_ring ring, const struct wg_buf *body, const char *content)
{
    struct age_file_key at_rest, opened;
    struct age_identity device;
    char header[AGE_HEADER_SIZE + 1];
    struct wg_buf out;
    wg_buf_init(&out, 1024);
    ASSERT_OK(file_key_load(key_folder, ring, ARTIFACT, &at_rest, &err), &err);
    ASSERT_OK(age_identity_make(&device, &err), &err);
    ASSERT_OK(age_header_make(&at_rest, &device.recipient, header, &err), &err);
    ASSERT_OK(age_header_open(header, AGE_HEADER_SIZE, &device, &opened, &err), &err);
    struct age_decryptor *decryptor =
        age_decryptor_new(&opened, (struct age_sink){collect, &out}, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(decryptor);
    ASSERT_OK(age_decryptor_push(decryptor, body->data, body->len, &err), &err);
    ASSERT_OK(age_decryptor_end(decryptor, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), content);
    age_decryptor_free(decryptor);
    wg_buf_clear(&out);
}

static void expect_rewrapped(struct kek_ring ring, const struct kek *to, size_t expected)
{
    size_t changed;
    ASSERT_OK(file_key_rewrap_all(key_folder, ring, to, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, expected);
}

/* A body is encrypted once; what it is read with outlives the key-encryption key. */
static void test_rotation(void)
{
    struct kek keks[] = {kek_of(1), kek_of(2)};
    struct kek_ring both = {keks, 2}, old = {keks, 1}, new = {keks + 1, 1};
    struct age_file_key key;
    struct wg_buf body;
    char rest[300];
    wg_buf_init(&body, 1024);
    (void)wg_format(key_folder, sizeof key_folder, "%s/keys", folder);
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){collect, &body}, &key, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
    ASSERT_OK(age_encryptor_push(encryptor, "firmware", 8, &err), &err);
    ASSERT_OK(age_encryptor_end(encryptor, &err), &err);
    age_encryptor_free(encryptor);
    ASSERT_OK(file_key_save(key_folder, &keks[0], ARTIFACT, &key, &err), &err);
    ASSERT_OK(file_key_save(key_folder, &keks[0], "second", &KEY, &err), &err);
    /* the rest of a write that was cut off */
    (void)wg_format(rest, sizeof rest, "%s/cut.json.new", key_folder);
    FILE *file = fopen(rest, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void)fclose(file);
    expect_readable(old, &body, "firmware");

    expect_rewrapped(both, &keks[1], 2);
    expect_readable(new, &body, "firmware");
    CU_ASSERT_FALSE(file_key_load(key_folder, old, ARTIFACT, &key, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    expect_rewrapped(both, &keks[1], 0);
    wg_buf_clear(&body);
}

static void test_rotation_stopped(void)
{
    struct kek keks[] = {kek_of(2), kek_of(3)};
    struct kek stranger = kek_of(9);
    size_t changed;
    /* one is wrapped under a key that is not at hand: it stays as it is, and is named */
    ASSERT_OK(file_key_save(key_folder, &stranger, "third", &KEY, &err), &err);
    CU_ASSERT_FALSE(
        file_key_rewrap_all(key_folder, (struct kek_ring){keks, 2}, &keks[1], &changed, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "third.json"));
    struct kek all[] = {keks[0], keks[1], stranger};
    expect_rewrapped((struct kek_ring){all, 3}, &keks[1], 3 - changed);
    struct age_file_key key;
    ASSERT_OK(file_key_load(key_folder, (struct kek_ring){&keks[1], 1}, "third", &key, &err), &err);
    CU_ASSERT_FALSE(file_key_load(key_folder, (struct kek_ring){all, 3}, "fourth", &key, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_FALSE(file_key_load(key_folder, (struct kek_ring){all, 3}, "../kek", &key, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
}

static void test_end(void)
{
    static const char *const names[] = {"second.json", "third.json", "cut.json.new"};
    char path[400];
    (void)wg_format(path, sizeof path, "%s/%s.json", key_folder, ARTIFACT);
    CU_ASSERT_EQUAL(unlink(path), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stat info;
        (void)wg_format(path, sizeof path, "%s/%s", key_folder, names[i]);
        CU_ASSERT_TRUE(stat(path, &info) == 0 && (i == 2 || (info.st_mode & 0777) == 0600));
        CU_ASSERT_EQUAL(unlink(path), 0);
    }
    CU_ASSERT_EQUAL(rmdir(key_folder), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

WG_SUITE("release file keys", {"wrapped and unwrapped", test_wrapped}, {"changed", test_changed},
         {"bound to artifact and key", test_bound}, {"rewrapped", test_rewrapped},
         {"under a token", test_under_a_token},
         {"a token's envelope changed", test_a_tokens_envelope_changed},
         {"formats are not mixed", test_formats_are_not_mixed},
         {"no key without an id", test_no_key_without_an_id},
         {"rewrapped between kinds", test_rewrapped_between_kinds},
         {"the key-encryption key's file", test_kek_file}, {"rotation", test_rotation},
         {"rotation that stops", test_rotation_stopped}, {"nothing is left", test_end})
