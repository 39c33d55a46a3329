/* What a granted lock is worth: is the locked file still the one at the lock path, and is the data file ordinary? */
#include "flockwork.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_missing(int error) { return error == ENOENT || error == ENOTDIR; }

static int flaws_of_lock(const struct stat *lock) {
  int bits = S_ISREG(lock->st_mode) ? 0 : FW_LOCK_NOT_REGULAR;
  /* Root's files are trusted by everyone; anybody else's may be unlinked or replaced at their owner's whim. */
  if (lock->st_uid != 0 && lock->st_uid != geteuid()) bits |= FW_LOCK_FOREIGN_OWNER;
  return bits;
}

/* Adds the flaws of the data file to those of the lock; an empty path means there is none. */
static int add_flaws_of_data(int bits, const char *data_path) {
  struct stat data;
  if (data_path[0] == '\0') return bits;
  if (lstat(data_path, &data) != 0) return is_missing(errno) ? bits : -errno;
  if (S_ISLNK(data.st_mode)) bits |= FW_DATA_IS_SYMLINK;
  if (S_ISREG(data.st_mode) && data.st_nlink > 1) bits |= FW_DATA_HAS_HARD_LINKS;
  return bits;
}

int fw_check_grant(int fd, const char *lock_path, const char *data_path) {
  struct stat held, named;
  if (fstat(fd, &held) != 0) return -errno;
  int bits = flaws_of_lock(&held);
  if (stat(lock_path, &named) == 0) {
    if (held.st_ino != named.st_ino || held.st_dev != named.st_dev) bits |= FW_LOCK_REPLACED;
  } else if (is_missing(errno)) {
    bits |= FW_LOCK_REPLACED;
  } else {
    return -errno;
  }
  return add_flaws_of_data(bits, data_path);
}

int fw_check_prepared(const fw_prepared *prepared) {
  struct stat named;
  bool same = stat(prepared->lock_path, &named) == 0 && named.st_ino == prepared->ino && named.st_dev == prepared->dev;
  /* What the path says of the same file holds for the descriptor. Else, which is rare, both have to be asked. */
  int found = same ? add_flaws_of_data(flaws_of_lock(&named), prepared->data_path)
                   : fw_check_grant(prepared->fd, prepared->lock_path, prepared->data_path);
  return found < 0 ? found : found & ~prepared->ignored_flaws;
}
