"""The live stream: one WebSocket, topics with sequence numbers, snapshots and deltas."""
