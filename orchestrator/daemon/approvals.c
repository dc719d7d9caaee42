/* approvals.c: certificate chain, signature and contents of each new approval. */
#include "orchestrator/daemon/approvals.h"

#include "common/posix/file.h"
#include "orchestrator/campaign/approval.h"

#include <stdlib.h>
#include <string.h>

#define AUTHORITY_FILE_MAX ((size_t)1024 * 1024)

struct authority {
    struct wg_buf root, crl;
};

static bool read_authority(const struct settings *settings, struct authority *out,
                           struct wg_error *err)
{
    wg_buf_init(&out->root, AUTHORITY_FILE_MAX);
    wg_buf_init(&out->crl, AUTHORITY_FILE_MAX);
    return wg_file_read(settings->operators_root, &out->root, err) &&
           (!settings->operators_crl[0] || wg_file_read(settings->operators_crl, &out->crl, err));
}

static void clear_authority(struct authority *authority)
{
    wg_buf_clear(&authority->root);
    wg_buf_clear(&authority->crl);
}

/* The role that is asked for; NULL: nothing of that kind is approved in this campaign. */
static const char *role_of(const struct policy *policy, size_t wave)
{
    if (wave == APPROVAL_START) return policy->start.count > 0 ? policy->start.role : NULL;
    return wave < policy->wave_count ? policy->gates[wave].approval_role : NULL;
}

/* The statement must say exactly what the row claims. */
static bool fits(const struct approval_row *row, const struct statement *statement,
                 const struct operator_identity *who, const char *role, struct wg_error *err)
{
    if (statement->kind != STATEMENT_APPROVE ||
        strcmp(statement->campaign, row->campaign_name) != 0 ||
        strcmp(statement->wave, row->wave_name) != 0)
        return wg_fail(err, WG_E_DENIED, "the signed statement is about something else");
    if (strcmp(statement->digest, row->digest) != 0)
        return wg_fail(err, WG_E_DENIED, "the signed digest is not this campaign's");
    if (strcmp(who->name, row->operator_name) != 0)
        return wg_fail(err, WG_E_DENIED, "the certificate is %s's", who->name);
    if (strcmp(who->name, row->author) == 0)
        return wg_fail(err, WG_E_DENIED, "%s applied this campaign and cannot approve it",
                       who->name);
    if (!role) return wg_fail(err, WG_E_DENIED, "the campaign asks for no such approval");
    if (strcmp(who->role, role) != 0)
        return wg_fail(err, WG_E_DENIED, "the %s asks for role %s, %s has role %s",
                       row->wave == APPROVAL_START ? "start" : "gate", role, who->name, who->role);
    return true;
}

static bool holds(const struct ticker *ticker, const struct authority *authority,
                  const struct approval_row *row, struct wg_error *err)
{
    struct operator_identity *who = calloc(1, sizeof *who);
    struct statement statement;
    if (!who) return wg_fail_memory(err, "checking an approval");
    const struct policy *policy =
        policies_get(ticker->policies, ticker->db, row->campaign, row->digest, err);
    const char *crl = authority->crl.len ? wg_buf_str(&authority->crl) : NULL;
    bool ok = policy && operator_check(row->chain, wg_buf_str(&authority->root), crl, who, err) &&
              statement_check(row->statement, strlen(row->statement), who, &statement, err) &&
              fits(row, &statement, who, role_of(policy, row->wave), err);
    free(who);
    return ok;
}

static bool judge_all(const struct ticker *ticker, const struct approval_row *rows, size_t count,
                      struct wg_error *err)
{
    struct authority authority;
    bool ok = read_authority(ticker->settings, &authority, err);
    for (size_t i = 0; i < count && ok; i++) {
        struct wg_error refusal = {0};
        bool valid = holds(ticker, &authority, &rows[i], &refusal);
        /* a database that went away, or no memory, is no verdict */
        if (!valid && (refusal.code == WG_E_DATABASE || refusal.code == WG_E_MEMORY)) {
            if (err) *err = refusal;
            ok = false;
            break;
        }
        ok = approval_row_judge(ticker->db, &rows[i], valid, refusal.text, err);
        wg_log(valid ? WG_LOG_INFO : WG_LOG_WARN, valid ? "approval holds" : "approval refused",
               "campaign", rows[i].campaign_name, "wave", rows[i].wave_name, "operator",
               rows[i].operator_name, "reason", refusal.text, NULL);
    }
    clear_authority(&authority);
    return ok;
}

bool approvals_judge(const struct ticker *ticker, struct wg_error *err)
{
    struct approval_row *rows = NULL;
    size_t count = 0;
    if (!approval_row_unchecked(ticker->db, &rows, &count, err)) return false;
    bool ok = count == 0 || judge_all(ticker, rows, count, err);
    free(rows);
    return ok;
}
