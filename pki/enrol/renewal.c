/* renewal.c: checks, issues, remembers; and revokes when the new certificate was used.
 *
 * The order of writing is what a power cut leaves right: the ledger before the book, the book
 * before the answer. A certificate that stands in the ledger alone has left to nobody. */
#include "pki/enrol/renewal.h"

#include "pki/enrol/book.h"

#include <string.h>

struct request {
    const struct renewal_rules *rules;
    struct authority *authority;
    const char *device;
    const struct wg_csr_message *message;
    wg_time now;
    struct renewal_outcome *out;
    struct book_page page; /* of the device; empty when it has never renewed */
    bool has_page;
    struct wg_csr csr;
    struct wg_x509 present;
};

/* An answer, not an error: always true. */
static bool refuse(const struct request *request, enum wg_cert_cause cause, wg_duration retry,
                   const char *detail)
{
    struct wg_cert_message *answer = &request->out->answer;
    answer->kind = WG_CERT_REFUSED;
    answer->cause = cause;
    answer->retry = retry;
    (void)wg_copy(answer->detail, sizeof answer->detail, detail);
    return true;
}

static bool revoke(const struct request *request, const char *serial, struct wg_error *err)
{
    struct ledger_entry *entry = ledger_find(&request->authority->ledger, serial);
    if (!entry || entry->revoked) return true;
    entry->revoked = request->now;
    if (!authority_save(request->authority, err)) {
        entry->revoked = 0;
        return false;
    }
    struct renewal_outcome *out = request->out;
    (void)wg_copy(out->revoked[out->revoked_count++], WG_SERIAL_MAX, serial);
    return true;
}

static bool is_in_force(const struct request *request, const char *serial)
{
    const struct ledger_entry *entry = ledger_find(&request->authority->ledger, serial);
    return entry && !entry->revoked && entry->not_after > request->now &&
           strcmp(entry->name, request->device) == 0 && strcmp(entry->kind, "device") == 0;
}

/* What is wrong with the certificate that it shows; NULL: nothing. */
static const char *present_fault(struct request *request)
{
    const struct wg_csr_message *message = request->message;
    const struct issuer *issuing = &request->authority->issuing;
    if (!wg_x509_read(message->certificate, message->certificate_len, &request->present, NULL) ||
        !wg_x509_check(message->certificate, message->certificate_len, &issuing->key.public_key,
                       NULL))
        return "the certificate is not of this authority";
    if (strcmp(request->present.name, request->device) != 0)
        return "the certificate is of another device";
    if (!is_in_force(request, request->present.serial) ||
        request->present.not_after <= request->now || request->present.not_before > request->now)
        return "the certificate is not in force";
    return NULL;
}

/* What is wrong with the request for the new key; NULL: nothing. */
static const char *request_fault(struct request *request)
{
    const struct wg_csr_message *message = request->message;
    if (!wg_csr_read(message->csr, message->csr_len, &request->csr, NULL))
        return "the request does not hold, or its key is neither Ed25519 nor P-256";
    if (strcmp(request->csr.name, request->device) != 0) return "the request is for another name";
    if (!wg_csr_check_proof(message, request->device, &request->present.key, NULL))
        return "the signature by the present key does not hold";
    if (wg_identity_same(&request->csr.key, &request->present.key))
        return "a renewal needs a new key";
    return NULL;
}

/* The present certificate is the one that was pending: whoever signs with its key has it. */
static bool settle(struct request *request, struct wg_error *err)
{
    struct book_page *page = &request->page;
    if (page->settled) return true;
    if (!revoke(request, page->old, err)) return false;
    page->settled = true;
    return book_write(request->rules->pki, page, err);
}

static bool may_issue(struct request *request)
{
    struct book_page *page = &request->page;
    if (!request->has_page || request->now - page->since >= request->rules->window ||
        page->since > request->now) {
        page->since = request->now;
        page->count = 0;
    }
    return page->count < request->rules->most;
}

static bool make(struct request *request, struct issued *issued, struct wg_error *err)
{
    struct authority *authority = request->authority;
    const struct kind *kind = kind_find("device");
    int days = request->rules->days ? request->rules->days : authority->policy.days[POLICY_DEVICE];
    struct issue_leaf leaf = {.organisation = authority->policy.organisation,
                              .unit = kind->word,
                              .name = request->device,
                              .usage = kind->usage,
                              .days = days};
    return issue_for_key(&leaf, &request->csr.key, &authority->issuing, request->now, issued,
                         err) &&
           authority_enter(authority, kind, request->device, NULL, issued, err);
}

