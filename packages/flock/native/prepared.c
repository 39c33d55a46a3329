/* An attempt and its check in one, on a descriptor that was looked at once. */
#include "flockwork.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static fw_prepared *make(int fd, const char *lock_path, const char *data_path) {
  size_t lock_bytes = strlen(lock_path) + 1, data_bytes = strlen(data_path) + 1;
  fw_prepared *made = malloc(sizeof *made + lock_bytes + data_bytes);
  if (made == NULL) return NULL;
  made->fd = fd;
  made->lock_path = memcpy(made->paths, lock_path, lock_bytes);
  made->data_path = memcpy(made->paths + lock_bytes, data_path, data_bytes);
  return made;
}

int fw_prepare(int fd, const char *lock_path, const char *data_path, int ignored_flaws, fw_prepared **prepared) {
  struct stat held;
  if (fstat(fd, &held) != 0) return -errno;
  fw_prepared *made = make(fd, lock_path, data_path);
  if (made == NULL) return -ENOMEM;
  made->dev = held.st_dev;
  made->ino = held.st_ino;
  made->ignored_flaws = ignored_flaws;
  *prepared = made;
  return 0;
}

fw_prepared *fw_copy_prepared(const fw_prepared *prepared, int fd) {
  fw_prepared *copy = make(fd, prepared->lock_path, prepared->data_path);
  if (copy == NULL) return NULL;
  copy->dev = prepared->dev;
  copy->ino = prepared->ino;
  copy->ignored_flaws = prepared->ignored_flaws;
  return copy;
}

int fw_attempt(const fw_prepared *prepared, bool exclusive) {
  int locked = fw_try_lock(prepared->fd, exclusive);
  if (locked < 0) return locked;
  int found = fw_check_prepared(prepared);
  if (locked == FW_BUSY) return found < 0 ? found : found | FW_HELD_BY_OTHERS;
  if (found == 0) return 0;
  int released = fw_unlock(prepared->fd);
  return released < 0 ? released : found;
}
