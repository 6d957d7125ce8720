// checklog -- checks a gongzhi log and its receipts from outside: no line of this program is shared with gongzhi.
// Signed notes and the Merkle tree are those of golang.org/x/mod (Debian: golang-golang-x-mod-dev).
//
// usage: checklog -key VKEY|@FILE [-key …] [-old FILE]… [-receipt FILE]… DIR|URL
//
// DIR or URL holds checkpoint, tile/L/N and tile/entries/N. The first -key is the log's, others are its witnesses'.
// Every entry bundle is read, every leaf hash and every tile recomputed, the root compared with the signed one. Each -old is
// an earlier checkpoint that the log must be consistent with, each -receipt a receipt that the log must contain.
// Exit 0: all is right. 1: something is not, with a message. 2: wrong use.
//
// Build: GO111MODULE=off GOPATH=/usr/share/gocode go build checklog.go
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileWidth = 256

// ---- where files come from ----

type source func(path string) ([]byte, error)

func openSource(base string) source {
	if strings.HasPrefix(base, "http://") || strings.HasPrefix(base, "https://") {
		return func(path string) ([]byte, error) {
			answer, err := http.Get(strings.TrimSuffix(base, "/") + "/" + path)
			if err != nil {
				return nil, err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return nil, fmt.Errorf("%s: %s", path, answer.Status)
			}
			return io.ReadAll(answer.Body)
		}
	}
	return func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(base, filepath.FromSlash(path))) }
}

// tilePath names tile n of a row ("0", "1", …, "entries"): groups of three digits, all but the last with an x.
func tilePath(row string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + row + "/" + path
}

// ---- keys and checkpoints ----

// cosigner is a witness's key (type 0x04): a signature over a time and the checkpoint's text.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key, append([]byte(head), text...), signature[8:])
}

func newVerifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) == 3 {
		key, err := base64.StdEncoding.Strict().DecodeString(parts[2])
		if err == nil && len(key) == 33 && key[0] == 4 {
			sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
			if hex.EncodeToString(sum[:4]) != parts[1] {
				return nil, fmt.Errorf("key id of %s does not fit", parts[0])
			}
			return &cosigner{parts[0], binary.BigEndian.Uint32(sum[:]), key[1:]}, nil
		}
		if err != nil || strings.ToLower(parts[1]) != parts[1] {
			return nil, fmt.Errorf("malformed verifier key")
		}
	}
	return note.NewVerifier(vkey)
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// openCheckpoint demands that the log signed, and that every line is one that can be checked.
func openCheckpoint(message []byte, log note.Verifier, known note.Verifiers) (*checkpoint, error) {
	opened, err := note.Open(message, known)
	if err != nil {
		return nil, err
	}
	isByLog := false
	for _, signature := range opened.Sigs {
		isByLog = isByLog || (signature.Name == log.Name() && signature.Hash == log.KeyHash())
		if _, err := base64.StdEncoding.Strict().DecodeString(signature.Base64); err != nil {
			return nil, fmt.Errorf("signature of %s: %v", signature.Name, err)
		}
	}
	if !isByLog {
		return nil, fmt.Errorf("not signed by %s", log.Name())
	}
	if len(opened.UnverifiedSigs) > 0 {
		return nil, fmt.Errorf("a signature of %s that no given key can check", opened.UnverifiedSigs[0].Name)
	}
	if bytes.Count(message, []byte("\n")) != strings.Count(opened.Text, "\n")+1+len(opened.Sigs) {
		return nil, fmt.Errorf("a signature stands twice")
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != log.Name() {
		return nil, fmt.Errorf("the origin is %q, not %q", lines[0], log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 0 {
		return nil, fmt.Errorf("no size: %q", lines[1])
	}
	root, err := hashOf(lines[2])
	if err != nil {
		return nil, fmt.Errorf("no root: %q", lines[2])
	}
	return &checkpoint{lines[0], size, root}, nil
}

func hashOf(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, fmt.Errorf("no hash: %q", text)
	}
	copy(hash[:], raw)
	return hash, nil
}

// ---- the log, recomputed ----

type recomputed struct {
	entries [][]byte
	hashes  []tlog.Hash // in the order of tlog.StoredHashIndex
}

func (r *recomputed) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(r.hashes)) {
			return nil, fmt.Errorf("hash %d is beyond the end", index)
		}
		found = append(found, r.hashes[index])
	}
	return found, nil
}

