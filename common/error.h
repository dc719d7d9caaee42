/* error.h: the one error type. A function that can fail returns false (or NULL) and fills the
 * error that its caller handed in; on the way up callers add what they were doing.
 * The error owns no memory: there is nothing to free. Not shared between threads. */
#ifndef WG_COMMON_ERROR_H
#define WG_COMMON_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#define WG_MUST_CHECK __attribute__((warn_unused_result))
#define WG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Kinds of failure, each with the exit code that a command ends with (error.c has the table). */
enum wg_error_code {
    WG_OK = 0,
    WG_E_FAILED,      /* anything without a kind of its own; exit 1 */
    WG_E_MEMORY,      /* out of memory; exit 1 */
    WG_E_IO,          /* file or device; exit 1 */
    WG_E_DATABASE,    /* PostgreSQL said no or is away; exit 1 */
    WG_E_NETWORK,     /* broker or web server; exit 1 */
    WG_E_VERIFY,      /* signature, hash or certificate does not hold; exit 1 */
    WG_E_USAGE,       /* the command line is wrong; exit 2 */
    WG_E_BAD_FILE,    /* a file that a person wrote is wrong; exit 2 */
    WG_E_BAD_INPUT,   /* bytes from outside are wrong (message, metadata); exit 2 */
    WG_E_LIMIT,       /* a stated bound is exceeded; exit 2 */
    WG_E_PENDING,     /* plan: changes pending; exit 3 */
    WG_E_DENIED,      /* not allowed; exit 4 */
    WG_E_NOT_FOUND,   /* exit 5 */
    WG_E_CONFLICT,    /* exists already, or the state does not allow it; exit 6 */
    WG_E_GATE,        /* gate failed or campaign aborted; exit 7 */
    WG_E_TIMEOUT,     /* exit 8 */
    WG_E_INTERRUPTED, /* exit 130 */
    WG_ERROR_CODES
};

#define WG_ERROR_TEXT_MAX 1024

struct wg_error {
    enum wg_error_code code;
    char text[WG_ERROR_TEXT_MAX]; /* for a person; one line or, for bad files, a line per problem */
};

/* Sets the error; always returns false, so that a caller can write return wg_fail(...).
 * err may be NULL when the caller does not care. */
bool wg_fail(struct wg_error *err, enum wg_error_code code, const char *format, ...)
    WG_PRINTF(3, 4);

/* Puts "what: " before the text; always returns false. */
bool wg_context(struct wg_error *err, const char *format, ...) WG_PRINTF(2, 3);

/* Out of memory while doing what; always returns false. */
bool wg_fail_memory(struct wg_error *err, const char *what);

/* "<what>: <strerror(errno)>" with WG_E_IO (WG_E_NOT_FOUND for ENOENT); always returns false. */
bool wg_fail_errno(struct wg_error *err, const char *format, ...) WG_PRINTF(2, 3);

void wg_error_clear(struct wg_error *err);
const char *wg_error_code_text(enum wg_error_code code); /* "not-found"; stable, used in --json */
int wg_error_exit(enum wg_error_code code);              /* process exit code */

#endif
