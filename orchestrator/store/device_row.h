/* device_row.h: devices, tags, releases, and one device's story, for people. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_ROW_H
#define WG_ORCHESTRATOR_STORE_DEVICE_ROW_H

#include "common/version.h"
#include "orchestrator/store/intake.h"

struct device_row {
    char id[WG_NAME_MAX + 1];
    char hardware_model[WG_NAME_MAX + 1], hardware_revision[WG_NAME_MAX + 1];
    char region[WG_NAME_MAX + 1], zone[WG_ZONE_MAX + 1], slot[WG_NAME_MAX + 1];
    char broker[WG_NAME_MAX + 1]; /* by which it said hello last; "": not known */
    char agent[WG_VERSION_MAX + 1];
    bool has_position;
    double lat, lon;
    bool online;
    wg_time presence_at, seen_at, registered_at, revoked_at;
    wg_time quarantined_at;           /* 0: it is not; else nothing is offered to it */
    char alarms[96];                  /* kinds of those that are open: "cloned, flood" */
    char cloned_why[160];             /* what showed it; "" no such alarm is open */
    char tampered_why[160];           /* what the device says of it; the same */
    char held_why[WG_NAME_MAX + 192]; /* "by sue: reason": a person holds it back; the same */
    int64_t report_seq;
    size_t component_count;
    struct wg_component components[WG_COMPONENTS_MAX];
    size_t tag_count;
    char tags[16][WG_NAME_MAX + 1];
    char attributes[WG_ATTRIBUTES_MAX];
};

WG_MUST_CHECK bool device_row_get(struct db *db, const char *id, struct device_row *out,
                                  struct wg_error *err);
/* Registers the device if it is not there yet (before its first hello). */
WG_MUST_CHECK bool device_row_tag(struct db *db, const char *id, const char *tag, bool on,
                                  wg_time now, struct wg_error *err);

/* Nothing is offered to a device that is revoked, and no order with a header is made for it.
 * why: for the audit log.
 * *changed: it was the other way round. WG_E_NOT_FOUND: there is no such device. */
WG_MUST_CHECK bool device_row_revoke(struct db *db, const char *id, bool on, const char *why,
                                     wg_time now, bool *changed, struct wg_error *err);

/* One campaign that this device has or had a place in, newest first; allocates. */
struct device_place_row {
    char campaign[WG_NAME_MAX + 1];
    char campaign_state[24], campaign_cause[256];
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    char wave[WG_NAME_MAX + 1], wave_state[24];
    int64_t wave_number;
    enum wg_state state;
    enum wg_cause cause;
    char detail[WG_DETAIL_MAX + 1];
    int64_t attempt; /* number of the last order; 0: none yet */
    int64_t spent;   /* attempts spent by faults */
    wg_time state_at, retry_at;
    wg_time ready_at; /* since then it waits for the word to switch over; 0: it does not */
    int64_t bytes, bytes_total;
    int64_t ahead;     /* waiting devices of the same wave with a lower rank */
    char refusal[256]; /* of what is offered: why its order is not signed; "" it is */
};
WG_MUST_CHECK bool device_row_places(struct db *db, const char *id, struct device_place_row **out,
                                     size_t *count, struct wg_error *err);

/* Another campaign that has this device's update in hand, or would offer it one before this one.
 * campaign is "" when there is none. */
struct device_holder_row {
    char campaign[WG_NAME_MAX + 1];
    bool in_hand;
    int64_t priority, own_priority;
    bool emergency; /* that campaign is one */
};
WG_MUST_CHECK bool device_row_holder(struct db *db, const char *id, const char *campaign,
                                     wg_time now, struct device_holder_row *out,
                                     struct wg_error *err);

/* Who counts now against a cap for each value of an inventory attribute: devices with an update in
 * hand, in any campaign, and those that went silent and have not been heard since. */
#define DEVICE_CAP_SHOWN 3
struct device_cap_holder {
    char device[WG_NAME_MAX + 1], campaign[WG_NAME_MAX + 1];
    enum wg_state state;
    wg_time since;
};
struct device_cap_row {
    char value[WG_VERSION_MAX + 1]; /* of the device itself, cut; "" when nobody counts */
    int64_t devices;                /* that count */
    size_t shown;                   /* of them, those that went silent last */
    struct device_cap_holder holders[DEVICE_CAP_SHOWN];
};
/* One for each attribute, in their order. */
WG_MUST_CHECK bool device_row_caps(struct db *db, const char *id, const char *const *attributes,
                                   size_t count, struct device_cap_row *out, struct wg_error *err);

