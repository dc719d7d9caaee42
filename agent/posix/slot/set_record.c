/* set_record.c: reads and writes the record of a set. */
#include "agent/posix/slot/set_record.h"

#include "agent/posix/slot/record.h"
#include "common/json.h"
#include "common/log.h"
#include "common/posix/kept.h"

#include <string.h>

#define RECORD_MAX 8192

static const char *const words[] = {[SET_UNDECIDED] = "undecided",
                                    [SET_TRIAL] = "trial",
                                    [SET_COMMIT] = "commit",
                                    [SET_REVERT] = "revert"};

static bool read_decision(const json_t *set, enum set_decision *out, struct wg_error *err)
{
    char word[16] = "";
    if (!wg_json_text(set, "decided", word, sizeof word, err)) return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        *out = (enum set_decision)i;
        if (strcmp(words[i], word) == 0) return true;
    }
    return wg_fail(err, WG_E_BAD_INPUT, "decided: \"%s\" is none of the decisions", word);
}

static bool read_members(const json_t *set, struct set_record *out, struct wg_error *err)
{
    json_t *members = NULL;
    if (!wg_json_array(set, "members", &members, err)) return false;
    out->count = json_array_size(members);
    if (out->count > SLOT_MEMBERS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "members: more than %d", SLOT_MEMBERS_MAX);
    for (size_t i = 0; i < out->count; i++) {
        const json_t *member = json_array_get(members, i);
        out->whole[i] = json_is_true(json_object_get(member, "whole"));
        out->in_place[i] = json_is_true(json_object_get(member, "in_place"));
        if (!record_read(member, &out->members[i]))
            return wg_fail(err, WG_E_BAD_INPUT, "members: number %zu is no release", i + 1);
    }
    return true;
}

static bool read_record(const json_t *set, struct set_record *out, struct wg_error *err)
{
    return read_decision(set, &out->decided, err) &&
           wg_json_int(set, "number", 0, INT64_MAX - 1, &out->number, err) &&
           wg_json_int(set, "boots", 0, INT64_MAX - 1, &out->boots, err) &&
           read_members(set, out, err);
}

/* Without a record that can be used nothing is decided: what runs on trial is for the agent to
 * judge, as it is without a set. */
bool set_record_load(const char *path, struct set_record *out, struct wg_error *err)
{
    static const char *const keys[] = {"decided", "number", "boots", "members", NULL};
    enum kept_found found;
    struct wg_error why = {0};
    *out = (struct set_record){.decided = SET_UNDECIDED};
    json_t *set = kept_json_load(path, RECORD_MAX, keys, &found);
    if (!set) return found != KEPT_FAILED || wg_fail_memory(err, "the record of a set");
    bool ok = read_record(set, out, &why);
    json_decref(set);
    if (ok) return true;
    *out = (struct set_record){.decided = SET_UNDECIDED};
    wg_log_error("the record of a set cannot be used", &why);
    return true;
}

static json_t *pack(const struct set_record *record)
{
    json_t *members = json_array();
    for (size_t i = 0; members && i < record->count; i++) {
        json_t *member = record_pack(&record->members[i]);
        if (json_object_set_new(member, "whole", json_boolean(record->whole[i])) == 0 &&
            json_object_set_new(member, "in_place", json_boolean(record->in_place[i])) == 0 &&
            json_array_append(members, member) == 0) {
            json_decref(member);
            continue;
        }
        json_decref(member);
        json_decref(members);
        members = NULL;
    }
    return json_pack("{s:s,s:I,s:I,s:o}", "decided", words[record->decided], "number",
                     (json_int_t)record->number, "boots", (json_int_t)record->boots, "members",
                     members);
}

bool set_record_save(const char *path, const struct set_record *record, struct wg_error *err)
{
    json_t *set = pack(record);
    bool ok = set ? kept_json_save(path, set, err) : wg_fail_memory(err, "the record of a set");
    json_decref(set);
    return ok || wg_context(err, "the record of a set");
}
