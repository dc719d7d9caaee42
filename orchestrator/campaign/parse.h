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
    size_t listed; /* device ids in all lists so far */
    bool memory;   /* ran out: the result is void */
};

/* Each reads its part and adds problems to the document; at may be NULL. */
void parse_target(struct parse *parse, const struct yaml_value *at);
void parse_waves(struct parse *parse, const struct yaml_value *at);
void parse_pace(struct parse *parse, const struct yaml_value *at);
void parse_budget(struct parse *parse, const struct yaml_value *at);
void parse_retry(struct parse *parse, const struct yaml_value *at);
void parse_timeout(struct parse *parse, const struct yaml_value *at);
/* Overrides what the map names; the rest of gate stays. */
void parse_gate(struct parse *parse, const struct yaml_value *at, struct policy_gate *gate);

/* A map, or a problem. NULL: not there, nothing said. */
bool parse_is_map(struct parse *parse, const struct yaml_value *at, const char *what);
bool parse_name(struct parse *parse, const struct yaml_value *at, const char *what, char *out);
/* A list of device ids, or {file: NAME} with one id a line. */
void parse_devices(struct parse *parse, const struct yaml_value *at, struct text_list *out);

struct selector *selector_new(enum selector_kind kind); /* NULL: no memory */
void selector_free(struct selector *selector);
bool region_is_known(const char *region); /* ISO 3166-1 alpha-2, or 3166-2 below a known country */

#endif
