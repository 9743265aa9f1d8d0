package endpoint

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"meadow/core/key"
)

// certificate wraps the device's key in a self-signed certificate. It has no
// names, and the same dates for everyone: there is nothing in it but the key.
func certificate(device key.Device) (tls.Certificate, error) {
	private := device.TLS()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		// RFC 5280, 4.1.2.5: "no well-defined expiration date".
		NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// baseTLS is what both sides of every connection share.
func baseTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{cert},
		SessionTicketsDisabled: true,
	}
}

// serverTLS accepts any usable key; the device's own only in protocol self.
func serverTLS(cert tls.Certificate, local key.Endpoint, alpns []string, self string) *tls.Config {
	c := baseTLS(cert)
	c.NextProtos = alpns
	c.ClientAuth = tls.RequireAnyClientCert
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		peer, err := peerKey(cs)
		if err == nil && peer == local && (self == "" || cs.NegotiatedProtocol != self) {
			return ErrSelf
		}
		return err
	}
	return c
}

// clientTLS accepts only the peer that is dialled. InsecureSkipVerify turns off
// the checks of names and issuers, which there are none of; VerifyConnection
// takes their place.
func clientTLS(cert tls.Certificate, peer key.Endpoint, alpn string) *tls.Config {
	c := baseTLS(cert)
	c.NextProtos = []string{alpn}
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		have, err := peerKey(cs)
		if err != nil {
			return err
		}
		if have != peer {
			return &IdentityError{Want: peer, Have: have}
		}
		return nil
	}
	return c
}

// peerKey returns the key that the peer is identified by. crypto/tls checks
// afterwards that the peer holds its secret.
func peerKey(cs tls.ConnectionState) (key.Endpoint, error) {
	if cs.DidResume {
		return key.Endpoint{}, errors.New("peer resumed a session, which is never offered")
	}
	return certificateKey(cs.PeerCertificates)
}

// certificateKey returns the key in a peer's certificates: there must be one
// certificate, and its key a usable ed25519 key. The certificate's other fields
// and its own signature mean nothing.
func certificateKey(certs []*x509.Certificate) (key.Endpoint, error) {
	if len(certs) != 1 {
		return key.Endpoint{}, fmt.Errorf("peer sent %d certificates, want 1", len(certs))
	}
	public, ok := certs[0].PublicKey.(ed25519.PublicKey)
	if !ok || len(public) != key.Size {
		return key.Endpoint{}, fmt.Errorf("peer's certificate has a key of type %s, want Ed25519",
			certs[0].PublicKeyAlgorithm)
	}
	k := [key.Size]byte(public)
	if !key.Usable(k) {
		return key.Endpoint{}, errors.New("peer's key is of small order or not canonical")
	}
	return key.Endpoint(k), nil
}
