/* device_write_routes.c: what a person does to one device: retry, cancel, quarantine, clear,
 * revoke, reinstate, erase, tags, its age key. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/campaign_act.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/show/device.h"
#include "orchestrator/steering/device_hand.h"
#include "orchestrator/store/device_act.h"

#include <string.h>

#define WORDS 512

/* The device as it is now, with what was done, which is taken over, and words for people. */
static bool answer(struct api_call *call, json_t *done, const char *words, struct wg_error *err)
{
    json_t *document = done ? device_document(call->db, call->values[0], call->now, err) : NULL;
    if (!done) return wg_fail_memory(err, "an answer");
    if (document) (void)json_object_set_new(document, "words", json_string(words));
    if (document) (void)json_object_set(document, "done", done);
    json_decref(done);
    return api_json(call, document, err);
}

/* Whose reason is read, and whom it is about. */
struct asking {
    char reason[WG_DETAIL_MAX + 1];
    struct device_act act;
};

static bool read_act(struct api_call *call, const char *const *keys, enum permission permission,
                     struct asking *out, struct wg_error *err)
{
    out->act = (struct device_act){
        .device = call->values[0], .by = call->who->name, .reason = out->reason, .now = call->now};
    return api_parameters(call, NULL, err) && wg_json_only_keys(call->body, keys, err) &&
           api_name_value(call, 0, "device", err) && api_reason(call, out->reason, err) &&
           device_act_check_reason(out->reason, err) &&
           api_may_on_device(call, permission, call->values[0], err);
}

static bool read_place(struct api_call *call, const char *const *keys, enum permission permission,
                       struct asking *out, struct wg_error *err)
{
    if (!read_act(call, keys, permission, out, err) ||
        !campaign_text(call, "campaign", &out->act.campaign, err))
        return false;
    return (out->act.campaign && wg_name_is_valid(out->act.campaign)) ||
           wg_fail(err, WG_E_USAGE, "campaign: of which one?");
}

static json_t *place_done(const struct device_act *act, const struct device_act_place *was,
                          const char *state)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "device", act->device, "campaign", act->campaign,
                     "from", wg_state_text(was->state), "state", state, "by", act->by, "reason",
                     act->reason);
}

/* ---- retry ---- */

/* What has ended never changes: it takes a campaign of exactly this device. */
static bool retry_by_campaign(struct api_call *call, const struct device_act *act,
                              struct wg_error *err)
{
    struct follow follow;
    if (!json_is_object(json_object_get(call->body, "statement")))
        return api_problem(call, 409, "needs-campaign", NULL, err,
                           "its update in %s has ended, and what has ended never changes: it takes "
                           "a campaign of exactly this device; POST /campaigns/%s/statement "
                           "{\"action\": \"retry-failed\", \"device\": \"%s\"} tells what to sign",
                           act->campaign, act->campaign, act->device);
    struct steer *steer =
        steer_new(call->db, call->who->name, act->reason, act->campaign, call->now, err);
    if (!steer) return false;
    follow_retry_device(&follow, steer, act);
    bool ok = campaign_make(call, &follow, follow_retry_source(&follow), err);
    steer_free(steer);
    return ok;
}

static bool retry_now(struct api_call *call, const struct device_act *act,
                      struct device_act_place *was, struct wg_error *err)
{
    bool ok = db_begin(call->db, err) && device_act_retry(call->db, act, was, err) &&
              db_commit(call->db, err);
    db_rollback(call->db);
    return ok;
}

static bool retry(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"reason", "campaign", "statement", "chain", NULL};
    char words[WORDS];
    struct asking asking;
    struct device_act_place was;
    const struct device_act *act = &asking.act;
    if (!read_place(call, keys, MAY_DEVICE_RETRY, &asking, err) || !retry_now(call, act, &was, err))
        return false;
    if (was.needs_campaign) return retry_by_campaign(call, act, err);
    bool runs = strcmp(was.campaign_state, "running") == 0;
    (void)wg_format(words, sizeof words, "%s waits no longer before its next attempt%s%s%s%s",
                    act->device, runs ? "" : "; ", runs ? "" : act->campaign,
                    runs ? "" : " offers nothing until it runs: it is ",
                    runs ? "" : was.campaign_state);
    return answer(call, place_done(act, &was, "waiting"), words, err);
}

