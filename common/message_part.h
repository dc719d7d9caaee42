/* message_part.h: what the messages of message.h have in common: opening and writing them, and the
 * checks of their members. For common/message_*.c only; everybody else includes common/message.h.
 *
 * A check looks at a filled struct and names the member by its path in the message. Decoders and
 * encoders run the same checks, so nothing is written that would not be read. Pure. */
#ifndef WG_COMMON_MESSAGE_PART_H
#define WG_COMMON_MESSAGE_PART_H

#include "common/json.h"
#include "common/message.h"

#define WG_PART_NUMBER_MAX ((int64_t)9007199254740991) /* 2^53 - 1: exact in every JSON reader */
#define WG_PART_ATTEMPT_MAX 1000000
#define WG_PART_ID_HEX 32 /* digits of a boot nonce or journal id */

/* New reference to the object that the bytes hold. */
WG_MUST_CHECK json_t *wg_part_open(const char *bytes, size_t len, struct wg_error *err);
/* "v" is 1. */
WG_MUST_CHECK bool wg_part_format(const json_t *message, struct wg_error *err);
/* Is the optional member there? null counts as absent. */
bool wg_part_has(const json_t *obj, const char *key);
/* As wg_json_text_opt, but text that is there must not be empty. */
WG_MUST_CHECK bool wg_part_text_opt(const json_t *obj, const char *key, char *out, size_t size,
                                    struct wg_error *err);
/* Appends the message as compact JSON and drops the reference; NULL: memory had run out. */
WG_MUST_CHECK bool wg_part_write(json_t *message, struct wg_buf *out, struct wg_error *err);

/* Text for a person: control characters (C0, DEL, C1) become spaces, bytes that are no UTF-8 become
 * '?'. */
void wg_part_clean(char *text);
/* WG_E_BAD_INPUT: '<path>: expected <expected>, found "<found>"', with found made printable. */
bool wg_part_bad(struct wg_error *err, const char *path, const char *expected, const char *found);

WG_MUST_CHECK bool wg_part_hex(const char *path, const char *text, size_t digits,
                               struct wg_error *err);
WG_MUST_CHECK bool wg_part_uuid(const char *path, const char *text, struct wg_error *err);
WG_MUST_CHECK bool wg_part_name(const char *path, const char *text, struct wg_error *err);
WG_MUST_CHECK bool wg_part_version(const char *path, const char *text, struct wg_error *err);
WG_MUST_CHECK bool wg_part_number(const char *path, int64_t value, int64_t min, int64_t max,
                                  struct wg_error *err);
WG_MUST_CHECK bool wg_part_time(const char *path, wg_time time, struct wg_error *err);

/* Software components: an object of name and version. */
WG_MUST_CHECK bool wg_part_components(const char *path, const struct wg_component *components,
                                      size_t count, struct wg_error *err);
WG_MUST_CHECK bool wg_part_components_get(const json_t *obj, const char *key,
                                          struct wg_component *components, size_t *count,
                                          struct wg_error *err);
/* New reference; NULL when memory runs out. */
WG_MUST_CHECK json_t *wg_part_components_make(const struct wg_component *components, size_t count);

WG_MUST_CHECK bool wg_part_time_get(const json_t *obj, const char *key, wg_time *out,
                                    struct wg_error *err);

#endif
