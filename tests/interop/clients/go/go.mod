module client

go 1.19

require github.com/varlink/go v0.4.0
