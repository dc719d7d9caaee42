/* sent_word.c: checks what was signed elsewhere against what has to be said. */
#include "orchestrator/steering/sent_word.h"

#include <string.h>

#define CLOCK_SKEW (5 * WG_MINUTE) /* of the machine that signed */

bool sent_word_init(struct sent_word *word, const json_t *envelope, const char *chain,
                    const char *person, const struct signature_authority *authority, wg_time now,
                    struct wg_error *err)
{
    memset(&word->who, 0, sizeof word->who);
    word->now = now;
    wg_buf_init(&word->envelope, STATEMENT_MAX);
    if (!json_is_object(envelope))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "statement: expected what was signed, {\"signed\", \"signatures\"}");
    if (!operator_check(chain, authority->root, authority->crl, &word->who, err)) {
        if (err && err->code == WG_E_BAD_FILE) err->code = WG_E_BAD_INPUT;
        return wg_context(err, "chain");
    }
    if (strcmp(word->who.name, person) != 0)
        return wg_fail(err, WG_E_DENIED,
                       "the certificate is %s's: %s signs with a key of their own", word->who.name,
                       person);
    return wg_json_canonical(envelope, &word->envelope, err) || wg_context(err, "statement");
}

void sent_word_clear(struct sent_word *word)
{
    wg_buf_clear(&word->envelope);
}

static bool is_about(const struct statement *said, const struct statement *say,
                     struct wg_error *err)
{
    if (said->kind != say->kind)
        return wg_fail(err, WG_E_VERIFY, "the statement says %s, expected %s",
                       statement_kind_text(said->kind), statement_kind_text(say->kind));
    if (say->kind == STATEMENT_RELEASE)
        return (strcmp(said->digest, say->digest) == 0 &&
                strcmp(said->release, say->release) == 0) ||
               wg_fail(err, WG_E_VERIFY,
                       "the statement is about another release or artifact: %s, SHA-256 %.16s...",
                       said->release, said->digest);
    if (strcmp(said->campaign, say->campaign) != 0)
        return wg_fail(err, WG_E_VERIFY, "the statement is about campaign %s, this is %s",
                       said->campaign, say->campaign);
    if (strcmp(said->device, say->device) != 0)
        return wg_fail(err, WG_E_VERIFY, "the statement is about device \"%s\", this is \"%s\"",
                       said->device, say->device);
    if (strcmp(said->wave, say->wave) != 0)
        return wg_fail(err, WG_E_VERIFY, "the statement is about another wave: \"%s\"", said->wave);
    if (strcmp(said->digest, say->digest) != 0 || strcmp(said->release, say->release) != 0 ||
        strcmp(said->rollback, say->rollback) != 0)
        return wg_fail(err, WG_E_VERIFY,
                       "the statement is about another file of %s: sign what it is now",
                       say->campaign);
    return true;
}

static bool has_wave(const struct statement *said, const struct statement_wave *wave)
{
    for (size_t i = 0; i < said->wave_count; i++)
        if (strcmp(said->waves[i].name, wave->name) == 0)
            return said->waves[i].devices == wave->devices;
    return false;
}

/* The signer lets no more devices into a wave than people have signed. In any order: what was
 * signed is an object, by names. */
static bool has_sizes(const struct statement *said, const struct statement *say,
                      struct wg_error *err)
{
    bool same = said->wave_count == say->wave_count;
    for (size_t i = 0; same && i < say->wave_count; i++) same = has_wave(said, &say->waves[i]);
    return same || wg_fail(err, WG_E_CONFLICT,
                           "the waves have other sizes by now: look at them again, and sign that");
}

static bool is_fresh(const struct statement *said, wg_time now, struct wg_error *err)
{
    if (said->at > now + CLOCK_SKEW)
        return wg_fail(err, WG_E_VERIFY, "the statement is of a time that has not come");
    return said->at >= now - SENT_WORD_AGE ||
           wg_fail(err, WG_E_CONFLICT, "the statement was signed more than a day ago: sign anew");
}

static bool check(void *ctx, const struct statement *say, struct wg_buf *out, struct wg_error *err)
{
    const struct sent_word *word = ctx;
    struct statement said;
    if (!statement_check(wg_buf_str(&word->envelope), word->envelope.len, &word->who, &said, err) ||
        !is_about(&said, say, err) || !has_sizes(&said, say, err) ||
        !is_fresh(&said, word->now, err))
        return false;
    wg_buf_add(out, wg_buf_str(&word->envelope), word->envelope.len);
    return wg_buf_check(out, err, "a statement");
}

struct signing sent_word_signing(struct sent_word *word)
{
    return (struct signing){.who = &word->who, .sign = check, .ctx = word};
}
