/* books.h: for which devices the signer has signed, by campaign and wave: its own count, which
 * nobody else can reset. A file per campaign, a line per device, only ever appended to; read into
 * memory when the campaign is first asked about. */
#ifndef WG_ORCHESTRATOR_SIGNER_BOOKS_H
#define WG_ORCHESTRATOR_SIGNER_BOOKS_H

#include "common/crypto.h"
#include "common/text.h"

#define BOOKS_CAMPAIGNS_MAX 256 /* kept in memory; others are read again */

struct books;

struct books *books_new(const char *folder, struct wg_error *err); /* copies; makes the folder */
void books_free(struct books *books);

struct books_entry {
    const char *campaign, *digest, *wave, *device; /* borrowed */
};

/* So many devices of that revision's wave; *has: the device is one of them. */
WG_MUST_CHECK bool books_count(struct books *books, const struct books_entry *entry,
                               int64_t *devices, bool *has, struct wg_error *err);
/* Has anything been signed for that revision of the campaign? Then its start was approved. */
WG_MUST_CHECK bool books_has_begun(struct books *books, const char *campaign, const char *digest,
                                   bool *begun, struct wg_error *err);
/* Was the device ever sent the campaign, in any wave and revision? */
WG_MUST_CHECK bool books_has_sent(struct books *books, const char *campaign, const char *device,
                                  bool *has, struct wg_error *err);
/* Enters it; written to the file before it returns, and durable after books_sync(). */
WG_MUST_CHECK bool books_enter(struct books *books, const struct books_entry *entry,
                               struct wg_error *err);
WG_MUST_CHECK bool books_sync(struct books *books, struct wg_error *err);

#endif
