/* campaign.h: a campaign file as a checked model. Reading is all or nothing; every problem is told
 * with file, line and column. The canonical JSON of a campaign is itself a campaign file with every
 * default written out and every list inlined: what is digested, signed and stored is what is run.
 */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_CAMPAIGN_H
#define WG_ORCHESTRATOR_CAMPAIGN_CAMPAIGN_H

#include "common/buf.h"
#include "common/crypto.h"
#include "common/text.h"
#include "common/version.h"
#include "orchestrator/engine/policy.h"

#define CAMPAIGN_FILE_MAX ((size_t)1024 * 1024)
#define CAMPAIGN_LIST_MAX 100000    /* device ids in all lists of a campaign together */
#define CAMPAIGN_CORNERS_MAX 200000 /* of all areas of a campaign together */
#define CAMPAIGN_OTHERS_MAX 32      /* campaigns that a campaign names */
#define CAMPAIGN_GLOBS_MAX 100      /* patterns of one selector */
#define CAMPAIGN_DEPTH_MAX 8        /* all, any and not inside each other */

struct yaml_doc;

struct text_list {
    size_t count;
    char **items; /* owned */
};

enum selector_kind {
    SELECT_ALL,
    SELECT_ANY,
    SELECT_NOT,
    SELECT_DEVICE,        /* values: ids; globs: patterns */
    SELECT_HARDWARE,      /* name: model; range of revisions */
    SELECT_SOFTWARE,      /* name: component; scheme; range of versions, or values when opaque */
    SELECT_ATTRIBUTE,     /* name; compare; values */
    SELECT_TAG,           /* values: any of them */
    SELECT_GROUP,         /* values: any of them */
    SELECT_REGION,        /* values: "DE" (and all below), "US-CA" */
    SELECT_TIMEZONE,      /* values: names; globs: patterns */
    SELECT_WITHIN,        /* place[0], place[1]: centre; meters */
    SELECT_INSIDE,        /* area */
    SELECT_BBOX,          /* place[]: west, south, east, north */
    SELECT_LAST_SEEN,     /* duration; compare: LESS within it, GREATER longer ago */
    SELECT_INSTALLED,     /* values: COMPONENT/VERSION, any of them */
    SELECT_NOT_INSTALLED, /* values: none of them */
    SELECT_FAILED_IN,     /* values: campaigns, any of them */
    SELECT_SUCCEEDED_IN   /* values: campaigns, any of them */
};

enum compare {
    COMPARE_EQUAL, /* any of values */
    COMPARE_NOT_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL,
    COMPARE_EXISTS,
    COMPARE_EXISTS_NOT
};

#define CAMPAIGN_DEGREE 10000000 /* places are in degrees times this */

struct selector {
    enum selector_kind kind;
    size_t child_count;
    struct selector **children; /* all, any, not (one child) */
    struct text_list values, globs;
    char name[WG_NAME_MAX + 1];
    enum compare compare;
    enum wg_scheme scheme;
    char range_text[WG_SORT_KEY_MAX]; /* as written; "" any */
    struct wg_range range;
    int64_t place[4];
    int64_t meters;
    wg_duration duration;
    struct area *area; /* owned */
};

enum wave_kind { WAVE_DEVICES, WAVE_SELECT, WAVE_PERCENT, WAVE_COUNT, WAVE_REMAINING };

#define CAMPAIGN_SPREAD_MAX 4
#define CAMPAIGN_SPREAD_TEXT (WG_NAME_MAX + 16)

struct campaign_wave {
    char name[WG_NAME_MAX + 1];
    enum wave_kind kind;
    struct text_list devices;
    struct selector *select; /* SELECT_ALL, owned */
    int64_t percent_ppm;
    int64_t count;
    size_t spread_count;
    char spread[CAMPAIGN_SPREAD_MAX][CAMPAIGN_SPREAD_TEXT]; /* "region", "software.app" */
};

#define CAMPAIGN_PRIORITY 50 /* when the file says nothing */

struct campaign {
    char name[WG_NAME_MAX + 1];
    char component[WG_NAME_MAX + 1]; /* release: component/version */
    char version[WG_VERSION_MAX + 1];
    char rollback[WG_VERSION_MAX + 1]; /* rollback_to, of the same component; "" none */
    struct selector
        *target; /* SELECT_ALL at the top; "not" of the file is its SELECT_NOT children */
    int64_t priority;
    struct text_list after, excludes, supersedes; /* campaigns */
    struct campaign_wave waves[POLICY_WAVES_MAX];
    struct policy policy;
};

/* Reads the file named inside the campaign ("devices: {file: lab.txt}"), relative to it; the loader
 * is handed in so that this room reads no files by itself. Appends to out. */
typedef bool (*campaign_load_fn)(void *ctx, const char *name, struct wg_buf *out,
                                 struct wg_error *err);

/* NULL with WG_E_BAD_FILE and a line per problem. file: the name to show. load may be NULL: then
 * files inside are refused. */
struct campaign *campaign_parse(const char *file, const char *bytes, size_t len,
                                campaign_load_fn load, void *ctx, struct wg_error *err);
/* The same; doc (zeroed by the caller, who clears it) receives the document as read, with all its
 * problems for yaml_doc_report. */
struct campaign *campaign_check(const char *file, const char *bytes, size_t len,
                                campaign_load_fn load, void *ctx, struct yaml_doc *doc,
                                struct wg_error *err);
void campaign_free(struct campaign *campaign);

/* Appends the canonical JSON. */
WG_MUST_CHECK bool campaign_canonical(const struct campaign *campaign, struct wg_buf *out,
                                      struct wg_error *err);
WG_MUST_CHECK bool campaign_digest(const struct campaign *campaign, char out[WG_SHA256_HEX],
                                   struct wg_error *err);

#endif
