// SPDX-License-Identifier: MIT

// Asks the daemon with the public Varlink package for Go: what it offers, then how the session goes
// on (with "more"), then for the connection that came of it. One fact a line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/varlink/go/varlink"
)

const name = "ai.airstore.OAuth"

type session struct {
	Status       string `json:"status"`
	ConnectionID string `json:"connection_id"`
}

func introspect(ctx context.Context, c *varlink.Connection) error {
	var product string
	var interfaces []string

	if err := c.GetInfo(ctx, nil, &product, nil, nil, &interfaces); err != nil {
		return err
	}
	fmt.Println("product", product)
	fmt.Println("interfaces", strings.Join(interfaces, " "))
	description, err := c.GetInterfaceDescription(ctx, name)
	if err != nil {
		return err
	}
	fmt.Println("description of", strings.Count(description, "\n"), "lines")
	return nil
}

func poll(ctx context.Context, c *varlink.Connection, sessionID string) error {
	receive, err := c.Send(ctx, name+".Poll", map[string]string{"session_id": sessionID}, varlink.More)
	if err != nil {
		return err
	}
	for flags := uint64(varlink.Continues); flags&varlink.Continues != 0; {
		var reply struct{ Session session }
		if flags, err = receive(ctx, &reply); err != nil {
			return err
		}
		fmt.Println("status", reply.Session.Status)
	}
	return nil
}

func getConnection(ctx context.Context, c *varlink.Connection, integration string) error {
	var reply struct {
		Connection struct {
			ID string `json:"connection_id"`
		}
	}

	err := c.Call(ctx, name+".GetConnection", map[string]string{"integration_type": integration}, &reply)
	var refused *varlink.Error
	if errors.As(err, &refused) {
		fmt.Println("error", refused.Name)
		return nil
	}
	if err == nil {
		fmt.Println("connection", reply.Connection.ID)
	}
	return err
}

func run(address, sessionID string) error {
	ctx := context.Background()
	c, err := varlink.NewConnection(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close()

	if err = introspect(ctx, c); err != nil {
		return err
	}
	if err = poll(ctx, c, sessionID); err != nil {
		return err
	}
	if err = getConnection(ctx, c, "gmail"); err != nil {
		return err
	}
	return getConnection(ctx, c, "github")
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "Usage: client ADDRESS SESSION-ID")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}
