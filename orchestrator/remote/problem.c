/* problem.c: codes of problems are those of errors; others are known by their status. */
#include "orchestrator/remote/problem.h"

#include <string.h>

static enum wg_error_code by_status(long status)
{
    switch (status) {
    case 400:
        return WG_E_USAGE;
    case 401:
    case 403:
        return WG_E_DENIED;
    case 404:
        return WG_E_NOT_FOUND;
    case 409:
    case 412:
        return WG_E_CONFLICT;
    case 413:
    case 429:
        return WG_E_LIMIT;
    case 415:
    case 422:
        return WG_E_BAD_INPUT;
    case 503:
    case 504:
        return WG_E_TIMEOUT;
    default:
        return WG_E_FAILED;
    }
}

static enum wg_error_code code_of(long status, const char *code)
{
    for (int i = 1; code && i < WG_ERROR_CODES; i++)
        if (strcmp(code, wg_error_code_text((enum wg_error_code)i)) == 0)
            return (enum wg_error_code)i;
    return by_status(status);
}

bool problem_fail(long status, const json_t *document, struct wg_error *err)
{
    const char *detail = json_string_value(json_object_get(document, "detail"));
    const char *code = json_string_value(json_object_get(document, "code"));
    if (!detail)
        return wg_fail(err, by_status(status),
                       "it answered with status %ld and no word about it: is it wavegate-api?",
                       status);
    return wg_fail(err, code_of(status, code), "%s", detail);
}