func splitBundle(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, fmt.Errorf("is cut short")
		}
		size := 2 + int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:size])
		bundle = bundle[size:]
	}
	return entries, nil
}

func widthOf(n, count int64) int {
	if count-n*tileWidth < tileWidth {
		return int(count - n*tileWidth)
	}
	return tileWidth
}

func readEntries(read source, size int64) (*recomputed, error) {
	log := &recomputed{}
	for n := int64(0); n*tileWidth < size; n++ {
		path := tilePath("entries", n, widthOf(n, size))
		bundle, err := read(path)
		if err != nil {
			return nil, err
		}
		entries, err := splitBundle(bundle)
		if err != nil {
			return nil, fmt.Errorf("%s %v", path, err)
		}
		if len(entries) != widthOf(n, size) {
			return nil, fmt.Errorf("%s holds %d entries, not %d", path, len(entries), widthOf(n, size))
		}
		for _, entry := range entries {
			hashes, err := tlog.StoredHashes(int64(len(log.entries)), entry, log)
			if err != nil {
				return nil, err
			}
			log.entries = append(log.entries, entry)
			log.hashes = append(log.hashes, hashes...)
		}
	}
	return log, nil
}

func (r *recomputed) rootAt(size int64) (tlog.Hash, error) {
	if size == 0 {
		return tlog.Hash(sha256.Sum256(nil)), nil
	}
	return tlog.TreeHash(size, r)
}

func (r *recomputed) checkTiles(read source, size int64) (int, error) {
	tiles := 0
	for level := 0; size>>(8*uint(level)) > 0; level++ {
		count := size >> (8 * uint(level))
		for n := int64(0); n*tileWidth < count; n++ {
			width := widthOf(n, count)
			path := tilePath(strconv.Itoa(level), n, width)
			tile, err := read(path)
			if err != nil {
				return 0, err
			}
			var expected []byte
			for i := 0; i < width; i++ {
				hash := r.hashes[tlog.StoredHashIndex(8*level, n*tileWidth+int64(i))]
				expected = append(expected, hash[:]...)
			}
			if !bytes.Equal(tile, expected) {
				return 0, fmt.Errorf("%s does not hold the hashes of the entries", path)
			}
			tiles++
		}
	}
	return tiles, nil
}

// checkContains demands that the log of SIZE leaves begins with the tree that CP signed.
func (r *recomputed) checkContains(cp *checkpoint, size int64, root tlog.Hash) error {
	if cp.size > size {
		return fmt.Errorf("its size %d is above the log's %d", cp.size, size)
	}
	if cp.size == 0 {
		if expected, _ := r.rootAt(0); expected != cp.root {
			return fmt.Errorf("its root is not that of the empty tree")
		}
		return nil
	}
	proof, err := tlog.ProveTree(size, cp.size, r)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, size, root, cp.size, cp.root)
}

// ---- receipts ----

type receipt struct {
	leaf, event []byte
	salt        []byte
	index       int64
	proof       tlog.RecordProof
	checkpoint  []byte
}

// quote writes a JSON string in the one way that gongzhi writes it.
func quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r < 0x20:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func parseReceipt(file []byte) (*receipt, error) {
	head, note, found := strings.Cut(string(file), "\n\n")
	if !found {
		return nil, fmt.Errorf("no empty line")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return nil, fmt.Errorf("not a receipt")
	}
	r := &receipt{checkpoint: []byte(note)}
	var err error
	number := strings.TrimPrefix(lines[2], "index ")
	if r.index, err = strconv.ParseInt(number, 10, 64); err != nil || strconv.FormatInt(r.index, 10) != number || r.index < 0 {
		return nil, fmt.Errorf("no index: %q", number)
	}
	for _, line := range lines[3:] {
		hash, err := hashOf(line)
		if err != nil {
			return nil, err
		}
		r.proof = append(r.proof, hash)
	}
	extra, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return nil, err
	}
	var opening struct{ Bytes, Leaf, Salt string }
	if err := json.Unmarshal(extra, &opening); err != nil {
		return nil, err
	}
	expected := `{"bytes":` + quote(opening.Bytes) + `,"leaf":` + quote(opening.Leaf) + `,"salt":` + quote(opening.Salt) + `}`
	if string(extra) != expected {
		return nil, fmt.Errorf("the extra line is not written in the one way")
	}
	r.leaf, r.event = []byte(opening.Leaf), []byte(opening.Bytes)
	r.salt, err = hex.DecodeString(opening.Salt)
	if err != nil || len(r.salt) != 32 || hex.EncodeToString(r.salt) != opening.Salt {
		return nil, fmt.Errorf("no salt: %q", opening.Salt)
	}
	return r, nil
}

