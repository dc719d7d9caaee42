/* message.h: the messages between orchestrator and device (schemas/asyncapi.yaml is the contract).
 * Decoders take any bytes, check bounds, and fill the whole struct or nothing. Encoders append
 * JSON. Unknown members of a message are ignored (an older reader meets a newer writer); members
 * that are there must be right. Pure. */
#ifndef WG_COMMON_MESSAGE_H
#define WG_COMMON_MESSAGE_H

#include "common/buf.h"
#include "common/identity_key.h"
#include "common/json.h"
#include "common/state.h"
#include "common/text.h"
#include "common/time.h"
#include "common/window.h"

#define WG_MESSAGE_MAX 32768   /* bytes of any message in either direction */
#define WG_COMPONENTS_MAX 16   /* software components of a device */
#define WG_ATTRIBUTES_MAX 4096 /* bytes of the attributes object, as JSON */
#define WG_BOOT_MAX 33         /* boot nonce: 16 random bytes in hex, with NUL */
#define WG_JOURNAL_MAX 33      /* journal id: the same form */
#define WG_ORDER_ID_MAX 37     /* UUID text, with NUL */
#define WG_URL_MAX 512
#define WG_URLS_MAX 4
#define WG_TOPIC_MAX 160
#define WG_METRICS_MAX 16
#define WG_TAMPERED_MAX 128
#define WG_RETRY_MAX WG_DAY   /* that a device may ask for */
#define WG_FORMS_MAX 6        /* further forms of artifacts that an order names, all together */
#define WG_COMPANIONS_MAX 4   /* releases that are installed together with another */
#define WG_AGE_HEADER_MAX 768 /* bytes of an age header for one device, with NUL */

enum wg_topic {
    WG_TOPIC_UP_HELLO,
    WG_TOPIC_UP_REPORT,
    WG_TOPIC_UP_LOG,
    WG_TOPIC_UP_CSR,
    WG_TOPIC_DOWN_ORDER,
    WG_TOPIC_DOWN_ACK,
    WG_TOPIC_DOWN_CERT,
    WG_TOPICS
};

/* "wg/v1/d/{device}/up/hello"; out holds WG_TOPIC_MAX. */
WG_MUST_CHECK bool wg_topic_make(enum wg_topic topic, const char *device, char *out);
/* Reads a topic back; device holds WG_NAME_MAX + 1. False if it is none of ours. */
WG_MUST_CHECK bool wg_topic_parse(const char *text, enum wg_topic *topic, char *device);

struct wg_component {
    char name[WG_NAME_MAX + 1];
    char version[WG_VERSION_MAX + 1];
};

struct wg_metric {
    char name[WG_NAME_MAX + 1];
    double value;
};

/* A device that was told to erase its keys says so for as long as its last connection holds. */
enum wg_erase { WG_ERASE_NONE, WG_ERASE_STARTED, WG_ERASE_DONE };

/* 2^52: what a device says of its counter leaves room for the orders to come. */
#define WG_COUNTER_TOLD_MAX ((int64_t)4503599627370496)

struct wg_hello {
    bool online; /* false: the Last Will; then only boot and link are filled */
    char boot[WG_BOOT_MAX];
    int64_t link; /* number of the connection in this boot, from 1; 0: not told */
    char journal[WG_JOURNAL_MAX];
    int64_t seq;     /* highest report number written so far in this journal; 0: none */
    int64_t oldest;  /* of the oldest report that it keeps, seq + 1 for none; 0: not told */
    int64_t counter; /* of the last order that it took; 0: none, or not told */
    char agent[WG_VERSION_MAX + 1];
    char hardware_model[WG_NAME_MAX + 1];
    char hardware_revision[WG_NAME_MAX + 1];
    char slot[WG_NAME_MAX + 1];
    bool trial; /* the slot boots once, to be tried: its software may not stay */
    char tampered[WG_TAMPERED_MAX + 1]; /* what its tamper hook says; "" nothing was noticed */
    enum wg_erase erase;                /* how far it is with destroying its keys */
    wg_time certificate_ends;           /* of the one that it connected with; 0: not told */
    char zone[WG_ZONE_MAX + 1];         /* IANA; "" not known */
    char region[WG_NAME_MAX + 1];       /* ISO 3166-1 "DE" or -2 "DE-BY"; "" not known */
    bool has_position;
    double lat, lon; /* degrees, WGS 84 */
    size_t component_count;
    struct wg_component components[WG_COMPONENTS_MAX];
    char attributes[WG_ATTRIBUTES_MAX]; /* a JSON object of scalars, as text; "{}" when none */
    size_t metric_count;
    struct wg_metric
        metrics[WG_METRICS_MAX]; /* how it does, as of now: what health gates compare */
    int64_t
        ask; /* number, within the boot, of the question what there is for the device; 0: none */
};

