/* error.c: fills and extends errors; the table of codes, their words and exit codes. */
#include "common/error.h"

#include "common/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* More than an error holds, so that it is wg_copy that cuts, between characters. Texts are made
 * here first because the arguments may point into the error itself. */
#define ROOMY (WG_ERROR_TEXT_MAX + 8)

static const struct {
    const char *text;
    int exit_code;
} codes[WG_ERROR_CODES] = {
    [WG_OK] = {"ok", 0},
    [WG_E_FAILED] = {"failed", 1},
    [WG_E_MEMORY] = {"out-of-memory", 1},
    [WG_E_IO] = {"io", 1},
    [WG_E_DATABASE] = {"database", 1},
    [WG_E_NETWORK] = {"network", 1},
    [WG_E_VERIFY] = {"verify", 1},
    [WG_E_USAGE] = {"usage", 2},
    [WG_E_BAD_FILE] = {"bad-file", 2},
    [WG_E_BAD_INPUT] = {"bad-input", 2},
    [WG_E_LIMIT] = {"limit", 2},
    [WG_E_PENDING] = {"changes-pending", 3},
    [WG_E_DENIED] = {"not-allowed", 4},
    [WG_E_NOT_FOUND] = {"not-found", 5},
    [WG_E_CONFLICT] = {"conflict", 6},
    [WG_E_GATE] = {"gate-failed", 7},
    [WG_E_TIMEOUT] = {"timeout", 8},
    [WG_E_INTERRUPTED] = {"interrupted", 130},
};

bool wg_fail(struct wg_error *err, enum wg_error_code code, const char *format, ...)
{
    if (!err) return false;
    char text[ROOMY];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err->code = code;
    (void)wg_copy(err->text, sizeof err->text, text);
    return false;
}

bool wg_context(struct wg_error *err, const char *format, ...)
{
    if (!err) return false;
    char text[ROOMY];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, ": %s", err->text);
    (void)wg_copy(err->text, sizeof err->text, text);
    return false;
}

bool wg_fail_memory(struct wg_error *err, const char *what)
{
    return wg_fail(err, WG_E_MEMORY, "%s: out of memory", what);
}

bool wg_fail_errno(struct wg_error *err, const char *format, ...)
{
    int number = errno;
    if (!err) return false;
    char text[WG_ERROR_TEXT_MAX / 2], words[128];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return wg_fail(err, number == ENOENT ? WG_E_NOT_FOUND : WG_E_IO, "%s: %s", text,
                   strerror_r(number, words, sizeof words));
}

void wg_error_clear(struct wg_error *err)
{
    err->code = WG_OK;
    err->text[0] = '\0';
}

const char *wg_error_code_text(enum wg_error_code code)
{
    return (unsigned)code < WG_ERROR_CODES ? codes[code].text : codes[WG_E_FAILED].text;
}

int wg_error_exit(enum wg_error_code code)
{
    return (unsigned)code < WG_ERROR_CODES ? codes[code].exit_code : 1;
}
