/* The uncontended cycle: open, flock, verify that the path still names the locked file, close.
   Reads a count per line, answers with the mean microseconds of one cycle. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void cycle(const char *path) {
  struct stat held, named;
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &held) != 0 || stat(path, &named) != 0 ||
      held.st_ino != named.st_ino || held.st_dev != named.st_dev || close(fd) != 0) {
    perror(path);
    exit(1);
  }
}

int main(int argc, char **argv) {
  char line[64];
  if (argc != 2) return 2;
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    long count = atol(line);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < count; i++) cycle(argv[1]);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"wallUs\":%.4f,\"cpuUs\":%.4f}\n", wall * 1e6 / (double)count, cpu * 1e6 / (double)count);
    fflush(stdout);
  }
  return 0;
}
