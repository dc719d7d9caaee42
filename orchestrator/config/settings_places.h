/* settings_places.h: "artifacts: urls:" of the configuration file: where devices fetch artifacts.
 * Each is the URL of a folder, or a bucket of an S3-compatible store. */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_PLACES_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_PLACES_H

#include "common/time.h"

#include <limits.h>

#define SETTINGS_REGION_MAX 33
#define SETTINGS_ACCESS_KEY_MAX 129
#define SETTINGS_BUCKET_LASTS (7 * WG_DAY) /* a presigned URL lasts no longer */

/* How URLs of a bucket are presigned; where it is says the URL beside it. */
struct settings_bucket {
    char region[SETTINGS_REGION_MAX];         /* "": this is no bucket */
    char access_key[SETTINGS_ACCESS_KEY_MAX]; /* its id */
    char secret_file[PATH_MAX];               /* with the secret access key */
};

struct settings;
struct yaml_doc;
struct yaml_value;

/* at NULL: there are none. Problems are told in doc. folder: what paths are relative to. */
void settings_places_read(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                          struct settings *out);
/* What a bucket asks of the rest, once all is read. lifetime: where that of orders stands. */
void settings_places_check(struct yaml_doc *doc, const struct yaml_value *lifetime,
                           const struct settings *settings);

#endif
