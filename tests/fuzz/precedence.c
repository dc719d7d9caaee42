/* precedence.c: versions compared step by step. */
#include "tests/fuzz/precedence.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int compare_lengths(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_digits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    for (; a_len > 1 && *a == '0'; a++) a_len--;
    for (; b_len > 1 && *b == '0'; b++) b_len--;
    return a_len != b_len ? compare_lengths(a_len, b_len) : memcmp(a, b, a_len);
}

/* Numbers rank below text. */
static int compare_identifiers(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int a_number = strspn(a, DIGITS) >= a_len, b_number = strspn(b, DIGITS) >= b_len;
    if (a_number != b_number) return b_number - a_number;
    if (a_number) return compare_digits(a, a_len, b, b_len);
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : compare_lengths(a_len, b_len);
}

/* Fields that dots separate, up to a sign in end; of two that begin alike the longer ranks above.
 */
static int compare_fields(const char **a, const char **b, const char *separators)
{
    for (;;) {
        size_t a_len = strcspn(*a, separators), b_len = strcspn(*b, separators);
        int order = compare_identifiers(*a, a_len, *b, b_len);
        if (order) return order;
        *a += a_len;
        *b += b_len;
        if (**a != '.' || **b != '.') return (**a == '.') - (**b == '.');
        (*a)++;
        (*b)++;
    }
}

int precedence_semver(const char *a, const char *b)
{
    int order = compare_fields(&a, &b, ".-+");
    if (order) return order;
    if (*a != '-' || *b != '-') return (*b == '-') - (*a == '-');
    a++;
    b++;
    return compare_fields(&a, &b, ".+");
}

static int debian_order(char c)
{
    if (c == '~') return -1;
    if (c == '\0' || strchr(DIGITS, c)) return 0;
    return strchr(LETTERS, c) ? c : c + 256;
}

/* Text without digits, then a number, in turns. */
static int compare_debian_parts(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const char *a_end = a + a_size, *b_end = b + b_size;
    while (a < a_end || b < b_end) {
        for (;;) {
            int left = a < a_end ? debian_order(*a) : 0;
            int right = b < b_end ? debian_order(*b) : 0;
            if (left != right) return left - right;
            if (left == 0) break;
            a++;
            b++;
        }
        size_t a_len = strspn(a, DIGITS), b_len = strspn(b, DIGITS);
        if (a_len > (size_t)(a_end - a)) a_len = (size_t)(a_end - a);
        if (b_len > (size_t)(b_end - b)) b_len = (size_t)(b_end - b);
        int order =
            compare_digits(a_len ? a : "0", a_len ? a_len : 1, b_len ? b : "0", b_len ? b_len : 1);
        if (order) return order;
        a += a_len;
        b += b_len;
    }
    return 0;
}

int precedence_debian(const char *a, const char *b)
{
    const char *a_colon = strchr(a, ':'), *b_colon = strchr(b, ':');
    unsigned long a_epoch = a_colon ? strtoul(a, NULL, 10) : 0;
    unsigned long b_epoch = b_colon ? strtoul(b, NULL, 10) : 0;
    if (a_epoch != b_epoch) return a_epoch < b_epoch ? -1 : 1;
    if (a_colon) a = a_colon + 1;
    if (b_colon) b = b_colon + 1;
    const char *a_hyphen = strrchr(a, '-'), *b_hyphen = strrchr(b, '-');
    size_t a_len = a_hyphen ? (size_t)(a_hyphen - a) : strlen(a);
    size_t b_len = b_hyphen ? (size_t)(b_hyphen - b) : strlen(b);
    int order = compare_debian_parts(a, a_len, b, b_len);
    if (order) return order;
    const char *a_revision = a_hyphen ? a_hyphen + 1 : "",
               *b_revision = b_hyphen ? b_hyphen + 1 : "";
    return compare_debian_parts(a_revision, strlen(a_revision), b_revision, strlen(b_revision));
}

int precedence_calver(const char *a, const char *b)
{
    return compare_fields(&a, &b, ".");
}

/* The run at text: one separator, or all the digits or letters that stand together. */
static size_t run_at(const char *text, int *rank)
{
    size_t digits = strspn(text, DIGITS), letters = strspn(text, LETTERS);
    *rank = !*text ? 0 : digits ? 2 : letters ? 3 : 1;
    return digits ? digits : letters ? letters : *text != '\0';
}

int precedence_revision(const char *a, const char *b)
{
    while (*a || *b) {
        int a_rank, b_rank, order = 0;
        size_t a_len = run_at(a, &a_rank), b_len = run_at(b, &b_rank);
        if (a_rank != b_rank) return a_rank - b_rank;
        if (a_rank == 2) order = compare_digits(a, a_len, b, b_len);
        if (a_rank == 3)
            order = a_len != b_len ? compare_lengths(a_len, b_len) : memcmp(a, b, a_len);
        if (order) return order;
        a += a_len;
        b += b_len;
    }
    return 0;
}