static bool fill_page(struct request *request, const struct issued *issued, struct wg_error *err)
{
    struct book_page *page = &request->page;
    struct wg_buf chain;
    (void)wg_copy(page->device, sizeof page->device, request->device);
    (void)wg_copy(page->serial, sizeof page->serial, issued->serial);
    (void)wg_copy(page->old, sizeof page->old, request->present.serial);
    page->settled = false;
    page->count++;
    wg_buf_init(&chain, sizeof page->chain - 1);
    wg_buf_text(&chain, issued->certificate);
    bool ok = authority_issuing_pem(request->authority, &chain, err) &&
              wg_identity_id(&request->csr.key, page->key, err);
    if (ok) (void)wg_copy(page->chain, sizeof page->chain, wg_buf_str(&chain));
    wg_buf_clear(&chain);
    return ok && book_write(request->rules->pki, page, err);
}

static bool answer_chain(const struct request *request)
{
    struct wg_cert_message *answer = &request->out->answer;
    answer->kind = WG_CERT_ISSUED;
    return wg_copy(answer->chain, sizeof answer->chain, request->page.chain);
}

static bool issue(struct request *request, struct wg_error *err)
{
    struct issued issued;
    if (!may_issue(request))
        return refuse(request, WG_CERT_RATE,
                      request->page.since + request->rules->window - request->now,
                      "too many certificates in a short time");
    /* a key that was asked for and then lost: its certificate shall not stay in force */
    if (request->has_page && !request->page.settled && !revoke(request, request->page.serial, err))
        return false;
    if (!make(request, &issued, err) || !fill_page(request, &issued, err)) return false;
    request->out->issued = true;
    return answer_chain(request);
}

static bool renew(struct request *request, struct wg_error *err)
{
    char key[WG_SHA256_HEX];
    const struct wg_csr_message *message = request->message;
    if (!wg_sha256_of(message->csr, message->csr_len, request->out->answer.request, err))
        return false;
    const char *fault = present_fault(request);
    if (fault) return refuse(request, WG_CERT_FOREIGN, 0, fault);
    fault = request_fault(request);
    if (fault) return refuse(request, WG_CERT_BROKEN, 0, fault);
    if (!wg_identity_id(&request->csr.key, key, err)) return false;
    if (request->has_page && strcmp(request->page.key, key) == 0 &&
        is_in_force(request, request->page.serial))
        return answer_chain(request);
    if (request->has_page && strcmp(request->page.serial, request->present.serial) == 0 &&
        !settle(request, err))
        return false;
    return issue(request, err);
}

/* The new certificate carried a session. */
static bool used(struct request *request, struct wg_error *err)
{
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    const struct wg_csr_message *message = request->message;
    const char *chain = request->page.chain;
    request->out->answer.kind = WG_CERT_SETTLED;
    (void)wg_copy(request->out->answer.serial, WG_SERIAL_MAX, message->serial);
    if (!request->has_page || strcmp(request->page.serial, message->serial) != 0 ||
        !is_in_force(request, message->serial))
        return wg_fail(err, WG_E_DENIED, "no certificate of that serial awaits its first use");
    if (!wg_x509_from_pem(chain, strlen(chain), der, &len, err) ||
        !wg_x509_read(der, len, &request->present, err) ||
        !wg_csr_check_proof(message, request->device, &request->present.key, err))
        return false;
    return settle(request, err);
}

bool renewal_judge(const struct renewal_rules *rules, struct authority *authority,
                   const char *device, const struct wg_csr_message *message, wg_time now,
                   struct renewal_outcome *out, struct wg_error *err)
{
    struct request request = {.rules = rules,
                              .authority = authority,
                              .device = device,
                              .message = message,
                              .now = now,
                              .out = out};
    *out = (struct renewal_outcome){.issued = false};
    if (!book_read(rules->pki, device, &request.page, &request.has_page, err)) return false;
    return message->kind == WG_CSR_RENEW ? renew(&request, err) : used(&request, err);
}
