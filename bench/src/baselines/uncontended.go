// The Go twin of uncontended.c, by bare system calls.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func cpu() time.Duration {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func cycle(path string) {
	var held, named syscall.Stat_t
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	check(err)
	check(syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB))
	check(syscall.Fstat(fd, &held))
	check(syscall.Stat(path, &named))
	if held.Ino != named.Ino || held.Dev != named.Dev {
		log.Fatal("another file")
	}
	check(syscall.Close(fd))
}

func main() {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		check(err)
		startedAt, before := time.Now(), cpu()
		for at := 0; at < count; at++ {
			cycle(os.Args[1])
		}
		wall, used := time.Since(startedAt), cpu()-before
		micros := func(total time.Duration) float64 { return float64(total.Nanoseconds()) / 1000 / float64(count) }
		fmt.Printf("{\"wallUs\":%f,\"cpuUs\":%f}\n", micros(wall), micros(used))
	}
}
