// The Go twin of section.c, through github.com/gofrs/flock: Lock blocks in the kernel.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	check(err)
	return value
}

func cpuMicroseconds() int64 {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return (used.Utime.Nano() + used.Stime.Nano()) / 1000
}

func main() {
	section := time.Duration(number(os.Args[2])) * time.Microsecond
	think := time.Duration(number(os.Args[3])) * time.Microsecond
	duration := time.Duration(number(os.Args[4]) * float64(time.Second))
	data, err := os.OpenFile(os.Args[1], os.O_RDWR, 0)
	check(err)
	lock := flock.New(os.Args[1] + ".lock")
	waits := []int64{}
	counter := make([]byte, 8)
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return
	}
	inTime := 0
	before := cpuMicroseconds()
	for end := time.Now().Add(duration); time.Now().Before(end); {
		asked := time.Now()
		check(lock.Lock())
		waits = append(waits, time.Since(asked).Microseconds())
		_, err := data.ReadAt(counter, 0)
		check(err)
		time.Sleep(section)
		binary.LittleEndian.PutUint64(counter, binary.LittleEndian.Uint64(counter)+1)
		_, err = data.WriteAt(counter, 0)
		check(err)
		check(lock.Unlock())
		if time.Now().Before(end) {
			inTime++
		}
		time.Sleep(think)
	}
	used := cpuMicroseconds() - before
	fmt.Print("{\"waitsUs\":[")
	for at, wait := range waits {
		if at > 0 {
			fmt.Print(",")
		}
		fmt.Print(wait)
	}
	fmt.Printf("],\"inTime\":%d,\"cpuUs\":%d}\n", inTime, used)
}
