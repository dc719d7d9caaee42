/* admission.h: what is answered to a request for an artifact, before a byte is sent: the URL's
 * signature and dates, the device that asks, the file, the range, the allowance. */
#ifndef WG_ORCHESTRATOR_FILES_ADMISSION_H
#define WG_ORCHESTRATOR_FILES_ADMISSION_H

#include "orchestrator/files/ledger.h"
#include "orchestrator/release/url_token.h"

#define ADMISSION_ETAG_MAX (WG_SHA256_HEX + 2)

struct admission;

struct admission_config {
    const char *folder;    /* artifacts, each under its SHA-256 */
    const char *prefix;    /* "/artifacts" */
    const char *keys_file; /* read again by admission_reload() */
    bool bearer;           /* no certificate is asked for */
    wg_duration skew, longest;
};

struct asked {
    const char *method, *target; /* the target as it stood in the request */
    const char *device;          /* the name in the certificate that holds; NULL: none */
    /* headers; NULL: not given */
    const char *range, *if_range, *if_match, *if_none_match;
    bool other_etags; /* somebody else sends the bytes, and judges the conditions */
};

struct admitted {
    int status;       /* 200, 206: bytes follow, and are held in the ledger; 304, or a refusal */
    const char *text; /* of a refusal: short, one line, without line end */
    struct url_token token; /* filled from 200, 206, 304, 416 and 429 on */
    struct ledger_id id;
    int64_t start, length, total; /* bytes of the file to send; its length */
    int fd;                       /* 200 and 206: the file, the caller closes it; else -1 */
};

/* The ledger is borrowed. */
struct admission *admission_new(const struct admission_config *config, struct ledger *ledger,
                                struct wg_error *err);
void admission_free(struct admission *admission);
/* Reads the keys again; keeps the old ones if that fails. Thread-safe. */
WG_MUST_CHECK bool admission_reload(struct admission *admission, struct wg_error *err);
/* Decides. Thread-safe. HEAD takes nothing off the allowance. */
void admission_ask(struct admission *admission, const struct asked *asked, wg_time now,
                   struct admitted *out);
/* The file's name in quotes: what is under a name never changes. */
void admission_etag(const struct admitted *admitted, char out[ADMISSION_ETAG_MAX]);

#endif
