/* memory_release.c: the forms and the companions of a release as JSON. */
#include "agent/core/memory_release.h"

#include "common/json.h"

#define NUMBER_MAX ((int64_t)9007199254740991) /* 2^53 - 1: what a message can carry */

static json_t *form_make(const struct core_form *form)
{
    json_t *entry = json_pack("{s:s, s:I, s:b, s:I, s:s, s:I}", "sha256", form->sha256, "length",
                              (json_int_t)form->length, "age", form->is_age, "packed",
                              (json_int_t)form->packed_length, "from", form->from, "from_length",
                              (json_int_t)form->from_length);
    if (!entry || form->member == 0 ||
        json_object_set_new(entry, "member", json_integer((json_int_t)form->member)) == 0)
        return entry;
    json_decref(entry);
    return NULL;
}

json_t *memory_forms_make(const struct core_release *release)
{
    json_t *list = json_array();
    for (size_t i = 0; i < release->form_count; i++) {
        if (json_array_append_new(list, form_make(&release->forms[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
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

static bool member_get(const json_t *entry, const struct core_release *release, size_t *out,
                       struct wg_error *err)
{
    int64_t member = 0;
    if (!wg_json_int_opt(entry, "member", 0, (int64_t)release->companion_count, &member, err))
        return false;
    *out = (size_t)member;
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
        if (!member_get(entry, out, &form->member, err) ||
            !wg_json_text(entry, "sha256", form->sha256, sizeof form->sha256, err) ||
            !wg_json_int(entry, "length", 1, NUMBER_MAX, &form->length, err) ||
            !wg_json_int(entry, "packed", 0, NUMBER_MAX, &form->packed_length, err) ||
            !wg_json_text(entry, "from", form->from, sizeof form->from, err) ||
            !wg_json_int(entry, "from_length", 0, NUMBER_MAX, &form->from_length, err))
            return wg_context(err, "forms[%zu]", i);
    }
    return true;
}

static json_t *companions_make(const struct core_release *release)
{
    json_t *list = json_array();
    for (size_t i = 0; i < release->companion_count; i++) {
        const struct core_companion *companion = &release->companions[i];
        json_t *entry =
            json_pack("{s:s, s:I, s:I}", "sha256", companion->sha256, "length",
                      (json_int_t)companion->length, "security", (json_int_t)companion->security);
        if (json_array_append_new(list, entry) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *sequence_make(const struct core_release *release)
{
    json_t *list = json_array();
    for (size_t i = 0; i <= release->companion_count; i++) {
        if (json_array_append_new(list, json_integer((json_int_t)release->sequence[i])) == 0)
            continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

bool memory_companions_add(json_t *obj, const struct core_release *release)
{
    return release->companion_count == 0 ||
           (json_object_set_new(obj, "companions", companions_make(release)) == 0 &&
            json_object_set_new(obj, "sequence", sequence_make(release)) == 0);
}

/* Each member once. */
static bool sequence_get(const json_t *list, struct core_release *out, struct wg_error *err)
{
    bool seen[RELEASE_SET_MAX] = {false};
    if (json_array_size(list) != out->companion_count + 1)
        return wg_fail(err, WG_E_BAD_INPUT, "sequence: expected %zu members",
                       out->companion_count + 1);
    for (size_t i = 0; i <= out->companion_count; i++) {
        const json_t *entry = json_array_get(list, i);
        json_int_t member = json_is_integer(entry) ? json_integer_value(entry) : -1;
        if (member < 0 || member > (json_int_t)out->companion_count || seen[member])
            return wg_fail(err, WG_E_BAD_INPUT, "sequence: expected each member once");
        seen[member] = true;
        out->sequence[i] = (size_t)member;
    }
    return true;
}

bool memory_companions_get(const json_t *obj, struct core_release *out, struct wg_error *err)
{
    json_t *list = NULL, *sequence = NULL;
    if (!json_object_get(obj, "companions") && out->companion_count == 0) return true;
    if (!wg_json_array(obj, "companions", &list, err) ||
        !wg_json_array(obj, "sequence", &sequence, err))
        return false;
    if (json_array_size(list) != out->companion_count)
        return wg_fail(err, WG_E_BAD_INPUT, "companions: expected the %zu of the order",
                       out->companion_count);
    for (size_t i = 0; i < out->companion_count; i++) {
        const json_t *entry = json_array_get(list, i);
        struct core_companion *companion = &out->companions[i];
        if (!wg_json_text(entry, "sha256", companion->sha256, sizeof companion->sha256, err) ||
            !wg_json_int(entry, "length", 0, NUMBER_MAX, &companion->length, err) ||
            !wg_json_int(entry, "security", 0, RELEASE_SECURITY_MAX, &companion->security, err))
            return wg_context(err, "companions[%zu]", i);
    }
    return sequence_get(sequence, out, err);
}
