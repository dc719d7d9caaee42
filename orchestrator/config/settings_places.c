/* settings_places.c: reads "artifacts: urls:". */
#include "orchestrator/config/settings_places.h"

#include "common/text.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/config/settings_path.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <string.h>

#define SCHEME "https://"
#define BUCKET_LEAST 3
#define BUCKET_MOST 63
/* "/", an artifact's name, and what SigV4 puts behind it, without access key and region. */
#define PRESIGNED_MORE (1 + WG_SHA256_HEX - 1 + 240)

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

enum style { VIRTUAL_HOSTED, PATH };

/* As it stands in the file. */
struct given {
    char endpoint[WG_URL_MAX], bucket[BUCKET_MOST + 1], prefix[WG_URL_MAX];
    size_t style;
};

static void cut_slashes(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == '/') text[--len] = '\0';
}

static void read_url(struct yaml_doc *doc, const struct yaml_value *at, struct settings *out)
{
    char *url = out->artifact_urls[out->artifact_url_count];
    if (!yaml_read_text(doc, at, "url", url, WG_URL_MAX)) return;
    cut_slashes(url);
    /* the artifact's name, 64 digits, and a '/' come behind it */
    if (strncmp(url, SCHEME, strlen(SCHEME)) != 0 || strlen(url) + WG_SHA256_HEX + 1 > WG_URL_MAX) {
        yaml_doc_problem(doc, at, "url: expected https://HOST/PATH of at most %d bytes",
                         WG_URL_MAX - WG_SHA256_HEX - 1);
        return;
    }
    out->artifact_url_count++;
}

/* Signed as part of the URL, and sent as it stands there: so there is one way to write it. */
static bool check_endpoint(struct yaml_doc *doc, const struct yaml_value *at, char *endpoint)
{
    size_t scheme = strlen(SCHEME);
    bool ok = strncmp(endpoint, SCHEME, scheme) == 0;
    if (ok) {
        cut_slashes(endpoint + scheme);
        char *port = strrchr(endpoint + scheme, ':');
        if (port && strcmp(port, ":443") == 0) *port = '\0';
        size_t len = strspn(endpoint + scheme, LOWER DIGITS ".-:[]");
        ok = len > 0 && endpoint[scheme + len] == '\0';
    }
    if (!ok)
        yaml_doc_problem(doc, at,
                         "endpoint: expected https://HOST[:PORT] in lower case, got "
                         "\"%s\"",
                         endpoint);
    return ok;
}

static bool check_bucket(struct yaml_doc *doc, const struct yaml_value *at,
                         const struct given *given)
{
    const char *name = given->bucket;
    size_t len = strlen(name);
    if (len < BUCKET_LEAST || strspn(name, LOWER DIGITS ".-") != len || strstr(name, "..") ||
        strchr(".-", name[0]) || strchr(".-", name[len - 1])) {
        yaml_doc_problem(doc, at,
                         "bucket: expected %d to %d of a-z 0-9 - . between letters or digits, got "
                         "\"%s\"",
                         BUCKET_LEAST, BUCKET_MOST, name);
        return false;
    }
    if (given->style == VIRTUAL_HOSTED && strchr(name, '.')) {
        yaml_doc_problem(doc, at,
                         "bucket: no certificate for *.HOST covers \"%s\", which has a dot: say "
                         "style: path",
                         name);
        return false;
    }
    return true;
}

/* "" or segments, none of them empty, "." or "..", of signs that need no escaping. */
static bool check_prefix(struct yaml_doc *doc, const struct yaml_value *at, char *prefix)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LOWER DIGITS "-._~";
    cut_slashes(prefix);
    bool ok = true;
    for (const char *segment = prefix; ok && *prefix && segment;) {
        size_t len = strspn(segment, signs);
        ok = len > 0 && !(len <= 2 && strspn(segment, ".") >= len) &&
             (segment[len] == '\0' || segment[len] == '/');
        segment = segment[len] == '/' ? segment + len + 1 : NULL;
    }
    if (!ok)
        yaml_doc_problem(doc, at,
                         "prefix: expected names of A-Z a-z 0-9 - . _ ~ with '/' between, got "
                         "\"%s\"",
                         prefix);
    return ok;
}

static bool is_there(struct yaml_doc *doc, const struct yaml_value *map)
{
    static const char *const needed[][2] = {
        {"endpoint", "the store: https://s3.eu-central-1.amazonaws.com"},
        {"bucket", "its name"},
        {"region", "what the store calls its own: eu-central-1; us-east-1 where it has none"},
        {"access_key_id", "whose secret key signs URLs"},
        {"secret_key_file", "the file with the secret access key, of mode 600"}};
    bool ok = true;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (yaml_get(map, needed[i][0])) continue;
        yaml_doc_problem(doc, map, "%s is missing: %s", needed[i][0], needed[i][1]);
        ok = false;
    }
    return ok;
}

