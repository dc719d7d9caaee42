/* age_header_fuzz.c: age headers. As they come; and as stanzas behind which the target puts the
 * MAC, so that what is authentic and strange is read too. What is read is written back the same. */
#include "common/age/header_part.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static const struct age_file_key KEY = {.bytes = "YELLOW SUBMARINE"};

/* Everybody's: the secret is 32 times 1. */
static const struct age_identity *identity(void)
{
    static struct age_identity known;
    static bool made;
    struct wg_error err = {0};
    if (made) return &known;
    memset(known.secret, 1, sizeof known.secret);
    MUST(wg_x25519_public(known.secret, known.recipient.bytes, &err), "%s", err.text);
    made = true;
    return &known;
}

static bool write_again(void *ctx, const struct age_stanza *stanza, struct wg_error *err)
{
    uint8_t body[AGE_HEADER_MAX];
    size_t len, count = 0;
    (void)err;
    MUST(stanza->body_len <= sizeof body, "a body of %zu bytes", stanza->body_len);
    MUST(age_stanza_body(stanza, body, stanza->body_len), "a body that cannot be read");
    MUST(!age_stanza_body(stanza, body, stanza->body_len + 1), "a body of two lengths");
    while (age_stanza_arg(stanza, count, &len)) {
        MUST(len > 0, "an empty argument");
        count++;
    }
    MUST(count > 0, "a stanza without a type");
    age_stanza_write(ctx, stanza->args, stanza->args_len, body, stanza->body_len);
    return true;
}

static void read_header(const char *data, size_t size)
{
    struct wg_error err = {0};
    struct wg_buf again;
    struct age_header_end end;
    wg_buf_init(&again, AGE_HEADER_MAX);
    age_header_begin(&again);
    if (age_header_scan(data, size, write_again, &again, &end, &err)) {
        size_t len;
        age_header_mark(&again);
        MUST(again.len == end.authenticated, "authenticated: %zu", end.authenticated);
        age_header_finish(&again, end.mac);
        MUST(again.len == end.len && memcmp(again.data, data, end.len) == 0, "written otherwise");
        MUST(age_header_length(data, end.len, &len, &err) && len == end.len, "another length");
        MUST(!age_header_length(data, end.len - 1, &len, &err), "a header without its end");
    } else {
        target_refused(&err);
    }
    wg_buf_clear(&again);
}

static bool opens(const char *data, size_t size)
{
    struct age_file_key key;
    struct wg_error err = {0};
    if (!age_header_open(data, size, identity(), &key, &err)) {
        target_refused(&err);
        return false;
    }
    MUST(memcmp(&key, &KEY, sizeof key) == 0, "another file key, with a MAC that holds");
    return true;
}

static void read_stanzas(const uint8_t *data, size_t size)
{
    struct wg_buf header;
    struct wg_error err = {0};
    uint8_t mac[AGE_MAC];
    wg_buf_init(&header, (size_t)1 << 17);
    age_header_begin(&header);
    wg_buf_add(&header, data, size);
    age_header_mark(&header);
    MUST(age_header_mac(&KEY, header.data, header.len, mac, &err), "%s", err.text);
    age_header_finish(&header, mac);
    read_header(header.data, header.len);
    if (opens(header.data, header.len)) {
        header.data[header.len - 3] = header.data[header.len - 3] == 'A' ? 'B' : 'A';
        MUST(!opens(header.data, header.len), "opens with another MAC");
    }
    wg_buf_clear(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = target_text(data, size);
    read_header(text, size);
    (void)opens(text, size);
    read_stanzas(data, size);
    free(text);
    return 0;
}
