/* sink.h: collects what a body gives out, or compares it at once with what it should be. */
#ifndef WG_TESTS_UNIT_AGE_SINK_H
#define WG_TESTS_UNIT_AGE_SINK_H

#include "common/age/body_part.h"
#include "common/buf.h"
#include "tests/unit/harness.h"

#include <string.h>

static inline bool sink_collect(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct wg_buf *buf = ctx;
    wg_buf_add(buf, data, len);
    return wg_buf_check(buf, err, "collecting");
}

/* What must come out; anything else, or more of it, is a wrong byte. */
struct sink_expect {
    const uint8_t *content;
    size_t len, at;
    size_t wrong; /* bytes that should not have come out */
};

static inline bool sink_compare(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct sink_expect *expect = ctx;
    (void)err;
    if (len > expect->len - expect->at || memcmp(data, expect->content + expect->at, len) != 0)
        expect->wrong += len;
    else
        expect->at += len;
    return true;
}

/* The body of this content under this key and nonce, into out, which the caller clears. */
static inline void sink_body(const struct age_file_key *key, const uint8_t nonce[AGE_NONCE],
                             const void *content, size_t len, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, (size_t)1 << 28);
    struct age_encryptor *encryptor =
        age_encryptor_with(key, nonce, (struct age_sink){sink_collect, out}, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
    ASSERT_OK(age_encryptor_push(encryptor, content, len, &err), &err);
    ASSERT_OK(age_encryptor_end(encryptor, &err), &err);
    age_encryptor_free(encryptor);
}

#endif
