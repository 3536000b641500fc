"""What a holder is given: the certificate's PDF and the QR code on it."""
