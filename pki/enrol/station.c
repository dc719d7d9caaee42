/* station.c: message in, answer out. */
#include "pki/enrol/station.h"

#include "common/json.h"
#include "common/message_part.h"
#include "common/posix/file.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A device that means well sends two messages a renewal, and again after each connect. */
#define MESSAGES_MOST 20
#define MESSAGES_WINDOW WG_MINUTE
#define CRL_BYTES_MAX ((size_t)128 * 1024 * 1024)
#define RETRY_SOON (5 * WG_MINUTE)

void station_init(struct station *station, const struct enrol_settings *settings)
{
    memset(station, 0, sizeof *station);
    station->settings = settings;
    station->rules = (struct renewal_rules){.pki = settings->pki,
                                            .days = (int)settings->days,
                                            .most = settings->renewals,
                                            .window = settings->window};
    limit_init(&station->limit, MESSAGES_MOST, MESSAGES_WINDOW);
    pin_list_init(&station->pins, settings->pins);
    station->list_due = true;
    station->lock = -1;
}

static bool enter(struct station *station, struct wg_error *err)
{
    if (station->open) return true;
    if (!authority_lock_now(station->settings->pki, &station->lock, err)) return false;
    station->open = authority_open(station->settings->pki, DOMAIN_DEVICE, &station->authority, err);
    if (!station->open) {
        authority_clear(&station->authority);
        authority_unlock(station->lock);
        station->lock = -1;
    }
    return station->open;
}

static void leave(struct station *station)
{
    if (!station->open) return;
    authority_clear(&station->authority);
    authority_unlock(station->lock);
    station->lock = -1;
    station->open = false;
}

static void note_revoked(struct station *station, const struct renewal_outcome *outcome)
{
    for (size_t i = 0; i < outcome->revoked_count; i++) {
        station->list_due = true;
        if (station->revoked_count < STATION_REVOKED_MAX)
            (void)wg_copy(station->revoked[station->revoked_count++], WG_SERIAL_MAX,
                          outcome->revoked[i]);
    }
}

static void log_outcome(const char *device, const struct renewal_outcome *outcome)
{
    const struct wg_cert_message *answer = &outcome->answer;
    if (answer->kind == WG_CERT_REFUSED)
        wg_log(WG_LOG_WARN, "renewal refused", "device", device, "cause",
               wg_cert_cause_text(answer->cause), "detail", answer->detail, NULL);
    else if (answer->kind == WG_CERT_SETTLED)
        wg_log(WG_LOG_INFO, "new certificate used", "device", device, "serial", answer->serial,
               NULL);
    else
        wg_log(WG_LOG_INFO, outcome->issued ? "certificate issued" : "certificate sent again",
               "device", device, NULL);
}

/* It is not the device's fault: it shall come again. */
static bool answer_later(const struct wg_csr_message *message, struct wg_buf *out)
{
    struct wg_cert_message answer = {
        .kind = WG_CERT_REFUSED, .cause = WG_CERT_LATER, .retry = RETRY_SOON};
    return message->kind == WG_CSR_RENEW &&
           wg_sha256_of(message->csr, message->csr_len, answer.request, NULL) &&
           wg_cert_message_encode(&answer, out, NULL);
}

static void judge(struct station *station, const char *device, const struct wg_csr_message *message,
                  wg_time now, struct wg_buf *answer)
{
    static const char *const what[] = {"renewal failed", "first use not taken"};
    struct renewal_outcome outcome = {.issued = false};
    struct wg_error err = {0};
    bool ok = enter(station, &err) && renewal_judge(&station->rules, &station->authority, device,
                                                    message, now, &outcome, &err);
    note_revoked(station, &outcome);
    if (ok) {
        log_outcome(device, &outcome);
        ok = wg_cert_message_encode(&outcome.answer, answer, &err);
    } else if (err.code != WG_E_VERIFY && err.code != WG_E_DENIED) {
        (void)answer_later(message, answer);
    }
    if (!ok) wg_log(WG_LOG_WARN, what[message->kind], "device", device, "error", err.text, NULL);
}

