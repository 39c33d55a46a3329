// What the Go neighbours do under their lock: add to a counter, append a line, change a map. Files are replaced by a rename. They say
// "ready", wait to be told, and pause a little after each update.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"os"
	"strconv"
	"time"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func write(path string, text []byte) {
	staged := fmt.Sprintf("%s.%d.staged", path, os.Getpid())
	check(os.WriteFile(staged, text, 0o666))
	check(os.Rename(staged, path))
}

func count(path, _ string) {
	text, err := os.ReadFile(path)
	check(err)
	value, err := strconv.Atoi(string(text))
	check(err)
	write(path, []byte(strconv.Itoa(value+1)))
}

func appendLine(path, name string) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	check(err)
	_, err = fmt.Fprintf(file, "{\"by\":%q}\n", name)
	check(err)
	check(file.Close())
}

func changeMap(path, name string) {
	text, err := os.ReadFile(path)
	check(err)
	values := map[string]int{}
	check(json.Unmarshal(text, &values))
	values[name]++
	text, err = json.Marshal(values)
	check(err)
	write(path, text)
}

// runUpdates runs the update the arguments ask for, each between lock and what it returns. False where they ask for something else.
func runUpdates(lock func(path string) func()) bool {
	update, known := map[string]func(string, string){"count": count, "append": appendLine, "map": changeMap}[os.Args[1]]
	if !known {
		return false
	}
	times, err := strconv.Atoi(os.Args[4])
	check(err)
	name := ""
	if len(os.Args) > 5 {
		name = os.Args[5]
	}
	worst := time.Duration(0)
	random := rand.New(rand.NewSource(int64(os.Getpid())))
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	for done := 0; done < times; done++ {
		asked := time.Now()
		unlock := lock(os.Args[2])
		if waited := time.Since(asked); waited > worst {
			worst = waited
		}
		update(os.Args[3], name)
		unlock()
		time.Sleep(time.Duration(random.Intn(1000)) * time.Microsecond)
	}
	fmt.Printf("worst %.1f\n", float64(worst.Microseconds())/1000)
	return true
}
