/* The floor: what the addon's tryLock + checkGrant + unlock ask of the kernel, in a C loop. Prints microseconds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

int main(int count, char **arguments) {
  struct timespec start, end;
  struct stat held, named, data;
  if (count != 4) return 2;
  long rounds = atol(arguments[3]);
  int fd = open(arguments[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long round = 0; round < rounds; round += 1) {
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &held) != 0 || stat(arguments[1], &named) != 0) return 1;
    if (lstat(arguments[2], &data) != 0 || held.st_ino != named.st_ino || flock(fd, LOCK_UN) != 0) return 1;
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%f\n", ((double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3) / rounds);
  return 0;
}
