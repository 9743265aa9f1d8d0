package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"

	"modernc.org/sqlite"
)

// conn is one connection with the statements compiled on it, each text once: so
// texts should be constants. A goroutine uses it alone.
//
// It talks to the driver itself. Most statements here find one row of a few
// columns by its key, and database/sql would take longer than they do.
type conn struct {
	raw        driver.Conn
	statements map[string]*statement
	args       []driver.NamedValue // of the statement that is run
	ran        int                 // statements
}

// statement is a compiled text. It must not be run while rows of it are open.
type statement struct {
	raw interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	row []driver.Value // the current one
}

// openConn opens a connection. Pragmas are in the name.
func openConn(ctx context.Context, name string) (*conn, error) {
	connector, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw, statements: map[string]*statement{}}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.raw.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

func (c *conn) prepare(query string, args []any) (*statement, error) {
	c.ran++
	c.args = c.args[:0]
	for i, arg := range args {
		v, err := driverValue(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	raw, err := c.raw.Prepare(query)
	if err != nil {
		return nil, err
	}
	s := new(statement)
	var ok bool
	if s.raw, ok = raw.(interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, errors.Join(errors.New("the driver's statements lack ExecContext and QueryContext"), raw.Close())
	}
	c.statements[query] = s
	return s, nil
}

func driverValue(arg any) (driver.Value, error) {
	switch v := arg.(type) {
	case int64, []byte, string, bool:
		return v, nil
	case int:
		return int64(v), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

// Exec runs a statement that returns no rows.
func (c *conn) Exec(query string, args ...any) (driver.Result, error) {
	s, err := c.prepare(query, args)
	if err != nil {
		return nil, err
	}
	return s.raw.ExecContext(context.Background(), c.args)
}

// Query runs a statement that returns rows. They must be closed before the next
// statement.
func (c *conn) Query(query string, args ...any) (*rows, error) {
	s, err := c.prepare(query, args)
	if err != nil {
		return nil, err
	}
	raw, err := s.raw.QueryContext(context.Background(), c.args)
	if err != nil {
		return nil, err
	}
	if s.row == nil {
		s.row = make([]driver.Value, len(raw.Columns()))
	}
	return &rows{raw: raw, row: s.row}, nil
}

// Scan runs a statement that returns at most one row and reads its columns.
// It returns sql.ErrNoRows without a row.
func (c *conn) Scan(query string, args []any, columns ...any) error {
	r, err := c.Query(query, args...)
	if err != nil {
		return err
	}
	switch {
	case r.Next():
		err = r.Scan(columns...)
	case r.Err() == nil:
		err = sql.ErrNoRows
	}
	return firstOf(err, r.Err(), r.Close())
}

// firstOf returns the first error there is.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// rows are what a query found.
type rows struct {
	raw  driver.Rows
	row  []driver.Value
	err  error
	d    *DB    // explains err; may be nil
	free func() // gives the connection back; may be nil
}

// Next goes to the next row, the first one at first.
func (r *rows) Next() bool {
	if r.err != nil || r.raw == nil {
		return false
	}
	if err := r.raw.Next(r.row); err != nil {
		r.err = err
		return false
	}
	return true
}

// Err returns what ended Next but for the end of the rows.
func (r *rows) Err() error {
	if r.err == io.EOF { // as drivers must return it
		return nil
	}
	if r.d != nil {
		return r.d.explain(r.err)
	}
	return r.err
}

// Close ends the query. It may be called again.
func (r *rows) Close() error {
	if r.raw == nil {
		return nil
	}
	err := r.raw.Close()
	r.raw = nil
	if r.free != nil {
		r.free()
	}
	return err
}

// Scan reads the current row. Byte slices belong to the caller.
func (r *rows) Scan(columns ...any) error {
	if len(columns) != len(r.row) {
		return fmt.Errorf("reading %d columns of %d", len(columns), len(r.row))
	}
	for i, to := range columns {
		if err := assign(to, r.row[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// assign puts a column into a variable: NULL only into a byte slice, as nil, or
// a sql.Scanner.
func assign(to any, v driver.Value) error {
	switch to := to.(type) {
	case *[]byte:
		if b, ok := v.([]byte); ok || v == nil {
			*to = b
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*to = n
			return nil
		}
	case *bool:
		if n, ok := v.(int64); ok {
			*to = n != 0
			return nil
		}
	case *string:
		if s, ok := v.(string); ok {
			*to = s
			return nil
		}
	case sql.Scanner:
		return to.Scan(v)
	default:
		if n, ok := v.(int64); ok && setInt(to, n) {
			return nil
		}
	}
	return fmt.Errorf("%w: %T where %T is read", errCorrupt, v, to)
}

// setInt sets a variable of any other integer type.
func setInt(to any, n int64) bool {
	p := reflect.ValueOf(to)
	if p.Kind() != reflect.Pointer {
		return false
	}
	switch v := p.Elem(); {
	case v.CanInt() && !v.OverflowInt(n):
		v.SetInt(n)
		return true
	case v.CanUint() && n >= 0 && !v.OverflowUint(uint64(n)):
		v.SetUint(uint64(n))
		return true
	}
	return false
}
