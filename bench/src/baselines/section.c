/* A process of a fleet: blocking flock, read a counter, sleep, write it back, unlock, think; until the time is up.
   Arguments: data file, section in microseconds, think time in microseconds, seconds to run; and `read` for one
   that shares the lock, reads the counter a second time and changes nothing. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static uint32_t *waits;
static long room = 1 << 20;

static double microseconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double microseconds(void) { return microseconds_of(CLOCK_MONOTONIC); }

static void pause_for(long us) {
  struct timespec pause = {us / 1000000, us % 1000000 * 1000};
  if (us > 0) nanosleep(&pause, NULL);
}

static void check(int failed, const char *what) {
  if (!failed) return;
  perror(what);
  exit(1);
}

static void make_room(void) {
  waits = realloc(waits, (size_t)room * sizeof *waits);
  check(waits == NULL, "waits");
}

int main(int argc, char **argv) {
  char lock_path[4096], line[64];
  long operations = 0, in_time = 0;
  if (argc != 5 && argc != 6) return 2;
  int reads = argc == 6 && strcmp(argv[5], "read") == 0;
  snprintf(lock_path, sizeof lock_path, "%s.lock", argv[1]);
  long section = atol(argv[2]), think = atol(argv[3]);
  double duration = atof(argv[4]) * 1e6;
  int data = open(argv[1], O_RDWR | O_CLOEXEC), lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  check(data < 0 || lock < 0, argv[1]);
  make_room();
  puts("ready");
  fflush(stdout);
  if (fgets(line, sizeof line, stdin) == NULL) return 0;

  double cpu = microseconds_of(CLOCK_PROCESS_CPUTIME_ID);
  for (double end = microseconds() + duration; microseconds() < end;) {
    uint64_t counter, again;
    if (operations == room) {
      room *= 2;
      make_room();
    }
    double asked = microseconds();
    check(flock(lock, reads ? LOCK_SH : LOCK_EX) != 0, "flock");
    waits[operations++] = (uint32_t)(microseconds() - asked);
    check(pread(data, &counter, sizeof counter, 0) != sizeof counter, "read");
    pause_for(section);
    if (reads) {
      check(pread(data, &again, sizeof again, 0) != sizeof again, "read");
      check(again != counter, "somebody wrote while it was read");
    } else {
      counter += 1;
      check(pwrite(data, &counter, sizeof counter, 0) != sizeof counter, "write");
    }
    check(flock(lock, LOCK_UN) != 0, "unlock");
    if (microseconds() < end) in_time++;
    pause_for(think);
  }

  cpu = microseconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  fputs("{\"waitsUs\":[", stdout);
  for (long i = 0; i < operations; i++) printf("%s%u", i == 0 ? "" : ",", waits[i]);
  printf("],\"inTime\":%ld,\"counted\":%ld,\"cpuUs\":%.0f}\n", in_time, reads ? 0 : operations, cpu);
  return 0;
}
