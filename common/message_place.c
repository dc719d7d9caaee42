/* message_place.c: where an artifact and its forms are, "urls" and "forms", and the companions of
 * an order with theirs, "with". The forms of all lie in one pool, each with whose it is. */
#include "common/message_part.h"

#include <string.h>

static json_t *urls_make(const char urls[WG_URLS_MAX][WG_URL_MAX], size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, json_string(urls[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* A list of that member's; NULL: there is none, or memory has run out. */
static json_t *forms_make(const struct wg_order *order, size_t member)
{
    json_t *list = json_array();
    for (size_t i = 0; i < order->form_count; i++) {
        const struct wg_order_form *form = &order->forms[i];
        if (form->member != member) continue;
        json_t *entry = json_pack(
            "{s:s, s:I, s:o, s:s*}", "sha256", form->sha256, "length", (json_int_t)form->length,
            "urls", urls_make(form->urls, form->url_count), "age", form->age[0] ? form->age : NULL);
        if (json_array_append_new(list, entry) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static bool has_forms(const struct wg_order *order, size_t member)
{
    for (size_t i = 0; i < order->form_count; i++)
        if (order->forms[i].member == member) return true;
    return false;
}

static bool forms_add(json_t *artifact, const struct wg_order *order, size_t member)
{
    return !has_forms(order, member) ||
           json_object_set_new(artifact, "forms", forms_make(order, member)) == 0;
}

bool wg_order_places_add(json_t *artifact, const struct wg_order *order)
{
    return json_object_set_new(artifact, "urls", urls_make(order->urls, order->url_count)) == 0 &&
           forms_add(artifact, order, 0);
}

static bool companion_add(json_t *list, const struct wg_order *order, size_t index)
{
    const struct wg_order_companion *companion = &order->companions[index];
    json_t *entry =
        json_pack("{s:s, s:s, s:s, s:I, s:s*, s:o}", "component", companion->component, "version",
                  companion->version, "sha256", companion->sha256, "length",
                  (json_int_t)companion->length, "age", companion->age[0] ? companion->age : NULL,
                  "urls", urls_make(companion->urls, companion->url_count));
    if (entry && forms_add(entry, order, index + 1)) return json_array_append_new(list, entry) == 0;
    json_decref(entry);
    return false;
}

bool wg_order_with_add(json_t *body, const struct wg_order *order)
{
    if (order->companion_count == 0) return true;
    json_t *list = json_array();
    for (size_t i = 0; list && i < order->companion_count; i++) {
        if (companion_add(list, order, i)) continue;
        json_decref(list);
        list = NULL;
    }
    return json_object_set_new(body, "with", list) == 0;
}

static bool urls_get(const json_t *object, char out[WG_URLS_MAX][WG_URL_MAX], size_t *count,
                     struct wg_error *err)
{
    json_t *urls = NULL;
    if (!wg_json_array(object, "urls", &urls, err)) return false;
    *count = json_array_size(urls);
    if (!wg_part_number("urls: count", (int64_t)*count, 1, WG_URLS_MAX, err)) return false;
    for (size_t i = 0; i < *count; i++) {
        const char *url = json_string_value(json_array_get(urls, i));
        if (!url || !wg_copy(out[i], WG_URL_MAX, url))
            return wg_fail(err, WG_E_BAD_INPUT, "urls[%zu]: expected text of at most %d bytes", i,
                           WG_URL_MAX - 1);
    }
    return true;
}

static bool form_get(const json_t *entry, struct wg_order_form *form, struct wg_error *err)
{
    return wg_json_text(entry, "sha256", form->sha256, sizeof form->sha256, err) &&
           wg_json_int(entry, "length", 1, WG_PART_NUMBER_MAX, &form->length, err) &&
           wg_part_text_opt(entry, "age", form->age, sizeof form->age, err) &&
           urls_get(entry, form->urls, &form->url_count, err);
}

/* Behind those of the members before. */
static bool forms_get(const json_t *artifact, struct wg_order *order, size_t member,
                      struct wg_error *err)
{
    json_t *forms = NULL;
    if (!wg_part_has(artifact, "forms")) return true;
    if (!wg_json_array(artifact, "forms", &forms, err)) return false;
    size_t count = json_array_size(forms);
    if (!wg_part_number("forms: count", (int64_t)count, 0,
                        (int64_t)(WG_FORMS_MAX - order->form_count), err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct wg_order_form *form = &order->forms[order->form_count++];
        form->member = member;
        if (!form_get(json_array_get(forms, i), form, err)) return wg_context(err, "forms[%zu]", i);
    }
    return true;
}

bool wg_order_places_get(const json_t *artifact, struct wg_order *order, struct wg_error *err)
{
    return urls_get(artifact, order->urls, &order->url_count, err) &&
           forms_get(artifact, order, 0, err);
}

static bool companion_get(const json_t *entry, struct wg_order *order, size_t index,
                          struct wg_error *err)
{
    struct wg_order_companion *companion = &order->companions[index];
    return wg_json_text(entry, "component", companion->component, sizeof companion->component,
                        err) &&
           wg_json_text(entry, "version", companion->version, sizeof companion->version, err) &&
           wg_json_text(entry, "sha256", companion->sha256, sizeof companion->sha256, err) &&
           wg_json_int(entry, "length", 1, WG_PART_NUMBER_MAX, &companion->length, err) &&
           wg_part_text_opt(entry, "age", companion->age, sizeof companion->age, err) &&
           urls_get(entry, companion->urls, &companion->url_count, err) &&
           forms_get(entry, order, index + 1, err);
}

bool wg_order_with_get(const json_t *body, struct wg_order *order, struct wg_error *err)
{
    json_t *with = NULL;
    if (!wg_part_has(body, "with")) return true;
    if (!wg_json_array(body, "with", &with, err)) return false;
    size_t count = json_array_size(with);
    if (!wg_part_number("with: count", (int64_t)count, 0, WG_COMPANIONS_MAX, err)) return false;
    order->companion_count = count;
    for (size_t i = 0; i < count; i++)
        if (!companion_get(json_array_get(with, i), order, i, err))
            return wg_context(err, "with[%zu]", i);
    return true;
}

int64_t wg_order_saving(const struct wg_order *order, const struct wg_order_form *form)
{
    size_t member = form->member;
    return (member ? order->companions[member - 1].length : order->length) - form->length;
}

void wg_order_member(const struct wg_order *order, size_t member, struct wg_order *out)
{
    *out = *order;
    out->companion_count = out->form_count = 0;
    memset(out->companions, 0, sizeof out->companions);
    memset(out->forms, 0, sizeof out->forms);
    for (size_t i = 0; i < order->form_count; i++) {
        if (order->forms[i].member != member) continue;
        struct wg_order_form *form = &out->forms[out->form_count++];
        *form = order->forms[i];
        form->member = 0;
    }
    if (member == 0 || member > order->companion_count) return;
    const struct wg_order_companion *companion = &order->companions[member - 1];
    memcpy(out->component, companion->component, sizeof out->component);
    memcpy(out->version, companion->version, sizeof out->version);
    memcpy(out->sha256, companion->sha256, sizeof out->sha256);
    memcpy(out->age, companion->age, sizeof out->age);
    out->length = companion->length;
    out->url_count = companion->url_count;
    memcpy(out->urls, companion->urls, sizeof out->urls);
}