/* ---- cancel, quarantine, clear ---- */

static bool cancel(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"reason", "campaign", NULL};
    char words[WORDS];
    struct asking asking;
    struct device_act_place was;
    if (!read_place(call, keys, MAY_DEVICE_CANCEL, &asking, err) ||
        !device_act_cancel(call->db, &asking.act, &was, err))
        return false;
    (void)wg_format(words, sizeof words, "%s is withdrawn from %s%s", asking.act.device,
                    asking.act.campaign,
                    was.state == WG_WAITING ? "" : ": the order that it has is taken back");
    return answer(call, place_done(&asking.act, &was, "withdrawn"), words, err);
}

static bool quarantine(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"reason", NULL};
    char words[WORDS];
    struct asking asking;
    bool fresh = false;
    if (!read_act(call, keys, MAY_DEVICE_QUARANTINE, &asking, err) ||
        !device_act_quarantine(call->db, &asking.act, &fresh, err))
        return false;
    (void)wg_format(words, sizeof words,
                    "%s is in quarantine%s: nothing is offered to it, and what it has not switched "
                    "over to is taken back",
                    asking.act.device, fresh ? "" : " as before, with this reason");
    return answer(call,
                  json_pack("{s:s,s:b,s:s,s:s}", "device", asking.act.device, "fresh", (int)fresh,
                            "by", asking.act.by, "reason", asking.reason),
                  words, err);
}

/* Whoever may not change devices otherwise lifts what people like them ordered, and nothing else.
 */
static bool read_kind(const struct api_call *call, const char **kind, struct wg_error *err)
{
    enum alarm_kind known;
    const char *quarantine_kind = alarm_kind_text(ALARM_QUARANTINE);
    if (!campaign_text(call, "kind", kind, err)) return false;
    if (*kind && !alarm_kind_parse(*kind, &known))
        return wg_fail(err, WG_E_USAGE, "kind: \"%.40s\" is no alarm", *kind);
    if (grants_may(&call->who->grants, MAY_DEVICE_EDIT)) return true;
    if (!*kind) *kind = quarantine_kind;
    return strcmp(*kind, quarantine_kind) == 0 ||
           wg_fail(err, WG_E_DENIED, "%s may clear alarms of kind %s alone", call->who->name,
                   quarantine_kind);
}

static json_t *kinds_json(unsigned kinds)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < ALARM_KINDS; kind++)
        if (kinds & 1U << kind)
            (void)json_array_append_new(list, json_string(alarm_kind_text((enum alarm_kind)kind)));
    return list;
}

static void clear_words(const struct device_act *act, unsigned kinds, char out[WORDS])
{
    const unsigned held = 1U << ALARM_CLONED | 1U << ALARM_TAMPERED | 1U << ALARM_QUARANTINE;
    const char *before = "";
    struct wg_buf text;
    wg_buf_init(&text, WORDS);
    wg_buf_printf(&text, "%s: ", act->device);
    for (unsigned kind = 0; kind < ALARM_KINDS; kind++) {
        if (!(kinds & 1U << kind)) continue;
        wg_buf_printf(&text, "%s%s", before, alarm_kind_text((enum alarm_kind)kind));
        before = ", ";
    }
    wg_buf_printf(&text, " cleared by %s%s", act->by,
                  kinds & held ? "; it is in quarantine no more, unless another alarm holds it"
                               : "");
    (void)wg_copy(out, WORDS, wg_buf_str(&text));
    wg_buf_clear(&text);
}

static bool clear(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"reason", "kind", NULL};
    char words[WORDS];
    struct asking asking;
    const char *kind;
    unsigned kinds = 0;
    if (!read_act(call, keys, MAY_DEVICE_QUARANTINE, &asking, err) ||
        !read_kind(call, &kind, err) || !device_act_clear(call->db, &asking.act, kind, &kinds, err))
        return false;
    clear_words(&asking.act, kinds, words);
    return answer(call,
                  json_pack("{s:s,s:o,s:s,s:s}", "device", asking.act.device, "cleared",
                            kinds_json(kinds), "by", asking.act.by, "reason", asking.reason),
                  words, err);
}

/* ---- revoke, reinstate ---- */

