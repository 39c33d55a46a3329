// A neighbour in Go: github.com/gofrs/flock. hold|try ex|sh LOCK; count|append|map LOCK FILE TIMES [NAME], see updates.go.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/gofrs/flock"
)

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
	if runUpdates(func(path string) func() {
		lock := flock.New(path)
		check(lock.Lock())
		return func() { check(lock.Unlock()) }
	}) {
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
