/* message_order.c: the director's word to one device: install this release, forget that order, or
 * destroy your keys. */
#include "common/message_part.h"
#include "common/signed.h"
#include "common/window_json.h"

#include <string.h>

#define ORDER_TYPE                                                                                 \
    "wavegate-order" /* keeps a signature over something else from passing for one                 \
                      */
#define TIMEOUT_MAX (WG_DURATION_MAX / WG_SECOND)

static const char *const KINDS[] = {
    [WG_ORDER_INSTALL] = "install", [WG_ORDER_WITHDRAW] = "withdraw", [WG_ORDER_ERASE] = "erase"};
#define EXPECTED "install, withdraw or erase"

static bool kind_parse(const char *text, enum wg_order_kind *out)
{
    for (unsigned i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (strcmp(text, KINDS[i]) != 0) continue;
        *out = (enum wg_order_kind)i;
        return true;
    }
    return false;
}

static bool url_check(const char *url, struct wg_error *err)
{
    static const char *const schemes[] = {"https://", "http://"};
    size_t len = strlen(url);
    bool printable = true;
    for (size_t i = 0; i < len; i++) printable = printable && url[i] > 0x20 && url[i] < 0x7f;
    for (size_t i = 0; printable && i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i]);
        if (len > n && strncmp(url, schemes[i], n) == 0) return true;
    }
    return wg_part_bad(err, "artifact.urls", "https:// or http:// and printable ASCII", url);
}

static bool timeout_check(const char *path, wg_duration timeout, struct wg_error *err)
{
    if (timeout % WG_SECOND != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "%s: expected whole seconds, found %lld ms", path,
                       (long long)timeout);
    return wg_part_number(path, timeout / WG_SECOND, 1, TIMEOUT_MAX, err);
}

/* Text of lines, as age writes it (C2SP age.md); what is in it is looked at when it is opened. */
static bool age_check(const char *header, struct wg_error *err)
{
    for (const char *at = header; *at; at++)
        if (*at != '\n' && (*at < 0x20 || *at > 0x7e))
            return wg_part_bad(err, "artifact.age", "printable ASCII and line breaks", "?");
    return true;
}

