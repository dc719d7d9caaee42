/* claim_test.c: a device claims while the power is cut, at every step of the device and of the
 * authority: running it again ends well, with the same keys and one certificate. */
#include "agent/posix/claim.h"
#include "common/posix/file.h"
#include "pki/enrol/desk.h"
#include "pki/token.h"
#include "tests/unit/harness.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "dev-9"
#define ENDED_CUT 77
#define STEPS_MOST 200

static struct wg_error err;
static int left; /* steps until the power is cut; 0: it is not */

static bool is_cut(void)
{
    return left > 0 && --left == 0;
}

/* What reaches the disk goes through these, also in the libraries under test. */
int rename(const char *from, const char *to)
{
    if (is_cut()) _exit(ENDED_CUT);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    if (is_cut()) _exit(ENDED_CUT);
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int fsync(int fd)
{
    if (is_cut()) _exit(ENDED_CUT);
    return (int)syscall(SYS_fsync, fd);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    bool cut = is_cut();
    ssize_t wrote = (ssize_t)syscall(SYS_pwrite64, fd, data, cut ? len / 2 : len, at);
    if (cut) _exit(ENDED_CUT);
    return wrote;
}

struct place {
    char folder[64], pki[80], token[96], records[96];
    struct settings settings;
    struct enrol_settings enrol;
};

static struct place place;
static struct desk desk;

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void place_file(char *out, size_t size, const char *name)
{
    CU_ASSERT_TRUE_FATAL(wg_format(out, size, "%s/%s", place.folder, name));
}

static void make_settings(void)
{
    struct settings *settings = &place.settings;
    place_file(settings->state, sizeof settings->state, "state");
    place_file(settings->key, sizeof settings->key, "id/device.key");
    place_file(settings->certificate, sizeof settings->certificate, "id/device.crt");
    place_file(settings->age_key, sizeof settings->age_key, "id/age.txt");
    (void)wg_copy(settings->core.device, sizeof settings->core.device, NAME);
    (void)wg_copy(settings->core.identity.hardware_model,
                  sizeof settings->core.identity.hardware_model, "ecu");
    place.enrol.claim = (struct claim_settings){
        .requests = 1000, .wrong = 5, .window = WG_MINUTE, .patience = WG_SECOND};
    (void)wg_copy(place.enrol.pki, sizeof place.enrol.pki, place.pki);
    (void)wg_copy(place.enrol.claim.records, sizeof place.enrol.claim.records, place.records);
}

/* In a process of its own: who makes the folder holds its lock until he ends. */
static void make_authorities(void)
{
    int status = 1;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct policy policy;
        const struct authority_keys keys = {.kind = WG_IDENTITY_ED25519};
        policy_init(&policy);
        _exit(authority_init_all(place.pki, &policy, &keys, wg_now() - WG_DAY, &err) ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL_FATAL(status, 0);
}

static void place_make(void)
{
    char token[WG_CLAIM_TOKEN_MAX];
    memset(&place, 0, sizeof place);
    (void)wg_format(place.folder, sizeof place.folder, "%s/wg-claim-XXXXXX",
                    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place.folder));
    place_file(place.pki, sizeof place.pki, "pki");
    place_file(place.token, sizeof place.token, "token");
    place_file(place.records, sizeof place.records, "claimed.ndjson");
    make_settings();
    make_authorities();
    const struct token_terms terms = {
        .device = NAME, .expires = wg_now() + WG_DAY, .model = "", .revision = ""};
    ASSERT_OK(token_make(place.pki, &terms, token, &err), &err);
    ASSERT_OK(wg_file_replace(place.token, token, strlen(token), 0600, &err), &err);
}

static void place_clear(void)
{
    CU_ASSERT_EQUAL(nftw(place.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The authority's half; false: it has answered otherwise. */
static bool ask(const struct claim *claim, struct wg_claim_answer *answer)
{
    struct wg_buf request;
    struct reply reply;
    reply_init(&reply);
    wg_buf_init(&request, WG_CLAIM_BYTES_MAX);
    bool ok = desk_init(&desk, &place.enrol, &err) &&
              wg_claim_request_encode(&claim->request, &request, &err);
    if (ok) {
        desk_take(&desk, "192.0.2.1", request.data, request.len, wg_now(), wg_monotonic(), &reply);
        ok = reply.status == 200 &&
             wg_claim_answer_decode(reply.body.data, reply.body.len, answer, &err);
        if (!ok) printf("\n    %d %s %s\n", reply.status, wg_buf_str(&reply.body), err.text);
    }
    wg_buf_clear(&request);
    reply_clear(&reply);
    return ok;
}

static bool claim_all(void)
{
    struct claim claim;
    struct wg_claim_answer answer;
    bool ok = claim_open(&claim, &place.settings, place.token, &err) &&
              (claim.done || (ask(&claim, &answer) && claim_keep(&claim, &answer, &err))) &&
              claim_finish(&claim, &err);
    if (!ok) printf("\n    %s\n", err.text);
    claim_close(&claim);
    return ok;
}

/* In a process of its own, whose power is cut at that step; 0: never. */
static int claim_in_child(int cut)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        left = cut;
        _exit(claim_all() ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool read_file(const char *file, struct wg_buf *out)
{
    wg_buf_init(out, 1 << 20);
    return wg_file_read(file, out, NULL);
}

/* One certificate was issued, and the records say so, in lines that can be taken in. */
static void check_authority(void)
{
    struct authority authority;
    struct wg_signing_key *key = NULL;
    struct wg_enrolment record;
    struct wg_buf text;
    size_t lines = 0;
    ASSERT_OK(authority_open(place.pki, DOMAIN_DEVICE, &authority, &err), &err);
    CU_ASSERT_EQUAL(authority.ledger.count, 1);
    authority_clear(&authority);
    ASSERT_OK((key = authority_enrolment_key(place.pki, &err)) != NULL, &err);
    CU_ASSERT_TRUE_FATAL(read_file(place.records, &text));
    for (const char *at = text.data, *end; at && *at; at = end + 1, lines++) {
        end = strchr(at, '\n');
        CU_ASSERT_PTR_NOT_NULL_FATAL(end);
        ASSERT_OK(
            wg_enrolment_read(at, (size_t)(end - at), wg_signing_key_public(key), 1, &record, &err),
            &err);
        ASSERT_TEXT(record.device, NAME);
    }
    wg_signing_key_free(key);
    CU_ASSERT_TRUE(lines == 1 || lines == 2);
    wg_buf_clear(&text);
}

static void check_device(const struct wg_buf *key_before)
{
    struct wg_buf key;
    CU_ASSERT_TRUE_FATAL(read_file(place.settings.key, &key));
    if (key_before->len) ASSERT_TEXT(wg_buf_str(&key), wg_buf_str(key_before));
    CU_ASSERT_EQUAL(access(place.settings.certificate, R_OK), 0);
    CU_ASSERT_NOT_EQUAL(access(place.token, F_OK), 0);
    wg_buf_clear(&key);
}

static void test_cut_everywhere(void)
{
    int ended = ENDED_CUT, cut = 1;
    for (; ended == ENDED_CUT && cut < STEPS_MOST; cut++) {
        struct wg_buf key;
        place_make();
        ended = claim_in_child(cut);
        CU_ASSERT_TRUE(ended == ENDED_CUT || ended == 0);
        (void)read_file(place.settings.key, &key);
        CU_ASSERT_EQUAL(claim_in_child(0), 0);
        check_device(&key);
        check_authority();
        CU_ASSERT_EQUAL(claim_in_child(0), 0); /* and once more, for nothing */
        wg_buf_clear(&key);
        place_clear();
    }
    CU_ASSERT_EQUAL(ended, 0);
    CU_ASSERT_TRUE(cut > 20); /* the steps were seen */
}

/* What a false authority, or who stands between, could send. */
static void test_answers_that_are_refused(void)
{
    struct claim claim;
    struct wg_claim_answer right, answer;
    place_make();
    ASSERT_OK(claim_open(&claim, &place.settings, place.token, &err), &err);
    CU_ASSERT_TRUE_FATAL(ask(&claim, &right));
    for (int change = 0; change < 5; change++) {
        char *at;
        answer = right;
        if (change == 0) answer.chain[0] = '\0';
        if (change == 1 && (at = strstr(answer.chain + 1, "-----BEGIN"))) *at = '\0';
        if (change == 2 && (at = strstr(answer.chain + 1, "-----BEGIN")))
            memmove(answer.chain, at, strlen(at) + 1); /* the authority's own */
        if (change == 3 && (at = strstr(answer.record, "age1"))) at[5] = at[5] == 'q' ? 'p' : 'q';
        if (change == 4 && (at = strstr(answer.record, NAME))) *at = 'x';
        err = (struct wg_error){0};
        CU_ASSERT_FALSE(claim_keep(&claim, &answer, &err));
        CU_ASSERT_TRUE(err.code == WG_E_VERIFY || err.code == WG_E_BAD_INPUT);
        CU_ASSERT_NOT_EQUAL(access(place.settings.certificate, F_OK), 0);
    }
    ASSERT_OK(claim_keep(&claim, &right, &err), &err);
    claim_close(&claim);
    place_clear();
}

WG_SUITE("claim", {"cut at every step", test_cut_everywhere},
         {"answers that are refused", test_answers_that_are_refused})
