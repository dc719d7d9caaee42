/* signature.c: certificate, signature and contents of what was signed of a release. */
#include "orchestrator/plan/signature.h"

#include "orchestrator/campaign/approval.h"

#include <stdlib.h>
#include <string.h>

static bool may_publish(const struct operator_identity *who)
{
    return strcmp(who->role, "repository-admin") == 0 || strcmp(who->role, "owner") == 0;
}

/* The statement must say exactly what the row claims. */
static bool fits(const struct statement *statement, const struct release_row *release,
                 struct wg_error *why)
{
    char name[STATEMENT_RELEASE_TEXT];
    (void)wg_format(name, sizeof name, "%s/%s", release->component, release->version);
    if (statement->kind != STATEMENT_RELEASE || strcmp(statement->release, name) != 0)
        return wg_fail(why, WG_E_DENIED, "the signed statement is about something else");
    return strcmp(statement->digest, release->sha256) == 0 ||
           wg_fail(why, WG_E_DENIED, "the signed hash is not that of its artifact");
}

static bool holds(const struct release_row *release, const struct release_signature *signature,
                  const struct signature_authority *authority, struct operator_identity *who,
                  struct wg_error *why)
{
    struct statement statement;
    if (!signature->statement[0]) return wg_fail(why, WG_E_DENIED, "it is not signed");
    return operator_check(signature->chain, authority->root, authority->crl, who, why) &&
           statement_check(signature->statement, strlen(signature->statement), who, &statement,
                           why) &&
           fits(&statement, release, why) &&
           (may_publish(who) ||
            wg_fail(why, WG_E_DENIED, "%s has role %s and may not publish releases", who->name,
                    who->role));
}

bool signature_check(struct plan *plan, struct db *db, const struct signature_authority *authority,
                     struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    struct wg_error why = {0};
    if (plan->rollback == PLAN_ROLLBACK_NONE || plan->rollback == PLAN_ROLLBACK_MISSING)
        return true;
    struct release_row *release = calloc(1, sizeof *release);
    struct release_signature *signature = calloc(1, sizeof *signature);
    struct operator_identity *who = calloc(1, sizeof *who);
    bool ok = release && signature && who;
    if (!ok) (void)wg_fail_memory(err, "checking a signature");
    ok = ok && release_row_get(db, campaign->component, campaign->rollback, release, err) &&
         release_row_signature(db, campaign->component, campaign->rollback, signature, err);
    plan->rollback_signer[0] = plan->rollback_unsigned[0] = '\0';
    if (ok && holds(release, signature, authority, who, &why))
        (void)wg_copy(plan->rollback_signer, sizeof plan->rollback_signer, who->name);
    else if (ok)
        (void)wg_copy(plan->rollback_unsigned, sizeof plan->rollback_unsigned, why.text);
    free(who);
    free(signature);
    free(release);
    return ok;
}
