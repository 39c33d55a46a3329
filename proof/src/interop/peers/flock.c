// A neighbour in C: flock(2), blocking. hold|try ex|sh LOCK; count LOCK COUNTER TIMES [NAME], which says "ready", waits to be
// told, pauses a little after each update, and ends with its worst wait in milliseconds.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static int open_lock(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) { perror(path); exit(1); }
  return fd;
}

static void add_one(const char *path) {
  char text[32] = "";
  FILE *file = fopen(path, "r+");
  if (!file || !fgets(text, sizeof text, file)) { perror(path); exit(1); }
  rewind(file);
  fprintf(file, "%ld", atol(text) + 1);
  fclose(file);
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc >= 5 && !strcmp(argv[1], "count")) {
    double worst = 0;
    srand(getpid());
    puts("ready");
    getchar();
    for (int done = 0; done < atoi(argv[4]); done++) {
      int fd = open_lock(argv[2]);
      double asked = milliseconds();
      if (flock(fd, LOCK_EX)) return 1;
      double waited = milliseconds() - asked;
      if (waited > worst) worst = waited;
      add_one(argv[3]);
      close(fd);
      usleep(rand() % 1000);
    }
    printf("worst %.1f\n", worst);
    return 0;
  }
  if (argc != 4) return 2;
  int operation = !strcmp(argv[2], "ex") ? LOCK_EX : LOCK_SH;
  int fd = open_lock(argv[3]);
  if (!strcmp(argv[1], "try")) {
    puts(flock(fd, operation | LOCK_NB) ? "busy" : "granted");
    return 0;
  }
  if (flock(fd, operation)) return 1;
  puts("held");
  getchar();
  flock(fd, LOCK_UN);
  puts("released");
  return 0;
}
