/* station.h: what is done with one message, and with a handful of them: the authority's folder is
 * locked, read, and let go of; what fell is told to the brokers. */
#ifndef WG_PKI_ENROL_STATION_H
#define WG_PKI_ENROL_STATION_H

#include "pki/enrol/limit.h"
#include "pki/enrol/pin_list.h"
#include "pki/enrol/renewal.h"
#include "pki/enrol/settings.h"

#define STATION_REVOKED_MAX 64

struct station {
    const struct enrol_settings *settings; /* borrowed */
    struct renewal_rules rules;
    struct limit limit;
    bool list_due;     /* the revocation list has to be written */
    wg_time list_next; /* when half of its time is over: it is written anew; 0: not known yet */
    struct pin_list pins;
    /* to be told to the brokers */
    size_t revoked_count;
    char revoked[STATION_REVOKED_MAX][WG_SERIAL_MAX];
    /* of the handful in hand */
    int lock; /* -1: none */
    bool open;
    struct authority authority;
};

/* Large: allocate it. The list is due: whatever ended the last run may have kept it back. */
void station_init(struct station *station, const struct enrol_settings *settings);
/* Appends the answer; nothing appended: there is none. */
void station_take(struct station *station, const char *topic, const char *payload, size_t len,
                  wg_time now, char answer_topic[WG_TOPIC_MAX], struct wg_buf *answer);
/* The end of a handful, or of a wait: the list is written if it is due and may be, the folder is
 * let go of. now: wall clock. */
void station_rest(struct station *station, bool may_write, wg_time now);
/* Appends the control message with what fell since the last; false: nothing did. */
bool station_told(struct station *station, struct wg_buf *out);

#endif
