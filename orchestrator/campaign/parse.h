/* parse.h: how the files of this room share the reading of one campaign file. Internal to the room.
 */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_PARSE_H
#define WG_ORCHESTRATOR_CAMPAIGN_PARSE_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/yaml/yaml_doc.h"

struct parse {
    struct yaml_doc doc;
    struct campaign *campaign;
    campaign_load_fn load;
    void *ctx;
    size_t listed;  /* device ids in all lists so far */
    size_t corners; /* of all areas so far */
    bool memory;    /* ran out: the result is void */
};

/* Each reads its part and adds problems to the document; at may be NULL. */
void parse_target(struct parse *parse, const struct yaml_value *at);
void parse_waves(struct parse *parse, const struct yaml_value *at);
void parse_pace(struct parse *parse, const struct yaml_value *at);
void parse_budget(struct parse *parse, const struct yaml_value *at);
void parse_retry(struct parse *parse, const struct yaml_value *at);
void parse_timeout(struct parse *parse, const struct yaml_value *at);
void parse_window(struct parse *parse, const struct yaml_value *at);
void parse_schedule(struct parse *parse, const struct yaml_value *at);
/* The top level's approvals and emergency; behind membership, which it is checked against. */
void parse_start(struct parse *parse);
void parse_approvals(struct parse *parse, const struct yaml_value *at,
                     struct policy_approvals *out);
/* Overrides what the map names; the rest of gate stays. */
void parse_gate(struct parse *parse, const struct yaml_value *at, struct policy_gate *gate);

/* A map, or a problem. NULL: not there, nothing said. */
bool parse_is_map(struct parse *parse, const struct yaml_value *at, const char *what);
bool parse_name(struct parse *parse, const struct yaml_value *at, const char *what, char *out);
/* A list of device ids, or {file: NAME} with one id a line. globs: where patterns go; NULL: ids
 * alone. */
void parse_devices(struct parse *parse, const struct yaml_value *at, struct text_list *out,
                   struct text_list *globs);
/* Appends the file that at names; false with a problem. */
bool parse_file(struct parse *parse, const struct yaml_value *at, struct wg_buf *out);
/* One text or a list of them, each judged by good; nearest guesses what was meant by a bad one.
 * Both may be NULL. */
typedef bool (*parse_nearest_fn)(const char *wrong, char *out);
void parse_values(struct parse *parse, const struct yaml_value *at, const char *what,
                  const char *expected, bool (*good)(const char *), parse_nearest_fn nearest,
                  struct text_list *out);
/* "1%", or a number of devices from min on. */
void parse_amount(struct parse *parse, const struct yaml_value *at, const char *what, int64_t min,
                  struct policy_amount *out);
/* A number with at most so many decimals, also in quotes, times ten to that power. */
bool parse_decimal(struct parse *parse, const struct yaml_value *at, const char *what, int decimals,
                   int64_t min, int64_t max, int64_t *out);
/* "COMPONENT/VERSION"; slash splits it. */
bool parse_release(struct parse *parse, const struct yaml_value *at, const char *what,
                   char component[WG_NAME_MAX + 1], char version[WG_VERSION_MAX + 1]);

/* A map of selectors below a new SELECT_ALL; *out is set whatever is wrong in it, but for memory.
 */
void parse_selectors(struct parse *parse, const struct yaml_value *at, struct selector **out);
/* The leaves, each one key of a selector; parent gets them. */
void parse_hardware(struct parse *parse, const struct yaml_value *at, struct selector *parent);
void parse_software(struct parse *parse, const struct yaml_value *at, struct selector *parent);
void parse_attribute(struct parse *parse, const struct yaml_value *at, struct selector *parent);
void parse_last_seen(struct parse *parse, const struct yaml_value *at, struct selector *out);
void parse_releases(struct parse *parse, const struct yaml_value *at, struct selector *out);
void parse_region(struct parse *parse, const struct yaml_value *at, struct selector *out);
void parse_timezone(struct parse *parse, const struct yaml_value *at, struct selector *out);
void parse_within(struct parse *parse, const struct yaml_value *at, struct selector *out);
void parse_inside(struct parse *parse, const struct yaml_value *at, struct selector *out);
void parse_bbox(struct parse *parse, const struct yaml_value *at, struct selector *out);
/* NULL: no memory, which parse remembers. */
struct selector *selector_add(struct parse *parse, struct selector *parent,
                              enum selector_kind kind);

#define AREA_TEXT_MAX ((size_t)2 * 1024 * 1024) /* of area_wkt: AREA_VERTICES_MAX corners */

struct selector *selector_new(enum selector_kind kind); /* NULL: no memory */
void selector_free(struct selector *selector);

#endif