struct wg_report {
    char journal[WG_JOURNAL_MAX];
    int64_t seq; /* 0: progress only, not journaled, not acknowledged */
    char order[WG_ORDER_ID_MAX];
    char campaign[WG_NAME_MAX + 1];
    int64_t attempt;
    enum wg_state state;
    enum wg_cause cause;
    char detail[WG_DETAIL_MAX + 1]; /* for a person */
    wg_duration retry; /* deferred: offer it again no earlier; whole seconds; 0: not said */
    int64_t bytes, bytes_total; /* progress of the download; 0, 0 when it has none */
    size_t component_count;     /* versions now running; 0 when the report has none */
    struct wg_component components[WG_COMPONENTS_MAX];
    wg_time at; /* device's clock; 0 if it has none */
};

/* What there is for a device that has asked. */
enum wg_next {
    WG_NEXT_UNKNOWN, /* nobody has asked */
    WG_NEXT_NONE,    /* no campaign under way has anything for it */
    WG_NEXT_SOON,    /* an order is on its way, or comes as soon as there is room for one more */
    WG_NEXT_LATER,   /* a campaign has it, and something else must happen first */
    WG_NEXTS
};

struct wg_ack {
    char journal[WG_JOURNAL_MAX];
    int64_t seq; /* every report of this journal up to and including seq is committed */
    char order[WG_ORDER_ID_MAX]; /* that the orchestrator holds as this device's in hand; "" none */
    bool go;                     /* the device of that order may switch over to the new slot */
    /* of the hello that was heard last; 0: not told */
    int64_t link;
    char boot[WG_BOOT_MAX];
    int64_t answer;    /* to the question of that number in that boot; 0: to none */
    enum wg_next next; /* with answer */
};

enum wg_order_kind {
    WG_ORDER_INSTALL,
    WG_ORDER_WITHDRAW,
    WG_ORDER_ERASE /* the device destroys its keys; of no campaign */
};

/* Another file that becomes what gets installed: compressed, or a patch. What it is the repository
 * says of the hash (common/trust/release_facts.h); the order says only where it is. */
struct wg_order_form {
    size_t member; /* whose: 0 the order's own release, i its companions[i - 1] */
    char sha256[WG_SHA256_HEX];
    int64_t length;              /* bytes, 1.. */
    char age[WG_AGE_HEADER_MAX]; /* as the artifact's; "": it is not encrypted */
    size_t url_count;
    char urls[WG_URLS_MAX][WG_URL_MAX];
};

/* Another release that is installed together with the order's, and stays or goes back with it. */
struct wg_order_companion {
    char component[WG_NAME_MAX + 1];
    char version[WG_VERSION_MAX + 1];
    char sha256[WG_SHA256_HEX]; /* of its artifact; all as the order's own */
    int64_t length;
    char age[WG_AGE_HEADER_MAX];
    size_t url_count;
    char urls[WG_URLS_MAX][WG_URL_MAX];
};

/* What the director signs. */
struct wg_order {
    enum wg_order_kind kind;
    char id[WG_ORDER_ID_MAX]; /* of the order; a withdrawal carries the id of what it withdraws */
    char device[WG_NAME_MAX + 1];
    char campaign[WG_NAME_MAX + 1];   /* "": erase */
    char digest[WG_SHA256_HEX];       /* of the campaign's canonical JSON; "": erase */
    char rolls_back[WG_NAME_MAX + 1]; /* the campaign whose devices this one sends back; "" none */
    int64_t attempt;
    int64_t counter; /* per device, strictly growing */
    char boot[WG_BOOT_MAX];
    wg_time not_before, expires;
    /* install only: */
    char component[WG_NAME_MAX + 1];
    char version[WG_VERSION_MAX + 1];
    char hardware_model[WG_NAME_MAX + 1]; /* the artifact fits this model; "" any */
    char sha256[WG_SHA256_HEX];           /* of the artifact */
    int64_t length;                       /* of the artifact, bytes, 1.. */
    char age[WG_AGE_HEADER_MAX]; /* that opens the artifact, an age body, for this device; "": the
                                    artifact is what gets installed */
    size_t url_count;
    char urls[WG_URLS_MAX][WG_URL_MAX];
    size_t companion_count; /* 0.. */
    struct wg_order_companion companions[WG_COMPANIONS_MAX];
    size_t form_count; /* 0.. */
    struct wg_order_form forms[WG_FORMS_MAX];
    wg_duration timeout_download, timeout_install, timeout_probation;
    struct wg_windows windows; /* when it may be begun and switched over to; count 0: always. The
                                  zone of a site is given by name. */
};

