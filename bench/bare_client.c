/*
 * bare_client PORT MESSAGE: the dialogue with a message, as short as a client
 * can be: a blocking socket, fixed commands, replies read up to their last
 * line and believed if they begin with the right digit.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_connection(const char *port)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0)
        fail("connect");
    return fd;
}

static const char *last_line(const char *text, size_t size)
{
    while (size > 0 && text[size - 1] != '\n')
        size--;
    return text + size;
}

static void hear(int fd, char digit)
{
    char reply[4096];
    size_t size = 0;
    for (;;) {
        ssize_t count = read(fd, reply + size, sizeof reply - size);
        if (count <= 0)
            fail("read");
        size += (size_t)count;
        const char *line = reply[size - 1] == '\n' ? last_line(reply, size - 1) : NULL;
        if (line && line[3] == ' ')
            break;
    }
    if (reply[0] != digit)
        exit(1);
}

static void say(int fd, const char *text, size_t size)
{
    if (write(fd, text, size) != (ssize_t)size)
        fail("write");
}

static void command(int fd, const char *text, char digit)
{
    say(fd, text, strlen(text));
    hear(fd, digit);
}

static size_t read_message(const char *path, char *message, size_t capacity)
{
    int file = open(path, O_RDONLY);
    ssize_t size = file < 0 ? -1 : read(file, message, capacity);
    if (size < 0)
        fail(path);
    close(file);
    return (size_t)size;
}

int main(int argc, char **argv)
{
    char message[65536];
    if (argc != 3)
        return 64;
    size_t size = read_message(argv[2], message, sizeof message - 5);
    memcpy(message + size, "\r\n.\r\n", 5);
    int fd = open_connection(argv[1]);
    hear(fd, '2');
    command(fd, "EHLO client.example.org\r\n", '2');
    command(fd, "MAIL FROM:<sender@example.org>\r\n", '2');
    command(fd, "RCPT TO:<user@example.com>\r\n", '2');
    command(fd, "DATA\r\n", '3');
    say(fd, message, size + 5);
    hear(fd, '2');
    command(fd, "QUIT\r\n", '2');
    close(fd);
    return 0;
}
