/* message_hello.c: what a device says of itself when it connects, and its Last Will. */
#include "common/message_part.h"

#include <math.h>
#include <string.h>

#define REAL_MAX 1e300 /* stays finite when written with fewer digits */

static bool zone_is_valid(const char *zone)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(zone);
    return len > 0 && len <= WG_ZONE_MAX && strspn(zone, allowed) == len;
}

/* "DE", or "DE-BY" with one to three letters or digits behind the hyphen. */
static bool region_is_valid(const char *region)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char upper_or_digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    if (strspn(region, upper) != 2) return false;
    if (region[2] == '\0') return true;
    size_t len = strlen(region + 3);
    return region[2] == '-' && len >= 1 && len <= 3 && strspn(region + 3, upper_or_digit) == len;
}

static bool degrees_check(const char *path, double value, double most, struct wg_error *err)
{
    if (isfinite(value) && fabs(value) <= most) return true;
    return wg_fail(err, WG_E_BAD_INPUT, "position: %s: must be between %g and %g, found %g", path,
                   -most, most, value);
}

static bool attribute_check(const char *key, const json_t *value, struct wg_error *err)
{
    size_t len = strlen(key);
    if (len < 1 || len > WG_NAME_MAX)
        return wg_part_bad(err, "attributes", "keys of 1 to 64 bytes", key);
    bool ok = json_is_string(value) || json_is_boolean(value);
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        ok = number >= -WG_PART_NUMBER_MAX && number <= WG_PART_NUMBER_MAX;
    } else if (json_is_real(value)) {
        ok = fabs(json_real_value(value)) <= REAL_MAX;
    }
    return ok || wg_part_bad(err, "attributes",
                             "text, a number within bounds, true or false for "
                             "every key",
                             key);
}

/* Writes the attributes compactly into out. */
static bool attributes_read(json_t *attributes, char out[WG_ATTRIBUTES_MAX], struct wg_error *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(attributes, key, value) if (!attribute_check(key, value, err)) return false;
    struct wg_buf text;
    wg_buf_init(&text, WG_ATTRIBUTES_MAX - 1);
    bool ok = wg_part_write(json_incref(attributes), &text, err);
    if (ok) (void)wg_copy(out, WG_ATTRIBUTES_MAX, wg_buf_str(&text));
    wg_buf_clear(&text);
    return ok || wg_context(err, "attributes");
}

static bool metric_get(const char *name, const json_t *value, struct wg_metric *out,
                       struct wg_error *err)
{
    if (!wg_copy(out->name, sizeof out->name, name))
        return wg_part_bad(err, "metrics", "names of at most 64 bytes", name);
    if (!json_is_number(value)) return wg_part_bad(err, "metrics", "a number for every name", name);
    out->value = json_number_value(value);
    return true;
}

static bool metrics_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    json_t *map = NULL, *value = NULL;
    const char *name = NULL;
    if (!wg_part_has(message, "metrics")) return true;
    if (!wg_json_object(message, "metrics", &map, err)) return false;
    if (!wg_part_number("metrics: count", (int64_t)json_object_size(map), 0, WG_METRICS_MAX, err))
        return false;
    json_object_foreach(map, name, value)
    {
        if (!metric_get(name, value, &hello->metrics[hello->metric_count++], err)) return false;
    }
    return true;
}

static bool metrics_check(const struct wg_hello *hello, struct wg_error *err)
{
    if (!wg_part_number("metrics: count", (int64_t)hello->metric_count, 0, WG_METRICS_MAX, err))
        return false;
    for (size_t i = 0; i < hello->metric_count; i++) {
        const struct wg_metric *one = &hello->metrics[i];
        if (!wg_part_name("metrics", one->name, err)) return false;
        if (!isfinite(one->value) || fabs(one->value) > REAL_MAX)
            return wg_fail(err, WG_E_BAD_INPUT, "metrics: %s: must be between %g and %g, found %g",
                           one->name, -REAL_MAX, REAL_MAX, one->value);
        for (size_t before = 0; before < i; before++)
            if (strcmp(hello->metrics[before].name, one->name) == 0)
                return wg_fail(err, WG_E_BAD_INPUT, "metrics: %s is there twice", one->name);
    }
    return true;
}

static bool position_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    if (!wg_part_has(message, "position")) return true;
    const json_t *position = json_object_get(message, "position");
    const json_t *lat = json_object_get(position, "lat"), *lon = json_object_get(position, "lon");
    if (!json_is_number(lat) || !json_is_number(lon))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "position: expected an object with the numbers lat and lon");
    hello->has_position = true;
    hello->lat = json_number_value(lat);
    hello->lon = json_number_value(lon);
    return true;
}

static bool hardware_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    json_t *hardware = NULL;
    if (!wg_json_object(message, "hardware", &hardware, err)) return false;
    return (wg_json_text(hardware, "model", hello->hardware_model, sizeof hello->hardware_model,
                         err) &&
            wg_json_text(hardware, "revision", hello->hardware_revision,
                         sizeof hello->hardware_revision, err)) ||
           wg_context(err, "hardware");
}

