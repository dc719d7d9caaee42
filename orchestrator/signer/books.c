/* books.c: one file a campaign: "DIGEST WAVE DEVICE" a line. */
#include "orchestrator/signer/books.h"

#include "common/posix/file.h"
#include "orchestrator/signer/key_set.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256

struct book {
    char campaign[WG_NAME_MAX + 1]; /* "": free */
    int fd;
    bool dirty;
    uint64_t used;
    struct key_set devices; /* of (digest, wave, device) */
    struct key_set waves;   /* of (digest, wave), and of (digest): as often as it has devices */
    struct key_set sent;    /* of (device) */
};

struct books {
    char folder[PATH_MAX];
    uint64_t clock;
    struct book list[BOOKS_CAMPAIGNS_MAX];
};

struct books *books_new(const char *folder, struct wg_error *err)
{
    struct books *books = calloc(1, sizeof *books);
    bool ok = books || wg_fail_memory(err, "opening the books");
    if (ok && !wg_copy(books->folder, sizeof books->folder, folder))
        ok = wg_fail(err, WG_E_LIMIT, "books: the path is too long");
    if (ok && wg_folder_make(books->folder, 0700, err)) return books;
    free(books);
    return NULL;
}

static void close_book(struct book *book)
{
    if (!book->campaign[0]) return;
    if (book->dirty) (void)fdatasync(book->fd);
    (void)close(book->fd);
    key_set_clear(&book->devices);
    key_set_clear(&book->waves);
    key_set_clear(&book->sent);
    memset(book, 0, sizeof *book);
}

void books_free(struct books *books)
{
    for (size_t i = 0; books && i < BOOKS_CAMPAIGNS_MAX; i++) close_book(&books->list[i]);
    free(books);
}

static bool remember(struct book *book, const struct books_entry *entry, struct wg_error *err)
{
    struct key_hash device, wave, revision, sent;
    if (!key_of(entry->digest, entry->wave, entry->device, &device, err) ||
        !key_of(entry->digest, entry->wave, "", &wave, err) ||
        !key_of(entry->digest, "", "", &revision, err) ||
        !key_of(entry->device, "", "", &sent, err))
        return false;
    if (key_set_count(&book->sent, &sent) == 0 && !key_set_add(&book->sent, &sent, err))
        return false;
    if (key_set_count(&book->devices, &device) > 0) return true;
    return key_set_add(&book->devices, &device, err) && key_set_add(&book->waves, &wave, err) &&
           key_set_add(&book->waves, &revision, err);
}

/* A line that a power cut has torn is the last one, and no line: it is cut off. */
static bool read_line(struct book *book, char *line, struct wg_error *err)
{
    char *rest = NULL;
    struct books_entry entry = {.campaign = book->campaign};
    entry.digest = strtok_r(line, " ", &rest);
    entry.wave = strtok_r(NULL, " ", &rest);
    entry.device = strtok_r(NULL, " \n", &rest);
    if (!entry.device || strlen(entry.digest) != WG_SHA256_HEX - 1)
        return wg_fail(err, WG_E_BAD_FILE, "the book of campaign %s holds a line that is none",
                       book->campaign);
    return remember(book, &entry, err);
}

static bool read_lines(struct book *book, FILE *file, off_t *whole, struct wg_error *err)
{
    char line[LINE_MAX_BYTES];
    bool ok = true;
    while (ok && fgets(line, sizeof line, file)) {
        size_t len = strlen(line);
        if (len == 0 || line[len - 1] != '\n') break;
        *whole += (off_t)len;
        ok = read_line(book, line, err);
    }
    return ok;
}

static bool read_book(struct book *book, const char *path, struct wg_error *err)
{
    off_t whole = 0;
    FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT) return true;
    if (!file) return wg_fail_errno(err, "%s", path);
    bool ok = read_lines(book, file, &whole, err);
    (void)fclose(file);
    return ok && (ftruncate(book->fd, whole) == 0 || wg_fail_errno(err, "%s", path));
}

static bool open_book(const struct books *books, const char *campaign, struct book *book,
                      struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_name_is_valid(campaign) || !wg_copy(book->campaign, sizeof book->campaign, campaign))
        return wg_fail(err, WG_E_BAD_INPUT, "\"%.64s\" is no campaign", campaign);
    if (!wg_format(path, sizeof path, "%s/%s", books->folder, campaign))
        return wg_fail(err, WG_E_LIMIT, "books: the path is too long");
    book->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (book->fd < 0) return wg_fail_errno(err, "%s", path);
    return read_book(book, path, err);
}

static struct book *book_of(struct books *books, const char *campaign, struct wg_error *err)
{
    struct book *oldest = &books->list[0];
    for (size_t i = 0; i < BOOKS_CAMPAIGNS_MAX; i++) {
        struct book *book = &books->list[i];
        if (book->campaign[0] && strcmp(book->campaign, campaign) == 0) {
            book->used = ++books->clock;
            return book;
        }
        if (book->used < oldest->used) oldest = book;
    }
    close_book(oldest);
    oldest->fd = -1;
    if (open_book(books, campaign, oldest, err)) {
        oldest->used = ++books->clock;
        return oldest;
    }
    if (oldest->fd < 0) memset(oldest, 0, sizeof *oldest);
    close_book(oldest);
    return NULL;
}

bool books_count(struct books *books, const struct books_entry *entry, int64_t *devices, bool *has,
                 struct wg_error *err)
{
    struct key_hash device, wave;
    const struct book *book = book_of(books, entry->campaign, err);
    if (!book || !key_of(entry->digest, entry->wave, entry->device, &device, err) ||
        !key_of(entry->digest, entry->wave, "", &wave, err))
        return false;
    *devices = key_set_count(&book->waves, &wave);
    *has = key_set_count(&book->devices, &device) > 0;
    return true;
}

bool books_has_begun(struct books *books, const char *campaign, const char *digest, bool *begun,
                     struct wg_error *err)
{
    struct key_hash revision;
    const struct book *book = book_of(books, campaign, err);
    if (!book || !key_of(digest, "", "", &revision, err)) return false;
    *begun = key_set_count(&book->waves, &revision) > 0;
    return true;
}

bool books_has_sent(struct books *books, const char *campaign, const char *device, bool *has,
                    struct wg_error *err)
{
    struct key_hash sent;
    const struct book *book = book_of(books, campaign, err);
    if (!book || !key_of(device, "", "", &sent, err)) return false;
    *has = key_set_count(&book->sent, &sent) > 0;
    return true;
}

bool books_enter(struct books *books, const struct books_entry *entry, struct wg_error *err)
{
    char line[LINE_MAX_BYTES];
    struct book *book = book_of(books, entry->campaign, err);
    if (!book) return false;
    if (!wg_format(line, sizeof line, "%s %s %s\n", entry->digest, entry->wave, entry->device))
        return wg_fail(err, WG_E_LIMIT, "the books: a line is too long");
    size_t len = strlen(line);
    if (write(book->fd, line, len) != (ssize_t)len)
        return wg_fail_errno(err, "the book of campaign %s", entry->campaign);
    book->dirty = true;
    return remember(book, entry, err);
}

bool books_sync(struct books *books, struct wg_error *err)
{
    for (size_t i = 0; i < BOOKS_CAMPAIGNS_MAX; i++) {
        struct book *book = &books->list[i];
        if (!book->dirty) continue;
        if (fdatasync(book->fd) != 0)
            return wg_fail_errno(err, "the book of campaign %s", book->campaign);
        book->dirty = false;
    }
    return true;
}
