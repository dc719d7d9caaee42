/* presigned_test.c: what the configuration takes as a bucket, an order has room for. */
#include "common/text.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/release/s3_url.h"
#include "tests/unit/agent/folder.h"

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

_Static_assert(S3_LASTS_MOST == SETTINGS_BUCKET_LASTS, "as long as a presigned URL lasts");

static struct settings settings;

static bool load(struct folder *folder, int prefix)
{
    char text[2048], letters[WG_URL_MAX];
    struct wg_error err = {0};
    memset(letters, 'p', sizeof letters);
    letters[prefix] = '\0';
    (void)wg_format(text, sizeof text,
                    "artifacts:\n  urls:\n  - {endpoint: \"https://s3.example:9000\", "
                    "bucket: updates, region: eu-central-1, prefix: %s, "
                    "access_key_id: \"a:b+c\", secret_key_file: s}\n",
                    letters);
    folder_put(folder, "wavegated.yaml", text, 0600);
    return settings_load(&settings, folder_file(folder, "wavegated.yaml"), &err);
}

static void test_longest(void)
{
    struct folder folder;
    struct wg_error err = {0};
    char url[WG_URL_MAX];
    int prefix = 1;
    folder_make(&folder);
    while (prefix < 300 && load(&folder, prefix + 1)) prefix++;
    CU_ASSERT_TRUE(load(&folder, prefix));
    const struct settings_bucket *bucket = &settings.artifact_buckets[0];
    const struct s3_grant grant = {.base = settings.artifact_urls[0],
                                   .object = HASH,
                                   .region = bucket->region,
                                   .access_key = bucket->access_key,
                                   .issued = 1800000000 * WG_SECOND,
                                   .expires = 1800000000 * WG_SECOND + S3_LASTS_MOST};
    ASSERT_OK(s3_presign(&grant, "secret", url, &err), &err);
    CU_ASSERT_EQUAL(strlen(url), WG_URL_MAX - 1);
    folder_remove(&folder);
}

WG_SUITE("orchestrator/link/presigned", {"longest", test_longest})