static bool attributes_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    json_t *attributes = NULL;
    (void)wg_copy(hello->attributes, sizeof hello->attributes, "{}");
    if (!wg_part_has(message, "attributes")) return true;
    return wg_json_object(message, "attributes", &attributes, err) &&
           attributes_read(attributes, hello->attributes, err);
}

/* What the device has of reports and orders: databases that are older than that go on behind it. */
static bool standing_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    return (!wg_part_has(message, "oldest") ||
            wg_json_int(message, "oldest", 1, hello->seq + 1, &hello->oldest, err)) &&
           (!wg_part_has(message, "counter") ||
            wg_json_int(message, "counter", 1, WG_COUNTER_TOLD_MAX, &hello->counter, err));
}

static bool trial_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    return !wg_part_has(message, "trial") || wg_json_bool(message, "trial", &hello->trial, err);
}

static const char *const ERASE[] = {
    [WG_ERASE_NONE] = "", [WG_ERASE_STARTED] = "started", [WG_ERASE_DONE] = "done"};

static bool erase_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    char text[WG_NAME_MAX + 1] = "";
    if (!wg_part_text_opt(message, "erase", text, sizeof text, err)) return false;
    for (unsigned i = 0; i < sizeof ERASE / sizeof ERASE[0]; i++) {
        if (strcmp(text, ERASE[i]) != 0) continue;
        hello->erase = (enum wg_erase)i;
        return true;
    }
    return wg_part_bad(err, "erase", "started or done", text);
}

static bool hello_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    return wg_json_text(message, "journal", hello->journal, sizeof hello->journal, err) &&
           wg_json_int(message, "seq", 0, WG_PART_NUMBER_MAX, &hello->seq, err) &&
           standing_get(message, hello, err) &&
           wg_json_text(message, "agent", hello->agent, sizeof hello->agent, err) &&
           hardware_get(message, hello, err) &&
           wg_part_components_get(message, "software", hello->components, &hello->component_count,
                                  err) &&
           wg_json_text(message, "slot", hello->slot, sizeof hello->slot, err) &&
           trial_get(message, hello, err) &&
           wg_part_text_opt(message, "tampered", hello->tampered, sizeof hello->tampered, err) &&
           erase_get(message, hello, err) &&
           (!wg_part_has(message, "certificate_ends") ||
            wg_part_time_get(message, "certificate_ends", &hello->certificate_ends, err)) &&
           wg_part_text_opt(message, "zone", hello->zone, sizeof hello->zone, err) &&
           wg_part_text_opt(message, "region", hello->region, sizeof hello->region, err) &&
           position_get(message, hello, err) && attributes_get(message, hello, err) &&
           metrics_get(message, hello, err) &&
           (!wg_part_has(message, "ask") ||
            wg_json_int(message, "ask", 1, WG_PART_NUMBER_MAX, &hello->ask, err));
}

static bool hello_check(const struct wg_hello *hello, struct wg_error *err)
{
    if (!wg_part_hex("boot", hello->boot, WG_PART_ID_HEX, err) ||
        !wg_part_number("link", hello->link, 0, WG_PART_NUMBER_MAX, err))
        return false;
    if (!hello->online) return true;
    if (!wg_part_hex("journal", hello->journal, WG_PART_ID_HEX, err) ||
        !wg_part_number("seq", hello->seq, 0, WG_PART_NUMBER_MAX, err) ||
        !wg_part_number("oldest", hello->oldest, 0, hello->seq + 1, err) ||
        !wg_part_number("counter", hello->counter, 0, WG_COUNTER_TOLD_MAX, err) ||
        !wg_part_number("ask", hello->ask, 0, WG_PART_NUMBER_MAX, err) ||
        !wg_part_version("agent", hello->agent, err) ||
        !wg_part_name("hardware.model", hello->hardware_model, err) ||
        !wg_part_name("hardware.revision", hello->hardware_revision, err) ||
        !wg_part_components("software", hello->components, hello->component_count, err) ||
        !wg_part_name("slot", hello->slot, err))
        return false;
    if (hello->zone[0] && !zone_is_valid(hello->zone))
        return wg_part_bad(err, "zone", "an IANA time zone, as Europe/Berlin", hello->zone);
    if (hello->region[0] && !region_is_valid(hello->region))
        return wg_part_bad(err, "region", "an ISO 3166 code, as DE or DE-BY", hello->region);
    if (hello->has_position &&
        (!degrees_check("lat", hello->lat, 90, err) || !degrees_check("lon", hello->lon, 180, err)))
        return false;
    return metrics_check(hello, err);
}

static bool message_get(const json_t *message, struct wg_hello *hello, struct wg_error *err)
{
    return wg_part_format(message, err) && wg_json_bool(message, "online", &hello->online, err) &&
           wg_json_text(message, "boot", hello->boot, sizeof hello->boot, err) &&
           (!wg_part_has(message, "link") ||
            wg_json_int(message, "link", 1, WG_PART_NUMBER_MAX, &hello->link, err)) &&
           (!hello->online || hello_get(message, hello, err)) && hello_check(hello, err);
}