/* The authority's folder has nothing to do with it. */
static void answer_pins(struct station *station, const char *device, int64_t has,
                        struct wg_buf *answer)
{
    if (pin_list_answer(&station->pins, has, answer))
        wg_log(WG_LOG_INFO, "newer list of pins sent", "device", device, NULL);
}

void station_take(struct station *station, const char *topic, const char *payload, size_t len,
                  wg_time now, char answer_topic[WG_TOPIC_MAX], struct wg_buf *answer)
{
    char device[WG_NAME_MAX + 1];
    enum wg_topic kind;
    struct wg_csr_message message;
    struct wg_error err = {0};
    if (!wg_topic_parse(topic, &kind, device) || kind != WG_TOPIC_UP_CSR ||
        !wg_topic_make(WG_TOPIC_DOWN_CERT, device, answer_topic))
        return;
    if (!limit_take(&station->limit, device, now)) return;
    if (!wg_csr_message_decode(payload, len, &message, &err)) {
        wg_log(WG_LOG_WARN, "message refused", "device", device, "error", err.text, NULL);
        return;
    }
    if (message.kind == WG_CSR_PINS)
        answer_pins(station, device, message.number, answer);
    else
        judge(station, device, &message, now, answer);
}

/* The broker of this machine reads its own copy of the list. */
static bool copy_list(const struct enrol_settings *settings, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf pem;
    if (!settings->crl_file[0]) return true;
    wg_buf_init(&pem, CRL_BYTES_MAX);
    bool ok = wg_path_join(path, sizeof path, settings->pki, "broker/crl.pem", err) &&
              wg_file_read(path, &pem, err) &&
              wg_file_replace(settings->crl_file, wg_buf_str(&pem), pem.len, 0644, err);
    wg_buf_clear(&pem);
    return ok;
}

static bool tell_broker(const struct enrol_settings *settings, struct wg_error *err)
{
    struct wg_buf text;
    char *end = NULL;
    if (!settings->broker_pid[0]) return true;
    wg_buf_init(&text, 32);
    bool ok = wg_file_read(settings->broker_pid, &text, err);
    long pid = ok ? strtol(wg_buf_str(&text), &end, 10) : 0;
    if (ok && (end == wg_buf_str(&text) || pid <= 1))
        ok = wg_fail(err, WG_E_BAD_FILE, "%s: no process id", settings->broker_pid);
    if (ok && kill((pid_t)pid, SIGHUP) != 0)
        ok = wg_fail_errno(err, "telling the broker (process %ld)", pid);
    wg_buf_clear(&text);
    return ok;
}

static void write_list(struct station *station, wg_time now)
{
    struct wg_error err = {0};
    const struct enrol_settings *settings = station->settings;
    if (!enter(station, &err) ||
        !authority_write_crl(settings->pki, &station->authority, now,
                             station->authority.policy.days[POLICY_CRL], &err) ||
        !copy_list(settings, &err) || !tell_broker(settings, &err)) {
        wg_log_error("the revocation list is not written or not told; tried again", &err);
        return;
    }
    station->list_due = false;
    station->list_next = now + station->authority.policy.days[POLICY_CRL] * WG_DAY / 2;
    wg_log(WG_LOG_INFO, "revocation list written", NULL);
}

void station_rest(struct station *station, bool may_write, wg_time now)
{
    if (station->list_next && now >= station->list_next) station->list_due = true;
    if (station->list_due && may_write) write_list(station, now);
    leave(station);
}

bool station_told(struct station *station, struct wg_buf *out)
{
    if (station->revoked_count == 0) return false;
    json_t *list = json_array();
    for (size_t i = 0; list && i < station->revoked_count; i++)
        (void)json_array_append_new(list, json_string(station->revoked[i]));
    station->revoked_count = 0;
    return wg_part_write(json_pack("{s:i,s:o}", "v", 1, "revoke", list), out, NULL);
}
