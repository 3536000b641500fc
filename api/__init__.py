"""What the world talks to: public pages, JSON API, settings and the command line `certledger`."""