func (r *recomputed) checkReceipt(file []byte, size int64, root tlog.Hash, log note.Verifier, known note.Verifiers) error {
	receipt, err := parseReceipt(file)
	if err != nil {
		return err
	}
	cp, err := openCheckpoint(receipt.checkpoint, log, known)
	if err != nil {
		return err
	}
	if receipt.index >= cp.size {
		return fmt.Errorf("index %d in a log of %d", receipt.index, cp.size)
	}
	if err := tlog.CheckRecord(receipt.proof, cp.size, cp.root, receipt.index, tlog.RecordHash(receipt.leaf)); err != nil {
		return err
	}
	if err := r.checkContains(cp, size, root); err != nil {
		return err
	}
	if !bytes.Equal(r.entries[receipt.index], receipt.leaf) {
		return fmt.Errorf("entry %d of the log is another", receipt.index)
	}
	var entry struct{ Commitment string }
	if err := json.Unmarshal(receipt.leaf, &entry); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, receipt.salt)
	mac.Write(receipt.event)
	if entry.Commitment != hex.EncodeToString(mac.Sum(nil)) {
		return fmt.Errorf("the entry commits to another text")
	}
	return nil
}

// ---- the command ----

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func run(base string, keys, olds, receipts list) error {
	var verifiers []note.Verifier
	for _, key := range keys {
		if strings.HasPrefix(key, "@") {
			text, err := os.ReadFile(key[1:])
			if err != nil {
				return err
			}
			if !bytes.HasSuffix(text, []byte("\n")) {
				return fmt.Errorf("%s does not end with a line feed", key[1:])
			}
			key = strings.TrimSuffix(string(text), "\n")
		}
		verifier, err := newVerifier(key)
		if err != nil {
			return fmt.Errorf("key: %v", err)
		}
		verifiers = append(verifiers, verifier)
	}
	log, known := verifiers[0], note.VerifierList(verifiers...)
	read := openSource(base)
	message, err := read("checkpoint")
	if err != nil {
		return err
	}
	cp, err := openCheckpoint(message, log, known)
	if err != nil {
		return fmt.Errorf("checkpoint: %v", err)
	}
	tree, err := readEntries(read, cp.size)
	if err != nil {
		return err
	}
	root, err := tree.rootAt(cp.size)
	if err != nil {
		return err
	}
	if root != cp.root {
		return fmt.Errorf("the entries have the root %v, signed is %v", root, cp.root)
	}
	tiles, err := tree.checkTiles(read, cp.size)
	if err != nil {
		return err
	}
	for _, name := range olds {
		message, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		old, err := openCheckpoint(message, log, known)
		if err != nil {
			return fmt.Errorf("%s: %v", name, err)
		}
		if err := tree.checkContains(old, cp.size, cp.root); err != nil {
			return fmt.Errorf("%s: not consistent with the log: %v", name, err)
		}
	}
	for _, name := range receipts {
		file, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := tree.checkReceipt(file, cp.size, cp.root, log, known); err != nil {
			return fmt.Errorf("%s: %v", name, err)
		}
	}
	fmt.Printf("%s: %d entries, %d tiles, %d earlier checkpoints, %d receipts, all right\n", cp.origin, cp.size, tiles,
		len(olds), len(receipts))
	return nil
}

func main() {
	var keys, olds, receipts list
	flag.Var(&keys, "key", "verifier key text, or @FILE; the log's first")
	flag.Var(&olds, "old", "an earlier checkpoint")
	flag.Var(&receipts, "receipt", "a receipt")
	flag.Parse()
	if flag.NArg() != 1 || len(keys) == 0 {
		fmt.Fprintln(os.Stderr, "usage: checklog -key VKEY|@FILE [-old FILE]... [-receipt FILE]... DIR|URL")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), keys, olds, receipts); err != nil {
		fmt.Fprintln(os.Stderr, "checklog:", err)
		os.Exit(1)
	}
}
