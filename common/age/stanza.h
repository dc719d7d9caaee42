/* stanza.h: the text of an age header (age-encryption.org/v1): its version line, its stanzas, its
 * end; read whole or not at all, and written back byte for byte. Knows no keys. Pure. */
#ifndef WG_COMMON_AGE_STANZA_H
#define WG_COMMON_AGE_STANZA_H

#include "common/buf.h"

#include <stdint.h>

#define AGE_HEADER_MAX 16384 /* bytes of a header; one for one device has 168 */
#define AGE_MAC 32

/* One recipient's stanza, checked; borrowed from the header's bytes. */
struct age_stanza {
    const char *args; /* one or more, each of visible ASCII, with one space between */
    size_t args_len;
    const char *body; /* canonical Base 64 in lines of 64 characters, the last one shorter */
    size_t body_text_len;
    size_t body_len; /* bytes that it stands for */
};

/* Where a header ends. */
struct age_header_end {
    size_t authenticated; /* bytes that the MAC covers: all up to and including "---" */
    size_t len;           /* bytes of the whole header */
    uint8_t mac[AGE_MAC];
};

typedef bool age_stanza_fn(void *ctx, const struct age_stanza *stanza, struct wg_error *err);

/* Reads the header that data begins with; what follows it is not looked at. each, which may be
 * NULL, is called for each stanza in turn and ends the reading by failing; it may have been called
 * for some although the header turns out to be none. WG_E_BAD_INPUT for what is no header (armored
 * files are said to be that), WG_E_LIMIT for one that is longer than AGE_HEADER_MAX. */
WG_MUST_CHECK bool age_header_scan(const char *data, size_t len, age_stanza_fn *each, void *ctx,
                                   struct age_header_end *end, struct wg_error *err);
/* The argument with this number, from 0; NULL when there are not as many. */
const char *age_stanza_arg(const struct age_stanza *stanza, size_t number, size_t *len);
/* The body's bytes; false if they are not exactly size. */
WG_MUST_CHECK bool age_stanza_body(const struct age_stanza *stanza, uint8_t *out, size_t size);

/* The same, written: version line, stanzas, and the end with the MAC of what was written before. */
void age_header_begin(struct wg_buf *out);
void age_stanza_write(struct wg_buf *out, const char *args, size_t args_len, const uint8_t *body,
                      size_t body_len);
void age_header_mark(struct wg_buf *out); /* "---": the last that is authenticated */
void age_header_finish(struct wg_buf *out, const uint8_t mac[AGE_MAC]);

#endif