/* The zone of where the device stands, whatever it says itself; "" not known. */
WG_MUST_CHECK bool device_row_site_zone(struct db *db, const char *id, char out[WG_ZONE_MAX + 1],
                                        struct wg_error *err);
/* The zones that devices have, in order, at most max. */
WG_MUST_CHECK bool device_row_zones(struct db *db, char (*out)[WG_ZONE_MAX + 1], size_t max,
                                    size_t *count, struct wg_error *err);

/* Timeline: reports with remarks, oldest first, the last `limit`; allocates. */
struct device_report_row {
    wg_time received, device_at;
    char campaign[WG_NAME_MAX + 1];
    int64_t attempt, seq;
    char state[24], cause[24], detail[WG_DETAIL_MAX + 1], remark[128];
};
WG_MUST_CHECK bool device_row_reports(struct db *db, const char *id, size_t limit,
                                      struct device_report_row **out, size_t *count,
                                      struct wg_error *err);

/* Whom encrypted artifacts for the device are for, an age recipient. WG_E_NOT_FOUND. */
WG_MUST_CHECK bool device_row_age_key(struct db *db, const char *id, const char *recipient,
                                      struct wg_error *err);
/* Keeps the signed record of a device, which is registered by it when it was not yet. */
WG_MUST_CHECK bool device_row_enrol(struct db *db, const char *id, const char *record,
                                    const char *age_key, wg_time now, struct wg_error *err);

#define RELEASE_DEPENDS_TEXT 6144

struct release_row {
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    char sha256[WG_SHA256_HEX];
    int64_t length;
    char hardware_model[WG_NAME_MAX + 1];
    char from_range[WG_SORT_KEY_MAX]; /* versions it can be installed over; "" any */
    char notes[1024];
    char added_by[WG_NAME_MAX + 1];
    wg_time added_at;
    bool sealed; /* the artifact is an age body: each device needs a header of its own */
    char depends[RELEASE_DEPENDS_TEXT]; /* JSON: component -> range of its versions; "" none */
    size_t companion_count;
    struct wg_component companions[WG_COMPANIONS_MAX]; /* installed together with it */
    /* Of people other than its publisher, before a campaign may install it: */
    int64_t approvals_wanted, approvals;
    char state[12]; /* "proposed", "published", "refused" */
    char refused_by[WG_NAME_MAX + 1], refusal[WG_DETAIL_MAX + 1];
};
/* What the one who published a release has signed of it; "" when it is not signed. */
struct release_signature {
    char added_by[WG_NAME_MAX + 1];
    char statement[4096 + 1];
    char chain[8192 + 1];
};
WG_MUST_CHECK bool release_row_signature(struct db *db, const char *component, const char *version,
                                         struct release_signature *out, struct wg_error *err);
/* WG_E_CONFLICT when this component and version exists with other content; the same again is fine
 * and sets *added false. signature may be NULL. */
WG_MUST_CHECK bool release_row_add(struct db *db, const struct release_row *row,
                                   const struct release_signature *signature, bool *added,
                                   struct wg_error *err);
/* A further form of its artifact: component, version, sha256, length, sealed, added_at, added_by.
 * WG_E_NOT_FOUND: no such release; WG_E_LIMIT: it has WG_FORMS_MAX. */
WG_MUST_CHECK bool release_form_add(struct db *db, const struct release_row *row, bool *added,
                                    struct wg_error *err);
WG_MUST_CHECK bool release_row_get(struct db *db, const char *component, const char *version,
                                   struct release_row *out, struct wg_error *err);
/* Why no campaign may install it; "" it may. */
#define RELEASE_UNREADY_TEXT 512
void release_row_unready(const struct release_row *row, char out[RELEASE_UNREADY_TEXT]);
/* In a transaction: a yes of one that is proposed, *counts: they had not said it before.
 * WG_E_DENIED: they published it; WG_E_CONFLICT: it is not proposed. */
WG_MUST_CHECK bool release_row_approve(struct db *db, const char *component, const char *version,
                                       const char *person, wg_time now, bool *counts,
                                       struct wg_error *err);
/* The same: a no, for good; also their own, of who published it. */
WG_MUST_CHECK bool release_row_refuse(struct db *db, const char *component, const char *version,
                                      const char *person, const char *reason, wg_time now,
                                      struct wg_error *err);
WG_MUST_CHECK bool release_row_list(struct db *db, struct release_row **out, size_t *count,
                                    struct wg_error *err);

#endif
