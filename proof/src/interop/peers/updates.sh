# What the shell neighbours do under their lock, in place, as scripts do, once they have said "ready" and were told. Sourced; $file
# and $name say where and who.
update_count() {
  read -r value < "$file" || [ -n "$value" ]
  printf %s "$((value + 1))" > "$file"
}
update_append() { printf '{"by":"%s"}\n' "$name" >> "$file"; }
# A flat object of whole numbers, in which the name has a member already.
update_map() {
  text=$(cat "$file")
  value=$(printf %s "$text" | sed -E "s/.*\"$name\": ?([0-9]+).*/\\1/")
  printf %s "$text" | sed -E "s/(\"$name\": ?)[0-9]+/\\1$((value + 1))/" > "$file"
}
# The time in hundredths of a second, without a process: waits are told in steps of ten milliseconds.
clock() { read -r clock _ < /proc/uptime && clock=${clock%.*}${clock#*.}; }
begin() { echo ready && read -r _ || true; }
asked() { clock && asked=$clock; }
got() { clock && [ "$((clock - asked))" -le "$worst" ] || worst=$((clock - asked)); }
worst=0
