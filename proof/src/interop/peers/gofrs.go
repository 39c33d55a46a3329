// A neighbour in Go: github.com/gofrs/flock. hold|try ex|sh LOCK; count LOCK COUNTER TIMES.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/gofrs/flock"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func count(path, counter string, times int) {
	for done := 0; done < times; done++ {
		lock := flock.New(path)
		check(lock.Lock())
		text, err := os.ReadFile(counter)
		check(err)
		value, err := strconv.Atoi(string(text))
		check(err)
		check(os.WriteFile(counter, []byte(strconv.Itoa(value+1)), 0o644))
		check(lock.Unlock())
	}
}

func try(lock *flock.Flock, mode string) {
	attempt := lock.TryLock
	if mode == "sh" {
		attempt = lock.TryRLock
	}
	granted, err := attempt()
	check(err)
	if granted {
		fmt.Println("granted")
	} else {
		fmt.Println("busy")
	}
}

func main() {
	if os.Args[1] == "count" {
		times, err := strconv.Atoi(os.Args[4])
		check(err)
		count(os.Args[2], os.Args[3], times)
		return
	}
	lock := flock.New(os.Args[3])
	if os.Args[1] == "try" {
		try(lock, os.Args[2])
		return
	}
	if os.Args[2] == "ex" {
		check(lock.Lock())
	} else {
		check(lock.RLock())
	}
	fmt.Println("held")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	check(lock.Unlock())
	fmt.Println("released")
}
