/* batch.h: messages from devices on their way into one transaction. Filled in order of arrival,
 * handed to the store as a whole, kept until it is committed. */
#ifndef WG_ORCHESTRATOR_LINK_BATCH_H
#define WG_ORCHESTRATOR_LINK_BATCH_H

#include "orchestrator/link/verdict.h"
#include "orchestrator/store/intake.h"

struct batch;

struct batch *batch_new(size_t most, struct wg_error *err); /* 1..INTAKE_BATCH_MAX items */
void batch_free(struct batch *batch);

/* Decodes one message, which came by that broker (borrowed until the batch is committed), and
 * appends it; what cannot be decoded is appended as rejected, with the
 * reason. The batch must not be full. */
void batch_take(struct batch *batch, const char *broker, const char *topic, const char *bytes,
                size_t len, wg_time now);

size_t batch_count(const struct batch *batch);
bool batch_is_full(const struct batch *batch);
wg_time batch_since(const struct batch *batch); /* arrival of its first item; 0 when empty */

/* Commits all of it in one transaction and empties it; on failure it stays as it is, to be tried
 * again. */
WG_MUST_CHECK bool batch_commit(struct batch *batch, struct db *db, struct verdict *verdict,
                                wg_time now, struct intake_result *out, struct wg_error *err);

#endif
