/* statement.h: what a person says about a campaign, signed with that person's own key: who applied
 * it, who approved it, who permits it to go back in security; of a release: who published it; of a
 * device: who wants its keys erased. A signed envelope (common/signed.h). Pure. */
#ifndef WG_COMMON_TRUST_STATEMENT_H
#define WG_COMMON_TRUST_STATEMENT_H

#include "common/buf.h"
#include "common/identity_key.h"
#include "common/json.h"
#include "common/text.h"
#include "common/time.h"

#define STATEMENT_MAX 8192 /* bytes of an envelope */
#define STATEMENT_WAVES_MAX 32
#define STATEMENT_RELEASE_TEXT (WG_NAME_MAX + WG_VERSION_MAX + 2)

enum statement_kind {
    STATEMENT_APPLY,
    STATEMENT_APPROVE,
    STATEMENT_RELEASE,
    STATEMENT_DOWNGRADE, /* a release of a lower security version may be installed */
    STATEMENT_ERASE      /* the device is to destroy its keys */
};

/* How many devices a wave has, as its approver saw it. */
struct statement_wave {
    char name[WG_NAME_MAX + 1];
    int64_t devices; /* -1: without bound, devices join as they come */
};

struct statement {
    enum statement_kind kind;
    char campaign[WG_NAME_MAX + 1];        /* all but release and erase */
    char digest[WG_SHA256_HEX];            /* of the campaign; of the release's artifact */
    char device[WG_NAME_MAX + 1];          /* erase */
    char wave[WG_NAME_MAX + 1];            /* approve; "" its start */
    char release[STATEMENT_RELEASE_TEXT];  /* COMPONENT/VERSION; "" in statements of old */
    char rollback[STATEMENT_RELEASE_TEXT]; /* that a rollback of the campaign installs; "" none */
    char operator_name[WG_NAME_MAX + 1];
    wg_time at;
    size_t wave_count; /* approve; 0 in statements of old */
    struct statement_wave waves[STATEMENT_WAVES_MAX];
};

const char *statement_kind_text(enum statement_kind kind);

/* What is to be signed; new reference, NULL on failure. */
json_t *statement_body(const struct statement *statement, struct wg_error *err);
/* Appends the envelope as canonical JSON. */
WG_MUST_CHECK bool statement_sign(const struct statement *statement,
                                  const struct wg_identity_key *key, struct wg_buf *out,
                                  struct wg_error *err);
/* Reads the "signed" part. Says nothing about signatures. WG_E_BAD_INPUT. */
WG_MUST_CHECK bool statement_read(const json_t *body, struct statement *out, struct wg_error *err);
/* The envelope must be signed by the key. WG_E_VERIFY, WG_E_BAD_INPUT. */
WG_MUST_CHECK bool statement_open(const char *envelope, size_t len,
                                  const struct wg_identity_public *key, struct statement *out,
                                  struct wg_error *err);

#endif