static bool urls_check(const char *path, const char urls[WG_URLS_MAX][WG_URL_MAX], size_t count,
                       struct wg_error *err)
{
    if (!wg_part_number(path, (int64_t)count, 1, WG_URLS_MAX, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!url_check(urls[i], err)) return false;
    return true;
}

static bool form_check(const struct wg_order *order, const struct wg_order_form *form,
                       struct wg_error *err)
{
    return wg_part_number("artifact.forms: member", (int64_t)form->member, 0,
                          (int64_t)order->companion_count, err) &&
           wg_part_hex("artifact.forms.sha256", form->sha256, WG_SHA256_HEX - 1, err) &&
           wg_part_number("artifact.forms.length", form->length, 1, WG_PART_NUMBER_MAX, err) &&
           urls_check("artifact.forms.urls: count", form->urls, form->url_count, err) &&
           age_check(form->age, err);
}

static bool companion_check(const struct wg_order *order, size_t index, struct wg_error *err)
{
    const struct wg_order_companion *companion = &order->companions[index];
    if (!wg_part_name("with.component", companion->component, err) ||
        !wg_part_version("with.version", companion->version, err) ||
        !wg_part_hex("with.sha256", companion->sha256, WG_SHA256_HEX - 1, err) ||
        !wg_part_number("with.length", companion->length, 1, WG_PART_NUMBER_MAX, err) ||
        !urls_check("with.urls: count", companion->urls, companion->url_count, err) ||
        !age_check(companion->age, err))
        return false;
    bool twice = strcmp(companion->component, order->component) == 0;
    for (size_t i = 0; i < index; i++)
        twice = twice || strcmp(companion->component, order->companions[i].component) == 0;
    return !twice ||
           wg_part_bad(err, "with.component", "each component once", companion->component);
}

static bool companions_check(const struct wg_order *order, struct wg_error *err)
{
    if (!wg_part_number("with: count", (int64_t)order->companion_count, 0, WG_COMPANIONS_MAX, err))
        return false;
    for (size_t i = 0; i < order->companion_count; i++)
        if (!companion_check(order, i, err)) return false;
    return true;
}

static bool install_check(const struct wg_order *order, struct wg_error *err)
{
    if (!wg_part_name("release.component", order->component, err) ||
        !wg_part_version("release.version", order->version, err) ||
        !(order->hardware_model[0] == '\0' ||
          wg_part_name("release.hardware_model", order->hardware_model, err)) ||
        !wg_part_hex("artifact.sha256", order->sha256, WG_SHA256_HEX - 1, err) ||
        !wg_part_number("artifact.length", order->length, 1, WG_PART_NUMBER_MAX, err) ||
        !urls_check("artifact.urls: count", order->urls, order->url_count, err) ||
        !companions_check(order, err) ||
        !wg_part_number("artifact.forms: count", (int64_t)order->form_count, 0, WG_FORMS_MAX, err))
        return false;
    for (size_t i = 0; i < order->form_count; i++)
        if (!form_check(order, &order->forms[i], err)) return false;
    return age_check(order->age, err) &&
           timeout_check("timeouts.download", order->timeout_download, err) &&
           timeout_check("timeouts.install", order->timeout_install, err) &&
           timeout_check("timeouts.probation", order->timeout_probation, err);
}

/* Of which campaign; an erasure is of none. */
static bool campaign_check(const struct wg_order *order, struct wg_error *err)
{
    if (order->kind == WG_ORDER_ERASE)
        return (!order->campaign[0] && !order->digest[0] && !order->rolls_back[0]) ||
               wg_fail(err, WG_E_BAD_INPUT, "campaign: not expected of an erasure");
    return wg_part_name("campaign", order->campaign, err) &&
           wg_part_hex("digest", order->digest, WG_SHA256_HEX - 1, err) &&
           (order->rolls_back[0] == '\0' || wg_part_name("rolls_back", order->rolls_back, err));
}

static bool order_check(const struct wg_order *order, struct wg_error *err)
{
    if ((unsigned)order->kind >= sizeof KINDS / sizeof KINDS[0])
        return wg_part_bad(err, "kind", EXPECTED, "?");
    if (!wg_part_uuid("id", order->id, err) || !wg_part_name("device", order->device, err) ||
        !campaign_check(order, err) ||
        !wg_part_number("attempt", order->attempt, 1, WG_PART_ATTEMPT_MAX, err) ||
        !wg_part_number("counter", order->counter, 1, WG_PART_NUMBER_MAX, err) ||
        !wg_part_hex("boot", order->boot, WG_PART_ID_HEX, err) ||
        !wg_part_time("not_before", order->not_before, err) ||
        !wg_part_time("expires", order->expires, err))
        return false;
    if (order->expires <= order->not_before)
        return wg_fail(err, WG_E_BAD_INPUT, "expires: expected a time after not_before");
    return order->kind != WG_ORDER_INSTALL || install_check(order, err);
}

static bool timeout_get(const json_t *timeouts, const char *key, wg_duration *out,
                        struct wg_error *err)
{
    int64_t seconds = 0;
    if (!wg_json_int(timeouts, key, 1, TIMEOUT_MAX, &seconds, err))
        return wg_context(err, "timeouts");
    *out = seconds * WG_SECOND;
    return true;
}

static bool window_get(const json_t *body, struct wg_order *order, struct wg_error *err)
{
    if (!wg_part_has(body, "window")) return true;
    return wg_windows_from_json(json_object_get(body, "window"), &order->windows, err);
}

static bool install_get(const json_t *body, struct wg_order *order, struct wg_error *err)
{
    json_t *release = NULL, *artifact = NULL, *timeouts = NULL;
    if (!wg_json_object(body, "release", &release, err) ||
        !wg_json_object(body, "artifact", &artifact, err) ||
        !wg_json_object(body, "timeouts", &timeouts, err))
        return false;
    if (!wg_json_text(release, "component", order->component, sizeof order->component, err) ||
        !wg_json_text(release, "version", order->version, sizeof order->version, err) ||
        !wg_part_text_opt(release, "hardware_model", order->hardware_model,
                          sizeof order->hardware_model, err))
        return wg_context(err, "release");
    if (!wg_json_text(artifact, "sha256", order->sha256, sizeof order->sha256, err) ||
        !wg_json_int(artifact, "length", 1, WG_PART_NUMBER_MAX, &order->length, err) ||
        !wg_part_text_opt(artifact, "age", order->age, sizeof order->age, err) ||
        !wg_order_places_get(artifact, order, err))
        return wg_context(err, "artifact");
    return wg_order_with_get(body, order, err) &&
           timeout_get(timeouts, "download", &order->timeout_download, err) &&
           timeout_get(timeouts, "install", &order->timeout_install, err) &&
           timeout_get(timeouts, "probation", &order->timeout_probation, err) &&
           window_get(body, order, err);
}

static bool kind_get(const json_t *body, struct wg_order *order, struct wg_error *err)
{
    char type[WG_NAME_MAX + 1] = "", kind[WG_NAME_MAX + 1] = "";
    if (!wg_json_text(body, "_type", type, sizeof type, err)) return false;
    if (strcmp(type, ORDER_TYPE) != 0) return wg_part_bad(err, "_type", ORDER_TYPE, type);
    if (!wg_part_format(body, err) || !wg_json_text(body, "kind", kind, sizeof kind, err))
        return false;
    return kind_parse(kind, &order->kind) || wg_part_bad(err, "kind", EXPECTED, kind);
}

static bool campaign_get(const json_t *body, struct wg_order *order, struct wg_error *err)
{
    if (order->kind == WG_ORDER_ERASE) return true;
    return wg_json_text(body, "campaign", order->campaign, sizeof order->campaign, err) &&
           wg_json_text(body, "digest", order->digest, sizeof order->digest, err) &&
           wg_part_text_opt(body, "rolls_back", order->rolls_back, sizeof order->rolls_back, err);
}

static bool order_get(const json_t *body, struct wg_order *order, struct wg_error *err)
{
    return kind_get(body, order, err) &&
           wg_json_text(body, "id", order->id, sizeof order->id, err) &&
           wg_json_text(body, "device", order->device, sizeof order->device, err) &&
           campaign_get(body, order, err) &&
           wg_json_int(body, "attempt", 1, WG_PART_ATTEMPT_MAX, &order->attempt, err) &&
           wg_json_int(body, "counter", 1, WG_PART_NUMBER_MAX, &order->counter, err) &&
           wg_json_text(body, "boot", order->boot, sizeof order->boot, err) &&
           wg_part_time_get(body, "not_before", &order->not_before, err) &&
           wg_part_time_get(body, "expires", &order->expires, err) &&
           (order->kind != WG_ORDER_INSTALL || install_get(body, order, err)) &&
           order_check(order, err);
}

json_t *wg_order_parse(const char *bytes, size_t len, struct wg_error *err)
{
    json_t *envelope = wg_part_open(bytes, len, err);
    if (!envelope) (void)wg_context(err, "order");
    return envelope;
}

bool wg_order_read(const json_t *envelope, struct wg_order *out, struct wg_error *err)
{
    struct wg_order order = {.kind = WG_ORDER_INSTALL};
    json_t *body = NULL;
    if (!wg_json_object(envelope, "signed", &body, err) || !order_get(body, &order, err))
        return wg_context(err, "order");
    *out = order;
    return true;
}

const json_t *wg_order_warrant(const json_t *envelope)
{
    return json_object_get(json_object_get(envelope, "signed"), "warrant");
}

bool wg_order_decode(const char *bytes, size_t len, const struct wg_identity_public *directors,
                     size_t director_count, struct wg_order *out, struct wg_error *err)
{
    json_t *body = NULL;
    json_t *envelope = wg_order_parse(bytes, len, err);
    if (!envelope) return false;
    bool ok = wg_signed_check(envelope, directors, director_count, &body, err) ||
              wg_context(err, "order");
    ok = ok && wg_order_read(envelope, out, err);
    json_decref(envelope);
    return ok;
}

/* A new reference, or NULL when it is always open. What is made is read back, as the device will.
 */
static bool window_make(const struct wg_order *order, json_t **out, struct wg_error *err)
{
    const struct wg_windows *windows = &order->windows;
    struct wg_windows again;
    *out = NULL;
    if (order->kind != WG_ORDER_INSTALL || windows->count == 0) return true;
    if (!wg_part_number("window: count", (int64_t)windows->count, 1, WG_WINDOWS_MAX, err))
        return false;
    if (windows->kind == WG_WINDOW_SITE && windows->zone[0] == '\0')
        return wg_fail(err, WG_E_BAD_INPUT, "window: the zone of the site is not known");
    *out = wg_windows_json(windows);
    if (!*out) return wg_fail_memory(err, "writing a window");
    if (wg_windows_from_json(*out, &again, err)) return true;
    json_decref(*out);
    *out = NULL;
    return false;
}

static const char *or_none(const char *text)
{
    return text[0] ? text : NULL;
}

/* What an installation has and a withdrawal has not. window is taken over. */
static int install_add(json_t *body, const struct wg_order *order, json_t *window)
{
    json_t *install =
        json_pack("{s:{s:s, s:s, s:s*}, s:{s:s, s:I, s:s*}, s:{s:I, s:I, s:I}, s:o*}", "release",
                  "component", order->component, "version", order->version, "hardware_model",
                  or_none(order->hardware_model), "artifact", "sha256", order->sha256, "length",
                  (json_int_t)order->length, "age", or_none(order->age), "timeouts", "download",
                  (json_int_t)(order->timeout_download / WG_SECOND), "install",
                  (json_int_t)(order->timeout_install / WG_SECOND), "probation",
                  (json_int_t)(order->timeout_probation / WG_SECOND), "window", window);
    bool whole = install && wg_order_places_add(json_object_get(install, "artifact"), order) &&
                 wg_order_with_add(install, order);
    int code = whole ? json_object_update(body, install) : -1;
    json_decref(install);
    return code;
}

/* window is taken over. */
static json_t *body_make(const struct wg_order *order, json_t *window)
{
    char not_before[WG_TIME_TEXT], expires[WG_TIME_TEXT];
    wg_time_text(order->not_before, not_before);
    wg_time_text(order->expires, expires);
    json_t *body =
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:I, s:I, s:s, s:s, s:s}", "_type",
                  ORDER_TYPE, "v", 1, "kind", KINDS[order->kind], "id", order->id, "device",
                  order->device, "campaign", or_none(order->campaign), "digest",
                  or_none(order->digest), "rolls_back", or_none(order->rolls_back), "attempt",
                  (json_int_t)order->attempt, "counter", (json_int_t)order->counter, "boot",
                  order->boot, "not_before", not_before, "expires", expires);
    if (!body) json_decref(window);
    if (body && order->kind == WG_ORDER_INSTALL && install_add(body, order, window) != 0) {
        json_decref(body);
        return NULL;
    }
    return body;
}

json_t *wg_order_make(const struct wg_order *order, const json_t *warrant, struct wg_error *err)
{
    json_t *window = NULL;
    if (!order_check(order, err) || !window_make(order, &window, err)) {
        (void)wg_context(err, "order");
        return NULL;
    }
    json_t *body = body_make(order, window);
    if (body && warrant && json_object_set(body, "warrant", (json_t *)warrant) != 0) {
        json_decref(body);
        body = NULL;
    }
    if (!body) (void)wg_fail_memory(err, "writing an order");
    return body;
}

bool wg_order_encode(const struct wg_order *order, const struct wg_identity_key *director,
                     struct wg_buf *out, struct wg_error *err)
{
    json_t *body = wg_order_make(order, NULL, err);
    if (!body) return false;
    bool ok = wg_signed_write(body, director, out, err);
    json_decref(body);
    return ok || wg_context(err, "order");
}
