/* age_body_fuzz.c: bodies of age files, changed in any way: what comes out is the content, from its
 * place on, and never another byte; all of it only if nothing was changed.
 *
 * The input: how large the pieces are (pieces.h), three bytes for the content's length, one for the
 * chunk to begin with, and then changes of five bytes each. */
#include "common/age/body_part.h"
#include "common/buf.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define CONTENT_MAX (3 * (size_t)AGE_CHUNK + 100)
#define BODY_MAX ((size_t)1 << 19)

static const struct age_file_key KEY = {.bytes = "YELLOW SUBMARINE"};
static const uint8_t NONCE[AGE_NONCE] = "once and no more";

struct released {
    size_t at, len;
};

static uint8_t content_at(size_t at)
{
    return (uint8_t)(at * 31 + at / 251);
}

static bool check(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct released *released = ctx;
    const uint8_t *bytes = data;
    (void)err;
    MUST(len <= released->len - released->at, "more than the content");
    for (size_t i = 0; i < len; i++)
        MUST(bytes[i] == content_at(released->at + i), "a wrong byte at %zu", released->at + i);
    released->at += len;
    return true;
}

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, err, "body");
}

static void make(size_t len, struct wg_buf *out)
{
    struct wg_error err = {0};
    uint8_t *content = malloc(len + 1);
    MUST(content, "out of memory");
    for (size_t i = 0; i < len; i++) content[i] = content_at(i);
    wg_buf_init(out, BODY_MAX);
    struct age_encryptor *encryptor =
        age_encryptor_with(&KEY, NONCE, (struct age_sink){collect, out}, &err);
    MUST(encryptor && age_encryptor_push(encryptor, content, len, &err) &&
             age_encryptor_end(encryptor, &err),
         "%s", err.text);
    age_encryptor_free(encryptor);
    free(content);
}

static size_t number(const uint8_t *at)
{
    return (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
}

/* One change: a bit, a cut, bytes added, a chunk in another's place. */
static void change(struct wg_buf *body, const uint8_t *how)
{
    size_t at = body->len ? number(how + 1) % body->len : 0;
    int64_t from = how[1] % 4, to = how[2] % 4;
    switch (how[0] % 4) {
    case 0:
        if (body->len) body->data[at] = (char)(body->data[at] ^ how[4]);
        break;
    case 1:
        body->len = at;
        break;
    case 2:
        wg_buf_add(body, how, 5);
        break;
    default:
        if (age_chunk_body(from + 1) <= (int64_t)body->len &&
            age_chunk_body(to + 1) <= (int64_t)body->len)
            memmove(body->data + age_chunk_body(to), body->data + age_chunk_body(from),
                    AGE_SEALED_CHUNK);
    }
}

static void expect(struct age_decryptor *decryptor, struct pieces *pieces,
                   struct released *released, bool same)
{
    static uint8_t piece[1 << 17];
    struct wg_error err = {0};
    bool ok = true;
    for (size_t n; ok && (n = pieces_next(pieces, piece, sizeof piece)) > 0;)
        ok = age_decryptor_push(decryptor, piece, n, &err);
    ok = ok && age_decryptor_end(decryptor, &err);
    if (!ok) target_refused(&err);
    MUST(age_decryptor_done(decryptor) == (int64_t)released->at, "it has lost count");
    MUST(ok == same, "%s", ok ? "a changed body was taken" : err.text);
    MUST(!ok || released->at == released->len, "taken, and not whole");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_buf body, was;
    struct wg_error err = {0};
    if (size < 5) return 0;
    size_t len = number(data + 1) % (CONTENT_MAX + 1);
    int64_t chunk = data[4] % (age_chunk_to_resume((int64_t)len, (int64_t)len) + 1);
    make(len, &body);
    make(len, &was);
    for (size_t i = 5; i + 5 <= size; i += 5) change(&body, data + i);

    size_t from = chunk > 0 ? (size_t)age_chunk_body(chunk) : 0;
    if (from > body.len) from = body.len;
    struct released released = {chunk > 0 ? (size_t)age_chunk_content(chunk) : 0, len};
    struct age_sink sink = {check, &released};
    struct age_decryptor *decryptor = chunk > 0
                                          ? age_decryptor_resume(&KEY, NONCE, chunk, sink, &err)
                                          : age_decryptor_new(&KEY, sink, &err);
    MUST(decryptor, "%s", err.text);
    struct pieces pieces = pieces_of(data, 1);
    if (pieces.piece != SIZE_MAX) pieces.piece *= 1021;
    pieces.data = (const uint8_t *)body.data + from;
    pieces.size = body.len - from;
    bool same =
        body.len == was.len && memcmp(body.data + from, was.data + from, body.len - from) == 0;
    expect(decryptor, &pieces, &released, same);
    age_decryptor_free(decryptor);
    wg_buf_clear(&body);
    wg_buf_clear(&was);
    return 0;
}
