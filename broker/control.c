/* control.c: reads the control message; the whole of it or nothing. */
#include "broker/control.h"

#include "common/json.h"

static bool read_serials(const json_t *list, struct control *out, struct wg_error *err)
{
    size_t i;
    json_t *item;
    if (json_array_size(list) > CONTROL_SERIALS_MAX)
        return wg_fail(err, WG_E_LIMIT, "revoke: more than %d serials", CONTROL_SERIALS_MAX);
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item) ||
            !serial_parse(&out->serials[i], json_string_value(item), json_string_length(item)))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "revoke: number %zu is no serial: expected 2 to %d hexadecimal digits",
                           i + 1, 2 * SERIAL_MAX);
    }
    out->count = json_array_size(list);
    return true;
}

bool control_decode(const char *bytes, size_t len, struct control *out, struct wg_error *err)
{
    static const char *const keys[] = {"v", "revoke", NULL};
    json_t *list = NULL, *message = wg_json_parse(bytes, len, CONTROL_BYTES_MAX, err);
    int64_t version = 0;
    bool ok = message && wg_json_int(message, "v", 1, 1, &version, err) &&
              wg_json_only_keys(message, keys, err) &&
              wg_json_array(message, "revoke", &list, err) && read_serials(list, out, err);
    json_decref(message);
    return ok;
}
