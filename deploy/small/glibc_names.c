/* glibc_names.c: the checked forms of printf and strcpy that glibc's headers put into Debian's
 * archive of Paho. The archive was compiled against glibc, the small agent has musl: what else it
 * asks of a C library has the same names, types and sizes in both, or the link fails.
 *
 * The sizes that Paho's objects hand over are heeded as glibc does: who would write further dies.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __vsnprintf_chk(char *to, size_t max, int flag, size_t size, const char *form, va_list values);
int __vsnprintf_chk(char *to, size_t max, int flag, size_t size, const char *form, va_list values)
{
    (void)flag;
    if (size < max) abort();
    return vsnprintf(to, max, form, values);
}

int __snprintf_chk(char *to, size_t max, int flag, size_t size, const char *form, ...);
int __snprintf_chk(char *to, size_t max, int flag, size_t size, const char *form, ...)
{
    va_list values;
    va_start(values, form);
    int len = __vsnprintf_chk(to, max, flag, size, form, values);
    va_end(values);
    return len;
}

int __sprintf_chk(char *to, int flag, size_t size, const char *form, ...);
int __sprintf_chk(char *to, int flag, size_t size, const char *form, ...)
{
    va_list values;
    (void)flag;
    va_start(values, form);
    /* a size that is not known is SIZE_MAX, which vsnprintf() would refuse */
    int len = vsnprintf(to, size > (size_t)1 << 30 ? (size_t)1 << 30 : size, form, values);
    va_end(values);
    if (len < 0 || (size_t)len >= size) abort();
    return len;
}

int __fprintf_chk(FILE *file, int flag, const char *form, ...);
int __fprintf_chk(FILE *file, int flag, const char *form, ...)
{
    va_list values;
    (void)flag;
    va_start(values, form);
    int len = vfprintf(file, form, values);
    va_end(values);
    return len;
}

int __printf_chk(int flag, const char *form, ...);
int __printf_chk(int flag, const char *form, ...)
{
    va_list values;
    (void)flag;
    va_start(values, form);
    int len = vprintf(form, values);
    va_end(values);
    return len;
}

char *__strcpy_chk(char *to, const char *from, size_t size);
char *__strcpy_chk(char *to, const char *from, size_t size)
{
    size_t len = strlen(from) + 1;
    if (len > size) abort();
    return memcpy(to, from, len);
}
