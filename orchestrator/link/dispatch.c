/* dispatch.c: acknowledgements and orders, each a topic and a payload; a lost one is sent again
 * later, because the device repeats its report and the store finds the order due again. */
#include "orchestrator/link/dispatch.h"

#include "common/enrolment.h"
#include "orchestrator/link/order_size.h"
#include "orchestrator/release/s3_url.h"
#include "orchestrator/release/url_token.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/warrant_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDERS_MAX 500    /* signed and sent in one call */
#define ENVELOPE_MAX 1024 /* bytes around what is signed */
#define URL_ALLOWANCE_TIMES 3
#define URL_ALLOWANCE_MORE ((int64_t)1024 * 1024)

static bool acknowledge(const struct dispatch *dispatch, const struct intake_answer *answer,
                        struct wg_error *err)
{
    struct wg_ack ack = {.seq = answer->seq,
                         .go = answer->go,
                         .link = answer->link,
                         .answer = answer->answer,
                         .next = answer->next};
    struct wg_buf bytes;
    char topic[WG_TOPIC_MAX];
    (void)wg_copy(ack.journal, sizeof ack.journal, answer->journal);
    (void)wg_copy(ack.order, sizeof ack.order, answer->order);
    (void)wg_copy(ack.boot, sizeof ack.boot, answer->boot);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = wg_ack_encode(&ack, &bytes, err);
    if (ok && wg_topic_make(WG_TOPIC_DOWN_ACK, answer->device, topic))
        (void)dispatch->publish(dispatch->link, answer->broker, topic, bytes.data, bytes.len);
    wg_buf_clear(&bytes);
    return ok;
}

/* One download, and two that break off at the end. */
static int64_t allowance(int64_t length)
{
    return URL_ALLOWANCE_TIMES * length + URL_ALLOWANCE_MORE;
}

/* A file of the artifact folder. */
struct folder_file {
    const char *sha256;
    int64_t length;
};

/* An order that is sent again was issued and expires when it did, so its URLs and what is left of
 * their allowance are the same. */
static bool sign_url(const struct dispatch *dispatch, const struct wg_order *order,
                     struct folder_file file, const char *base, char out[WG_URL_MAX],
                     struct wg_error *err)
{
    const struct url_grant grant = {.base = base,
                                    .sha256 = file.sha256,
                                    .device = order->device,
                                    .expires = order->expires,
                                    .bytes = allowance(file.length)};
    return url_sign(dispatch->url_keys, &grant, out, err);
}

/* An order of before the bucket was set up may live on behind the last moment of its URLs. */
static bool presign_url(const struct dispatch *dispatch, const struct wg_order *order,
                        const char *sha256, size_t place, char out[WG_URL_MAX],
                        struct wg_error *err)
{
    const struct settings_bucket *bucket = &dispatch->settings->artifact_buckets[place];
    wg_time last = order->not_before + S3_LASTS_MOST;
    const struct s3_grant grant = {.base = dispatch->settings->artifact_urls[place],
                                   .object = sha256,
                                   .region = bucket->region,
                                   .access_key = bucket->access_key,
                                   .issued = order->not_before,
                                   .expires = order->expires < last ? order->expires : last};
    return s3_presign(&grant, dispatch->bucket_secrets[place].text, out, err);
}

static bool make_urls(const struct dispatch *dispatch, const struct wg_order *order,
                      struct folder_file file, char out[WG_URLS_MAX][WG_URL_MAX],
                      struct wg_error *err)
{
    const struct settings *settings = dispatch->settings;
    bool ok = true;
    for (size_t i = 0; ok && i < settings->artifact_url_count; i++) {
        const char *base = settings->artifact_urls[i];
        if (settings->artifact_buckets[i].region[0])
            ok = presign_url(dispatch, order, file.sha256, i, out[i], err);
        else if (dispatch->url_keys->count > 0)
            ok = sign_url(dispatch, order, file, base, out[i], err);
        else
            (void)snprintf(out[i], WG_URL_MAX, "%.*s/%s", WG_URL_MAX - WG_SHA256_HEX - 2, base,
                           file.sha256);
    }
    return ok;
}

static bool add_urls(const struct dispatch *dispatch, struct wg_order *order, struct wg_error *err)
{
    const struct folder_file artifact = {order->sha256, order->length};
    if (!make_urls(dispatch, order, artifact, order->urls, err)) return false;
    order->url_count = dispatch->settings->artifact_url_count;
    for (size_t i = 0; i < order->form_count; i++) {
        struct wg_order_form *form = &order->forms[i];
        const struct folder_file file = {form->sha256, form->length};
        if (!make_urls(dispatch, order, file, form->urls, err)) return false;
        form->url_count = order->url_count;
    }
    for (size_t i = 0; i < order->companion_count; i++) {
        struct wg_order_companion *companion = &order->companions[i];
        const struct folder_file file = {companion->sha256, companion->length};
        if (!make_urls(dispatch, order, file, companion->urls, err)) return false;
        companion->url_count = order->url_count;
    }
    return true;
}

