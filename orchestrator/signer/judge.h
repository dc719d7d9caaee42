/* judge.h: does the signer sign? By the repository, the policy, the people's statements, the
 * campaign itself and its own books; by nothing that the orchestrator says. */
#ifndef WG_ORCHESTRATOR_SIGNER_JUDGE_H
#define WG_ORCHESTRATOR_SIGNER_JUDGE_H

#include "common/message.h"
#include "orchestrator/signer/books.h"
#include "orchestrator/signer/truth.h"

struct judge;

struct judge_config {
    struct truth *truth; /* both borrowed */
    struct books *books;
    wg_duration lifetime; /* of an order, at most */
    /* Who signs what devices are; NULL: nobody does, and every hardware is thought of. */
    const struct wg_identity_public *enrolment;
};

struct judge *judge_new(const struct judge_config *config, struct wg_error *err);
void judge_free(struct judge *judge);

struct judge_request {
    const struct wg_order *order;
    const json_t *warrant; /* NULL: none */
    const json_t *gates;   /* approvals of the gates before the wave; NULL: none */
    const char *wave;
    const json_t *enrolment; /* the device's signed record; NULL: none */
    const char *campaign;    /* its canonical JSON; NULL: not given this time */
};

enum judge_answer {
    JUDGE_SIGN,
    JUDGE_NEEDS_CAMPAIGN, /* ask again, with the campaign's canonical JSON */
    JUDGE_REFUSE          /* err says why: WG_E_DENIED, or what failed */
};

/* JUDGE_SIGN: the device is entered in the books. */
enum judge_answer judge_order(struct judge *judge, const struct judge_request *request, wg_time now,
                              struct wg_error *err);

#endif
