/* admission.c: the checks in their order; each may refuse, and the first refusal is the answer. */
#include "orchestrator/files/admission.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/files/byte_range.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct admission {
    pthread_rwlock_t lock; /* over keys */
    struct url_keys keys;
    struct ledger *ledger;
    char keys_file[PATH_MAX], prefix[URL_PREFIX_MAX + 1];
    int folder;
    bool bearer;
    wg_duration skew, longest;
};

struct admission *admission_new(const struct admission_config *config, struct ledger *ledger,
                                struct wg_error *err)
{
    struct admission *admission = calloc(1, sizeof *admission);
    if (!admission || pthread_rwlock_init(&admission->lock, NULL) != 0) {
        free(admission);
        (void)wg_fail_memory(err, "starting");
        return NULL;
    }
    admission->ledger = ledger;
    admission->bearer = config->bearer;
    admission->skew = config->skew;
    admission->longest = config->longest;
    admission->folder = open(config->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = admission->folder >= 0 || wg_fail_errno(err, "artifacts %s", config->folder);
    if (ok && (!wg_copy(admission->prefix, sizeof admission->prefix, config->prefix) ||
               !wg_copy(admission->keys_file, sizeof admission->keys_file, config->keys_file)))
        ok = wg_fail(err, WG_E_LIMIT, "%.100s: too long", config->prefix);
    if (!ok || !url_keys_load(admission->keys_file, &admission->keys, err)) {
        admission_free(admission);
        return NULL;
    }
    return admission;
}

void admission_free(struct admission *admission)
{
    if (!admission) return;
    if (admission->folder >= 0) (void)close(admission->folder);
    url_keys_clear(&admission->keys);
    (void)pthread_rwlock_destroy(&admission->lock);
    free(admission);
}

bool admission_reload(struct admission *admission, struct wg_error *err)
{
    struct url_keys keys;
    if (!url_keys_load(admission->keys_file, &keys, err)) return false;
    (void)pthread_rwlock_wrlock(&admission->lock);
    admission->keys = keys;
    (void)pthread_rwlock_unlock(&admission->lock);
    url_keys_clear(&keys);
    return true;
}

static bool refuse(struct admitted *out, int status, const char *text)
{
    out->status = status;
    out->text = text;
    return false;
}

static bool is_head(const struct asked *asked)
{
    return strcmp(asked->method, "HEAD") == 0;
}

static bool check_url(struct admission *admission, const struct asked *asked, wg_time now,
                      struct admitted *out)
{
    struct url_token token;
    struct wg_error err = {0};
    const struct url_times times = {
        .now = now, .skew = admission->skew, .longest = admission->longest};
    if (!url_token_parse(asked->target, &token, &err))
        return refuse(out, 403, "this is no signed URL");
    if (strcmp(token.prefix, admission->prefix) != 0)
        return refuse(out, 403, "the URL's signature does not hold");
    (void)pthread_rwlock_rdlock(&admission->lock);
    bool holds = url_token_check(&token, &admission->keys, &times, &err);
    (void)pthread_rwlock_unlock(&admission->lock);
    if (!holds && err.code == WG_E_DENIED)
        return refuse(out, 403, "the URL has expired, or is not valid yet");
    if (!holds) return refuse(out, 403, "the URL's signature does not hold");
    if (!admission->bearer && !asked->device)
        return refuse(out, 403, "a device's certificate is needed");
    if (asked->device && strcmp(asked->device, token.device) != 0)
        return refuse(out, 403, "the URL was made for another device");
    out->token = token;
    memcpy(out->id.bytes, token.mac, LEDGER_ID_BYTES);
    return true;
}

/* By its hash, in the folder itself: no path of the request ever reaches the file system. */
static bool open_file(const struct admission *admission, struct admitted *out)
{
    struct stat info;
    out->fd = openat(admission->folder, out->token.sha256,
                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (out->fd < 0 && errno != ENOENT && errno != ELOOP)
        return refuse(out, 503, "the artifact cannot be read now");
    if (out->fd < 0 || fstat(out->fd, &info) != 0 || !S_ISREG(info.st_mode))
        return refuse(out, 404, "there is no such artifact");
    out->total = info.st_size;
    return true;
}

void admission_etag(const struct admitted *admitted, char out[ADMISSION_ETAG_MAX])
{
    (void)wg_format(out, ADMISSION_ETAG_MAX, "\"%s\"", admitted->token.sha256);
}

/* True for "*" and for a list that has the entity tag. */
static bool lists(const char *header, const char *etag)
{
    return strcmp(header, "*") == 0 || strstr(header, etag) != NULL;
}

static bool check_conditions(const struct asked *asked, struct admitted *out)
{
    char etag[ADMISSION_ETAG_MAX];
    if (asked->other_etags) return true;
    admission_etag(out, etag);
    if (asked->if_match && !lists(asked->if_match, etag))
        return refuse(out, 412, "the artifact is another one");
    if (asked->if_none_match && lists(asked->if_none_match, etag)) return refuse(out, 304, "");
    return true;
}

/* With If-Range the whole may be sent; who does not send the bytes has to reckon with that. */
static bool whole_is_sent(const struct asked *asked, const struct admitted *out)
{
    char etag[ADMISSION_ETAG_MAX];
    admission_etag(out, etag);
    return !asked->range ||
           (asked->if_range && (asked->other_etags || strcmp(asked->if_range, etag) != 0));
}

static bool choose_bytes(const struct asked *asked, struct admitted *out)
{
    struct byte_range range = {.length = out->total};
    out->status = 200;
    if (asked->range) {
        if (!byte_range_read(asked->range, out->total, &range))
            return refuse(out, 416, "one range of bytes within the artifact, or none");
        out->status = 206;
    }
    if (whole_is_sent(asked, out)) {
        range = (struct byte_range){.length = out->total};
        out->status = 200;
    }
    out->start = range.start;
    out->length = range.length;
    return true;
}

static bool take_allowance(struct admission *admission, const struct asked *asked,
                           struct admitted *out)
{
    if (is_head(asked)) return true;
    switch (ledger_hold(admission->ledger, &out->id, out->token.expires + admission->skew,
                        out->token.bytes, out->length)) {
    case LEDGER_OK:
        return true;
    case LEDGER_USED_UP:
        return refuse(out, 429, "the URL's allowance is used up");
    case LEDGER_FULL:
    case LEDGER_BROKEN:
        break;
    }
    return refuse(out, 503, "bytes cannot be counted now");
}

void admission_ask(struct admission *admission, const struct asked *asked, wg_time now,
                   struct admitted *out)
{
    *out = (struct admitted){.fd = -1};
    if (strcmp(asked->method, "GET") != 0 && !is_head(asked)) {
        (void)refuse(out, 405, "GET and HEAD alone");
        return;
    }
    bool ok = check_url(admission, asked, now, out) && open_file(admission, out) &&
              check_conditions(asked, out) && choose_bytes(asked, out) &&
              take_allowance(admission, asked, out);
    if (!ok && out->fd >= 0) {
        (void)close(out->fd);
        out->fd = -1;
    }
}
