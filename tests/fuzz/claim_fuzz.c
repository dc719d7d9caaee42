/* claim_fuzz.c: what strangers send to the listener for claims, as HTTP in pieces of any size, and
 * as the JSON in it; and what a server answers to a device. */
#include "common/message_claim.h"
#include "pki/enrol/post.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

static void look(const struct wg_claim_request *request)
{
    struct wg_error err = {0};
    struct wg_csr csr;
    MUST(wg_name_is_valid(request->device), "\"%s\" is no name", request->device);
    MUST(wg_name_is_valid(request->hardware_model), "no model");
    MUST(request->token[0], "no token");
    if (!wg_csr_read(request->csr, request->csr_len, &csr, &err)) target_refused(&err);
}

static void request(const char *data, size_t size)
{
    struct wg_claim_request read, again;
    struct wg_error err = {0};
    struct wg_buf bytes;
    if (!wg_claim_request_decode(data, size, &read, &err)) {
        target_refused(&err);
        return;
    }
    wg_buf_init(&bytes, (size_t)2 * WG_CLAIM_BYTES_MAX);
    MUST(wg_claim_request_encode(&read, &bytes, &err), "%s", err.text);
    if (bytes.len <= WG_CLAIM_BYTES_MAX) { /* PEM is written with more line breaks */
        MUST(wg_claim_request_decode(bytes.data, bytes.len, &again, &err), "%s", err.text);
        SAME_TEXT(read.device, again.device);
        SAME_TEXT(read.token, again.token);
        SAME_TEXT(read.age_key, again.age_key);
        SAME_TEXT(read.hardware_revision, again.hardware_revision);
        SAME_NUMBER(read.csr_len, again.csr_len);
        MUST(memcmp(read.csr, again.csr, read.csr_len) == 0, "another request");
    }
    wg_buf_clear(&bytes);
    look(&read);
}

static void answer(const char *data, size_t size)
{
    struct wg_claim_answer read, again;
    struct wg_problem problem;
    struct wg_error err = {0};
    struct wg_buf bytes;
    if (wg_problem_decode(data, size, &problem, NULL)) {
        if (problem.title[0]) target_shown(problem.title, strlen(problem.title));
        if (problem.detail[0]) target_shown(problem.detail, strlen(problem.detail));
        MUST(!strpbrk(problem.detail, "\r\n\t"), "more than a line: %s", problem.detail);
    }
    if (!wg_claim_answer_decode(data, size, &read, &err)) {
        target_refused(&err);
        return;
    }
    wg_buf_init(&bytes, (size_t)4 * WG_CLAIM_ANSWER_MAX);
    MUST(wg_claim_answer_encode(&read, &bytes, &err), "%s", err.text);
    if (bytes.len <= WG_CLAIM_ANSWER_MAX) {
        MUST(wg_claim_answer_decode(bytes.data, bytes.len, &again, &err), "%s", err.text);
        SAME_TEXT(read.chain, again.chain);
        SAME_TEXT(read.record, again.record);
    }
    wg_buf_clear(&bytes);
}

static int feed(struct post *post, struct pieces pieces)
{
    char piece[4096];
    size_t len;
    int status = 0;
    post_init(post);
    while (!status && (len = pieces_next(&pieces, piece, sizeof piece)) > 0)
        status = post_feed(post, piece, len);
    MUST(post->body.len <= WG_CLAIM_BYTES_MAX, "%zu bytes of body", post->body.len);
    MUST(status == 0 || status == 200 || (status >= 400 && post->why), "status %d", status);
    MUST(status || post->headed || post->head < POST_HEAD_MAX, "a head without an end");
    return status;
}

static void http(const struct pieces *pieces)
{
    struct post post, whole;
    struct pieces at_once = *pieces;
    at_once.piece = SIZE_MAX;
    int status = feed(&post, *pieces), other = feed(&whole, at_once);
    /* of two things that are wrong, either may be told */
    MUST(status == other || (status >= 400 && other >= 400), "%d, and at once %d", status, other);
    if (status == 200) {
        target_same(&post.body, &whole.body, "the body");
        request(wg_buf_str(&post.body), post.body.len);
    }
    post_clear(&post);
    post_clear(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pieces pieces = pieces_of(data, size);
    http(&pieces);
    request((const char *)data, size);
    answer((const char *)data, size);
    return 0;
}
