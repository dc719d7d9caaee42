/* place_absent.c: the small agent names the file of a wrong setting and the setting, not the line.
 */
#include "common/json_place.h"

bool wg_json_fail_at(const char *file, const char *text, size_t len, struct wg_error *err)
{
    (void)text;
    (void)len;
    if (err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
    return wg_context(err, "%s: error", file);
}
