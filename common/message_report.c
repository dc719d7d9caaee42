/* message_report.c: how far a device is with an order, and the acknowledgement that it is
 * committed, which also says whether the device may switch over.
 *
 * The detail is for a person and may hold whatever a hook printed. It is cleaned, never refused: a
 * report that cannot be read would be sent again for ever. */
#include "common/message_part.h"

#include <stdio.h>
#include <string.h>

static bool state_bad(const char *found, struct wg_error *err)
{
    char words[256] = "one of";
    size_t len = strlen(words);
    for (int i = 0; i < WG_STATES; i++)
        if (wg_state_is_reportable((enum wg_state)i) && len < sizeof words)
            len += (size_t)snprintf(words + len, sizeof words - len, " %s",
                                    wg_state_text((enum wg_state)i));
    return wg_part_bad(err, "state", words, found);
}

static bool cause_bad(const char *found, struct wg_error *err)
{
    char words[256] = "one of";
    size_t len = strlen(words);
    for (int i = WG_CAUSE_NONE + 1; i < WG_CAUSES; i++)
        if (len < sizeof words)
            len += (size_t)snprintf(words + len, sizeof words - len, " %s",
                                    wg_cause_text((enum wg_cause)i));
    return wg_part_bad(err, "cause", words, found);
}

static bool cause_check(enum wg_state state, enum wg_cause cause, struct wg_error *err)
{
    if ((state == WG_FAILED || state == WG_ROLLED_BACK) && cause == WG_CAUSE_NONE)
        return wg_fail(err, WG_E_BAD_INPUT, "cause: missing; %s needs one", wg_state_text(state));
    if ((state == WG_SUCCEEDED || state == WG_SATISFIED) && cause != WG_CAUSE_NONE)
        return wg_fail(err, WG_E_BAD_INPUT, "cause: %s has none, found %s", wg_state_text(state),
                       wg_cause_text(cause));
    return true;
}

static bool report_check(const struct wg_report *report, struct wg_error *err)
{
    if (!wg_part_hex("journal", report->journal, WG_PART_ID_HEX, err) ||
        !wg_part_number("seq", report->seq, 0, WG_PART_NUMBER_MAX, err) ||
        !wg_part_uuid("order", report->order, err) ||
        !wg_part_name("campaign", report->campaign, err) ||
        !wg_part_number("attempt", report->attempt, 1, WG_PART_ATTEMPT_MAX, err))
        return false;
    if ((unsigned)report->state >= WG_STATES) return state_bad("?", err);
    if (!wg_state_is_reportable(report->state)) return state_bad(wg_state_text(report->state), err);
    if ((unsigned)report->cause >= WG_CAUSES) return cause_bad("?", err);
    return cause_check(report->state, report->cause, err) &&
           wg_part_number("progress.total", report->bytes_total, 0, WG_PART_NUMBER_MAX, err) &&
           wg_part_number("progress.bytes", report->bytes, 0, report->bytes_total, err) &&
           wg_part_number("retry", report->retry / WG_SECOND, 0, WG_RETRY_MAX / WG_SECOND, err) &&
           wg_part_components("versions", report->components, report->component_count, err) &&
           (report->at == 0 || wg_part_time("at", report->at, err));
}

static bool words_get(const json_t *message, struct wg_report *report, struct wg_error *err)
{
    char text[WG_NAME_MAX + 1] = "";
    if (!wg_json_text(message, "state", text, sizeof text, err)) return false;
    if (!wg_state_parse(text, &report->state)) return state_bad(text, err);
    text[0] = '\0';
    if (!wg_part_text_opt(message, "cause", text, sizeof text, err)) return false;
    return wg_cause_parse(text, &report->cause) || cause_bad(text, err);
}

static bool progress_get(const json_t *message, struct wg_report *report, struct wg_error *err)
{
    const json_t *progress = json_object_get(message, "progress");
    if (!wg_part_has(message, "progress")) return true;
    return (wg_json_int(progress, "bytes", 0, WG_PART_NUMBER_MAX, &report->bytes, err) &&
            wg_json_int(progress, "total", 1, WG_PART_NUMBER_MAX, &report->bytes_total, err)) ||
           wg_context(err, "progress");
}