/* What entitles the orders of one campaign: due orders come sorted by device, so that the same
 * campaign is met again and again. */
struct entitled {
    int64_t campaign;
    char wave[WG_NAME_MAX + 1];
    json_t *warrant, *gates; /* owned */
};

static void entitled_clear(struct entitled *entitled)
{
    json_decref(entitled->warrant);
    json_decref(entitled->gates);
    *entitled = (struct entitled){0};
}

static bool entitle(const struct dispatch *dispatch, struct entitled *entitled,
                    const struct order_due *due, struct wg_error *err)
{
    if (entitled->gates && entitled->campaign == due->campaign_id &&
        strcmp(entitled->wave, due->wave) == 0)
        return true;
    entitled_clear(entitled);
    entitled->campaign = due->campaign_id;
    (void)wg_copy(entitled->wave, sizeof entitled->wave, due->wave);
    entitled->warrant = warrant_row_statements(dispatch->db, due->campaign_id, err);
    if (!entitled->warrant) return false;
    entitled->gates = warrant_row_gates(dispatch->db, due->campaign_id, due->wave, err);
    return entitled->gates != NULL;
}

struct shown {
    struct db *db;
    int64_t campaign;
};

static bool show_campaign(void *ctx, struct wg_buf *out, struct wg_error *err)
{
    const struct shown *shown = ctx;
    char *text = NULL;
    if (!campaign_row_canonical(shown->db, shown->campaign, &text, err)) return false;
    wg_buf_text(out, text);
    free(text);
    return wg_buf_check(out, err, "the campaign");
}

/* The signer has reasons of its own, a file key does not open, its token is away: the order is due
 * again later, and the others go on. */
static bool is_refused(const struct dispatch *dispatch, const struct wg_order *order,
                       struct wg_error *err)
{
    if (err->code != WG_E_DENIED && err->code != WG_E_NETWORK && err->code != WG_E_NOT_FOUND &&
        err->code != WG_E_IO && err->code != WG_E_VERIFY)
        return false;
    wg_log(WG_LOG_WARN, "order not signed", "device", order->device, "campaign", order->campaign,
           "reason", err->text, NULL);
    char why[ORDER_REFUSAL_MAX];
    (void)wg_copy(why, sizeof why, err->text);
    wg_error_clear(err);
    return order->kind == WG_ORDER_WITHDRAW || order_refused(dispatch->db, order->id, why, err);
}

/* Who could write the database could put in a key of his own: where records are signed, they say
 * whom an artifact is for. */
static bool recipient_of(const struct dispatch *dispatch, const struct order_due *due,
                         char out[WG_AGE_RECIPIENT_TEXT], struct wg_error *err)
{
    struct wg_enrolment record;
    (void)wg_copy(out, WG_AGE_RECIPIENT_TEXT, due->age_recipient);
    if (!dispatch->enrolment) return true;
    if (!wg_enrolment_read(due->enrolment, strlen(due->enrolment), dispatch->enrolment, 1, &record,
                           err) ||
        strcmp(record.device, due->order.device) != 0)
        return wg_fail(err, WG_E_DENIED, "there is no signed enrolment record of this device");
    (void)wg_copy(out, WG_AGE_RECIPIENT_TEXT, record.age_key);
    return true;
}

static bool is_sealed(const struct order_due *due)
{
    bool sealed = due->sealed;
    for (size_t i = 0; i < due->order.form_count; i++) sealed = sealed || due->form_sealed[i];
    for (size_t i = 0; i < due->order.companion_count; i++)
        sealed = sealed || due->companion_sealed[i];
    return sealed;
}

/* For this device alone, and others each time it is sent. */
static bool seal(const struct dispatch *dispatch, struct order_due *due, struct wg_error *err)
{
    char recipient[WG_AGE_RECIPIENT_TEXT];
    struct wg_order *order = &due->order;
    if (!is_sealed(due)) return true;
    if (!dispatch->sealer)
        return wg_fail(err, WG_E_DENIED,
                       "the artifact is encrypted, and artifacts.keys is not set");
    if (!recipient_of(dispatch, due, recipient, err)) return false;
    if (due->sealed && !sealer_header(dispatch->sealer, order->sha256, recipient, order->age, err))
        return false;
    for (size_t i = 0; i < order->form_count; i++)
        if (due->form_sealed[i] && !sealer_header(dispatch->sealer, order->forms[i].sha256,
                                                  recipient, order->forms[i].age, err))
            return false;
    for (size_t i = 0; i < order->companion_count; i++)
        if (due->companion_sealed[i] &&
            !sealer_header(dispatch->sealer, order->companions[i].sha256, recipient,
                           order->companions[i].age, err))
            return false;
    return true;
}

