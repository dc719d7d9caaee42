/* repository.h: the TUF repository as the device sees it: refreshes the metadata by the
 * specification's client workflow (common/tuf/client.h), brings the policy, and says what a release
 * is. On a thread of its own; the owner hears of the end through a descriptor. What is trusted is
 * kept durably in STATE/tuf. */
#ifndef WG_AGENT_POSIX_REPOSITORY_H
#define WG_AGENT_POSIX_REPOSITORY_H

#include "common/message.h"
#include "common/trust/release_facts.h"
#include "common/trust/trust_policy.h"

struct repository;
struct tls_pins;
struct download_settings;

struct repository_config {
    const char *url;       /* https; below it metadata/ and targets/ */
    const char *root_file; /* the first root, put there when the device was made */
    const char *state;     /* folder that survives power cuts and rollbacks */
    const char *ca_file, *cert_file, *key_file; /* PEM; the CA is the only one trusted */
    struct tls_pins *pins; /* borrowed; asked of the server beside the CA; NULL: none */
    const struct download_settings *download; /* borrowed: proxy and patience; NULL: none */
};

/* The end of one question. */
struct repository_event {
    bool ok;                     /* the metadata are fresh; else text says why not */
    char text[200];              /* for a person */
    wg_time issued;              /* it is this late at least, by the metadata; 0: not told */
    struct trust_policy *policy; /* NULL: as before, or there is none; the owner may take it */
    bool found;                  /* there is a release of that name; then: */
    struct release_facts facts;
    struct release_facts companions[WG_COMPANIONS_MAX]; /* of facts; component "": not there */
    char *payload; /* as it was asked with; NULL: only the policy was asked for */
    size_t len;
};

struct repository *repository_new(const struct repository_config *config, struct wg_error *err);
void repository_free(struct repository *repository); /* stops */

/* The device's pair from the next question on; copies. */
void repository_set_pair(struct repository *repository, const char *cert_file,
                         const char *key_file);
/* Asks about a release; payload (copied) comes back with the answer. Both NULL: the policy alone.
 * least: the time, or the latest that was verified, by which expiry is judged.
 * One question at a time: a further one waits, and only the latest of those that wait is kept. */
WG_MUST_CHECK bool repository_ask(struct repository *repository, const char *component,
                                  const char *version, const char *payload, size_t len,
                                  wg_time least, struct wg_error *err);
int repository_fd(const struct repository *repository);
/* NULL: nothing has ended. The caller frees it. */
struct repository_event *repository_next(struct repository *repository);
void repository_event_free(struct repository_event *event);

#endif
