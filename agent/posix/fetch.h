/* fetch.h: brings the artifacts of an order into their idle slots over HTTPS, in ranges, one after
 * the other, on a thread of its own. Constant memory; goes on where an earlier try stopped; hash
 * checked while streaming. The owner hears of it through a descriptor.
 *
 * Of the forms that the release offers it takes a patch whose old content is what the running slot
 * holds, else a compressed one, else the artifact itself; the smaller first. A form that does not
 * become what was ordered is given up for the next, until another order comes. */
#ifndef WG_AGENT_POSIX_FETCH_H
#define WG_AGENT_POSIX_FETCH_H

#include "agent/core/core.h"
#include "agent/posix/slot/backend.h"

struct fetch;
struct tls_pins;
struct download_settings;

struct fetch_config {
    const char *ca_file, *cert_file, *key_file; /* PEM; the CA is the only one trusted */
    const char *identity_file;  /* the device's age key, for encrypted artifacts; NULL: none */
    struct slot_backend *slots; /* borrowed; the download's own while one runs */
    const char *nonce_file, *mark_file; /* of part.h; a companion's has ".1" behind it, and so on */
    const char *stamps_file;            /* of stamps.h; likewise */
    struct tls_pins *pins;              /* borrowed; asked of servers beside the CA; NULL: none */
    const struct download_settings *download; /* borrowed; NULL: as without a word */
    const char *device; /* its id: mirrors come in an order of its own; NULL: none */
};

/* LATER: it could not go on now; what is there stays. */
enum fetch_kind { FETCH_PROGRESS, FETCH_DONE, FETCH_FAILED, FETCH_LATER };

struct fetch_event {
    enum fetch_kind kind;
    enum wg_cause cause; /* failed: download or verify */
    bool fatal;          /* failed: another try would end the same */
    bool refused;        /* failed: another try with the same URLs would, most likely */
    int64_t done, total; /* bytes of the forms that are fetched, of all members; done: of each
                             that came, and of what is in hand */
    bool in_place;       /* done: of the slots' status, for what was fetched */
    wg_duration delay;   /* later: when it is worth another try */
    char text[200];      /* done: in which form it came; failed, later: why */
};

struct fetch *fetch_new(const struct fetch_config *config, struct wg_error *err); /* copies */
/* The device's pair from the next fetch on; copies. */
void fetch_set_pair(struct fetch *fetch, const char *cert_file, const char *key_file);
void fetch_free(struct fetch *fetch); /* stops */
/* release: what the artifacts open to, and the forms that there are; NULL: the order's own is what
 * gets installed. What the slots hold of it already is kept when it can be. status: what runs, and
 * need not be fetched; NULL: not known. All are copied. One fetch at a time. */
WG_MUST_CHECK bool fetch_start(struct fetch *fetch, const struct wg_order *order,
                               const struct core_release *release, const struct slot_status *status,
                               struct wg_error *err);
void fetch_stop(struct fetch *fetch); /* waits until the thread has ended; no event comes after */
/* One was started, and neither its last event was taken nor was it stopped. */
bool fetch_is_on(const struct fetch *fetch);
/* Stops it, and what was kept to go on with is gone: the slot was emptied. */
void fetch_forget(struct fetch *fetch);
int fetch_fd(const struct fetch *fetch);
bool fetch_next(struct fetch *fetch, struct fetch_event *out);

#endif
