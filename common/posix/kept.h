/* kept.h: small files that must not be lost: kept twice, as PATH and PATH.1, with the same content.
 *
 * Each copy is replaced whole and durably, one after the other (wg_file_replace), so one of them is
 * whole at any time. What is damaged is found by the caller's check, or by the checksum of
 * kept_json: it is logged, kept as PATH.damaged for people to look at, and the other copy takes its
 * place. A second copy that a power cut left missing or old is written anew when they are read. Not
 * thread-safe for one path. */
#ifndef WG_COMMON_POSIX_KEPT_H
#define WG_COMMON_POSIX_KEPT_H

#include "common/buf.h"

#include <jansson.h>

/* Can these bytes be used? err: why not. WG_E_MEMORY: it cannot be said. */
typedef bool kept_check(void *ctx, const char *bytes, size_t len, struct wg_error *err);

enum kept_found {
    KEPT_NONE,    /* there is neither copy */
    KEPT_WHOLE,   /* check has said yes to one of them, the last that it was asked about */
    KEPT_DAMAGED, /* something is there, and none of it can be used: logged, and set aside */
    KEPT_FAILED   /* for want of memory: err says so */
};

/* max: bytes that a copy may have. A disk that cannot be written is no failure. */
enum kept_found kept_load(const char *path, size_t max, kept_check *check, void *ctx,
                          struct wg_error *err);
/* With mode 0600. True when the first copy is durable; a second one that cannot be written is told
 * in the log. */
WG_MUST_CHECK bool kept_save(const char *path, const void *bytes, size_t len, struct wg_error *err);
/* Both copies, durably; also when they are gone already. */
WG_MUST_CHECK bool kept_remove(const char *path, struct wg_error *err);

/* A JSON object with the member "checksum": the SHA-256 of the object without it, compact and with
 * sorted keys. object is borrowed. */
WG_MUST_CHECK bool kept_json_save(const char *path, const json_t *object, struct wg_error *err);
/* The object without its checksum, a new reference; NULL: *found says why. keys: the members that
 * there may be, ended by NULL. One without a checksum was written by an agent of old, or by hand:
 * it is taken as it is. */
json_t *kept_json_load(const char *path, size_t max, const char *const keys[],
                       enum kept_found *found);

#endif