static bool read_given(struct yaml_doc *doc, const struct yaml_value *map, struct given *out)
{
    static const char *const styles[] = {
        [VIRTUAL_HOSTED] = "virtual-hosted", [PATH] = "path", NULL};
    const struct yaml_value *endpoint = yaml_get(map, "endpoint"),
                            *bucket = yaml_get(map, "bucket"), *prefix = yaml_get(map, "prefix");
    return yaml_read_text(doc, endpoint, "endpoint", out->endpoint, sizeof out->endpoint) &&
           yaml_read_text(doc, bucket, "bucket", out->bucket, sizeof out->bucket) &&
           yaml_read_text(doc, prefix, "prefix", out->prefix, sizeof out->prefix) &&
           yaml_read_choice(doc, yaml_get(map, "style"), "style", styles, &out->style) &&
           check_endpoint(doc, endpoint, out->endpoint) && check_bucket(doc, bucket, out) &&
           check_prefix(doc, prefix, out->prefix);
}

static bool read_keys(struct yaml_doc *doc, const struct yaml_value *map, const char *folder,
                      struct settings_bucket *out)
{
    const struct yaml_value *region = yaml_get(map, "region"), *id = yaml_get(map, "access_key_id"),
                            *secret = yaml_get(map, "secret_key_file");
    if (!yaml_read_text(doc, region, "region", out->region, sizeof out->region) ||
        !yaml_read_text(doc, id, "access_key_id", out->access_key, sizeof out->access_key))
        return false;
    bool ok = out->region[0] && !out->region[strspn(out->region, LOWER DIGITS "-")];
    if (!ok) yaml_doc_problem(doc, region, "region: expected a-z 0-9 -, got \"%s\"", out->region);
    if (!out->access_key[0] || strpbrk(out->access_key, "/ ")) {
        yaml_doc_problem(doc, id, "access_key_id: expected no blank and no '/' in it");
        ok = false;
    }
    settings_path_read(doc, secret, "secret_key_file", folder, out->secret_file);
    return ok && out->secret_file[0];
}

/* With what has to be escaped in a query. */
static size_t escaped_len(const char *text)
{
    size_t len = 0;
    for (; *text; text++)
        len += strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ" LOWER DIGITS "-._~", *text) ? 1 : 3;
    return len;
}

/* Where the bucket is: as host before the endpoint's, or as the first part of the path. */
static bool make_base(struct yaml_doc *doc, const struct yaml_value *at, const struct given *given,
                      const struct settings_bucket *bucket, char out[WG_URL_MAX])
{
    const char *host = given->endpoint + strlen(SCHEME), *slash = given->prefix[0] ? "/" : "";
    bool fits = given->style == PATH ? wg_format(out, WG_URL_MAX, SCHEME "%s/%s%s%s", host,
                                                 given->bucket, slash, given->prefix)
                                     : wg_format(out, WG_URL_MAX, SCHEME "%s.%s%s%s", given->bucket,
                                                 host, slash, given->prefix);
    size_t whole =
        strlen(out) + PRESIGNED_MORE + escaped_len(bucket->access_key) + strlen(bucket->region);
    if (fits && whole < WG_URL_MAX) return true;
    yaml_doc_problem(doc, at,
                     "a presigned URL would have %zu bytes, an order takes %d: expected a shorter "
                     "prefix",
                     whole, WG_URL_MAX - 1);
    return false;
}

static void read_bucket(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                        struct settings *out)
{
    static const char *const known[] = {"endpoint", "bucket",        "region",          "style",
                                        "prefix",   "access_key_id", "secret_key_file", NULL};
    struct given given = {.style = VIRTUAL_HOSTED};
    struct settings_bucket bucket = {.region = ""};
    yaml_check_keys(doc, at, "bucket", known);
    if (!is_there(doc, at) || !read_given(doc, at, &given) ||
        !read_keys(doc, at, folder, &bucket) ||
        !make_base(doc, at, &given, &bucket, out->artifact_urls[out->artifact_url_count]))
        return;
    out->artifact_buckets[out->artifact_url_count++] = bucket;
}

void settings_places_read(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                          struct settings *out)
{
    if (!at) return;
    if (at->kind != YAML_LIST || at->count > WG_URLS_MAX) {
        yaml_doc_problem(doc, at, "urls: expected a list of at most %d URLs and buckets",
                         WG_URLS_MAX);
        return;
    }
    for (size_t i = 0; i < at->count; i++) {
        if (at->items[i]->kind == YAML_MAP)
            read_bucket(doc, at->items[i], folder, out);
        else
            read_url(doc, at->items[i], out);
    }
}

void settings_places_check(struct yaml_doc *doc, const struct yaml_value *lifetime,
                           const struct settings *settings)
{
    bool presigned = false;
    for (size_t i = 0; i < settings->artifact_url_count; i++)
        presigned = presigned || settings->artifact_buckets[i].region[0];
    if (presigned && settings->order_lifetime > SETTINGS_BUCKET_LASTS)
        yaml_doc_problem(doc, lifetime,
                         "lifetime: expected at most 7d, which is as long as a presigned URL lasts "
                         "(artifacts.urls has a bucket)");
}
