// Neighbours in C that use record locks: posix|ofd try LOCK. By design they do not see flock(2).
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int fd = open(argv[3], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int command = !strcmp(argv[1], "ofd") ? F_OFD_SETLK : F_SETLK;
  puts(fd < 0 || fcntl(fd, command, &whole) ? "busy" : "granted");
  return 0;
}
