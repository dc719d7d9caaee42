/* s3_url.h: URLs that open one object of an S3-compatible store for a while: presigned by AWS
 * Signature Version 4 in the query (X-Amz-Algorithm=AWS4-HMAC-SHA256, UNSIGNED-PAYLOAD, only the
 * host is signed beside). Pure: the same grant and secret make the same URL. */
#ifndef WG_ORCHESTRATOR_RELEASE_S3_URL_H
#define WG_ORCHESTRATOR_RELEASE_S3_URL_H

#include "common/message.h"

#define S3_LASTS_MOST (7 * WG_DAY) /* what stores take; AWS: X-Amz-Expires is at most 604800 */

struct s3_grant {
    const char *base;       /* "https://HOST[:PORT][/PATH]" without the last '/': what is below it
                               is in the bucket; HOST as the client sends it, without ":443" */
    const char *object;     /* its name below */
    const char *region;     /* "eu-central-1" */
    const char *access_key; /* its id, which stands in the URL */
    wg_time issued;         /* whole seconds count, of both; stores refuse what is issued later */
    wg_time expires;        /* 1 second to S3_LASTS_MOST after issued */
};

/* WG_E_BAD_INPUT: no such URL can be; WG_E_LIMIT: it is too long. */
WG_MUST_CHECK bool s3_presign(const struct s3_grant *grant, const char *secret,
                              char out[WG_URL_MAX], struct wg_error *err);

#endif
