/* json.h: reading and writing JSON with jansson: strict (no duplicate keys, no NUL, bounded size
 * and depth), typed getters that name the path in the error, and the canonical form that is signed.
 * Pure.
 *
 * Canonical JSON is that of TUF ("OLPC canonical JSON"): UTF-8, keys sorted by bytes, no white
 * space, only integers as numbers, in strings only '"' and '\' escaped. */
#ifndef WG_COMMON_JSON_H
#define WG_COMMON_JSON_H

#include "common/buf.h"
#include "common/error.h"

#include <jansson.h>
#include <stdint.h>

#define WG_JSON_DEPTH_MAX 32

/* New reference, or NULL with WG_E_BAD_INPUT: "line L, column C: ...". max: bytes accepted. */
WG_MUST_CHECK json_t *wg_json_parse(const char *text, size_t len, size_t max, struct wg_error *err);

/* Appends the canonical form; WG_E_BAD_INPUT for reals. */
WG_MUST_CHECK bool wg_json_canonical(const json_t *value, struct wg_buf *out, struct wg_error *err);

/* Getters. Missing or of another type: WG_E_BAD_INPUT naming the key, expected and found.
 * The ..._opt forms accept a missing key or null and then leave *out as it was. */
WG_MUST_CHECK bool wg_json_text(const json_t *obj, const char *key, char *out, size_t size,
                                struct wg_error *err); /* too long for size - 1: error */
WG_MUST_CHECK bool wg_json_text_opt(const json_t *obj, const char *key, char *out, size_t size,
                                    struct wg_error *err);
WG_MUST_CHECK bool wg_json_int(const json_t *obj, const char *key, int64_t min, int64_t max,
                               int64_t *out, struct wg_error *err);
WG_MUST_CHECK bool wg_json_int_opt(const json_t *obj, const char *key, int64_t min, int64_t max,
                                   int64_t *out, struct wg_error *err);
WG_MUST_CHECK bool wg_json_bool(const json_t *obj, const char *key, bool *out,
                                struct wg_error *err);
WG_MUST_CHECK bool wg_json_object(const json_t *obj, const char *key, json_t **out,
                                  struct wg_error *err); /* borrowed */
WG_MUST_CHECK bool wg_json_array(const json_t *obj, const char *key, json_t **out,
                                 struct wg_error *err); /* borrowed */
/* Any key that is not in the NULL-terminated list is an error. */
WG_MUST_CHECK bool wg_json_only_keys(const json_t *obj, const char *const *keys,
                                     struct wg_error *err);

#endif