static bool change(struct api_call *call, bool on, struct wg_error *err)
{
    static const char *const keys[] = {"reason", NULL};
    char words[REVOKING_WORDS];
    struct asking asking;
    if (!read_act(call, keys, MAY_DEVICE_REVOKE, &asking, err)) return false;
    struct revoking with = {.device = asking.act.device, .why = asking.reason, .on = on};
    if (!device_hand_revoke(call->db, &with, call->now, err)) return false;
    device_hand_words(&with, words);
    return answer(call,
                  json_pack("{s:s,s:b,s:b,s:s,s:s}", "device", with.device, "revoked", (int)on,
                            "changed", (int)with.changed, "by", call->who->name, "reason",
                            with.why),
                  words, err);
}

static bool revoke(struct api_call *call, struct wg_error *err)
{
    return change(call, true, err);
}

static bool reinstate(struct api_call *call, struct wg_error *err)
{
    return change(call, false, err);
}

/* ---- erase ---- */

/* What is to be signed. */
static bool statement(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"action", NULL};
    const char *action;
    struct statement say;
    if (!api_parameters(call, NULL, err) || !wg_json_only_keys(call->body, keys, err) ||
        !api_name_value(call, 0, "device", err) || !campaign_text(call, "action", &action, err) ||
        !api_may_on_device(call, MAY_DEVICE_ERASE, call->values[0], err))
        return false;
    if (!action || strcmp(action, "erase") != 0)
        return wg_fail(err, WG_E_USAGE, "action: expected erase");
    device_hand_erase_statement(call->values[0], &say);
    json_t *body = campaign_to_sign(call, &say, err);
    return body && api_json(call,
                            json_pack("{s:o,s:s+}", "statement", body, "words", call->values[0],
                                      " is to destroy its keys"),
                            err);
}

static bool erase_signed(struct api_call *call, struct erasing *with, struct wg_error *err)
{
    struct sent_word *word = NULL;
    struct signing signing;
    const struct signature_authority authority = authority_lend(call->api->authority);
    with->signing = &signing;
    bool ok = campaign_word(call, MAY_DEVICE_ERASE, &authority, &word, &signing, err) &&
              device_hand_erase(call->db, with, call->now, err);
    with->signing = NULL;
    authority_give_back(call->api->authority);
    campaign_word_free(word);
    return ok;
}

static bool erase(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"reason", "statement", "chain", NULL};
    char words[WORDS];
    struct asking asking;
    if (!read_act(call, keys, MAY_DEVICE_ERASE, &asking, err)) return false;
    struct erasing with = {.device = asking.act.device, .why = asking.reason};
    if (!erase_signed(call, &with, err)) return false;
    (void)wg_format(words, sizeof words,
                    "%s is revoked, and told to erase its keys when it is there and the policy of "
                    "the repository allows it; asked by %lld so far. When it has said that it is "
                    "done: wavegate-pki revoke %s",
                    with.device, (long long)with.asked, with.device);
    return answer(call,
                  json_pack("{s:s,s:s,s:s,s:I}", "device", with.device, "by", call->who->name,
                            "reason", with.why, "asked", (json_int_t)with.asked),
                  words, err);
}

/* ---- age key ---- */

static bool set_age_key(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"recipient", NULL};
    char words[WORDS];
    const char *recipient, *device = call->values[0];
    if (!api_parameters(call, NULL, err) || !wg_json_only_keys(call->body, keys, err) ||
        !api_name_value(call, 0, "device", err) ||
        !campaign_text(call, "recipient", &recipient, err) ||
        !api_may_on_device(call, MAY_DEVICE_EDIT, device, err))
        return false;
    if (!recipient) return wg_fail(err, WG_E_USAGE, "recipient: expected age1...");
    if (!device_hand_age_key(call->db, device, recipient, err)) return false;
    (void)wg_format(words, sizeof words, "%s: encrypted artifacts are for %s", device, recipient);
    return answer(call, json_pack("{s:s,s:s}", "device", device, "age_recipient", recipient), words,
                  err);
}

/* ---- tags ---- */

