/* memory_forms.c: addresses, and the forms of an artifact. */
#include "agent/core/memory_forms.h"

#include "common/json.h"

#define NUMBER_MAX ((int64_t)9007199254740991) /* 2^53 - 1: what a message can carry */

json_t *memory_urls_make(const char urls[WG_URLS_MAX][WG_URL_MAX], size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, json_string(urls[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* Where forms are; NULL when there are none, or no memory. */
json_t *memory_places_make(const struct wg_order *order)
{
    json_t *list = order->form_count > 0 ? json_array() : NULL;
    for (size_t i = 0; list && i < order->form_count; i++) {
        const struct wg_order_form *form = &order->forms[i];
        json_t *entry = json_pack("{s:s, s:I, s:o, s:s*}", "sha256", form->sha256, "length",
                                  (json_int_t)form->length, "urls",
                                  memory_urls_make(form->urls, form->url_count), "age",
                                  form->age[0] ? form->age : NULL);
        if (json_array_append_new(list, entry) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

/* What forms are. */
json_t *memory_forms_make(const struct core_release *release)
{
    json_t *list = json_array();
    for (size_t i = 0; i < release->form_count; i++) {
        const struct core_form *form = &release->forms[i];
        json_t *entry = json_pack("{s:s, s:I, s:b, s:I, s:s, s:I}", "sha256", form->sha256,
                                  "length", (json_int_t)form->length, "age", form->is_age, "packed",
                                  (json_int_t)form->packed_length, "from", form->from,
                                  "from_length", (json_int_t)form->from_length);
        if (json_array_append_new(list, entry) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

bool memory_urls_get(const json_t *obj, char out[WG_URLS_MAX][WG_URL_MAX], size_t *count,
                     struct wg_error *err)
{
    json_t *urls = NULL;
    if (!wg_json_array(obj, "urls", &urls, err)) return false;
    *count = json_array_size(urls);
    if (*count < 1 || *count > WG_URLS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "urls: expected 1 to %d, found %zu", WG_URLS_MAX,
                       *count);
    for (size_t i = 0; i < *count; i++) {
        const char *url = json_string_value(json_array_get(urls, i));
        if (!url || !wg_copy(out[i], WG_URL_MAX, url))
            return wg_fail(err, WG_E_BAD_INPUT, "urls[%zu]: expected text of at most %d bytes", i,
                           WG_URL_MAX - 1);
    }
    return true;
}

/* A list of at most WG_FORMS_MAX; NULL when there is none. */
static bool form_list(const json_t *obj, json_t **out, struct wg_error *err)
{
    *out = NULL;
    if (!json_object_get(obj, "forms")) return true;
    return wg_json_array(obj, "forms", out, err) &&
           (json_array_size(*out) <= WG_FORMS_MAX ||
            wg_fail(err, WG_E_BAD_INPUT, "forms: expected at most %d", WG_FORMS_MAX));
}

bool memory_places_get(const json_t *obj, struct wg_order *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!form_list(obj, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        struct wg_order_form *form = &out->forms[out->form_count++];
        if (!wg_json_text(entry, "sha256", form->sha256, sizeof form->sha256, err) ||
            !wg_json_int(entry, "length", 1, NUMBER_MAX, &form->length, err) ||
            !wg_json_text_opt(entry, "age", form->age, sizeof form->age, err) ||
            !memory_urls_get(entry, form->urls, &form->url_count, err))
            return wg_context(err, "forms[%zu]", i);
    }
    return true;
}

bool memory_forms_get(const json_t *obj, struct core_release *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!form_list(obj, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        struct core_form *form = &out->forms[out->form_count++];
        form->is_age = json_is_true(json_object_get(entry, "age"));
        if (!wg_json_text(entry, "sha256", form->sha256, sizeof form->sha256, err) ||
            !wg_json_int(entry, "length", 1, NUMBER_MAX, &form->length, err) ||
            !wg_json_int(entry, "packed", 0, NUMBER_MAX, &form->packed_length, err) ||
            !wg_json_text(entry, "from", form->from, sizeof form->from, err) ||
            !wg_json_int(entry, "from_length", 0, NUMBER_MAX, &form->from_length, err))
            return wg_context(err, "forms[%zu]", i);
    }
    return true;
}