/* Where an order's artifact and its forms are: the members "urls" and "forms" of the object; and
 * its companions, with where theirs are: "with". So they stand in the order itself and in what a
 * device keeps of it. Adding fails only for want of memory. */
WG_MUST_CHECK bool wg_order_places_add(json_t *artifact, const struct wg_order *order);
WG_MUST_CHECK bool wg_order_places_get(const json_t *artifact, struct wg_order *order,
                                       struct wg_error *err);
WG_MUST_CHECK bool wg_order_with_add(json_t *body, const struct wg_order *order);
WG_MUST_CHECK bool wg_order_with_get(const json_t *body, struct wg_order *order,
                                     struct wg_error *err);

/* Bytes that a device is spared by taking the form, not the artifact; below 0: none. */
int64_t wg_order_saving(const struct wg_order *order, const struct wg_order_form *form);

/* An order for that member alone, 0..companion_count: component, version, artifact and forms are
 * the member's, it has no companions, all else is the order's. out is not the order. */
void wg_order_member(const struct wg_order *order, size_t member, struct wg_order *out);

WG_MUST_CHECK bool wg_hello_decode(const char *bytes, size_t len, struct wg_hello *out,
                                   struct wg_error *err);
WG_MUST_CHECK bool wg_hello_encode(const struct wg_hello *hello, struct wg_buf *out,
                                   struct wg_error *err);
WG_MUST_CHECK bool wg_report_decode(const char *bytes, size_t len, struct wg_report *out,
                                    struct wg_error *err);
WG_MUST_CHECK bool wg_report_encode(const struct wg_report *report, struct wg_buf *out,
                                    struct wg_error *err);
const char *wg_next_text(enum wg_next next); /* "later"; "" unknown */
WG_MUST_CHECK bool wg_next_parse(const char *text, enum wg_next *out);
WG_MUST_CHECK bool wg_ack_decode(const char *bytes, size_t len, struct wg_ack *out,
                                 struct wg_error *err);
WG_MUST_CHECK bool wg_ack_encode(const struct wg_ack *ack, struct wg_buf *out,
                                 struct wg_error *err);
/* An order in two steps, for who signs or checks in a way of his own. wg_order_make: a new
 * reference to what is to be signed; warrant (borrowed, NULL: none): the statements of people that
 * entitle it (common/trust/warrant.h). wg_order_parse: a new reference to an envelope, nothing
 * checked. wg_order_read: what is in the envelope; the signature is the caller's to check first. */
WG_MUST_CHECK json_t *wg_order_make(const struct wg_order *order, const json_t *warrant,
                                    struct wg_error *err);
WG_MUST_CHECK json_t *wg_order_parse(const char *bytes, size_t len, struct wg_error *err);
WG_MUST_CHECK bool wg_order_read(const json_t *envelope, struct wg_order *out,
                                 struct wg_error *err);
const json_t *wg_order_warrant(const json_t *envelope); /* borrowed; NULL: it has none */

/* Appends the signed envelope (common/signed.h) around the order, without a warrant. */
WG_MUST_CHECK bool wg_order_encode(const struct wg_order *order,
                                   const struct wg_identity_key *director, struct wg_buf *out,
                                   struct wg_error *err);
/* Checks the signature first (WG_E_VERIFY), then the form (WG_E_BAD_INPUT). Says nothing about
 * whether the order is for this device, fresh or in date: that is agent/core's to judge. */
WG_MUST_CHECK bool wg_order_decode(const char *bytes, size_t len,
                                   const struct wg_identity_public *directors,
                                   size_t director_count, struct wg_order *out,
                                   struct wg_error *err);

#endif
