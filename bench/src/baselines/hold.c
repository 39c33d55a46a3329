/* Holds flock on a file until a line arrives (answered with the time when it was granted, monotonic nanoseconds), or until killed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>

int main(int argc, char **argv) {
  char line[64];
  struct timespec granted;
  if (argc != 2) return 2;
  int fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || flock(fd, LOCK_EX) != 0) {
    perror(argv[1]);
    return 1;
  }
  clock_gettime(CLOCK_MONOTONIC, &granted);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    flock(fd, LOCK_UN);
    printf("%lld%09ld\n", (long long)granted.tv_sec, granted.tv_nsec);
    fflush(stdout);
  }
  return 0;
}