static bool tag(struct api_call *call, bool on, struct wg_error *err)
{
    char words[WORDS];
    const char *device = call->values[0], *name = call->values[1];
    if (!api_parameters(call, NULL, err) || !api_name_value(call, 0, "device", err) ||
        !api_name_value(call, 1, "tag", err) ||
        !api_may_on_device(call, MAY_DEVICE_EDIT, device, err) ||
        !device_row_tag(call->db, device, name, on, call->now, err))
        return false;
    (void)wg_format(words, sizeof words, "%s %s the tag %s", device, on ? "has" : "has no longer",
                    name);
    return answer(call, json_pack("{s:s,s:s,s:b}", "device", device, "tag", name, "on", (int)on),
                  words, err);
}

static bool put_tag(struct api_call *call, struct wg_error *err)
{
    return tag(call, true, err);
}

static bool delete_tag(struct api_call *call, struct wg_error *err)
{
    return tag(call, false, err);
}

/* Names of that list, each on or off. */
static bool each_tag(struct api_call *call, const char *key, bool on, struct wg_error *err)
{
    size_t i;
    json_t *name;
    const json_t *list = json_object_get(call->body, key);
    if (!list) return true;
    if (!json_is_array(list)) return wg_fail(err, WG_E_BAD_INPUT, "%s: expected a list", key);
    json_array_foreach(list, i, name)
    {
        const char *text = json_string_value(name);
        if (!text || !wg_name_is_valid(text))
            return wg_fail(err, WG_E_BAD_INPUT, "%s[%zu]: expected a tag", key, i);
        if (!device_row_tag(call->db, call->values[0], text, on, call->now, err)) return false;
    }
    return true;
}

/* A device that has not come yet is registered by it: by who may everywhere. */
static bool may_tag(struct api_call *call, bool *fresh, struct wg_error *err)
{
    struct wg_error why = {0};
    *fresh = false;
    if (api_may_on_device(call, MAY_DEVICE_EDIT, call->values[0], &why)) return true;
    *fresh =
        why.code == WG_E_NOT_FOUND && grants_may_everywhere(&call->who->grants, MAY_DEVICE_EDIT);
    if (!*fresh && err) *err = why;
    return *fresh;
}

static bool change_tags(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"add", "remove", NULL};
    bool fresh;
    if (!api_parameters(call, NULL, err) || !wg_json_only_keys(call->body, keys, err) ||
        !api_name_value(call, 0, "device", err) || !may_tag(call, &fresh, err) ||
        !each_tag(call, "remove", false, err) || !each_tag(call, "add", true, err))
        return false;
    json_t *document = device_document(call->db, call->values[0], call->now, err);
    if (document) (void)json_object_set_new(document, "registered", json_boolean(fresh));
    return api_json(call, document, err);
}

static const struct api_route routes[] = {
    {"POST", "/devices/{id}/retry", "retryDevice", MAY(DEVICE_RETRY),
     API_BODY | API_OWN_TRANSACTION, retry},
    {"POST", "/devices/{id}/cancel", "cancelDevice", MAY(DEVICE_CANCEL), API_BODY, cancel},
    {"POST", "/devices/{id}/quarantine", "quarantineDevice", MAY(DEVICE_QUARANTINE), API_BODY,
     quarantine},
    {"POST", "/devices/{id}/clear", "clearDevice", MAY(DEVICE_QUARANTINE), API_BODY, clear},
    {"POST", "/devices/{id}/revoke", "revokeDevice", MAY(DEVICE_REVOKE), API_BODY, revoke},
    {"POST", "/devices/{id}/reinstate", "reinstateDevice", MAY(DEVICE_REVOKE), API_BODY, reinstate},
    {"POST", "/devices/{id}/statement", "getDeviceStatement", MAY(DEVICE_ERASE), API_BODY,
     statement},
    {"POST", "/devices/{id}/erase", "eraseDevice", MAY(DEVICE_ERASE), API_BODY, erase},
    {"PUT", "/devices/{id}/age-key", "setDeviceAgeKey", MAY(DEVICE_EDIT), API_BODY, set_age_key},
    {"POST", "/devices/{id}/tags", "changeDeviceTags", MAY(DEVICE_EDIT), API_BODY, change_tags},
    {"PUT", "/devices/{id}/tags/{tag}", "tagDevice", MAY(DEVICE_EDIT), 0, put_tag},
    {"DELETE", "/devices/{id}/tags/{tag}", "untagDevice", MAY(DEVICE_EDIT), 0, delete_tag},
};
const struct api_room device_write_room = {routes, sizeof routes / sizeof routes[0]};
