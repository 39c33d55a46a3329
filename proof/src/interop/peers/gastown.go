// A neighbour in the shape of Gas Town's fork: syscall.Flock tried again and again, the PID inside, and the lock file removed after
// unlocking, by those who only read too. hold|try ex|sh LOCK; count|append|map LOCK FILE TIMES [NAME], see updates.go.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

func attempt(path string, how int) *os.File {
	check(os.MkdirAll(filepath.Dir(path), 0o755))
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	check(err)
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		check(file.Truncate(0))
		_, err = file.WriteAt([]byte(fmt.Sprintf("%d\n", os.Getpid())), 0)
		check(err)
		return file
	}
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		check(err)
	}
	check(file.Close())
	return nil
}

func lock(path string, how int) *os.File {
	for {
		if file := attempt(path, how); file != nil {
			return file
		}
		time.Sleep(time.Millisecond)
	}
}

func unlock(file *os.File) {
	check(syscall.Flock(int(file.Fd()), syscall.LOCK_UN))
	check(file.Close())
	_ = os.Remove(file.Name())
}

func main() {
	if runUpdates(func(path string) func() {
		file := lock(path, syscall.LOCK_EX)
		return func() { unlock(file) }
	}) {
		return
	}
	how := syscall.LOCK_EX
	if os.Args[2] == "sh" {
		how = syscall.LOCK_SH
	}
	if os.Args[1] == "try" {
		if file := attempt(os.Args[3], how); file != nil {
			fmt.Println("granted")
			unlock(file)
		} else {
			fmt.Println("busy")
		}
		return
	}
	file := lock(os.Args[3], how)
	fmt.Println("held")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	unlock(file)
	fmt.Println("released")
}
