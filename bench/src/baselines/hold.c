/* Holds flock on a file until a line arrives (answered with the time of the release, monotonic nanoseconds), or until killed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>

int main(int argc, char **argv) {
  char line[64];
  struct timespec now;
  if (argc != 2) return 2;
  int fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || flock(fd, LOCK_EX) != 0) {
    perror(argv[1]);
    return 1;
  }
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    flock(fd, LOCK_UN);
    printf("%lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    fflush(stdout);
  }
  return 0;
}