static bool prepare(const struct dispatch *dispatch, struct order_due *due, const json_t *warrant,
                    struct wg_error *err)
{
    return due->order.kind == WG_ORDER_WITHDRAW ||
           (seal(dispatch, due, err) &&
            order_size_fit(&due->order, warrant, WG_MESSAGE_MAX - ENVELOPE_MAX, err));
}

static bool send_order(const struct dispatch *dispatch, struct order_due *due,
                       struct entitled *entitled, struct wg_error *err)
{
    struct shown shown = {.db = dispatch->db, .campaign = due->campaign_id};
    struct director_request request = {.order = &due->order,
                                       .wave = due->wave,
                                       .enrolment = due->enrolment,
                                       .campaign = show_campaign,
                                       .ctx = &shown};
    struct wg_order *order = &due->order;
    struct wg_buf bytes;
    char topic[WG_TOPIC_MAX], counter[24];
    if (order->kind == WG_ORDER_INSTALL) {
        if (!add_urls(dispatch, order, err) ||
            !dispatch->terms(dispatch->ctx, due->campaign_id, due->site_zone, order, err) ||
            !entitle(dispatch, entitled, due, err))
            return false;
        request.warrant = entitled->warrant;
        request.gates = entitled->gates;
    }
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = prepare(dispatch, due, request.warrant, err) &&
              director_sign(dispatch->director, &request, &bytes, err);
    if (ok && wg_topic_make(WG_TOPIC_DOWN_ORDER, order->device, topic) &&
        dispatch->publish(dispatch->link, due->broker, topic, bytes.data, bytes.len)) {
        (void)snprintf(counter, sizeof counter, "%lld", (long long)order->counter);
        wg_log(WG_LOG_DEBUG, "order sent", "device", order->device, "campaign", order->campaign,
               "order", order->id, "counter", counter, NULL);
    }
    wg_buf_clear(&bytes);
    if (ok && due->was_refused) ok = order_refused(dispatch->db, order->id, "", err);
    return ok || is_refused(dispatch, order, err) || wg_context(err, "order for %s", order->device);
}

static struct order_times times_of(const struct dispatch *dispatch, wg_time now)
{
    return (struct order_times){.now = now,
                                .resend = dispatch->settings->order_resend,
                                .lifetime = dispatch->settings->order_lifetime};
}

bool dispatch_issued(const struct dispatch *dispatch, struct order_lot *lot, struct wg_error *err)
{
    struct entitled entitled = {0};
    struct order_due *due = lot->count > 0 ? malloc(sizeof *due) : NULL;
    bool ok = due || lot->count == 0 || wg_fail_memory(err, "sending orders");
    while (ok && due && order_lot_next(lot, due)) ok = send_order(dispatch, due, &entitled, err);
    entitled_clear(&entitled);
    order_lot_clear(lot);
    free(due);
    return ok;
}

typedef bool (*take_fn)(struct db *db, const struct order_times *times, size_t limit,
                        struct order_lot *out, struct wg_error *err);

static bool send_taken(const struct dispatch *dispatch, take_fn take, wg_time now, bool *more,
                       struct wg_error *err)
{
    struct order_times times = times_of(dispatch, now);
    struct order_lot lot = {0};
    if (more) *more = false;
    /* without a broker an order marked as sent would only wait for its next resend */
    if (!dispatch->connected(dispatch->link)) return true;
    if (!take(dispatch->db, &times, ORDERS_MAX, &lot, err)) return false;
    if (more) *more = lot.more;
    return dispatch_issued(dispatch, &lot, err);
}

bool dispatch_orders(const struct dispatch *dispatch, wg_time now, bool *more, struct wg_error *err)
{
    return send_taken(dispatch, order_take_due, now, more, err);
}

bool dispatch_fresh(const struct dispatch *dispatch, wg_time now, bool *more, struct wg_error *err)
{
    return send_taken(dispatch, order_take_fresh, now, more, err);
}

/* To those that said hello; the others need none. */
static bool send_to_present(const struct dispatch *dispatch, const struct intake_result *result,
                            wg_time now, struct wg_error *err)
{
    const char *devices[INTAKE_BATCH_MAX];
    struct order_times times = times_of(dispatch, now);
    struct order_lot lot = {0};
    size_t present = 0;
    for (size_t i = 0; i < result->answer_count; i++)
        if (result->answers[i].hello) devices[present++] = result->answers[i].device;
    if (present == 0 || !dispatch->connected(dispatch->link)) return true;
    return order_take_of(dispatch->db, devices, present, &times, ORDERS_MAX, &lot, err) &&
           dispatch_issued(dispatch, &lot, err);
}

bool dispatch_answers(const struct dispatch *dispatch, const struct intake_result *result,
                      wg_time now, struct wg_error *err)
{
    for (size_t i = 0; i < result->answer_count; i++)
        if (result->answers[i].journal[0] && !acknowledge(dispatch, &result->answers[i], err))
            return false;
    return send_to_present(dispatch, result, now, err);
}