bool wg_hello_decode(const char *bytes, size_t len, struct wg_hello *out, struct wg_error *err)
{
    struct wg_hello hello = {.online = false};
    json_t *message = wg_part_open(bytes, len, err);
    bool ok = message && message_get(message, &hello, err);
    json_decref(message);
    wg_part_clean(hello.tampered);
    if (ok) *out = hello;
    return ok || wg_context(err, "hello");
}

/* What of the attributes' text goes into the message: a new reference, or NULL for none. */
static bool attributes_make(const char *text, json_t **out, struct wg_error *err)
{
    char compact[WG_ATTRIBUTES_MAX];
    *out = NULL;
    if (text[0] == '\0') return true;
    json_t *attributes = wg_json_parse(text, strlen(text), WG_ATTRIBUTES_MAX - 1, err);
    bool ok = attributes && (json_is_object(attributes) ||
                             wg_fail(err, WG_E_BAD_INPUT, "expected an object, found an array"));
    if (!ok) (void)wg_context(err, "attributes");
    ok = ok && attributes_read(attributes, compact, err);
    if (ok && json_object_size(attributes) > 0) *out = json_incref(attributes);
    json_decref(attributes);
    return ok;
}

static const char *or_none(const char *text)
{
    return text[0] ? text : NULL;
}

static json_t *position_make(const struct wg_hello *hello)
{
    return json_pack("{s:f, s:f}", "lat", hello->lat, "lon", hello->lon);
}

static json_t *metrics_make(const struct wg_hello *hello)
{
    json_t *map = json_object();
    for (size_t i = 0; i < hello->metric_count; i++)
        if (json_object_set_new(map, hello->metrics[i].name, json_real(hello->metrics[i].value)) !=
            0) {
            json_decref(map);
            return NULL;
        }
    return map;
}

/* Takes the value over; a NULL one is memory that has run out. */
static bool member_add(json_t *message, const char *key, json_t *value)
{
    return json_object_set_new(message, key, value) == 0;
}

static json_t *hello_make(const struct wg_hello *hello, json_t *attributes)
{
    json_t *message =
        json_pack("{s:i, s:b, s:s, s:s, s:I, s:s, s:{s:s, s:s}, s:o, s:s, s:s*, s:s*}", "v", 1,
                  "online", 1, "boot", hello->boot, "journal", hello->journal, "seq",
                  (json_int_t)hello->seq, "agent", hello->agent, "hardware", "model",
                  hello->hardware_model, "revision", hello->hardware_revision, "software",
                  wg_part_components_make(hello->components, hello->component_count), "slot",
                  hello->slot, "zone", or_none(hello->zone), "region", or_none(hello->region));
    bool ok = !hello->has_position || member_add(message, "position", position_make(hello));
    ok = ok && (!attributes || member_add(message, "attributes", json_incref(attributes)));
    ok = ok && (hello->metric_count == 0 || member_add(message, "metrics", metrics_make(hello)));
    ok = ok && (hello->link == 0 || member_add(message, "link", json_integer(hello->link)));
    ok = ok &&
         (!hello->tampered[0] || member_add(message, "tampered", json_string(hello->tampered)));
    ok = ok && (hello->erase == WG_ERASE_NONE ||
                member_add(message, "erase", json_string(ERASE[hello->erase])));
    if (ok && hello->certificate_ends) {
        char text[WG_TIME_TEXT];
        wg_time_text(hello->certificate_ends, text);
        ok = member_add(message, "certificate_ends", json_string(text));
    }
    ok = ok && (hello->oldest == 0 || member_add(message, "oldest", json_integer(hello->oldest)));
    ok =
        ok && (hello->counter == 0 || member_add(message, "counter", json_integer(hello->counter)));
    ok = ok && (!hello->trial || member_add(message, "trial", json_true()));
    ok = ok && (hello->ask == 0 || member_add(message, "ask", json_integer(hello->ask)));
    json_decref(attributes);
    if (ok) return message;
    json_decref(message);
    return NULL;
}

static json_t *will_make(const struct wg_hello *hello)
{
    json_t *message = json_pack("{s:i, s:b, s:s}", "v", 1, "online", 0, "boot", hello->boot);
    if (!message || hello->link == 0 || member_add(message, "link", json_integer(hello->link)))
        return message;
    json_decref(message);
    return NULL;
}

bool wg_hello_encode(const struct wg_hello *hello, struct wg_buf *out, struct wg_error *err)
{
    json_t *attributes = NULL;
    bool ok = hello_check(hello, err);
    if (ok && !hello->online)
        ok = wg_part_write(will_make(hello), out, err);
    else if (ok)
        ok = attributes_make(hello->attributes, &attributes, err) &&
             wg_part_write(hello_make(hello, attributes), out, err);
    return ok || wg_context(err, "hello");
}
