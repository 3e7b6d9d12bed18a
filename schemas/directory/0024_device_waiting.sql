-- How many devices of a client wait is looked up each time one more asks.
CREATE INDEX device_request_waiting ON device_request (client_uuid, expires_at)
 WHERE denied_at IS NULL AND code_hash IS NULL;
