/* veil.h: sentences for who sees a part of the fleet: ids of devices elsewhere are taken out. */
#ifndef WG_ORCHESTRATOR_API_VEIL_H
#define WG_ORCHESTRATOR_API_VEIL_H

#include "common/json.h"
#include "orchestrator/store/db.h"

/* In each string of the document that has more than one word, an id of a device outside of the
 * scopes (a list for wg_in_scopes(); NULL: nothing is done) becomes "(elsewhere)". Members that are
 * ids by themselves are not looked at: statements leave these out. */
WG_MUST_CHECK bool veil_sentences(struct db *db, json_t *document, const char *scopes,
                                  struct wg_error *err);

#endif
