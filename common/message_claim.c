/* message_claim.c: claims and their answers as JSON; requests and certificates travel as PEM. */
#include "common/message_claim.h"

#include "common/message_part.h"

#include <stdlib.h>
#include <string.h>

static const char *const hardware_keys[] = {"model", "revision", NULL};

/* Longer and other texts are for the authority to refuse, with the words for all wrong tokens. */
static bool token_get(const json_t *message, char out[WG_CLAIM_TOKEN_MAX], struct wg_error *err)
{
    return wg_json_text(message, "token", out, WG_CLAIM_TOKEN_MAX, err) &&
           (out[0] || wg_fail(err, WG_E_BAD_INPUT, "token: empty"));
}

static bool csr_get(const json_t *message, struct wg_claim_request *out, struct wg_error *err)
{
    char pem[WG_X509_PEM_MAX];
    return wg_json_text(message, "csr", pem, sizeof pem, err) &&
           (wg_csr_from_pem(pem, strlen(pem), out->csr, &out->csr_len, err) ||
            wg_context(err, "csr"));
}

static bool hardware_get(const json_t *message, struct wg_claim_request *out, struct wg_error *err)
{
    json_t *hardware = NULL;
    if (!wg_json_object(message, "hardware", &hardware, err)) return false;
    return ((wg_json_only_keys(hardware, hardware_keys, err) &&
             wg_json_text(hardware, "model", out->hardware_model, sizeof out->hardware_model,
                          err) &&
             wg_part_name("model", out->hardware_model, err) &&
             wg_part_text_opt(hardware, "revision", out->hardware_revision,
                              sizeof out->hardware_revision, err) &&
             (!out->hardware_revision[0] ||
              wg_part_name("revision", out->hardware_revision, err)))) ||
           wg_context(err, "hardware");
}

/* No member that is not known: in a claim nothing may be meant that is not looked at. */
static bool request_get(const json_t *message, struct wg_claim_request *out, struct wg_error *err)
{
    static const char *const keys[] = {"v", "device", "token", "csr", "age_key", "hardware", NULL};
    return wg_json_only_keys(message, keys, err) && wg_part_format(message, err) &&
           wg_json_text(message, "device", out->device, sizeof out->device, err) &&
           wg_part_name("device", out->device, err) && token_get(message, out->token, err) &&
           csr_get(message, out, err) &&
           wg_json_text(message, "age_key", out->age_key, sizeof out->age_key, err) &&
           hardware_get(message, out, err);
}

bool wg_claim_request_decode(const char *bytes, size_t len, struct wg_claim_request *out,
                             struct wg_error *err)
{
    struct wg_claim_request read = {.device = ""};
    json_t *message = wg_json_parse(bytes, len, WG_CLAIM_BYTES_MAX, err);
    bool ok =
        message &&
        (json_is_object(message) || wg_fail(err, WG_E_BAD_INPUT, "a claim is a JSON object")) &&
        request_get(message, &read, err);
    json_decref(message);
    if (ok) *out = read;
    explicit_bzero(read.token, sizeof read.token);
    return ok;
}

bool wg_claim_request_encode(const struct wg_claim_request *request, struct wg_buf *out,
                             struct wg_error *err)
{
    char pem[WG_X509_PEM_MAX];
    const char *revision = request->hardware_revision;
    return wg_csr_to_pem(request->csr, request->csr_len, pem, err) &&
           wg_part_write(json_pack("{s:i,s:s,s:s,s:s,s:s,s:{s:s,s:s*}}", "v", 1, "device",
                                   request->device, "token", request->token, "csr", pem, "age_key",
                                   request->age_key, "hardware", "model", request->hardware_model,
                                   "revision", revision[0] ? revision : NULL),
                         out, err);
}

static bool record_get(const json_t *message, char out[WG_CLAIM_RECORD_MAX], struct wg_error *err)
{
    json_t *record = NULL;
    if (!wg_json_object(message, "enrolment", &record, err)) return false;
    char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text) return wg_fail_memory(err, "reading a claim's answer");
    bool ok = wg_copy(out, WG_CLAIM_RECORD_MAX, text) ||
              wg_fail(err, WG_E_BAD_INPUT, "enrolment: a record of more than %d bytes",
                      WG_CLAIM_RECORD_MAX - 1);
    free(text);
    return ok;
}

bool wg_claim_answer_decode(const char *bytes, size_t len, struct wg_claim_answer *out,
                            struct wg_error *err)
{
    struct wg_claim_answer read = {.chain = ""};
    json_t *message = wg_json_parse(bytes, len, WG_CLAIM_ANSWER_MAX, err);
    bool ok = message && wg_part_format(message, err) &&
              wg_json_text(message, "certificate", read.chain, sizeof read.chain, err) &&
              record_get(message, read.record, err);
    json_decref(message);
    if (ok) *out = read;
    return ok;
}

bool wg_claim_answer_encode(const struct wg_claim_answer *answer, struct wg_buf *out,
                            struct wg_error *err)
{
    json_t *record =
        wg_json_parse(answer->record, strlen(answer->record), WG_CLAIM_RECORD_MAX, err);
    return record && wg_part_write(json_pack("{s:i,s:s,s:o}", "v", 1, "certificate", answer->chain,
                                             "enrolment", record),
                                   out, err);
}

/* One line for a person. */
static void make_line(char *text)
{
    wg_text_tame(text);
    for (; *text; text++)
        if (*text == '\n' || *text == '\t' || *text == '\r') *text = ' ';
}

bool wg_problem_decode(const char *bytes, size_t len, struct wg_problem *out, struct wg_error *err)
{
    struct wg_problem read = {.status = 0};
    int64_t status = 0;
    json_t *message = wg_json_parse(bytes, len, WG_CLAIM_ANSWER_MAX, err);
    bool ok = message && wg_json_int(message, "status", 100, 599, &status, err) &&
              wg_json_text(message, "title", read.title, sizeof read.title, err) &&
              wg_json_text_opt(message, "detail", read.detail, sizeof read.detail, err);
    json_decref(message);
    if (!ok) return false;
    read.status = (int)status;
    make_line(read.title);
    make_line(read.detail);
    *out = read;
    return true;
}

bool wg_problem_encode(const struct wg_problem *problem, struct wg_buf *out, struct wg_error *err)
{
    return wg_part_write(json_pack("{s:s,s:i,s:s*}", "title", problem->title, "status",
                                   problem->status, "detail",
                                   problem->detail[0] ? problem->detail : NULL),
                         out, err);
}