static bool retry_get(const json_t *message, struct wg_report *report, struct wg_error *err)
{
    int64_t seconds = 0;
    if (!wg_json_int_opt(message, "retry", 1, WG_RETRY_MAX / WG_SECOND, &seconds, err))
        return false;
    report->retry = seconds * WG_SECOND;
    return true;
}

static bool report_get(const json_t *message, struct wg_report *report, struct wg_error *err)
{
    return wg_part_format(message, err) &&
           wg_json_text(message, "journal", report->journal, sizeof report->journal, err) &&
           wg_json_int_opt(message, "seq", 1, WG_PART_NUMBER_MAX, &report->seq, err) &&
           wg_json_text(message, "order", report->order, sizeof report->order, err) &&
           wg_json_text(message, "campaign", report->campaign, sizeof report->campaign, err) &&
           wg_json_int(message, "attempt", 1, WG_PART_ATTEMPT_MAX, &report->attempt, err) &&
           words_get(message, report, err) &&
           wg_json_text_opt(message, "detail", report->detail, sizeof report->detail, err) &&
           retry_get(message, report, err) && progress_get(message, report, err) &&
           (!wg_part_has(message, "versions") ||
            wg_part_components_get(message, "versions", report->components,
                                   &report->component_count, err)) &&
           (!wg_part_has(message, "at") || wg_part_time_get(message, "at", &report->at, err)) &&
           report_check(report, err);
}

bool wg_report_decode(const char *bytes, size_t len, struct wg_report *out, struct wg_error *err)
{
    struct wg_report report = {.seq = 0};
    json_t *message = wg_part_open(bytes, len, err);
    bool ok = message && report_get(message, &report, err);
    json_decref(message);
    if (!ok) return wg_context(err, "report");
    wg_part_clean(report.detail);
    *out = report;
    return true;
}

static json_t *report_make(const struct wg_report *report)
{
    char detail[WG_DETAIL_MAX + 1];
    char at[WG_TIME_TEXT];
    (void)wg_copy(detail, sizeof detail, report->detail);
    wg_part_clean(detail);
    wg_time_text(report->at, at);
    json_t *message =
        json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:s*, s:s*, s:s*}", "v", 1, "journal",
                  report->journal, "order", report->order, "campaign", report->campaign, "attempt",
                  (json_int_t)report->attempt, "state", wg_state_text(report->state), "cause",
                  report->cause == WG_CAUSE_NONE ? NULL : wg_cause_text(report->cause), "detail",
                  detail[0] ? detail : NULL, "at", report->at ? at : NULL);
    int failed = 0;
    if (report->seq > 0) failed |= json_object_set_new(message, "seq", json_integer(report->seq));
    if (report->retry >= WG_SECOND)
        failed |= json_object_set_new(message, "retry", json_integer(report->retry / WG_SECOND));
    if (report->bytes_total > 0)
        failed |= json_object_set_new(message, "progress",
                                      json_pack("{s:I, s:I}", "bytes", (json_int_t)report->bytes,
                                                "total", (json_int_t)report->bytes_total));
    if (report->component_count > 0)
        failed |= json_object_set_new(
            message, "versions",
            wg_part_components_make(report->components, report->component_count));
    if (failed) {
        json_decref(message);
        return NULL;
    }
    return message;
}

bool wg_report_encode(const struct wg_report *report, struct wg_buf *out, struct wg_error *err)
{
    return (report_check(report, err) && wg_part_write(report_make(report), out, err)) ||
           wg_context(err, "report");
}

static const char *const nexts[WG_NEXTS] = {[WG_NEXT_UNKNOWN] = "",
                                            [WG_NEXT_NONE] = "none",
                                            [WG_NEXT_SOON] = "soon",
                                            [WG_NEXT_LATER] = "later"};

const char *wg_next_text(enum wg_next next)
{
    return (unsigned)next < WG_NEXTS ? nexts[next] : "";
}

