/* veil.c: words are gathered, the database is asked which of them are devices elsewhere, and these
 * are replaced. */
#include "orchestrator/api/veil.h"

#include "common/buf.h"
#include "common/text.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define VEILED "(elsewhere)"
#define SENTENCE_MAX ((size_t)1024 * 1024)
#define OF_NAMES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct veil {
    bool replacing; /* else gathering */
    struct param_array words;
    const PGresult *elsewhere; /* in order */
    bool ok;
};

static int compare(const struct veil *veil, int row, const char *word)
{
    return strcmp(db_text(veil->elsewhere, row, 0), word);
}

static bool is_elsewhere(const struct veil *veil, const char *word)
{
    int low = 0, high = PQntuples(veil->elsewhere);
    while (low < high) {
        int middle = low + (high - low) / 2, order = compare(veil, middle, word);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* A word as it stands there; a dot behind it may end the sentence. */
static void see_word(struct veil *veil, const char *text, size_t len, struct wg_buf *out)
{
    char word[WG_NAME_MAX + 1];
    size_t plain = len;
    if (plain > 0 && text[plain - 1] == '.') plain--;
    for (size_t part = len; part + 1 > plain && part > 0; part--) {
        if (part > WG_NAME_MAX) continue;
        memcpy(word, text, part);
        word[part] = '\0';
        if (!veil->replacing) {
            param_array_add(&veil->words, word);
        } else if (is_elsewhere(veil, word)) {
            wg_buf_text(out, VEILED);
            wg_buf_add(out, text + part, len - part);
            return;
        }
    }
    wg_buf_add(out, text, len);
}

static void see_sentence(struct veil *veil, json_t *value)
{
    struct wg_buf out;
    const char *text = json_string_value(value);
    if (!strchr(text, ' ')) return;
    wg_buf_init(&out, SENTENCE_MAX);
    while (*text) {
        size_t other = strcspn(text, OF_NAMES), word = strspn(text + other, OF_NAMES);
        wg_buf_add(&out, text, other);
        if (word > 0) see_word(veil, text + other, word, &out);
        text += other + word;
    }
    if (veil->replacing && json_string_set(value, wg_buf_str(&out)) != 0) veil->ok = false;
    wg_buf_clear(&out);
}

/* Documents of ours are a few levels deep. */
static void see(struct veil *veil, json_t *value)
{
    size_t i;
    const char *key;
    json_t *part;
    if (json_is_string(value)) see_sentence(veil, value);
    json_array_foreach(value, i, part) see(veil, part);
    json_object_foreach(value, key, part) see(veil, part);
}

bool veil_sentences(struct db *db, json_t *document, const char *scopes, struct wg_error *err)
{
    struct veil veil = {.ok = true};
    if (!scopes) return true;
    param_array_init(&veil.words);
    see(&veil, document);
    const char *const params[] = {param_array_text(&veil.words), scopes};
    PGresult *result = param_array_check(&veil.words, err)
                           ? db_query(db, SQL_WORDS_ELSEWHERE, 2, params, err)
                           : NULL;
    param_array_clear(&veil.words);
    if (!result) return false;
    veil.replacing = true;
    veil.elsewhere = result;
    if (PQntuples(result) > 0) see(&veil, document);
    PQclear(result);
    return veil.ok || wg_fail_memory(err, "words for who sees a part of the fleet");
}
