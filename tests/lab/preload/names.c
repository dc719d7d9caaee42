/* names.c: loaded beside nss_wrapper, whose first look-up by two threads at once frees its table of
 * names twice: it is made here, before there are threads. */
#include <netdb.h>
#include <stddef.h>

__attribute__((constructor)) static void look_up_first(void)
{
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", NULL, NULL, &found) == 0) freeaddrinfo(found);
}
