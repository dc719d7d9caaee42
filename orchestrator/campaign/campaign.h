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
#define CAMPAIGN_LIST_MAX 100000 /* device ids in all lists of a campaign together */
#define CAMPAIGN_DEPTH_MAX 8     /* all, any and not inside each other */

struct text_list {
    size_t count;
    char **items; /* owned */
};

enum selector_kind {
    SELECT_ALL,
    SELECT_ANY,
    SELECT_NOT,
    SELECT_DEVICE,   /* values: ids */
    SELECT_REGION,   /* values: "DE" (and all below), "US-CA" */
    SELECT_HARDWARE, /* model, range of revisions */
    SELECT_SOFTWARE, /* model = component, range of versions */
    SELECT_TAG       /* values: any of them */
};

struct selector {
    enum selector_kind kind;
    size_t child_count;
    struct selector **children; /* all, any, not (one child) */
    struct text_list values;
    char name[WG_NAME_MAX + 1];       /* hardware model or software component */
    char range_text[WG_SORT_KEY_MAX]; /* as written; "" any */
    struct wg_range range;
};

enum wave_kind { WAVE_DEVICES, WAVE_PERCENT, WAVE_COUNT, WAVE_REMAINING };

struct campaign_wave {
    char name[WG_NAME_MAX + 1];
    enum wave_kind kind;
    struct text_list devices;
    int64_t percent_ppm;
    int64_t count;
};

struct campaign {
    char name[WG_NAME_MAX + 1];
    char component[WG_NAME_MAX + 1]; /* release: component/version */
    char version[WG_VERSION_MAX + 1];
    struct selector
        *target; /* SELECT_ALL at the top; "not" of the file is its SELECT_NOT children */
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
void campaign_free(struct campaign *campaign);

/* Appends the canonical JSON. */
WG_MUST_CHECK bool campaign_canonical(const struct campaign *campaign, struct wg_buf *out,
                                      struct wg_error *err);
WG_MUST_CHECK bool campaign_digest(const struct campaign *campaign, char out[WG_SHA256_HEX],
                                   struct wg_error *err);

#endif