bool wg_next_parse(const char *text, enum wg_next *out)
{
    for (size_t i = WG_NEXT_NONE; i < WG_NEXTS; i++)
        if (strcmp(text, nexts[i]) == 0) {
            *out = (enum wg_next)i;
            return true;
        }
    return false;
}

static bool answer_get(const json_t *message, struct wg_ack *ack, struct wg_error *err)
{
    char next[16];
    if (!wg_part_has(message, "answer")) return true;
    return wg_json_int(message, "answer", 1, WG_PART_NUMBER_MAX, &ack->answer, err) &&
           wg_json_text(message, "next", next, sizeof next, err) &&
           (wg_next_parse(next, &ack->next) ||
            wg_part_bad(err, "next", "none, soon or later", next));
}

static bool answer_check(const struct wg_ack *ack, struct wg_error *err)
{
    if (!wg_part_number("answer", ack->answer, 0, WG_PART_NUMBER_MAX, err)) return false;
    if ((ack->answer > 0) != (ack->next != WG_NEXT_UNKNOWN))
        return wg_fail(err, WG_E_BAD_INPUT, "next: is said with an answer, and only then");
    return ack->answer == 0 || ack->link > 0 ||
           wg_fail(err, WG_E_BAD_INPUT, "answer: link and boot are missing: whose question it was");
}

static bool ack_check(const struct wg_ack *ack, struct wg_error *err)
{
    if (!wg_part_hex("journal", ack->journal, WG_PART_ID_HEX, err) ||
        !wg_part_number("seq", ack->seq, 0, WG_PART_NUMBER_MAX, err) ||
        !wg_part_number("link", ack->link, 0, WG_PART_NUMBER_MAX, err) ||
        (ack->link > 0 && !wg_part_hex("boot", ack->boot, WG_PART_ID_HEX, err)) ||
        !answer_check(ack, err))
        return false;
    if (ack->order[0]) return wg_part_uuid("order", ack->order, err);
    return !ack->go || wg_fail(err, WG_E_BAD_INPUT, "order: missing; go true is said of an order");
}

static bool ack_get(const json_t *message, struct wg_ack *ack, struct wg_error *err)
{
    return wg_part_format(message, err) &&
           wg_json_text(message, "journal", ack->journal, sizeof ack->journal, err) &&
           wg_json_int(message, "seq", 0, WG_PART_NUMBER_MAX, &ack->seq, err) &&
           wg_part_text_opt(message, "order", ack->order, sizeof ack->order, err) &&
           (!wg_part_has(message, "go") || wg_json_bool(message, "go", &ack->go, err)) &&
           (!wg_part_has(message, "link") ||
            (wg_json_int(message, "link", 1, WG_PART_NUMBER_MAX, &ack->link, err) &&
             wg_json_text(message, "boot", ack->boot, sizeof ack->boot, err))) &&
           answer_get(message, ack, err) && ack_check(ack, err);
}

bool wg_ack_decode(const char *bytes, size_t len, struct wg_ack *out, struct wg_error *err)
{
    struct wg_ack ack = {.seq = 0};
    json_t *message = wg_part_open(bytes, len, err);
    bool ok = message && ack_get(message, &ack, err);
    json_decref(message);
    if (ok) *out = ack;
    return ok || wg_context(err, "ack");
}

bool wg_ack_encode(const struct wg_ack *ack, struct wg_buf *out, struct wg_error *err)
{
    return (ack_check(ack, err) &&
            wg_part_write(json_pack("{s:i, s:s, s:I, s:s*, s:o*, s:s*, s:o*, s:o*, s:s*}", "v", 1,
                                    "journal", ack->journal, "seq", (json_int_t)ack->seq, "order",
                                    ack->order[0] ? ack->order : NULL, "go",
                                    ack->go ? json_true() : NULL, "boot",
                                    ack->link > 0 ? ack->boot : NULL, "link",
                                    ack->link > 0 ? json_integer(ack->link) : NULL, "answer",
                                    ack->answer > 0 ? json_integer(ack->answer) : NULL, "next",
                                    ack->answer > 0 ? wg_next_text(ack->next) : NULL),
                          out, err)) ||
           wg_context(err, "ack");
}
